import Lexer

extension Value {
  /// What the text of a command line's `name=value` means for a parameter whose default is this value; nil if it is no
  /// value of that type.
  ///
  /// A default of text takes the text as it is; one of null, too, but for `null` itself, which in quotes is the text. All
  /// others take what a recipe would write; a list also its elements with commas between them, each alike the default's
  /// first, and a map JSON.
  public func parsedAlike(_ text: String) -> Value? {
    switch self {
    case .null: text == "null" ? .null : .string(text == "\"null\"" || text == "'null'" ? "null" : text)
    case .string: .string(text)
    case .secret: .secret(.secret(text))
    case .bool: text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
    case .int: Int64(text).map(Value.int) ?? literalAlike(text)
    case .float: Value.float(parsing: text) ?? literalAlike(text)
    case .duration: DurationValue(parsing: text).map(Value.duration) ?? literalAlike(text)
    case .size: SizeValue(parsing: text).map(Value.size) ?? literalAlike(text)
    case .list(let elements): Value.list(text, alike: elements.first)
    case .range: Value.list(text, alike: .int(0))
    case .map: literalAlike(text) ?? (try? Value.json(Array(text.utf8))).flatMap(alike)
    case .time, .cluster, .outcome, .record, .later: nil
    }
  }

  /// Text with what is a secret by its looks, as the seed of an nkey, made secret: so it is, whatever the recipe says.
  var coveringEvidentSecrets: Value {
    switch self {
    case .string(let text):
      let ranges = EvidentSecrets.ranges(in: text.utf8)
      return ranges.isEmpty ? self : Value(Text(text, hidden: ranges))
    case .list(let elements): return .list(elements.map(\.coveringEvidentSecrets))
    case .map(let map): return .map(ValueMap(map.map { ($0, $1.coveringEvidentSecrets) }))
    default: return self
    }
  }

  private func literalAlike(_ text: String) -> Value? { Value(literal: text).flatMap(alike) }

  /// The value, if it is of this one's type.
  private func alike(_ value: Value) -> Value? {
    switch (self, value) {
    case (.null, _): value
    case (.float, .int(let int)): .float(Double(int))
    case (.secret, .string(let text)): .secret(.secret(text))
    default: typeName == value.typeName ? value : nil
    }
  }

  /// - Parameter element: the default's first; of an empty one any literal may be an element, and between commas text is.
  private static func list(_ text: String, alike element: Value?) -> Value? {
    if text.isEmpty { return .list([]) }
    switch Value(literal: text) {
    case .list(let values)?:
      let elements = values.compactMap((element ?? .null).alike)
      return elements.count == values.count ? .list(elements) : nil
    case .range(let range)?:
      return (element ?? .null).alike(.int(0)) == nil ? nil : .range(range)
    default:
      // What is put in brackets and is no list is not one of strange elements either.
      if text.hasPrefix("["), text.hasSuffix("]") { return nil }
      return commaList(text, alike: element ?? .string(""))
    }
  }

  private static func commaList(_ text: String, alike element: Value) -> Value? {
    var elements: [Value] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let value = element.parsedAlike(String(part)) else { return nil }
      elements.append(value)
    }
    return .list(elements)
  }
}
