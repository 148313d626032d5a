/// A stream's word that it has stored a message.
public struct PublishAcknowledgement: Sendable, Equatable, Decodable {
  public var stream: String
  /// The message's sequence in the stream.
  public var sequence: UInt64
  /// The stream had a message of this identifier already; this is that one's sequence.
  public var isDuplicate: Bool
  public var domain: String?

  private enum CodingKeys: String, CodingKey {
    case stream, domain
    case sequence = "seq"
    case isDuplicate = "duplicate"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    stream = try values.decode(String.self, forKey: .stream)
    sequence = try values.decode(UInt64.self, forKey: .sequence)
    isDuplicate = try values.decodeIfPresent(Bool.self, forKey: .isDuplicate) ?? false
    domain = try values.decodeIfPresent(String.self, forKey: .domain)
  }
}

extension PublishAcknowledgement {
  /// Reads an acknowledgement as servers write it: a flat object of plain texts, a number and a bool. A general decoder takes
  /// longer for it than the stream takes to store the message.
  ///
  /// nil for anything else, be it a refusal or only unusual: that is for a general decoder.
  init?(plain bytes: [UInt8]) {
    var stream: String?
    var sequence: UInt64?
    var isDuplicate = false
    var domain: String?
    let isWhole = bytes.withUnsafeBufferPointer { bytes -> Bool in
      var reader = PlainObjectReader(bytes)
      guard reader.skip(UInt8(ascii: "{")) else { return false }
      repeat {
        guard let key = reader.text(), reader.skip(UInt8(ascii: ":")) else { return false }
        switch (String(decoding: key, as: UTF8.self), reader.value()) {
        case ("stream", .text(let text)): stream = String(decoding: text, as: UTF8.self)
        case ("seq", .number(let number)): sequence = number
        case ("duplicate", .bool(let bool)): isDuplicate = bool
        case ("domain", .text(let text)): domain = String(decoding: text, as: UTF8.self)
        default: return false
        }
      } while reader.skip(UInt8(ascii: ","))
      return reader.skip(UInt8(ascii: "}")) && reader.isAtEnd
    }
    guard isWhole, let stream, let sequence else { return nil }
    (self.stream, self.sequence, self.isDuplicate, self.domain) = (stream, sequence, isDuplicate, domain)
  }
}

/// Reads the words of a flat JSON object in which no text holds an escape.
private struct PlainObjectReader {
  enum Plain {
    case text(Slice<UnsafeBufferPointer<UInt8>>)
    case number(UInt64)
    case bool(Bool)
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var isAtEnd: Bool {
    mutating get {
      skipBlanks()
      return position == bytes.count
    }
  }

  private mutating func skipBlanks() {
    while position < bytes.count, [32, 9, 10, 13].contains(bytes[position]) { position += 1 }
  }

  /// Goes past `byte` if it comes next.
  mutating func skip(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  mutating func text() -> Slice<UnsafeBufferPointer<UInt8>>? {
    guard skip(UInt8(ascii: "\"")) else { return nil }
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      guard bytes[position] >= 32, bytes[position] != UInt8(ascii: "\\") else { return nil }
      position += 1
    }
    guard position < bytes.count else { return nil }
    position += 1
    return bytes[start..<position - 1]
  }

  mutating func value() -> Plain? {
    skipBlanks()
    guard position < bytes.count else { return nil }
    switch bytes[position] {
    case UInt8(ascii: "\""): return text().map(Plain.text)
    case UInt8(ascii: "t"): return word("true") ? .bool(true) : nil
    case UInt8(ascii: "f"): return word("false") ? .bool(false) : nil
    default: return number().map(Plain.number)
    }
  }

  private mutating func word(_ word: StaticString) -> Bool {
    guard bytes.count - position >= word.utf8CodeUnitCount else { return false }
    for index in 0..<word.utf8CodeUnitCount where bytes[position + index] != word.utf8Start[index] { return false }
    position += word.utf8CodeUnitCount
    return true
  }

  /// A number that can't overflow: at most 19 digits.
  private mutating func number() -> UInt64? {
    let start = position
    var number: UInt64 = 0
    while position < bytes.count, bytes[position] >= 48, bytes[position] <= 57, position - start < 19 {
      number = number * 10 + UInt64(bytes[position] - 48)
      position += 1
    }
    return position > start ? number : nil
  }
}
