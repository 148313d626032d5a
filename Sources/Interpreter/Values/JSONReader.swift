/// Why a text is no JSON.
public struct JSONProblem: Error, Sendable {
  /// What is wrong, in a few words.
  public let message: String
  /// The byte at which it shows.
  public let offset: Int
}

/// Reads JSON (RFC 8259) into values. Foundation's decoder would lose the order of the keys and whole numbers beyond
/// 2^53, and maps keep the one, ints the other.
struct JSONReader {
  private static let deepest = 512
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  static func value(_ bytes: [UInt8]) throws(JSONProblem) -> Value {
    var reader = JSONReader(bytes: bytes)
    let value = try reader.value()
    reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.problem("more text behind the end of the value") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func problem(_ message: String) -> JSONProblem { JSONProblem(message: message, offset: position) }

  private var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

  private mutating func skipSpace() {
    while next == 0x20 || next == 0x0a || next == 0x0d || next == 0x09 { position += 1 }
  }

  private mutating func value() throws(JSONProblem) -> Value {
    skipSpace()
    guard position < bytes.count else { throw problem("the text ends where a value is due") }
    switch next {
    case UInt8(ascii: "{"): return try nested { reader throws(JSONProblem) in try reader.map() }
    case UInt8(ascii: "["): return try nested { reader throws(JSONProblem) in try reader.list() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func nested(
    _ read: (inout JSONReader) throws(JSONProblem) -> Value
  ) throws(JSONProblem) -> Value {
    guard depth < JSONReader.deepest else { throw problem("nested more than \(JSONReader.deepest) levels deep") }
    depth += 1
    position += 1
    let value = try read(&self)
    depth -= 1
    return value
  }

  private mutating func map() throws(JSONProblem) -> Value {
    var entries: [(String, Value)] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .map(ValueMap()) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw problem("a key in quotes is due") }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw problem("a colon is due") }
      entries.append((key, try value()))
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw problem("a comma or a closing brace is due") }
    return .map(ValueMap(entries))
  }

  private mutating func list() throws(JSONProblem) -> Value {
    var elements: [Value] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .list([]) }
    repeat {
      elements.append(try value())
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw problem("a comma or a closing bracket is due") }
    return .list(elements)
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte, position < bytes.count else { return false }
    position += 1
    return true
  }

  private mutating func word(_ word: String, _ value: Value) throws(JSONProblem) -> Value {
    guard bytes[position...].starts(with: word.utf8) else { throw problem("no JSON value begins so") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws(JSONProblem) -> Value {
    let start = position
    var whole = true
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
      case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): whole = false
      default:
        return try number(String(decoding: bytes[start..<position], as: UTF8.self), whole: whole, from: start)
      }
      position += 1
    }
    return try number(String(decoding: bytes[start..<position], as: UTF8.self), whole: whole, from: start)
  }

  private func number(_ text: String, whole: Bool, from start: Int) throws(JSONProblem) -> Value {
    if whole, let int = Int64(text) { return .int(int) }
    if let float = Double(text), float.isFinite { return .float(float) }
    throw JSONProblem(message: "no JSON value begins so", offset: start)
  }

  private mutating func string() throws(JSONProblem) -> String {
    position += 1
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
      position += 1
    }
    if next == UInt8(ascii: "\""), position < bytes.count {
      position += 1
      return String(decoding: bytes[start..<(position - 1)], as: UTF8.self)
    }
    var text = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") { try escape(into: &text) } else { text.append(byte) }
    }
    throw problem("a string is never closed")
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONProblem) {
    let letter = next
    position += 1
    switch letter {
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "u"):
      var unit = try hexadecimal()
      if 0xd800..<0xdc00 ~= unit, next == UInt8(ascii: "\\"), position + 1 < bytes.count,
        bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try hexadecimal()
        unit = 0x10000 + (unit - 0xd800) << 10 + (low &- 0xdc00) & 0x3ff
      }
      text += Array(String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
    default: throw problem("an escape that JSON does not have")
    }
  }

  private mutating func hexadecimal() throws(JSONProblem) -> UInt32 {
    guard position + 4 <= bytes.count,
      let unit = UInt32(String(decoding: bytes[position..<(position + 4)], as: UTF8.self), radix: 16)
    else { throw problem("four hexadecimal digits are due") }
    position += 4
    return unit
  }
}
