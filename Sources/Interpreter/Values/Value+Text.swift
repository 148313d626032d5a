import Lexer

extension Value {
  /// The value as a word or a part of a string; nil for what has no text of its own: a list, a map, null, an outcome.
  public var asText: Text? {
    switch self {
    case .string(let string): Text(string)
    case .secret(let text), .later(let text): text
    case .bool(let bool): Text(bool ? "true" : "false")
    case .int(let int): Text(String(int))
    case .float(let float): Text(Value.written(float))
    case .duration(let duration): Text(duration.text)
    case .size(let size): Text(size.text)
    case .time(let time): Text(time.text)
    case .cluster(let cluster): Text(cluster.name)
    case .record(let record): record.text
    case .null, .list, .map, .range, .outcome: nil
    }
  }

  /// The value as `print` shows it: text as it stands, everything else as it is written in a recipe. Secrets are masked.
  public var printed: String { asText?.masked ?? shown() }

  /// The value as it is written in a recipe, secrets masked, cut with a count once it is longer than `limit` letters.
  ///
  /// - Parameter isExact: no digit of an amount is left out.
  public func shown(limit: Int = .max, isExact: Bool = false) -> String {
    var writer = ShownWriter(limit: limit, isExact: isExact)
    writer.write(self)
    return writer.text
  }

  /// Reads a decimal number; nil if the text is none, or if it stands for no number that there is, as `nan` and `1e999` do.
  static func float(parsing text: String) -> Value? {
    // C's numbers, as `0x1p3`, are none in recipes.
    guard text.utf8.allSatisfy({ Letters.isDigit($0) || ".+-eE".utf8.contains($0) }) else { return nil }
    return Double(text).flatMap { $0.isFinite ? .float($0) : nil }
  }

  /// A float so that it is read back as one: `2.0`, not `2`.
  static func written(_ float: Double) -> String {
    "\(float)"
  }
}

/// Writes values for people, within a length.
private struct ShownWriter {
  /// Longer ranges are shown by their ends.
  private static let longestRange = 20

  let limit: Int
  let isExact: Bool
  var text = ""
  private var length = 0

  private let budget = Budget.ofThread

  init(limit: Int, isExact: Bool) {
    self.limit = min(limit, Value.mostBytes)
    self.isExact = isExact
  }

  private var isFull: Bool { length >= limit || !budget.allows(2) }

  private mutating func put(_ piece: String) {
    text += piece
    length += piece.utf8.count
  }

  mutating func write(_ value: Value) {
    switch value {
    case .null: put("null")
    case .list(let elements): writeAll(elements.count, elements, open: "[", close: "]") { $0.write($1) }
    case .range(let range) where range.count > ShownWriter.longestRange: put("\(range.first)..\(range.last)")
    case .range(let range): writeAll(Int(range.count), range, open: "[", close: "]") { $0.put(String($1)) }
    case .map(let map):
      writeAll(map.count, map, open: "{ ", close: " }") { writer, entry in
        writer.put(Value.keyText(entry.0))
        writer.put(": ")
        writer.write(entry.1)
      }
    case .outcome(let outcome):
      if let error = outcome.error {
        put("failed: \(Value.quoted(error.masked))")
      } else {
        put("ok: ")
        write(outcome.value)
      }
    case .string(let string): putQuoted(string)
    case .secret(let secret): putQuoted(secret.masked)
    case .record(let record): putQuoted(record.text.masked)
    case .duration(let duration) where isExact: put(duration.exactText)
    case .size(let size) where isExact:
      put(size.quantity)
      // A bare number is an int.
      if size.quantity.utf8.allSatisfy({ $0 < 0x3a }) { put("B") }
    default: put(value.asText?.masked ?? "")
    }
  }

  private mutating func putQuoted(_ string: String) {
    if string.utf8.count > limit {
      put(Value.quoted(String(string.prefix(max(8, limit - 4)))) + "…")
    } else {
      put(Value.quoted(string))
    }
  }

  private mutating func writeAll<Element>(
    _ count: Int, _ elements: some Sequence<Element>, open: String, close: String,
    _ write: (inout ShownWriter, Element) -> Void
  ) {
    guard count > 0 else { return put(String(open.prefix(1)) + String(close.suffix(1))) }
    put(open)
    var first = true
    for element in elements {
      if isFull {
        put(", … \(count) in all")
        break
      }
      if !first { put(", ") }
      first = false
      write(&self, element)
    }
    put(close)
  }
}

extension Value {
  /// The string as a recipe would write it.
  static func quoted(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "$": text += "\\$"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: text += "\\u{\(String(scalar.value, radix: 16))}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  /// A map's key as a recipe would write it: bare if it is a name.
  static func keyText(_ key: String) -> String {
    guard let first = key.utf8.first, Letters.startsName(first), key.utf8.allSatisfy(Letters.continuesName) else {
      return quoted(key)
    }
    return key
  }
}
