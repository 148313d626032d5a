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
