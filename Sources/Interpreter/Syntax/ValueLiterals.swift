import Lexer

extension Value {
  /// The value that a text is the literal of, as a recipe would write it; nil if it is none. What would have to be run or
  /// looked up is no literal.
  init?(literal text: String) {
    var parser = Parser(SourceFile(path: "", text: text), vocabulary: .wordless, names: Vocabulary.wordless.names)
    parser.advance()
    let expression = parser.expression()
    guard parser.problems.isEmpty, parser.isAt(.endOfFile), let value = Value(literal: expression) else { return nil }
    self = value
  }

  private init?(literal expression: Expression) {
    switch expression.form {
    case .literal(let value): self = value
    case .list(let elements):
      let values = elements.compactMap(Value.init(literal:))
      guard values.count == elements.count else { return nil }
      self = .list(values)
    case .map(let entries):
      guard let map = Value.map(literal: entries) else { return nil }
      self = map
    case .negate(let operand):
      guard let value = Value(literal: operand), let negated = try? Value.negated(value) else { return nil }
      self = negated
    case .binary(let op, let left, let right) where op == .closedRange || op == .halfOpenRange:
      guard let first = Value(literal: left), let last = Value(literal: right),
        let range = try? Value.apply(op, first, last)
      else { return nil }
      self = range
    default: return nil
    }
  }

  private static func map(literal entries: [MapEntry]) -> Value? {
    var whole = ValueMap()
    for entry in entries {
      guard case .path(let path) = entry.key, let value = Value(literal: entry.value) else { return nil }
      // No two keys are alike: the parser has seen to that.
      whole = whole.merged(with: ValueMap([(path[0], path.dropFirst().reversed().reduce(value) { [$1: $0] })]))
    }
    return .map(whole)
  }
}

extension Vocabulary {
  /// Without any command.
  fileprivate static let wordless = Vocabulary(host: Wordless())

  private struct Wordless: Host {
    let commands: [any Command] = []
  }
}

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

  /// What `parsedAlike` takes, in words: "a list, each element an int".
  var takenWithArticle: String {
    guard case .list(let elements) = self, let first = elements.first, first.parsedAlike("") == nil else {
      return typeWithArticle
    }
    return "\(typeWithArticle), each element \(first.takenWithArticle)"
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
    default: kind == value.kind ? secrecy(over: value) : nil
    }
  }

  /// A value made as secret as this one, a parameter's default: in a map behind the same keys, in a list in every element
  /// where the first is.
  func secrecy(over value: Value) -> Value {
    switch (self, value) {
    case (.secret, _): value.withSecretLeaves
    case (.list(let own), .list(let elements)): .list(elements.map { (own.first ?? .null).secrecy(over: $0) })
    case (.map(let own), .map(let map)): .map(ValueMap(map.map { ($0, (own[$0] ?? .null).secrecy(over: $1)) }))
    default: value
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
