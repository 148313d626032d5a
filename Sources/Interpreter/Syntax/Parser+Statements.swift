import Lexer

extension Parser {
  /// Reads statements up to the closing token, which is left to be read.
  mutating func statements(until end: Token.Kind) -> Block {
    var statements: [Statement] = []
    statements.reserveCapacity(4)
    if end == .endOfFile { startFile() }
    let start = token.span
    while token.kind != end, token.kind != .endOfFile, !isHopeless {
      let before = Int(token.span.start)
      if isTraced { trace.mark(.statement) }
      do throws(SyntaxError) {
        if token.kind == .rightBrace { throw SyntaxError(.unmatchedClosing("}"), token.span) }
        let statement = try statement()
        if let statement {
          statements.append(statement)
          hasStatements = true
        }
        if isHopeless { break }
        try endStatement(end)
        if case .expression(let value) = statement, end == .endOfFile ? !showsValues : token.kind != end {
          noteUnlessUsed(value)
        }
      } catch {
        // Once reading has been given up, what surrounds the place only finds itself unfinished.
        if !hasGivenUp { problems.append(error) }
        // All that follows an open string of several lines is text.
        if problems.count >= mostProblems || error.problem == .unclosedString(tripled: true) {
          isHopeless = true
        }
        if isHopeless {
          hasGivenUp = true
          break
        }
        // The closing brace itself is passed, so that reading always goes on.
        let isStrayBrace = token.kind == .rightBrace && Int(token.span.start) == before
        skipStatement(from: isStrayBrace ? before + 1 : max(before + 1, Int(error.span.start)))
        unread.append(before..<max(before, Int(token.span.start)))
      }
    }
    return Block(statements: statements, span: Span(Int(start.start), Int(token.span.start)))
  }

  private mutating func startFile() {
    do {
      try advance()
    } catch {
      problems.append(error)
      skipStatement(from: Int(error.span.start) + 1)
    }
  }

  private func endStatement(_ end: Token.Kind) throws(SyntaxError) {
    if token.kind == end || token.kind == .endOfFile || token.startsLine { return }
    throw SyntaxError(.trailingText(describe(token)), token.span)
  }

  /// An expression that does nothing may stand only last in a block, as its value.
  private mutating func noteUnlessUsed(_ expression: Expression) {
    switch expression.form {
    case .call, .command, .method, .attempt, .statement: return
    case .name(let symbol) where ForeignWords.standsAlone(lexer.names[symbol]):
      problems.append(SyntaxError(.unknownCommand(lexer.names[symbol], suggestion: nil), expression.span))
      // Nothing more is said of it.
      unread.append(expression.span.range)
    default: problems.append(SyntaxError(.valueNotUsed, expression.span))
    }
  }

  mutating func block() throws(SyntaxError) -> Block {
    let opening = token.span
    guard token.kind == .leftBrace else { throw unexpected("`{`") }
    if isTraced { trace.mark(.block) }
    blockDepth += 1
    defer { blockDepth -= 1 }
    return try nested(.block, at: opening) { parser throws(SyntaxError) in
      try parser.advance()
      let block = parser.statements(until: .rightBrace)
      if parser.isHopeless, parser.token.kind != .rightBrace, parser.token.kind != .endOfFile {
        // What made it hopeless is reported already.
        return block
      }
      if parser.token.kind == .endOfFile, parser.isHopeless { return block }
      // The token behind the brace belongs to the outside, where a line's end means what it means there.
      if parser.token.kind == .endOfFile {
        parser.isHopeless = true
        throw SyntaxError(.unclosed("{"), opening)
      }
      try parser.advance()
      return block
    }
  }

  // MARK: One statement

  private mutating func statement() throws(SyntaxError) -> Statement? {
    let start = token
    if let keyword = token.keyword { return try statement(keyword, start) }
    guard token.kind == .name else { return .expression(try expression()) }
    if vocabulary.isCommand(token.symbol) { return .expression(try command()) }
    try refuseDollarWord(after: start)
    try advance()
    if token.kind == .assign, !token.startsLine {
      let variable = try variable(start)
      try advance()
      let value = try boundValue()
      return .assign(Assign(variable: variable, value: value, span: span(from: start.span)))
    }
    try refuseUnknownCommand(start)
    try refuseForeignWord(start)
    rewind(to: start)
    return .expression(try expression())
  }

  private mutating func statement(_ keyword: Keyword, _ start: Token) throws(SyntaxError) -> Statement? {
    switch keyword {
    case .recipe, .param:
      try header(keyword)
      return nil
    case .clusters:
      if try clustersHeader() { return nil }
      return .expression(try expression())
    case .task:
      try taskDefinition()
      return nil
    case .let, .var: return .bind(try binding(isVar: keyword == .var))
    case .if: return try conditional()
    case .foreach: return .foreach(try foreach())
    case .parallel:
      try advance()
      let body = try block()
      return .parallel(body, span(from: start.span))
    case .step: return .step(try step())
    case .retry: return .retry(try retry())
    case .during: return .during(try during())
    case .return:
      guard isInTask else { throw SyntaxError(.returnOutsideTask, token.span) }
      try advance()
      let hasValue = !token.startsLine && token.kind != .rightBrace && token.kind != .endOfFile
      let value = hasValue ? try boundValue() : nil
      return .return(value, span(from: start.span))
    case .use:
      let use = try use()
      uses.append(use)
      return .use(use)
    case .run:
      let run = try runRecipe()
      runs.append(run)
      return .run(run)
    case .waitFor: return .wait(try wait())
    case .assert: return .assert(try assertion())
    case .try: return try tryStatement()
    case .defer:
      try advance()
      let body = try block()
      return .defer(body, span(from: start.span))
    case .print:
      try advance()
      var values: [Expression] = []
      if !token.startsLine, token.kind != .rightBrace, token.kind != .endOfFile {
        repeat { values.append(try expression()) } while try take(.comma)
      }
      return .print(values, span(from: start.span))
    case .fail, .skip:
      try advance()
      let text = try expression()
      return keyword == .fail ? .fail(text, span(from: start.span)) : .skip(text, span(from: start.span))
    case .else: throw SyntaxError(.elseWithoutIf, token.span)
    case .for: throw unknownCommand(start)
    case .not, .true, .false, .null: return .expression(try expression())
    default: throw unexpected("a statement")
    }
  }

  /// What may stand behind `=`, `return` and `(`: an expression or a bare command.
  mutating func boundValue() throws(SyntaxError) -> Expression {
    if token.kind == .name {
      if vocabulary.isCommand(token.symbol) { return try command() }
      let name = token
      try refuseDollarWord(after: name)
      try advance()
      try refuseUnknownCommand(name)
      rewind(to: name)
    }
    return try expression()
  }

  /// A name before a word is a command that does not exist.
  private func refuseUnknownCommand(_ name: Token) throws(SyntaxError) {
    guard token.followsSpace, !token.startsLine, nesting != .list else { return }
    let isWord =
      switch token.kind {
      case .name, .integer, .float, .duration, .size, .quote, .rawQuote, .tripleQuote, .rawTripleQuote: true
      case .minus: lexer.byte() != UInt8(ascii: " ") && lexer.byte() != UInt8(ascii: "\t") && !lexer.isAtLineEnd
      default: false
      }
    if isWord { throw unknownCommand(name) }
  }

  /// What begins statements in other languages, as in `while true {`: nothing else has an operand or a block behind a name.
  private func refuseForeignWord(_ name: Token) throws(SyntaxError) {
    guard token.followsSpace, !token.startsLine, ForeignWords.advice(onWord: lexer.names[name.symbol]) != nil else {
      return
    }
    switch token.kind {
    case .leftParenthesis, .leftBracket, .leftBrace: throw unknownCommand(name)
    case .keyword:
      switch token.keyword {
      case .true, .false, .null, .not, .if, .clusters: throw unknownCommand(name)
      default: break
      }
    default: break
    }
  }

  /// A dollar sign is no token, so it must be looked for before one is read.
  private func refuseDollarWord(after name: Token) throws(SyntaxError) {
    guard nesting != .list, lexer.byte() == UInt8(ascii: " ") else { return }
    var ahead = 1
    while lexer.byte(ahead) == UInt8(ascii: " "), ahead < 8 { ahead += 1 }
    if lexer.byte(ahead) == UInt8(ascii: "$") { throw unknownCommand(name) }
  }

  private func unknownCommand(_ name: Token) -> SyntaxError {
    let text = lexer.names[name.symbol]
    let known = Array(vocabulary.commands.keys) + Keyword.allCases.map(\.text)
    return SyntaxError(.unknownCommand(text, suggestion: nearestSpelling(to: text, among: known)), name.span)
  }

  /// The name at the token, which is to be bound.
  mutating func boundName(_ what: String = "a name") throws(SyntaxError) -> Variable {
    guard token.kind == .name || token.kind == .keyword else { throw unexpected(what) }
    let variable = try variable(token)
    try advance()
    return variable
  }

  private func variable(_ token: Token) throws(SyntaxError) -> Variable {
    if let kind = vocabulary.reservedKind(token.symbol) {
      throw SyntaxError(.reservedName(lexer.names[token.symbol], kind: kind), token.span)
    }
    return Variable(token.symbol, token.span)
  }

  private mutating func binding(isVar: Bool) throws(SyntaxError) -> Bind {
    let start = token.span
    try advance()
    let variable = try boundName()
    try expect(.assign, "`=`")
    let value = try boundValue()
    return Bind(variable: variable, isVar: isVar, value: value, span: span(from: start))
  }

  private mutating func conditional() throws(SyntaxError) -> Statement? {
    let start = token.span
    var branches: [(condition: Expression, body: Block)] = []
    var otherwise: Block?
    repeat {
      try advance()
      let condition = try expression()
      // `if a then b else c` is an expression after all: the last value of a block.
      if isAt(.then), branches.isEmpty { return .expression(try conditionalExpression(condition, start)) }
      branches.append((condition, try block()))
      guard try take(.else) else { break }
      if !isAt(.if) {
        otherwise = try block()
        break
      }
    } while true
    return .conditional(Conditional(branches: branches, otherwise: otherwise, span: span(from: start)))
  }

  private mutating func tryStatement() throws(SyntaxError) -> Statement {
    let start = token
    try advance()
    guard isAt(.leftBrace) else {
      rewind(to: start)
      return .expression(try expression())
    }
    let body = try block()
    guard try take(.else) else {
      let span = span(from: start.span)
      guard isAt(.dot), !token.startsLine else {
        return .attempt(TryStatement(body: body, error: nil, handler: nil, span: span))
      }
      let attempt = Expression(.attempt(Attempt(.block(body), start.span)), span)
      return .expression(try expression(from: attempt, start.span))
    }
    let error = isAt(.leftBrace) ? nil : try boundName()
    let handler = try block()
    return .attempt(TryStatement(body: body, error: error, handler: handler, span: span(from: start.span)))
  }
}
