#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Takes messages out of a stream: each has a head that tells its length, as HTTP has.
///
/// A head that makes no sense is passed over up to the next one that does; a message too large for memory is read past.
struct MessageReader {
  /// One message, or why there is none.
  enum Next {
    case message([UInt8])
    /// It was larger than this server reads.
    case tooLarge(Int)
    case end
  }

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var start = 0
  /// Called when nothing has come for a while; if it gives false, nobody is there any more.
  private let goesOn: () -> Bool

  private static let largestMessage = 128 << 20
  private static let longestLine = 8 << 10
  private static let pause: Int32 = 2000

  init(descriptor: Int32, goesOn: @escaping () -> Bool) {
    self.descriptor = descriptor
    self.goesOn = goesOn
  }

  mutating func next() -> Next {
    while true {
      guard let length = readHead() else { return .end }
      guard length >= 0 else { continue }
      guard length <= MessageReader.largestMessage else {
        return pass(length) ? .tooLarge(length) : .end
      }
      guard let body = take(length) else { return .end }
      return .message(body)
    }
  }

  /// The length that a head gives, or -1 for one that gives none; nil at the end.
  private mutating func readHead() -> Int? {
    var length = -1
    while true {
      guard let line = readLine() else { return nil }
      if line.isEmpty { return length }
      if let value = MessageReader.length(in: line) { length = value }
    }
  }

  private static func length(in line: [UInt8]) -> Int? {
    let text = String(decoding: line, as: UTF8.self).lowercased()
    // Rubbish may stand before it on the line.
    guard let name = text.firstRange(ofHeader: "content-length:") else { return nil }
    let digits = text[name...].drop { $0 == " " }.prefix { $0.isASCII && $0.isNumber }
    return Int(digits)
  }

  /// A line without its end; of one that is longer than any head, its last part.
  private mutating func readLine() -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      while start < buffer.count {
        let byte = buffer[start]
        start += 1
        if byte == UInt8(ascii: "\n") {
          if line.last == UInt8(ascii: "\r") { line.removeLast() }
          return line
        }
        line.append(byte)
        if line.count > MessageReader.longestLine { line.removeFirst(MessageReader.longestLine / 2) }
      }
      guard fill() else { return nil }
    }
  }

  private mutating func take(_ length: Int) -> [UInt8]? {
    while buffer.count - start < length { guard fill() else { return nil } }
    let body = Array(buffer[start..<(start + length)])
    start += length
    return body
  }

  private mutating func pass(_ length: Int) -> Bool {
    var rest = length
    while true {
      let here = min(rest, buffer.count - start)
      start += here
      rest -= here
      if rest == 0 { return true }
      guard fill() else { return false }
    }
  }

  /// Whether another message is there already, or the beginning of one.
  var hasMore: Bool {
    if start < buffer.count { return true }
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&poller, 1, 0) > 0
  }

  /// Waits for more bytes; false at the end.
  private mutating func fill() -> Bool {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&poller, 1, MessageReader.pause)
      if ready == 0 {
        guard goesOn() else { return false }
        continue
      }
      if ready < 0 {
        if errno == EINTR { continue }
        return false
      }
      let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else { return false }
      buffer.append(contentsOf: chunk[..<count])
      return true
    }
  }
}

extension String {
  /// The place behind the last occurrence of the text.
  fileprivate func firstRange(ofHeader header: String) -> String.Index? {
    var place = startIndex
    var found: String.Index?
    while place < endIndex {
      if self[place...].hasPrefix(header) { found = index(place, offsetBy: header.count) }
      place = index(after: place)
    }
    return found
  }
}
