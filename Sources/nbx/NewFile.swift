#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that must not be there yet.
enum NewFile {
  /// Whether the name is free: not even a link that leads nowhere has it.
  static func isFree(_ path: String) -> Bool {
    var facts = stat()
    return lstat(path, &facts) != 0
  }

  /// Makes the file. 0, or why it could not; then nothing is left of it.
  static func write(_ bytes: [UInt8], to path: String) -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { return errno }
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress! + done, $0.count - done) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let problem = errno
        close(descriptor)
        unlink(path)
        return problem
      }
      done += count
    }
    return close(descriptor) == 0 ? 0 : errno
  }
}

/// `write` by another name, since the method above hides it.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
