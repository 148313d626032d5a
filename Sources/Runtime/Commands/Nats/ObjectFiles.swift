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
    guard let file = OwnedDescriptor.open(path, O_RDONLY | O_NONBLOCK) else {
      throw .fileFailed(path: path, action: "read it", errno: errno)
    }
    self.file = file
    before = try Self.status(file, path)
    if before.st_mode & S_IFMT == S_IFDIR { throw .fileFailed(path: path, action: "read it", errno: EISDIR) }
  }

  /// Whether what it reads is there to be read once more; a pipe's text comes once, and a device's may have no end.
  var isPlain: Bool { before.st_mode & S_IFMT == S_IFREG }

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

extension UserFile {
  /// Does something with it, and says as the client library does what kept it from that.
  static func within<Result>(_ body: () throws(MachineError) -> Result) throws(NATSError) -> Result {
    do { return try body() } catch {
      switch error {
      case .fileNotWritten(let path, let errno), .folderNotMade(let path, let errno):
        throw .fileFailed(path: path, action: "write it", errno: errno)
      default: throw .fileFailed(path: "\(error)", action: "write it", errno: EIO)
      }
    }
  }
}
