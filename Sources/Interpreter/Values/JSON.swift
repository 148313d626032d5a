extension Value {
  /// Reads JSON; maps keep the order of their keys.
  public static func json(_ bytes: [UInt8]) throws(JSONProblem) -> Value { try JSONReader.value(bytes) }

  /// The value as JSON on one line, or indented by two blanks a level. Secrets stay secret leaf by leaf, and amounts are
  /// exact.
  public func json(indented: Bool = false, sizes: SizeForm = .bytes) -> Text {
    json(indented: indented, sizes: sizes, limit: .max)
  }

  /// - Parameter limit: no more is written once it is longer than so many bytes.
  package func json(indented: Bool = false, sizes: SizeForm = .bytes, limit: Int) -> Text {
    var writer = JSONWriter(indented: indented, sizes: sizes, limit: limit)
    writer.write(self, depth: 0)
    return writer.text
  }
}

/// It collects bytes: a value may be of millions of parts, and text that grows by a few letters at a time takes long.
private struct JSONWriter {
  let indented: Bool
  let sizes: SizeForm
  let limit: Int
  private let budget = Budget.ofThread
  private var bytes: [UInt8] = []
  private var hidden: [Range<Int>] = []
  private var isKnownLater = false

  init(indented: Bool, sizes: SizeForm, limit: Int) {
    self.indented = indented
    self.sizes = sizes
    self.limit = limit
  }

  var text: Text {
    var text = Text(String(decoding: bytes, as: UTF8.self), hidden: hidden)
    text.isKnownLater = isKnownLater
    return text
  }

  mutating func write(_ value: Value, depth: Int) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let bool): bytes += (bool ? "true" : "false").utf8
    case .int(let int): bytes += String(int).utf8
    case .float(let float): bytes += Value.written(float).utf8
    case .string(let string): writeQuoted(string)
    case .list(let elements):
      writeAll(elements, isEmpty: elements.isEmpty, "[", "]", depth) { $0.write($1, depth: depth + 1) }
    case .range(let range):
      writeAll(range, isEmpty: range.count == 0, "[", "]", depth) { $0.bytes += String($1).utf8 }
    case .map(let map):
      writeAll(map, isEmpty: map.isEmpty, "{", "}", depth) { writer, entry in
        writer.writeQuoted(entry.0)
        writer.bytes += (writer.indented ? ": " : ":").utf8
        writer.write(entry.1, depth: depth + 1)
      }
    case .outcome(let outcome):
      // What worked is told by its value.
      let fields = Member.outcome.prefix(outcome.isOK ? 3 : .max)
      write(.map(ValueMap(fields.map { ($0.name, (try? $0.apply(to: value, [])) ?? .null) })), depth: depth)
    case .size(let size) where size.spelling == nil && sizes == .bytes: bytes += String(size.bytes).utf8
    default: writeString(value.dataText(sizes) ?? "")
    }
  }

  private mutating func writeAll<Element>(
    _ elements: some Sequence<Element>, isEmpty: Bool, _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ depth: Int,
    _ write: (inout JSONWriter, Element) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    if !isEmpty {
      var isFirst = true
      for element in elements {
        // What is left out makes it too long, or comes when the time is over: nobody gets to see it.
        if bytes.count > limit || !budget.allows(4) { return }
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        newLine(depth + 1)
        write(&self, element)
      }
      newLine(depth)
    }
    bytes.append(UInt8(ascii: close))
  }

  private mutating func newLine(_ depth: Int) {
    guard indented else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes += repeatElement(UInt8(ascii: " "), count: 2 * depth)
  }

  /// The hidden stretches are quoted one by one, so that each stays as secret as it was.
  private mutating func writeString(_ string: Text) {
    if string.isKnownLater { isKnownLater = true }
    guard string.isSecret else { return writeQuoted(string.string) }
    bytes.append(UInt8(ascii: "\""))
    var position = 0
    let all = Array(string.string.utf8)
    for range in string.hidden {
      writeInside(all[position..<range.lowerBound])
      let start = bytes.count
      writeInside(all[range])
      if start < bytes.count { hidden.append(start..<bytes.count) }
      position = range.upperBound
    }
    writeInside(all[position...])
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func writeQuoted(_ string: String) {
    bytes.append(UInt8(ascii: "\""))
    writeInside(string.utf8)
    bytes.append(UInt8(ascii: "\""))
  }

  /// What stands between the quotes.
  private mutating func writeInside(_ text: some Sequence<UInt8>) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x0a: bytes += "\\n".utf8
      case 0x0d: bytes += "\\r".utf8
      case 0x09: bytes += "\\t".utf8
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      default: bytes.append(byte)
      }
    }
  }
}

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
  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  private let budget = Budget.ofThread

  package static func value(_ bytes: [UInt8]) throws(JSONProblem) -> Value {
    var reader = JSONReader(bytes: bytes)
    // Some editors put a mark before the text that nobody sees.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { reader.position = 3 }
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
    guard budget.allows(4) else { throw problem("the time is over") }
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
    guard depth < Value.deepest else { throw problem("nested more than \(Value.deepest) levels deep") }
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

  /// `-12`, `0.5`, `1e9`: no plus, no zero in front, digits on both sides of the point.
  private mutating func number() throws(JSONProblem) -> Value {
    let start = position
    _ = take(UInt8(ascii: "-"))
    let first = position
    guard takeDigits() else { throw JSONProblem(message: "no JSON value begins so", offset: start) }
    if bytes[first] == UInt8(ascii: "0"), position > first + 1 {
      throw JSONProblem(message: "a number does not begin with a zero", offset: start)
    }
    var isWhole = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      guard takeDigits() else { throw problem("a digit is due behind the point") }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard takeDigits() else { throw problem("a digit is due in the exponent") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // A float would be near it, but not the same: as text it keeps every digit.
    if isWhole { return Int64(text).map(Value.int) ?? .string(text) }
    guard let float = Double(text), float.isFinite else {
      throw JSONProblem(message: "the number is more than a float holds", offset: start)
    }
    return .float(float)
  }

  private mutating func takeDigits() -> Bool {
    let start = position
    while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { position += 1 }
    return position > start
  }

  private mutating func string() throws(JSONProblem) -> String {
    position += 1
    let start = position
    try skipPlainLetters()
    if take(UInt8(ascii: "\"")) { return String(decoding: bytes[start..<(position - 1)], as: UTF8.self) }
    var text = Array(bytes[start..<position])
    while take(UInt8(ascii: "\\")) {
      try escape(into: &text)
      let plain = position
      try skipPlainLetters()
      text += bytes[plain..<position]
    }
    guard take(UInt8(ascii: "\"")) else { throw problem("a string is never closed") }
    return String(decoding: text, as: UTF8.self)
  }

  /// Up to a quote, a backslash or the text's end.
  private mutating func skipPlainLetters() throws(JSONProblem) {
    while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
      guard bytes[position] >= 0x20 else {
        throw problem("a control character in a string; an escape such as \\n is due")
      }
      position += 1
    }
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
    case UInt8(ascii: "u"): text += Array(String(try escapedScalar()).utf8)
    default: throw problem("an escape that JSON does not have")
    }
  }

  /// The letter of `\u0041`, or of two such halves. A half that stands alone is no letter.
  private mutating func escapedScalar() throws(JSONProblem) -> Unicode.Scalar {
    let unit = try hexadecimal()
    let afterUnit = position
    if 0xd800..<0xdc00 ~= unit, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let low = try hexadecimal()
      if 0xdc00..<0xe000 ~= low {
        return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)) ?? "\u{FFFD}"
      }
    }
    position = afterUnit
    return Unicode.Scalar(unit) ?? "\u{FFFD}"
  }

  private mutating func hexadecimal() throws(JSONProblem) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(next)).hexDigitValue else {
        throw problem("four hexadecimal digits are due")
      }
      unit = unit << 4 + UInt32(digit)
      position += 1
    }
    return unit
  }
}
