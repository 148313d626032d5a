#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bytes between the program and the terminal: standard input and standard output.
struct TerminalPort {
  enum Read {
    case bytes([UInt8])
    case nothing
    /// A signal came.
    case signal
    case end
  }

  /// More is read at the next turn.
  private static let chunk = 64 << 10

  /// Waits for bytes.
  ///
  /// - Parameter milliseconds: how long at most; nil for as long as it takes.
  func read(within milliseconds: Int32?) -> Read {
    var entry = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    let ready = poll(&entry, 1, milliseconds ?? -1)
    if ready < 0 { return errno == EINTR || errno == EAGAIN ? .signal : .end }
    if ready == 0 { return .nothing }
    var bytes = [UInt8](repeating: 0, count: TerminalPort.chunk)
    let count = bytes.withUnsafeMutableBytes { readBytes(0, $0.baseAddress, $0.count) }
    if count < 0 { return errno == EINTR || errno == EAGAIN ? .signal : .end }
    if count == 0 { return .end }
    bytes.removeLast(bytes.count - count)
    return .bytes(bytes)
  }

  /// Writes all of it, or nothing more once nobody reads.
  func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { writeBytes(1, $0.baseAddress, $0.count) }
      if written < 0 {
        guard errno == EINTR || errno == EAGAIN else { return }
        continue
      }
      bytes = bytes.dropFirst(written)
    }
  }

  var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(max(size.ws_row, 2)))
  }
}

/// `read` and `write` by other names, since the methods above hide them.
private func readBytes(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}

private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
