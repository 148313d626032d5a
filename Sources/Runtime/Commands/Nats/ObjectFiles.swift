import NATS

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that goes into an object store, a chunk at a time.
final class ObjectSource {
  let path: String
  private let file: OwnedDescriptor
  private let before: stat

  init(_ path: String) throws(NATSError) {
    self.path = path
    guard let file = OwnedDescriptor.open(path, O_RDONLY) else {
      throw .fileFailed(path: path, action: "read it", errno: errno)
    }
    self.file = file
    before = try Self.status(file, path)
    if before.st_mode & S_IFMT == S_IFDIR { throw .fileFailed(path: path, action: "read it", errno: EISDIR) }
  }

  /// As many bytes as a chunk has; fewer only at the file's end, and none behind it.
  func next(_ size: Int) throws(NATSError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = read(file.number, buffer.baseAddress?.advanced(by: count), size - count)
        if got == 0 { return }
        if got > 0 {
          count += got
        } else if errno != EINTR {
          failure = errno
          return
        }
      }
    }
    if failure != 0 { throw .fileFailed(path: path, action: "read it", errno: failure) }
    return bytes
  }

  /// Whether the file is as it was when it was opened.
  func isUnchanged() throws(NATSError) -> Bool {
    let now = try Self.status(file, path)
    #if canImport(Glibc)
      let isAsOld = now.st_mtim.tv_sec == before.st_mtim.tv_sec && now.st_mtim.tv_nsec == before.st_mtim.tv_nsec
    #else
      let isAsOld =
        now.st_mtimespec.tv_sec == before.st_mtimespec.tv_sec
        && now.st_mtimespec.tv_nsec == before.st_mtimespec.tv_nsec
    #endif
    return isAsOld && now.st_size == before.st_size
  }

  private static func status(_ file: OwnedDescriptor, _ path: String) throws(NATSError) -> stat {
    var status = stat()
    guard fstat(file.number, &status) == 0 else { throw .fileFailed(path: path, action: "read it", errno: errno) }
    return status
  }
}

/// A file that an object is written to. Until `keep` it lies beside its place under another name, and goes with its owner.
final class ObjectTarget {
  let path: String
  let temporary: String
  private let file: OwnedDescriptor
  private var isKept = false

  init(_ path: String) throws(NATSError) {
    self.path = path
    temporary = "\(path).nbx-\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    guard let file = OwnedDescriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644) else {
      throw .fileFailed(path: path, action: "write it", errno: errno)
    }
    self.file = file
  }

  func append(_ bytes: [UInt8]) throws(NATSError) {
    guard file.writeAll(bytes) else { throw .fileFailed(path: path, action: "write it", errno: errno) }
  }

  /// Everything was written.
  func finish() throws(NATSError) {
    guard file.close() == 0 else { throw .fileFailed(path: path, action: "write it", errno: errno) }
  }

  /// Gives the file its name.
  func keep() throws(NATSError) {
    guard rename(temporary, path) == 0 else { throw .fileFailed(path: path, action: "write it", errno: errno) }
    isKept = true
  }

  deinit { if !isKept { unlink(temporary) } }
}
