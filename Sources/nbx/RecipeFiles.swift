import Interpreter
import Lexer
import SandboxSystem
import ShippedRecipes

/// The files that recipes are in.
enum RecipeFiles {
  /// No recipe is as large; a larger file is a mistake.
  static let largest = 64 << 20

  /// The bytes of a file, or of one that is in the program, or why they can't be had.
  static func read(_ path: String) -> Result<[UInt8], FileProblem> {
    if let shipped = ShippedRecipes.bytes(at: path) { return .success(shipped) }
    if let stream = RecipeStream(path: path) { return stream.read() }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let reason = errno
      return .failure(FileProblem(reason == ENOENT ? "there is no such file" : errorText(reason)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return .failure(FileProblem("it can't be looked at")) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: return .failure(FileProblem("it is a folder"))
    default: return .failure(FileProblem("it is no file"))
    }
    guard status.st_size <= largest else { return .failure(FileProblem("it has more than 64 MiB")) }
    var bytes = LargePages.array(of: Int(status.st_size))
    var have = 0
    while have < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        readBytes(descriptor, $0.baseAddress?.advanced(by: have), $0.count - have)
      }
      if count < 0, errno == EINTR { continue }
      if count < 0 { return .failure(FileProblem(errorText(errno))) }
      if count == 0 { break }
      have += count
    }
    bytes.removeLast(bytes.count - have)
    return .success(bytes)
  }

  /// The recipes below a folder, in the order of their paths; a file stands for itself.
  ///
  /// - Parameter followingLinks: whether links in the folder count: they may lead out of it.
  static func below(_ path: String, followingLinks: Bool = true) -> [String] {
    var seen: Set<Folder> = []
    guard let folder = Folder(path) else { return [path] }
    let start = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    return recipes(in: start, folder, followingLinks, &seen)
  }

  private static func recipes(
    in path: String, _ folder: Folder, _ followingLinks: Bool, _ seen: inout Set<Folder>
  ) -> [String] {
    // A link may lead to a folder that it is in.
    guard seen.insert(folder).inserted else { return [] }
    var recipes: [String] = []
    for name in Folders.names(in: path).sorted() {
      let inner = path == "." ? name : "\(path)/\(name)"
      if name.hasPrefix(".") || (!followingLinks && Paths.isLink(inner)) { continue }
      if name.hasSuffix(".nbx") {
        recipes.append(inner)
      } else if let folder = Folder(inner) {
        recipes += self.recipes(in: inner, folder, followingLinks, &seen)
      }
    }
    return recipes
  }

  static func isFolder(_ path: String) -> Bool { Folder(path) != nil }

  /// A folder, by whatever path it is reached.
  private struct Folder: Hashable {
    private let device: UInt64
    private let number: UInt64

    /// Nil if there is none.
    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
      device = UInt64(truncatingIfNeeded: status.st_dev)
      number = UInt64(truncatingIfNeeded: status.st_ino)
    }
  }
}

/// Which recipe a word of the command line means: a file, or one of those that are in the program. A file comes first.
struct RecipeChoice {
  /// What it is read by.
  let path: String
  /// What was taken, where the word might have meant something else.
  let note: String?

  /// - Parameter takesFolders: whether the word may mean a folder, with the recipes in it.
  init(_ word: String, takesFolders: Bool = false) {
    if let stream = RecipeStream(word: word) {
      path = stream.path
      note = nil
      return
    }
    let shipped = RecipeChoice.shipped(word)
    // `install` means a file install.nbx, too.
    let file = [word, word + ".nbx"].first(where: RecipeChoice.isFile)
    if let file {
      path = file
      let isBesideOurs = shipped != nil && !word.hasPrefix(RecipeChoice.oldFolder)
      note = isBesideOurs ? "recipe \(word): the file \(file), not the one in nbx" : nil
    } else if let shipped, !takesFolders || !RecipeFiles.isFolder(word) {
      path = shipped
      note = "recipe \(word): the one in nbx"
    } else {
      path = word
      note = nil
    }
  }

  /// What a word means, which is said where it is not plain.
  static func told(_ word: String, takesFolders: Bool = false) -> String {
    let choice = RecipeChoice(word, takesFolders: takesFolders)
    if let note = choice.note {
      let terminal = Terminal.standardError
      terminal.write(terminal.style.quiet(note) + "\n")
    }
    return choice.path
  }

  /// What a person calls the recipe at a path.
  static func name(of path: String) -> String { ShippedRecipes.name(at: path) ?? path }

  /// What is wrong with a recipe; if the file is not there, what was meant by its name is said, too.
  static func advised(_ errors: ProgramErrors, _ word: String) -> [Diagnostic] {
    guard NewFile.isFree(RecipeChoice(word).path), let first = errors.diagnostics.first, first.location == nil,
      let near = nearestSpelling(to: bare(word), among: ShippedRecipes.names + ShippedRecipes.names.map { $0 + ".nbx" })
    else { return errors.diagnostics }
    return [first.adding("try", "did you mean `\(near)`, which is in nbx?")] + errors.diagnostics.dropFirst()
  }

  /// The recipes lie in the folder `recipes` of nbx's own sources, and advice names them so.
  private static let oldFolder = "recipes/"

  private static func bare(_ word: String) -> String {
    word.hasPrefix(oldFolder) ? String(word.dropFirst(oldFolder.count)) : word
  }

  private static func shipped(_ word: String) -> String? {
    ShippedRecipes.bytes(at: word) != nil ? word : ShippedRecipes.path(ofRecipe: bare(word))
  }

  /// Whether there is something that is no folder.
  private static func isFile(_ path: String) -> Bool { access(path, F_OK) == 0 && !RecipeFiles.isFolder(path) }
}

/// A recipe that lies in no file: `-`, `/dev/stdin`, or what a shell makes of `<(…)`. It is read once, and its paths start
/// from the folder in which nbx was started.
struct RecipeStream {
  private let descriptor: Int32
  /// What messages call it. No file is: it begins as what lies in no folder of the machine does.
  let path: String

  private static let standardInput = "<standard input>"
  private static let other = "<descriptor "

  /// - Parameter word: of the command line; nil if it means a file.
  init?(word: String) {
    switch word {
    case "-", "/dev/stdin": self.init(STDIN_FILENO)
    default:
      guard let folder = ["/dev/fd/", "/proc/self/fd/"].first(where: word.hasPrefix),
        let number = Int32(word.dropFirst(folder.count)), number >= 0
      else { return nil }
      self.init(number)
    }
  }

  /// - Parameter path: what messages call it; nil if that is a file's.
  init?(path: String) {
    if path == RecipeStream.standardInput {
      self.init(STDIN_FILENO)
    } else {
      guard path.hasPrefix(RecipeStream.other),
        let number = Int32(path.dropFirst(RecipeStream.other.count).dropLast())
      else { return nil }
      self.init(number)
    }
  }

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
    path = descriptor == STDIN_FILENO ? RecipeStream.standardInput : "\(RecipeStream.other)\(descriptor)>"
  }

  /// All of it, up to its end or to a signal that is watched.
  func read() -> Result<[UInt8], FileProblem> {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      guard !Interrupts.isAskedToStop else { return .failure(FileProblem("interrupted")) }
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 100) > 0 else { continue }
      let count = chunk.withUnsafeMutableBytes { readBytes(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      if count < 0 { return .failure(FileProblem(errorText(errno))) }
      if count == 0 { return .success(bytes) }
      bytes += chunk[..<count]
      guard bytes.count <= RecipeFiles.largest else { return .failure(FileProblem("it has more than 64 MiB")) }
    }
  }
}

/// `read` by another name, since the methods above hide it.
private func readBytes(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}
