import Lexer

extension Parser {
  /// Reads a literal, a name, a call, or what stands in brackets.
  mutating func primary() throws(SyntaxError) -> Expression {
    let start = token
    switch token.kind {
    case .integer, .float, .duration, .size:
      let value = try number(token)
      try advance()
      return Expression(.literal(value), start.span)
    case .quote, .rawQuote, .tripleQuote, .rawTripleQuote: return try string()
    case .name: return try name()
    case .keyword: return try keywordOperand(start)
    case .leftParenthesis: return try parenthesized()
    case .leftBracket: return try list()
    case .leftBrace: return try map()
    case .rightParenthesis, .rightBracket, .rightBrace:
      throw nesting == .block && token.kind != .rightBrace
        ? SyntaxError(.unmatchedClosing(lexer.file.text(token.span)), token.span) : unexpected("a value")
    case .arrow: throw SyntaxError(.lambdaElsewhere, token.span)
    default: throw unexpected("a value")
    }
  }

  private mutating func keywordOperand(_ start: Token) throws(SyntaxError) -> Expression {
    switch token.keyword {
    case .true: return try constant(.bool(true))
    case .false: return try constant(.bool(false))
    case .null: return try constant(.null)
    case .clusters:
      try advance()
      return Expression(.name(start.symbol), start.span)
    case .if: return try expression()
    case .foreach, .parallel, .step, .retry, .during:
      if isInLambda { throw SyntaxError(.lambdaWithCommand, token.span) }
      return try statementOperand(start)
    default: throw unexpected("a value")
    }
  }

  private mutating func constant(_ value: Value) throws(SyntaxError) -> Expression {
    let span = token.span
    try advance()
    return Expression(.literal(value), span)
  }

  private mutating func statementOperand(_ start: Token) throws(SyntaxError) -> Expression {
    let statement: Statement
    switch token.keyword {
    case .foreach: statement = .foreach(try foreach())
    case .step: statement = .step(try step())
    case .retry: statement = .retry(try retry())
    case .during: statement = .during(try during())
    default:
      try advance()
      statement = .parallel(try block(), span(from: start.span))
    }
    return Expression(.statement(statement), span(from: start.span))
  }

  private func number(_ token: Token) throws(SyntaxError) -> Value {
    if token.kind == .integer, let int = lexer.integer(at: token.span) { return .int(int) }
    let text = lexer.file.text(token.span)
    switch token.kind {
    case .integer: break
    case .float:
      if let float = Double(text.filter { $0 != "_" }), float.isFinite { return .float(float) }
    case .duration:
      if let duration = DurationValue(parsing: text) { return .duration(duration) }
    default:
      if let size = SizeValue(parsing: text) { return .size(size) }
    }
    throw SyntaxError(.numberTooLarge(text), token.span)
  }

  private mutating func name() throws(SyntaxError) -> Expression {
    let start = token
    if vocabulary.isCommand(token.symbol) {
      throw SyntaxError(.bareCommandInExpression(lexer.names[token.symbol]), token.span)
    }
    try advance()
    if token.kind == .leftParenthesis, !token.followsSpace { return try call(start) }
    if token.kind == .arrow { throw SyntaxError(.lambdaElsewhere, start.span.joined(with: token.span)) }
    return Expression(.name(start.symbol), start.span)
  }

  private mutating func call(_ name: Token) throws(SyntaxError) -> Expression {
    if isInLambda, !vocabulary.isFunction(name.symbol) { throw SyntaxError(.lambdaWithCommand, name.span) }
    let opening = token.span
    let arguments = try nested(.parenthesis, at: opening) { parser throws(SyntaxError) in
      try parser.callArguments(opening)
    }
    let deepest = arguments.map(\.value.depth).max() ?? 0
    return try node(
      .call(Call(name: name.symbol, nameSpan: name.span, arguments: arguments)), name.span, depth: deepest + 1)
  }

  private mutating func callArguments(_ opening: Span) throws(SyntaxError) -> [Call.Argument] {
    var arguments: [Call.Argument] = []
    try advance()
    while token.kind != .rightParenthesis {
      let start = token
      var label: Symbol?
      if isAt(.name) {
        try advance()
        if isAt(.colon) {
          label = start.symbol
          try advance()
        } else {
          rewind(to: start)
        }
      }
      if label == nil, arguments.last?.label != nil { throw SyntaxError(.positionalAfterNamed, start.span) }
      let value = try expression()
      arguments.append(Call.Argument(label: label, value: value, span: span(from: start.span)))
      if try !take(.comma) { break }
    }
    try expectClosing(.rightParenthesis, of: opening, "`,` or `)`")
    return arguments
  }

  private mutating func parenthesized() throws(SyntaxError) -> Expression {
    let opening = token.span
    return try nested(.parenthesis, at: opening) { parser throws(SyntaxError) in
      try parser.advance()
      let inner = try parser.boundValue()
      try parser.expectClosing(.rightParenthesis, of: opening)
      // The parentheses belong to the expression, so that messages show them.
      return Expression(inner.form, parser.span(from: opening), depth: inner.depth)
    }
  }

  // MARK: Lists and maps

  private mutating func list() throws(SyntaxError) -> Expression {
    let opening = token.span
    return try nested(.list, at: opening) { parser throws(SyntaxError) in
      try parser.advance()
      guard parser.token.kind != .rightBracket else {
        try parser.advance()
        return Expression(.literal(.list([])), parser.span(from: opening))
      }
      let first = try parser.expression()
      if try parser.take(.for) { return try parser.comprehension(of: first, opening) }
      var elements = [first]
      while try parser.takeSeparator(before: .rightBracket, opening) { elements.append(try parser.expression()) }
      try parser.expectClosing(.rightBracket, of: opening, "`,` or `]`")
      return try parser.node(.list(elements), opening, depth: (elements.map(\.depth).max() ?? 0) + 1)
    }
  }

  /// Passes what separates elements: a comma, a line's end, or both. Tells whether an element follows.
  private mutating func takeSeparator(before closing: Token.Kind, _ opening: Span) throws(SyntaxError) -> Bool {
    let hasComma = try take(.comma)
    if token.kind == closing { return false }
    if token.kind == .endOfFile {
      isHopeless = true
      throw SyntaxError(.unclosed(lexer.file.text(opening)), opening)
    }
    if hasComma || token.startsLine {
      if isTraced { trace.mark(.element) }
      return true
    }
    throw SyntaxError(.missingComma, token.span)
  }

  private mutating func comprehension(of element: Expression, _ opening: Span) throws(SyntaxError) -> Expression {
    var variables = [try boundName()]
    if try take(.comma) { variables.append(try boundName()) }
    guard try take(.in) else { throw unexpected("`in`") }
    let source = try expression()
    let condition = try take(.if) ? try expression() : nil
    try expectClosing(.rightBracket, of: opening, "`if` or `]`")
    let form = Expression.Form.comprehension(
      Comprehension(element: element, variables: variables, source: source, condition: condition))
    return try node(form, opening, depth: max(element.depth, source.depth, condition?.depth ?? 0) + 1)
  }

  private mutating func map() throws(SyntaxError) -> Expression {
    let opening = token.span
    return try nested(.list, at: opening) { parser throws(SyntaxError) in
      try parser.advance()
      guard parser.token.kind != .rightBrace else {
        try parser.advance()
        return Expression(.literal(.map(ValueMap())), parser.span(from: opening))
      }
      var entries: [MapEntry] = []
      repeat { entries.append(try parser.mapEntry()) } while try parser.takeSeparator(before: .rightBrace, opening)
      try parser.expectClosing(.rightBrace, of: opening, "`,` or `}`")
      try parser.refuseRepeatedKeys(entries)
      return try parser.node(.map(entries), opening, depth: (entries.map(\.value.depth).max() ?? 0) + 1)
    }
  }

  private func refuseRepeatedKeys(_ entries: [MapEntry]) throws(SyntaxError) {
    guard entries.count > 1 else { return }
    var paths: Set<[TextKey]> = []
    for entry in entries {
      if case .path(let path) = entry.key, !paths.insert(path.map(TextKey.init)).inserted {
        throw SyntaxError(.repeatedKey(path.joined(separator: ".")), entry.keySpan)
      }
    }
  }

  private mutating func mapEntry() throws(SyntaxError) -> MapEntry {
    let start = token
    let key: MapEntry.Key
    if isString(token) {
      let text = try string()
      if case .literal(.string(let plain)) = text.form { key = .path([plain]) } else { key = .text(text) }
    } else {
      var path: [String] = []
      repeat {
        guard isAt(.name) || token.kind == .keyword else {
          let isHyphenated = isAt(.minus) && !path.isEmpty
          throw isHyphenated || isAt(.integer)
            ? SyntaxError(.badKey("`\(lexer.file.text(token.span))`"), token.span) : unexpected("a key")
        }
        path.append(lexer.names[token.symbol])
        try advance()
      } while try take(.dot)
      if isAt(.minus) { throw SyntaxError(.badKey("a name with a hyphen"), start.span.joined(with: token.span)) }
      key = .path(path)
    }
    let keySpan = span(from: start.span)
    try expect(.colon, "`:` behind the key")
    return MapEntry(key: key, keySpan: keySpan, value: try expression())
  }
}
