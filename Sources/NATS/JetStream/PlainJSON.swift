/// Reads JSON as servers write most of it: an object of texts without escapes, whole numbers and bools, and of objects that hold
/// nothing else. A general decoder takes longer for it than a stream takes to store a message.
struct PlainJSON {
  enum Value {
    case text(Slice<UnsafeBufferPointer<UInt8>>)
    case number(UInt64)
    case bool(Bool)
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  /// Hands every value to `take`, with the name of the object within the outermost that holds it, and its own.
  ///
  /// - Returns: false for anything else, be it only unusual, and if `take` says so: that is for a general decoder.
  static func read(_ bytes: [UInt8], _ take: (_ object: String?, _ name: String, _ value: Value) -> Bool) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      var reader = PlainJSON(bytes: bytes)
      return reader.skip(UInt8(ascii: "{")) && reader.members(of: nil, take) && reader.isAtEnd
    }
  }

  private mutating func members(of object: String?, _ take: (String?, String, Value) -> Bool) -> Bool {
    repeat {
      guard let quoted = text(), skip(UInt8(ascii: ":")) else { return false }
      let name = String(decoding: quoted, as: UTF8.self)
      if skip(UInt8(ascii: "{")) {
        guard object == nil, members(of: name, take) else { return false }
      } else {
        guard let value = value(), take(object, name, value) else { return false }
      }
    } while skip(UInt8(ascii: ","))
    return skip(UInt8(ascii: "}"))
  }

  private var isAtEnd: Bool {
    mutating get {
      skipBlanks()
      return position == bytes.count
    }
  }

  private mutating func skipBlanks() {
    while position < bytes.count, [32, 9, 10, 13].contains(bytes[position]) { position += 1 }
  }

  /// Goes past `byte` if it comes next.
  private mutating func skip(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func text() -> Slice<UnsafeBufferPointer<UInt8>>? {
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

  private mutating func value() -> Value? {
    skipBlanks()
    guard position < bytes.count else { return nil }
    switch bytes[position] {
    case UInt8(ascii: "\""): return text().map(Value.text)
    case UInt8(ascii: "t"): return word("true") ? .bool(true) : nil
    case UInt8(ascii: "f"): return word("false") ? .bool(false) : nil
    default: return number().map(Value.number)
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
