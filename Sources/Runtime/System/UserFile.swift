import Machine
#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A file that nbx writes because its user named it: what is at the path already is theirs.
///
/// Links are followed. The place of a plain file is taken by the new one as a whole, with the same permissions and the
/// same owner. What is no plain file (a device, a pipe), what has other names, and what nothing can be put beside, is
/// written as it stands; a stream of this process, as /dev/stdout, goes on where it is, since what stands before is of
/// whoever opened it. What is new has the permissions that any new file has, and the folders that lead to it are made.
///
/// Until `keep` what is written lies elsewhere; without it nothing is left of it.
package final class UserFile {
  /// As the user named it.
  package let path: String
  /// Where the bytes lie until they are kept.
  package let stagedPath: String
  private let place: UserFilePlace
  private let staged: OwnedDescriptor
  private var isKept = false

  /// - Parameter mode: a new file's permissions, less the umask.
  /// - Throws: `.fileNotWritten` if it may not be written, `.folderNotMade`.
  package init(_ path: String, mode: mode_t = 0o666) throws(MachineError) {
    self.path = path
    place = try UserFilePlace(path, mode: mode)
    stagedPath = AtomicFile.temporaryName(in: place.stagingFolder)
    guard let staged = OwnedDescriptor.open(stagedPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: place.stagingMode)
    else { throw .fileNotWritten(path: path, errno: errno) }
    self.staged = staged
  }

  deinit { if !isKept { unlink(stagedPath) } }

  /// Writes the bytes, and keeps them.
  ///
  /// - Parameters:
  ///   - mode: a new file's permissions, less the umask.
  ///   - limit: for how long a pipe's reader may take its time.
  package static func write(
    _ bytes: [UInt8], to path: String, mode: mode_t = 0o666, within limit: Limit = Limit(until: nil)
  ) throws(MachineError) {
    let file = try UserFile(path, mode: mode)
    try file.append(bytes)
    try file.keep(within: limit)
  }

  package func append(_ bytes: [UInt8]) throws(MachineError) {
    guard staged.writeAll(bytes) else { throw .fileNotWritten(path: path, errno: errno) }
  }

  /// All has been written: it is what is found at the path from now on.
  ///
  /// - Parameter limit: for how long a pipe's reader may take its time.
  /// - Throws: `.fileNotWritten`, and `.stopped` once it is over.
  package func keep(within limit: Limit = Limit(until: nil)) throws(MachineError) {
    switch place {
    case .new(let destination, _): try move(to: destination)
    case .plain(let destination, let facts):
      guard takesAfter(facts) else { throw .fileNotWritten(path: path, errno: errno) }
      try move(to: destination)
    case .asItStands(let destination): try copy(to: destination, within: limit)
    case .stream(let number):
      guard let stream = OwnedDescriptor.copy(of: number) else { throw .fileNotWritten(path: path, errno: errno) }
      _ = try copy(into: stream, within: limit)
    }
  }

  private func move(to destination: String) throws(MachineError) {
    // Some file systems tell only now that the disk is full.
    guard staged.close() == 0, rename(stagedPath, destination) == 0 else {
      throw .fileNotWritten(path: path, errno: errno)
    }
    isKept = true
  }

  private func takesAfter(_ facts: stat) -> Bool {
    if facts.st_uid != geteuid() || facts.st_gid != getegid() {
      guard fchown(staged.number, facts.st_uid, facts.st_gid) == 0 else { return false }
    }
    // A new owner takes special bits away, so this comes second.
    return fchmod(staged.number, facts.st_mode & ~S_IFMT) == 0
  }

  private func copy(to destination: String, within limit: Limit) throws(MachineError) {
    // A pipe that nobody reads is an error at once, rather than a wait.
    guard let target = OwnedDescriptor.open(destination, O_WRONLY | O_NONBLOCK | O_NOCTTY) else {
      throw .fileNotWritten(path: path, errno: errno)
    }
    let count = try copy(into: target, within: limit)
    // What was longer ends here; where there is no length this says so, and does no harm.
    _ = ftruncate(target.number, count)
    guard target.close() == 0 else { throw .fileNotWritten(path: path, errno: errno) }
  }

  /// - Returns: how many bytes there were.
  private func copy(into target: OwnedDescriptor, within limit: Limit) throws(MachineError) -> off_t {
    guard lseek(staged.number, 0, SEEK_SET) == 0 else { throw .fileNotWritten(path: path, errno: errno) }
    var count: off_t = 0
    while let piece = try nextPiece() {
      guard target.writeAll(piece, within: limit) else {
        throw limit.isOver ? .stopped(doing: "writing \(path)") : .fileNotWritten(path: path, errno: errno)
      }
      count += off_t(piece.count)
    }
    return count
  }

  /// What comes next of the staged bytes; nil at their end.
  private func nextPiece() throws(MachineError) -> [UInt8]? {
    let piece = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
      repeat { count = read(staged.number, buffer.baseAddress, buffer.count) } while count < 0 && errno == EINTR
      count = max(count, 0)
    }
    return piece.isEmpty ? nil : piece
  }
}

/// What is at a path that a user names, and so how it is written.
private enum UserFilePlace {
  /// Nothing yet.
  case new(String, mode: mode_t)
  case plain(String, stat)
  case asItStands(String)
  /// A plain file that this process has open under a number, which is what the path names.
  case stream(Int32)

  init(_ path: String, mode: mode_t) throws(MachineError) {
    guard !path.utf8.contains(0) else { throw .fileNotWritten(path: path, errno: EINVAL) }
    var facts = stat()
    guard stat(path, &facts) == 0 else {
      guard errno == ENOENT else { throw .fileNotWritten(path: path, errno: errno) }
      self = .new(try Self.endOfLinks(path), mode: mode)
      return
    }
    switch facts.st_mode & S_IFMT {
    case S_IFDIR: throw .fileNotWritten(path: path, errno: EISDIR)
    case S_IFREG: self = try Self.existing(path, facts)
    default: self = .asItStands(path)
    }
  }

  private static func existing(_ path: String, _ facts: stat) throws(MachineError) -> Self {
    // What says of itself that it is not to be written is not, even where the system would let root do it.
    let isReadOnly = facts.st_mode & 0o222 == 0
    if let number = streamNumber(path) { return .stream(number) }
    guard !isReadOnly, faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0, let destination = Paths.resolved(path) else {
      throw .fileNotWritten(path: path, errno: isReadOnly ? EACCES : errno)
    }
    let isOurs = facts.st_uid == geteuid() || geteuid() == 0
    let hasRoomBeside = faccessat(AT_FDCWD, Paths.folder(of: destination), W_OK | X_OK, AT_EACCESS) == 0
    // What another process has open, and what the kernel shows as a file, is not to be taken from under anyone.
    let isOfSystem = ["/dev/", "/proc/", "/sys/"].contains { path.hasPrefix($0) }
    guard isOurs, hasRoomBeside, !isOfSystem, facts.st_nlink == 1 else { return .asItStands(path) }
    return .plain(destination, facts)
  }

  /// The number in `/dev/stdout`, `/dev/fd/N` and `/proc/self/fd/N`, and in what links lead to these.
  private static func streamNumber(_ path: String) -> Int32? {
    var path = path
    for _ in 0..<mostLinks {
      for folder in ["/dev/fd/", "/proc/self/fd/", "/proc/\(getpid())/fd/"] where path.hasPrefix(folder) {
        return Int32(path.dropFirst(folder.count))
      }
      guard let target = target(ofLink: path) else { return nil }
      path = target
    }
    return nil
  }

  /// Where a path leads at which there is nothing, by links that lead nowhere yet; the folders to it are made.
  private static func endOfLinks(_ path: String) throws(MachineError) -> String {
    var path = path
    for _ in 0..<mostLinks {
      guard let target = target(ofLink: path) else {
        let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        guard !name.isEmpty else { throw .fileNotWritten(path: path, errno: path.isEmpty ? ENOENT : EISDIR) }
        try Folders.make(Paths.folder(of: path), mode: 0o777)
        return path
      }
      path = target
    }
    throw .fileNotWritten(path: path, errno: ELOOP)
  }

  /// As many as Linux follows.
  private static let mostLinks = 40

  /// Nil where it is no link.
  private static func target(ofLink path: String) -> String? {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return nil }
    return target.hasPrefix("/") ? target : Paths.folder(of: path) + "/" + target
  }

  /// Where the bytes lie until they are kept: beside the place that they will take, if they are to take it.
  var stagingFolder: String {
    switch self {
    case .new(let path, _), .plain(let path, _): Paths.folder(of: path)
    case .asItStands, .stream: FileManager.default.temporaryDirectory.path
    }
  }

  var stagingMode: mode_t { if case .new(_, let mode) = self { mode } else { 0o600 } }
}
