import Machine

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
  let buffer = ByteBuffer()
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

/// The first line of a message: `MSG subject sid [reply] size` or `HMSG subject sid [reply] header-size total-size`.
struct MessageLine {
  var subject: UnsafeBufferPointer<UInt8>
  var subscription: Int
  var reply: UnsafeBufferPointer<UInt8>?
  var headerCount: Int
  /// Headers and payload together, in bytes.
  var total: Int

  /// nil if the line begins with neither word; throws if it does and makes no sense.
  init?(_ line: UnsafeBufferPointer<UInt8>, server: Endpoint) throws(NATSError) {
    let hasHeaders = line.first == UInt8(ascii: "H")
    let wordEnd = hasHeaders ? 4 : 3
    guard line.count > wordEnd, Words.isBlank(line[wordEnd]), line[wordEnd - 3] == UInt8(ascii: "M"),
      line[wordEnd - 2] == UInt8(ascii: "S"), line[wordEnd - 1] == UInt8(ascii: "G")
    else { return nil }
    var words = Words(line: line, position: wordEnd)
    let first = words.next()
    let second = words.next()
    var third = words.next()
    var fourth = words.next()
    let fifth = words.next()
    // With a reply, everything behind it stands one further on.
    let withReply = hasHeaders ? fifth != nil : fourth != nil
    reply = withReply ? third : nil
    if withReply { (third, fourth) = (fourth, fifth) }
    let sizes = (Self.number(third), hasHeaders ? Self.number(fourth) : 0)
    guard let first, let number = Self.number(second), let size = sizes.0, let lastSize = sizes.1,
      words.next() == nil, hasHeaders ? size <= lastSize : fifth == nil
    else { throw .protocolViolation(server: server, .malformedLine(line: shown(line))) }
    subject = first
    subscription = number
    headerCount = hasHeaders ? size : 0
    total = hasHeaders ? lastSize : size
  }

  /// A decimal number of at most 12 digits: more than any size or identifier needs, and no overflow.
  private static func number(_ word: UnsafeBufferPointer<UInt8>?) -> Int? {
    guard let word, !word.isEmpty, word.count <= 12 else { return nil }
    var value = 0
    for byte in word {
      guard byte >= 48, byte <= 57 else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    return value
  }
}

/// The words of a line, parted by spaces or tabs.
private struct Words {
  let line: UnsafeBufferPointer<UInt8>
  var position: Int

  mutating func next() -> UnsafeBufferPointer<UInt8>? {
    while position < line.count, Self.isBlank(line[position]) { position += 1 }
    guard position < line.count else { return nil }
    let start = position
    while position < line.count, !Self.isBlank(line[position]) { position += 1 }
    return UnsafeBufferPointer(rebasing: line[start..<position])
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
}
