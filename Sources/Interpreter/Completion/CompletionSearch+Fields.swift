import Lexer

/// What may stand behind a dot.
extension CompletionSearch {
  mutating func completeFields(of base: Expression) {
    let guess = guess(base, in: before)
    for field in guess.fields where Letters.isName(field.name) { add(field.name, .field, field.detail) }
    let type = guess.methodType
    for method in Method.all where type.map({ method.types.contains($0) }) ?? true {
      let parts = method.help.split(separator: ":", maxSplits: 1).map(String.init)
      let detail = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : method.help
      let needsArguments = !method.arguments.contains(0)
      add(method.name, .method, detail, documentation: method.help, text: method.name + (needsArguments ? "(" : ""))
    }
  }

  private static let deepest = 16

  /// What kind of value an expression has.
  ///
  /// - Parameter index: the one whose tree it belongs to.
  func guess(_ expression: Expression, in index: NameIndex, depth: Int = 0) -> Guess {
    guard depth < CompletionSearch.deepest else { return .unknown }
    let guessed = GuessedExpression(
      name: { symbol, place in guess(ofName: index.symbols[symbol], at: place, depth + 1) },
      function: { GuessedExpression.function(index.symbols[$0]) },
      command: { call in
        let words = call.words.map { word in word.literal(in: index.file).map { Text($0) } }
        return call.words.contains(where: \.isSpread) ? .unknown : vocabulary.command(call.symbol).gives(words)
      })
    return guessed.guess(expression)
  }

  private func guess(ofName name: String, at place: Int, _ depth: Int) -> Guess {
    if name == "clusters" { return .list(.cluster) }
    if let entry = session.last(where: { $0.name == name }) { return .value(entry.value) }
    if let constant = vocabulary.constants.first(where: { $0.name == name }) {
      return .type("map", fields: constant.fields)
    }
    // A comprehension's name stands behind its use.
    for isAbove in [true, false] {
      let index = isAbove ? before : self.index
      guard let name = index.name(name, knownAt: place), let value = name.value else { continue }
      let guess = guess(value, in: index, depth: depth)
      return name.kind == .loopVariable ? guess.element : guess
    }
    return .unknown
  }
}

/// Guesses by the form of expressions.
private struct GuessedExpression {
  let name: (Symbol, Int) -> Guess
  let function: (Symbol) -> Guess
  let command: (CommandCall) -> Shape

  func guess(_ expression: Expression) -> Guess {
    switch expression.form {
    case .literal(let value): return .value(value)
    case .text: return .text
    case .name(let symbol): return name(symbol, Int(expression.span.start))
    case .list(let elements): return .list(elements.first.map(guess) ?? .unknown)
    case .map(let entries): return .map(GuessedExpression.nested(entries, guess))
    case .comprehension(let node): return .list(guess(node.element))
    case .not, .and, .or: return .type("bool")
    case .negate(let operand): return guess(operand)
    case .coalesce(let left, _): return guess(left)
    case .binary(let op, let left, let right): return operation(op, left, right)
    case .conditional(_, let yes, _): return guess(yes)
    case .field(let base, let field): return guess(base).field(field.text)
    case .index(let base, let index):
      if case .literal(.string(let key)) = index.form { return guess(base).field(key) }
      return guess(base).element
    case .method(let call): return guess(call.base).result(ofMethod: call.name.text)
    case .call(let call): return function(call.name)
    case .missing: return .unknown
    case .command(let call): return .shape(command(call))
    case .attempt: return .outcome
    case .statement(.foreach): return .list(.unknown)
    case .statement: return .unknown
    }
  }

  private func operation(_ op: BinaryOperator, _ left: Expression, _ right: Expression) -> Guess {
    switch op {
    case .closedRange, .halfOpenRange: return .list(.type("int"))
    case .add, .subtract:
      if case .map(let below) = guess(left), case .map(let above) = guess(right) { return .map(below + above) }
      return guess(left)
    case .multiply, .divide, .remainder: return guess(left)
    default: return .type("bool")
    }
  }

  /// `a.b: 1` is a map within.
  private static func nested(
    _ entries: [MapEntry], _ guess: (Expression) -> Guess
  ) -> [(key: String, value: Guess)] {
    var result: [(key: String, value: Guess)] = []
    for entry in entries {
      guard case .path(let path) = entry.key, let first = path.first else { continue }
      var value = guess(entry.value)
      for key in path.dropFirst().reversed() { value = .map([(key, value)]) }
      if let place = result.firstIndex(where: { $0.key == first }), case .map(let below) = result[place].value,
        case .map(let above) = value
      {
        result[place].value = .map(below + above)
      } else {
        result.append((first, value))
      }
    }
    return result
  }

  static func function(_ name: String) -> Guess {
    switch BuiltinFunction(rawValue: name) {
    case .read, .env: .text
    case .secret: .type("secret")
    case .exists: .type("bool")
    case .now: .type("time")
    default: .unknown
    }
  }
}
