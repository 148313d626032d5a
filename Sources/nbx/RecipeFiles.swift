import Interpreter
import ShippedRecipes

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
      return .failure(FileProblem(reason == ENOENT ? "there is no such file" : String(cString: strerror(reason))))
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
      let count = bytes.withUnsafeMutableBytes { readBytes(descriptor, $0.baseAddress! + have, $0.count - have) }
      if count < 0, errno == EINTR { continue }
      if count < 0 { return .failure(FileProblem(String(cString: strerror(errno)))) }
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
    for name in ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() {
      let inner = path == "." ? name : "\(path)/\(name)"
      if name.hasPrefix(".") || (!followingLinks && isLink(inner)) { continue }
      if name.hasSuffix(".nbx") {
        recipes.append(inner)
      } else if let folder = Folder(inner) {
        recipes += self.recipes(in: inner, folder, followingLinks, &seen)
      }
    }
    return recipes
  }

  private static func isLink(_ path: String) -> Bool {
    var facts = stat()
    return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK
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

/// `read` by another name, since the method above hides it.
private func readBytes(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}
