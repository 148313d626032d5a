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
      let names = Outcome.fields.prefix(outcome.isOK ? 3 : .max)
      write(.map(ValueMap(names.map { ($0, outcome.field($0) ?? .null) })), depth: depth)
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
