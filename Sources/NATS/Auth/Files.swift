import Machine

/// The few things that contexts do with files.
enum Files {
  /// A context's file is small; what is larger is none.
  private static let sizeLimit = 1 << 20

  /// The whole file; nil if there is none. It may be a pipe, into which perhaps nobody ever writes.
  ///
  /// - Parameter patience: how long a pipe may keep silent; what writes into it may have to ask somewhere first.
  static func read(_ path: String, patience: Duration = .seconds(10)) throws(NATSError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw .fileFailed(path: path, action: "read it", errno: errno)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    var end = ContinuousClock.now + patience
    while bytes.count <= sizeLimit {
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
      #else
        let count = Darwin.read(descriptor, &buffer, buffer.count)
      #endif
      if count > 0 {
        bytes.append(contentsOf: buffer[..<count])
        end = .now + patience
      } else if count == 0 {
        // A pipe that nobody has opened for writing yet has an end, too, but not the one that is meant.
        guard bytes.isEmpty, Paths.isPipe(descriptor), !Paths.areWritersGone(descriptor, within: 20) else {
          return bytes
        }
        if end < .now { throw .fileFailed(path: path, action: "read it", errno: EAGAIN) }
      } else if errno == EAGAIN, end > .now {
        _ = Paths.areWritersGone(descriptor, within: 20)
      } else if errno != EINTR {
        throw .fileFailed(path: path, action: "read it", errno: errno)
      }
    }
    throw .fileFailed(path: path, action: "read it", errno: EFBIG)
  }

  /// The text of a file that must be there. A path may begin with `~/`, as the nats CLI writes it.
  static func text(of path: String) throws(NATSError) -> String {
    guard let bytes = try read(Paths.withoutTilde(path)) else {
      throw .fileFailed(path: path, action: "read it", errno: ENOENT)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes a new file beside `path` and moves it there, so that nobody ever sees half of it. Links are followed. Mode 0600.
  static func replace(_ path: String, with bytes: [UInt8]) throws(NATSError) {
    let path = Paths.resolved(path) ?? path
    let temporary = "\(path).\(getpid())-\(UniqueID.next())\(leftoverEnding)"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .fileFailed(path: temporary, action: "create it", errno: errno) }
    var failure = writeAll(bytes, to: descriptor)
    if fsync(descriptor) != 0, failure == 0 { failure = errno }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure == 0, rename(temporary, path) != 0 { failure = errno }
    if failure != 0 {
      unlink(temporary)
      throw .fileFailed(path: path, action: "write it", errno: failure)
    }
  }

  private static let leftoverEnding = ".nbx.tmp"

  /// Takes away what a `replace` has left in a folder whose process was killed in the middle.
  static func removeLeftovers(in folder: String) {
    for name in (try? names(in: folder)) ?? [] where name.hasSuffix(leftoverEnding) {
      let writer = name.dropLast(leftoverEnding.count).split(separator: ".").last?.split(separator: "-").first
      guard let writer, let process = pid_t(writer), kill(process, 0) != 0, errno == ESRCH else { continue }
      unlink("\(folder)/\(name)")
    }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Returns the error number, 0 when everything was written.
  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset) }
      if count >= 0 {
        offset += count
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  /// Removes a file; false if there was none.
  static func remove(_ path: String) throws(NATSError) -> Bool {
    if unlink(path) == 0 { return true }
    if errno == ENOENT { return false }
    throw .fileFailed(path: path, action: "remove it", errno: errno)
  }

  /// Creates a folder and those above it, for their owner alone.
  static func createFolder(_ path: String) throws(NATSError) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      let part = String(path[..<end])
      guard mkdir(part, 0o700) != 0 else { continue }
      let problem = errno
      var facts = stat()
      if problem != EEXIST, stat(part, &facts) != 0 || facts.st_mode & S_IFMT != S_IFDIR {
        throw .fileFailed(path: part, action: "create the folder", errno: problem)
      }
    }
  }

  /// The names in a folder; empty if there is none.
  static func names(in path: String) throws(NATSError) -> [String] {
    guard let folder = opendir(path) else {
      if errno == ENOENT { return [] }
      throw .fileFailed(path: path, action: "list it", errno: errno)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        names.append(String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self))
      }
    }
    return names
  }
}
