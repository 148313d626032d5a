extension Value {
  /// Reads JSON; maps keep the order of their keys.
  public static func json(_ bytes: [UInt8]) throws(JSONProblem) -> Value { try JSONReader.value(bytes) }

  /// The value as JSON on one line, or indented by two blanks a level. Secrets stay secret leaf by leaf, and amounts are
  /// exact.
  public func json(indented: Bool = false, sizes: SizeForm = .bytes) -> Text {
    json(indented: indented, sizes: sizes, limit: .max)
  }

  /// - Parameter limit: no more is written once it is longer than so many bytes.
  func json(indented: Bool = false, sizes: SizeForm = .bytes, limit: Int) -> Text {
    var writer = JSONWriter(indented: indented, sizes: sizes, limit: limit)
    writer.write(self, depth: 0)
    return writer.text
  }
}

private struct JSONWriter {
  let indented: Bool
  let sizes: SizeForm
  let limit: Int
  private let budget = Budget.ofThread
  private(set) var text = Text("")

  init(indented: Bool, sizes: SizeForm, limit: Int) {
    self.indented = indented
    self.sizes = sizes
    self.limit = limit
  }

  mutating func write(_ value: Value, depth: Int) {
    switch value {
    case .null: text.append("null")
    case .bool, .int: text.append(value.asText ?? "")
    case .float(let float): text.append(Value.written(float))
    case .list(let elements):
      writeAll(elements, isEmpty: elements.isEmpty, "[", "]", depth) { $0.write($1, depth: depth + 1) }
    case .range(let range):
      writeAll(range, isEmpty: range.count == 0, "[", "]", depth) { $0.text.append(String($1)) }
    case .map(let map):
      writeAll(map, isEmpty: map.isEmpty, "{", "}", depth) { writer, entry in
        writer.text.append(Text(JSONWriter.quoted(entry.0)))
        writer.text.append(writer.indented ? ": " : ":")
        writer.write(entry.1, depth: depth + 1)
      }
    case .outcome(let outcome):
      // What worked is told by its value.
      let names = Outcome.fields.prefix(outcome.isOK ? 3 : .max)
      write(.map(ValueMap(names.map { ($0, outcome.field($0) ?? .null) })), depth: depth)
    case .size(let size) where size.spelling == nil && sizes == .bytes: text.append(String(size.bytes))
    default: writeString(value.dataText(sizes) ?? "")
    }
  }

  private mutating func writeAll<Element>(
    _ elements: some Sequence<Element>, isEmpty: Bool, _ open: String, _ close: String, _ depth: Int,
    _ write: (inout JSONWriter, Element) -> Void
  ) {
    guard !isEmpty else { return text.append(open + close) }
    text.append(open)
    for (index, element) in elements.enumerated() {
      // What is left out makes it too long, or comes when the time is over: nobody gets to see it.
      if text.string.utf8.count > limit || !budget.allows(4) { return }
      if index > 0 { text.append(",") }
      newLine(depth + 1)
      write(&self, element)
    }
    newLine(depth)
    text.append(close)
  }

  private mutating func newLine(_ depth: Int) {
    if indented { text.append("\n" + String(repeating: "  ", count: depth)) }
  }

  /// The hidden stretches are quoted one by one, so that each stays as secret as it was.
  private mutating func writeString(_ string: Text) {
    guard string.isSecret else { return text.append(JSONWriter.quoted(string.string)) }
    text.append("\"")
    var position = 0
    let bytes = Array(string.string.utf8)
    func inner(_ range: Range<Int>) -> String {
      String(JSONWriter.quoted(String(decoding: bytes[range], as: UTF8.self)).dropFirst().dropLast())
    }
    for range in string.hidden {
      text.append(Text(inner(position..<range.lowerBound)))
      text.append(.secret(inner(range)))
      position = range.upperBound
    }
    text.append(Text(inner(position..<bytes.count)))
    text.append("\"")
  }

  static func quoted(_ string: String) -> String {
    var quoted: [UInt8] = [UInt8(ascii: "\"")]
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += [UInt8(ascii: "\\"), byte]
      case 0x0a: quoted += Array("\\n".utf8)
      case 0x0d: quoted += Array("\\r".utf8)
      case 0x09: quoted += Array("\\t".utf8)
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        quoted += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
      default: quoted.append(byte)
      }
    }
    quoted.append(UInt8(ascii: "\""))
    return String(decoding: quoted, as: UTF8.self)
  }
}
