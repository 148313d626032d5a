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
