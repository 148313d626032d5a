import Interpreter
import Synchronization

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

/// Writes messages, each as a whole, from any thread.
final class MessageWriter: Sendable {
  private let descriptor: Int32
  private let isOpen = Mutex(true)

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Nothing is written any more once the client has gone.
  func write(_ message: Value) {
    let body = Array(message.json().string.utf8)
    let bytes = Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
    isOpen.withLock { isOpen in
      guard isOpen else { return }
      isOpen = writeAll(bytes)
    }
  }

  private func writeAll(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress! + done, $0.count - done) }
      if count < 0 {
        guard errno == EINTR || errno == EAGAIN else { return false }
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&poller, 1, 1000)
        continue
      }
      done += count
    }
    return true
  }

  func respond(to id: Value, _ result: Value) { write(["jsonrpc": "2.0", "id": id, "result": result]) }

  func respond(to id: Value, _ error: ResponseError) {
    write([
      "jsonrpc": "2.0", "id": id, "error": ["code": .int(Int64(error.code)), "message": .string(error.message)],
    ])
  }

  func request(_ method: String, id: String, _ parameters: Value) {
    write(["jsonrpc": "2.0", "id": .string(id), "method": .string(method), "params": parameters])
  }

  func notify(_ method: String, _ parameters: Value) {
    write(["jsonrpc": "2.0", "method": .string(method), "params": parameters])
  }
}

/// `write` by another name, since the method above hides it.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

/// Why a request has no result.
struct ResponseError: Error {
  let code: Int
  let message: String

  static let notInitialized = ResponseError(code: -32002, message: "the first request is `initialize`")
  static let shutDown = ResponseError(code: -32600, message: "the server is shut down; only `exit` may follow")
  static let parseError = ResponseError(code: -32700, message: "the message is no JSON")
  static let noRequest = ResponseError(code: -32600, message: "the message is neither a request nor a notification")

  static func unknownMethod(_ name: String) -> ResponseError {
    ResponseError(code: -32601, message: "there is no method `\(name)`")
  }
  static func failed(_ message: String) -> ResponseError { ResponseError(code: -32803, message: message) }
}

/// Messages are read as values of the language: maps keep their order, and nothing is lost of a number.
extension Value {
  /// A member of an object; null if there is none.
  func member(_ name: String) -> Value {
    guard case .map(let map) = self else { return .null }
    return map[name] ?? .null
  }

  var asString: String? { if case .string(let text) = self { text } else { nil } }
  var asInt: Int? { if case .int(let number) = self { Int(exactly: number) } else { nil } }
  var asList: [Value] { if case .list(let elements) = self { elements } else { [] } }
  var isTrue: Bool { if case .bool(true) = self { true } else { false } }
  var isNull: Bool { if case .null = self { true } else { false } }
}
