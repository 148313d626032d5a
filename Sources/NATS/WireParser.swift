#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One thing that a server said.
enum WireEvent {
  case message(subscription: Int, Message)
  case ping
  case pong
  case ok
  case info([UInt8])
  case error(String)
}

/// Reads the NATS protocol from bytes as they come, in pieces of any size.
///
/// Lines are bounded: INFO at 1 MiB, as it lists every server of a cluster, all others at 64 KiB, sixteen times what servers
/// themselves accept. A message is bounded by `messageLimit`.
final class WireParser: @unchecked Sendable {
  static let lineLimit = 64 << 10
  static let infoLimit = 1 << 20

  let server: Endpoint
  let buffer = ReceiveBuffer()
  /// In bytes, headers included.
  var messageLimit = 64 << 20
  /// When the bytes now in the buffer were read; messages are stamped with it.
  var receivedAt = ContinuousClock.now

  private var scanned = 0
  private var lastSubject = ""
  private var lastSubjectBytes: [UInt8] = []

  init(server: Endpoint) { self.server = server }

  /// The next thing that is there whole; nil: more bytes are needed.
  func next() throws(NATSError) -> WireEvent? {
    let bytes = buffer.bytes
    guard let lineEnd = try endOfLine(in: bytes) else { return nil }
    let line = UnsafeBufferPointer(rebasing: bytes[..<lineEnd.text])
    if let message = try MessageLine(line, server: server) {
      return try next(message, in: bytes, lineLength: lineEnd.next)
    }
    let event = try plainEvent(line)
    consume(lineEnd.next)
    return event
  }

  private func consume(_ count: Int) {
    buffer.consume(count)
    scanned = 0
  }

  /// Where the first line's text ends and where the next line begins.
  private func endOfLine(in bytes: UnsafeBufferPointer<UInt8>) throws(NATSError) -> (text: Int, next: Int)? {
    guard let base = bytes.baseAddress, bytes.count > scanned else { return nil }
    // 10 is the line feed. What was looked through before is not looked through again.
    if let found = memchr(base + scanned, 10, bytes.count - scanned) {
      let index = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      try checkLength(index, of: bytes)
      let hasReturn = index > 0 && bytes[index - 1] == 13
      return (hasReturn ? index - 1 : index, index + 1)
    }
    scanned = bytes.count
    try checkLength(scanned, of: bytes)
    return nil
  }

  private func checkLength(_ length: Int, of bytes: UnsafeBufferPointer<UInt8>) throws(NATSError) {
    guard length > Self.lineLimit else { return }
    let limit = bytes.starts(with: "INFO ".utf8) ? Self.infoLimit : Self.lineLimit
    if length > limit { throw .protocolViolation(server: server, .lineTooLong(limit: limit)) }
  }

  private func plainEvent(_ line: UnsafeBufferPointer<UInt8>) throws(NATSError) -> WireEvent {
    if line.elementsEqual("PING".utf8) { return .ping }
    if line.elementsEqual("PONG".utf8) { return .pong }
    if line.elementsEqual("+OK".utf8) { return .ok }
    if line.starts(with: "INFO ".utf8) { return .info(Array(line[5...])) }
    if line.starts(with: "-ERR".utf8) {
      let quoted = String(decoding: line[4...], as: UTF8.self)
      return .error(String(quoted.drop { $0 == " " || $0 == "'" }.reversed().drop { $0 == "'" }.reversed()))
    }
    throw .protocolViolation(server: server, .unknownOperation(line: shown(line)))
  }

  private func next(
    _ message: MessageLine, in bytes: UnsafeBufferPointer<UInt8>, lineLength: Int
  ) throws(NATSError) -> WireEvent? {
    if message.total > messageLimit {
      throw .protocolViolation(server: server, .messageTooLarge(bytes: message.total, limit: messageLimit))
    }
    let end = lineLength + message.total
    guard bytes.count >= end + 2 else {
      // The line is known to be whole: the next look need not search it again.
      scanned = lineLength - 1
      return nil
    }
    guard bytes[end] == 13, bytes[end + 1] == 10 else {
      throw .protocolViolation(server: server, .messageWithoutEnd)
    }
    let payloadStart = lineLength + message.headerCount
    var headers: Headers?
    if message.headerCount > 0 {
      headers = Headers(parsing: UnsafeBufferPointer(rebasing: bytes[lineLength..<payloadStart]))
    }
    let event = WireEvent.message(
      subscription: message.subscription,
      Message(
        subject: subject(message.subject),
        reply: message.reply.map { String(decoding: $0, as: UTF8.self) },
        headers: headers,
        payload: Array(UnsafeBufferPointer(rebasing: bytes[payloadStart..<end])),
        receivedAt: receivedAt,
        size: message.total))
    consume(end + 2)
    return event
  }

  /// Messages of one subject come in rows: its text is made once a row.
  private func subject(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let isSame = lastSubjectBytes.withUnsafeBufferPointer { last in
      guard last.count == bytes.count, let left = last.baseAddress, let right = bytes.baseAddress else { return false }
      return memcmp(left, right, last.count) == 0
    }
    if !isSame {
      lastSubjectBytes = Array(bytes)
      lastSubject = String(decoding: bytes, as: UTF8.self)
    }
    return lastSubject
  }
}

/// The start of a line for an error's text: short, and with nothing that a terminal would act on.
func shown(_ line: some Sequence<UInt8>) -> String {
  String(decoding: line.prefix(60).map { $0 < 32 || $0 > 126 ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
}
