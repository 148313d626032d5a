import Lexer

/// What may stand behind a dot.
extension CompletionSearch {
  mutating func completeFields() {
    // The dot itself is the last byte that is no white space.
    var dot = nameStart
    while dot > 0, file.bytes[dot - 1] != UInt8(ascii: ".") { dot -= 1 }
    let guess = guess(endingAt: dot - 1, depth: 0)
    for field in guess.fields where Lexer.isName(field.name) { add(field.name, .field, field.detail) }
    let type = guess.methodType
    for method in Method.all where type.map({ method.types.contains($0) }) ?? true {
      let parts = method.help.split(separator: ":", maxSplits: 1).map(String.init)
      let detail = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : method.help
      let needsArguments = !method.arguments.contains(0)
      add(method.name, .method, detail, documentation: method.help, text: method.name + (needsArguments ? "(" : ""))
    }
  }

  /// In quotes behind a bracket: the keys of what stands before it.
  mutating func completeKeys(from start: Int) {
    let bracket = start - 2
    guard bracket > 0, file.bytes[bracket] == UInt8(ascii: "["), file.bytes[bracket - 1] > UInt8(ascii: " ") else {
      return
    }
    for field in guess(endingAt: bracket, depth: 0).fields { add(field.name, .field, field.detail, from: start) }
  }

  private static let deepest = 16

  /// What stands right before a place.
  private func guess(endingAt end: Int, depth: Int) -> Guess {
    guard depth < CompletionSearch.deepest else { return .unknown }
    var end = end
    while end > 0, file.bytes[end - 1] <= UInt8(ascii: " ") { end -= 1 }
    guard end > 0 else { return .unknown }
    switch file.bytes[end - 1] {
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      guard let start = opening(of: end - 1) else { return .unknown }
      return guess(ofBracket: start, end, depth)
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .text
    case let last where Lexer.continuesName(last):
      var start = end
      while start > 0, Lexer.continuesName(file.bytes[start - 1]) { start -= 1 }
      let name = file.text(Span(start, end))
      if start > 0, file.bytes[start - 1] == UInt8(ascii: ".") {
        return guess(endingAt: start - 1, depth: depth + 1).field(name)
      }
      if Lexer.isDigit(file.bytes[start]) { return guess(ofValueAt: start, before: end, depth) }
      return guess(ofName: name, at: start, depth)
    default: return .unknown
    }
  }

  /// Where the bracket opens that closes at a place; strings between are no hindrance as long as their brackets match.
  private func opening(of closing: Int) -> Int? {
    var open = 0
    var place = closing
    let least = max(0, closing - 4000)
    while place >= least {
      switch file.bytes[place] {
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): open += 1
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        open -= 1
        if open == 0 { return place }
      default: break
      }
      place -= 1
    }
    return nil
  }

  /// A call, an index, or an expression in brackets.
  private func guess(ofBracket start: Int, _ end: Int, _ depth: Int) -> Guess {
    var nameStart = start
    while nameStart > 0, Lexer.continuesName(file.bytes[nameStart - 1]) { nameStart -= 1 }
    guard nameStart < start || (start > 0 && [")", "]"].contains(Character(Unicode.Scalar(file.bytes[start - 1]))))
    else { return guess(ofValueAt: start, before: end, depth) }
    if file.bytes[start] == UInt8(ascii: "[") {
      let base = guess(endingAt: start, depth: depth + 1)
      if base.methodType == "list" { return base.element }
      let key = file.text(Span(start + 1, end - 1))
      return key.first == "\"" || key.first == "'" ? base.field(String(key.dropFirst().dropLast())) : .unknown
    }
    guard nameStart < start else { return .unknown }
    let name = file.text(Span(nameStart, start))
    if nameStart > 0, file.bytes[nameStart - 1] == UInt8(ascii: ".") {
      return guess(endingAt: nameStart - 1, depth: depth + 1).result(ofMethod: name)
    }
    return GuessedExpression.function(name)
  }

  private func guess(ofName name: String, at place: Int, _ depth: Int) -> Guess {
    if name == "clusters" { return .list(.cluster) }
    if let entry = session.last(where: { $0.name == name }) { return .value(entry.value) }
    if let constant = vocabulary.constants.first(where: { $0.name == name }) {
      return .type("map", fields: constant.fields)
    }
    if let known = reader.namesInScope.map({ reader.sketch.names[Int($0)] }).first(where: { $0.text == name }) {
      return guess(of: known, depth)
    }
    // A comprehension's name stands behind its use.
    let whole = sketch
    guard let mark = whole.mark(at: place), let known = whole.name(of: mark) else { return .unknown }
    return guess(of: known, depth)
  }

  private func guess(of name: Sketch.BoundName, _ depth: Int) -> Guess {
    guard name.value.start > 0, depth < CompletionSearch.deepest else { return .unknown }
    let value = guess(ofValueAt: Int(name.value.start), before: file.bytes.count, depth + 1)
    return name.kind == .loopVariable ? value.element : value
  }

  /// The guess about the expression that begins at a place, as far as it stands before another.
  private func guess(ofValueAt start: Int, before end: Int, _ depth: Int) -> Guess {
    let whole = end < file.bytes.count ? SourceFile(path: file.path, bytes: Array(file.bytes[..<end])) : file
    var parser = Parser(whole, vocabulary: vocabulary, names: reader.lexer.names)
    guard let expression = parser.value(at: start) else { return .unknown }
    let names = parser.lexer.names
    return GuessedExpression { symbol, place in
      guess(ofName: names[symbol], at: place, depth + 1)
    }.guess(expression)
  }
}

extension Parser {
  /// The expression or command that begins at a place; nil if it makes no sense.
  fileprivate mutating func value(at place: Int) -> Expression? {
    lexer.position = place
    advance()
    let value = boundValue()
    return problems.isEmpty ? value : nil
  }
}

/// Guesses by the form of expressions.
private struct GuessedExpression {
  let name: (Symbol, Int) -> Guess

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
    case .index(let base, _): return guess(base).element
    case .method(let call): return guess(call.base).result(ofMethod: call.name.text)
    case .call, .missing: return .unknown
    case .command(let call): return call.givesRecord ? .record : .unknown
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

extension CommandCall {
  /// Programs give what they wrote; nbx's own commands give plain values.
  fileprivate var givesRecord: Bool {
    !["nats", "region", "link", "http", "page", "write", "sleep"].contains(name)
  }
}
