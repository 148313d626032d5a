import SandboxRuntime

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The lines of standard input, each as soon as it is there.
struct LineSource {
  enum Next {
    case line(String)
    case end
    /// A signal came while nothing was there.
    case interrupted
  }

  private var bytes: [UInt8] = []
  /// Where the next line begins, and how far it has been looked at.
  private var start = 0
  private var looked = 0
  private var hasEnded = false
  private static let chunk = 64 << 10

  /// Waits for the next line.
  mutating func next() -> Next {
    while true {
      if let end = bytes[looked...].firstIndex(of: UInt8(ascii: "\n")) {
        defer {
          start = end + 1
          looked = start
        }
        return .line(text(start..<end))
      }
      looked = bytes.count
      if hasEnded {
        defer { start = bytes.count }
        return start < bytes.count ? .line(text(start..<bytes.count)) : .end
      }
      bytes.removeFirst(start)
      looked -= start
      start = 0
      guard fill() else { return .interrupted }
    }
  }

  /// Reads what there is; false if a signal came first.
  private mutating func fill() -> Bool {
    var entry = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    while poll(&entry, 1, -1) < 0 {
      guard errno == EINTR || errno == EAGAIN else {
        hasEnded = true
        return true
      }
      if Interrupts.isAskedToStop { return false }
    }
    let old = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: LineSource.chunk))
    let count = bytes.withUnsafeMutableBytes { buffer in
      read(0, buffer.baseAddress.map { $0 + old }, LineSource.chunk)
    }
    bytes.removeLast(LineSource.chunk - max(0, count))
    if count == 0 || count < 0 && errno != EINTR && errno != EAGAIN { hasEnded = true }
    return true
  }

  private func text(_ range: Range<Int>) -> String {
    var range = range
    if range.upperBound > range.lowerBound, bytes[range.upperBound - 1] == UInt8(ascii: "\r") {
      range = range.lowerBound..<(range.upperBound - 1)
    }
    return String(decoding: bytes[range], as: UTF8.self)
  }
}
