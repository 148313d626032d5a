import Interpreter
import Lexer
import Synchronization

/// The files that are open, and those that they bring in. Both threads look into it.
final class Workspace: Sendable {
  let vocabulary: Vocabulary
  private let readFile: @Sendable (String) -> Result<[UInt8], FileProblem>
  private let state = Mutex(State())

  private struct State {
    /// The folders that the editor works in.
    var folders: [String] = []
    var documents: [String: Document] = [:]
    /// Indexes by path, with the bytes that they were made of.
    var indexes: [String: (bytes: [UInt8], index: NameIndex)] = [:]
  }

  /// More files than this are not remembered; the next look reads them anew.
  private static let mostIndexes = 200

  init(vocabulary: Vocabulary, readFile: @escaping @Sendable (String) -> Result<[UInt8], FileProblem>) {
    self.vocabulary = vocabulary
    self.readFile = readFile
  }

  var folders: [String] { state.withLock { $0.folders } }

  func changeFolders(adding added: [String], removing removed: [String] = []) {
    state.withLock { state in
      state.folders.removeAll(where: removed.contains)
      state.folders += added.filter { !state.folders.contains($0) }
    }
  }

  var documents: [Document] { state.withLock { Array($0.documents.values) }.sorted { $0.path < $1.path } }

  func document(_ path: String) -> Document? { state.withLock { $0.documents[path] } }

  func open(_ document: Document) { state.withLock { $0.documents[document.path] = document } }

  func close(_ path: String) {
    state.withLock {
      $0.documents[path] = nil
      $0.indexes[path] = nil
    }
  }

  func change(_ path: String, _ body: (inout Document) -> Void) {
    state.withLock { state in
      guard var document = state.documents.removeValue(forKey: path) else { return }
      body(&document)
      state.documents[path] = document
    }
  }

  /// What a file holds: as it is in the editor, else as it is on disk.
  func read(_ path: String) -> Result<[UInt8], FileProblem> {
    if let document = document(path) { return .success(document.bytes) }
    return path.hasPrefix("<") ? .failure(FileProblem("it is in no file")) : readFile(path)
  }

  /// The index of a file; nil if it can't be read.
  func index(_ path: String) -> NameIndex? {
    guard case .success(let bytes) = read(path) else { return nil }
    if let known = state.withLock({ $0.indexes[path] }), known.bytes == bytes { return known.index }
    let index = NameIndex(SourceFile(path: path, bytes: bytes), vocabulary: vocabulary)
    state.withLock { state in
      if state.indexes.count >= Workspace.mostIndexes { state.indexes = [:] }
      state.indexes[path] = (bytes, index)
    }
    return index
  }

  func lines(_ path: String) -> TextLines? {
    if let document = document(path) { return document.lines }
    guard case .success(let bytes) = read(path) else { return nil }
    return TextLines(bytes)
  }

  /// The file that a mention means.
  func path(of mention: NameIndex.FileMention, in index: NameIndex) -> String {
    SourcePath.joined(index.file.folder, mention.path)
  }

  /// The open files and all that they bring in, directly or not.
  func reachable() -> [NameIndex] {
    var found: [NameIndex] = []
    var seen: Set<String> = []
    var paths = documents.map(\.path)
    while let path = paths.popLast(), found.count < Workspace.mostIndexes {
      guard seen.insert(path).inserted, let index = index(path) else { continue }
      found.append(index)
      paths += index.mentions.map { self.path(of: $0, in: index) }
    }
    return found
  }
}

/// The files that name another.
struct Users {
  var indexes: [NameIndex] = []
  /// Whether there can be no others.
  var isComplete = true
}

extension Workspace {
  /// The other files that name one by `use` or `run`: those that are open, those that they bring in, and those below the
  /// workspace's folders.
  func users(of home: NameIndex) -> Users {
    let path = home.file.path
    // What is in no file can't be named.
    guard path.hasPrefix("/") else { return Users() }
    var users = Users(indexes: reachable())
    var known = Set(users.indexes.map(\.file.path) + [path])
    users.indexes.removeAll { $0.file.path == path || !names(path, in: $0) }
    let neighbours = ([path] + documents.map(\.path)).filter { $0.hasPrefix("/") }
    var search = RecipeSearch(whole: folders, alone: neighbours.map { SourceFile(path: $0, bytes: []).folder })
    let name = Array(path.utf8.split(separator: UInt8(ascii: "/")).last ?? [])
    while let other = search.next() {
      // Most files don't hold the name at all, and need no index.
      guard known.insert(other).inserted, case .success(let bytes) = read(other),
        bytes.holds(name), let index = index(other), names(path, in: index)
      else { continue }
      users.indexes.append(index)
    }
    users.isComplete = search.isComplete
    users.indexes.sort { $0.file.path < $1.file.path }
    return users
  }

  /// Whether a file gets by `use` what another shares.
  func brings(_ library: NameIndex, into index: NameIndex) -> Bool {
    index.mentions.contains { $0.isUse && path(of: $0, in: index) == library.file.path }
  }

  private func names(_ path: String, in index: NameIndex) -> Bool {
    index.mentions.contains { self.path(of: $0, in: index) == path }
  }
}

extension [UInt8] {
  fileprivate func holds(_ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    return withUnsafeBytes { bytes in
      var rest = bytes[...]
      while let place = rest.firstIndex(of: first) {
        rest = rest[place...]
        if rest.starts(with: part) { return true }
        rest = rest.dropFirst()
      }
      return false
    }
  }
}

/// Goes through the recipes in folders, those that lie near the top first.
///
/// Somebody waits for it, and a workspace may be a whole home folder: it ends after so many recipes or so much time.
struct RecipeSearch {
  /// Whether it has met all recipes that there are.
  private(set) var isComplete = true
  /// The folders that it has met, those still to be listed at the end.
  private var folders: [(path: String, goesDown: Bool)] = []
  private var listed = 0
  private var known: Set<String> = []
  private var recipes: [String] = []
  private var left = RecipeSearch.mostRecipes
  private let deadline = ContinuousClock.now + RecipeSearch.longest

  private static let mostRecipes = 2000
  private static let longest = Duration.seconds(3)

  /// - Parameters:
  ///   - whole: folders that are gone through with all that they hold.
  ///   - alone: folders of which only the files are looked at.
  init(whole: [String], alone: [String]) {
    folders = whole.map { ($0, true) } + alone.map { ($0, false) }
  }

  /// The next recipe's path; nil at the end.
  mutating func next() -> String? {
    while isComplete {
      if recipes.isEmpty, listed == folders.count { return nil }
      guard ContinuousClock.now < deadline else { break }
      if let path = recipes.popLast() {
        guard left > 0 else { break }
        left -= 1
        return path
      }
      list(folders[listed])
      listed += 1
    }
    isComplete = false
    return nil
  }

  private mutating func list(_ folder: (path: String, goesDown: Bool)) {
    guard known.insert(folder.path).inserted, let stream = opendir(folder.path) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard !name.hasPrefix("."), name != "node_modules" else { continue }
      let path = folder.path.hasSuffix("/") ? folder.path + name : "\(folder.path)/\(name)"
      // Links are left out: what they lead to is met under its own name, or lies elsewhere, and they may go round.
      switch kind(of: path, Int32(entry.pointee.d_type)) {
      case S_IFREG where name.hasSuffix(".nbx"): recipes.append(path)
      case S_IFDIR where folder.goesDown: folders.append((path, true))
      default: break
      }
    }
    // They are taken from the end.
    recipes.sort(by: >)
  }

  /// What an entry is, as `stat` tells it; some file systems don't say so in the listing.
  private func kind(of path: String, _ listed: Int32) -> mode_t {
    switch listed {
    case Int32(DT_REG): return S_IFREG
    case Int32(DT_DIR): return S_IFDIR
    case Int32(DT_UNKNOWN):
      var status = stat()
      return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
    default: return 0
    }
  }
}
