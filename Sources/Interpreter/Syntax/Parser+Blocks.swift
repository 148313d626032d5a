import Lexer

/// The statements that hold blocks or bring in other files.
extension Parser {
  mutating func foreach() throws(SyntaxError) -> Foreach {
    let start = token.span
    try advance()
    var variables = [try boundName()]
    if try take(.comma) { variables.append(try boundName()) }
    guard try take(.in) else { throw unexpected("`in`") }
    let source = try expression()
    var order = Foreach.Order.oneByOne
    if try take(.parallel) { order = isAt(.leftBrace) ? .allAtOnce : .atMost(try expression()) }
    let body = try block()
    return Foreach(variables: variables, source: source, order: order, body: body, span: span(from: start))
  }

  mutating func step() throws(SyntaxError) -> Step {
    let start = token.span
    try advance()
    let name = try expression()
    var cluster: Expression?
    var limit: Expression?
    while let keyword = token.keyword, keyword == .on || keyword == .within {
      let place = token.span
      try advance()
      if keyword == .on {
        if cluster != nil { throw SyntaxError(.repeatedEnding("on"), place) }
        cluster = try expression()
      } else {
        if limit != nil { throw SyntaxError(.repeatedEnding("within"), place) }
        limit = try expression()
      }
    }
    let body = try block()
    return Step(name: name, cluster: cluster, limit: limit, body: body, span: span(from: start))
  }

  mutating func retry() throws(SyntaxError) -> Retry {
    let start = token.span
    try advance()
    let count = try expression()
    let pause = try take(.every) ? try expression() : nil
    let body = try block()
    return Retry(count: count, pause: pause, body: body, span: span(from: start))
  }

  mutating func during() throws(SyntaxError) -> During {
    let start = token.span
    try advance()
    guard token.kind == .name, vocabulary.isCommand(token.symbol) else { throw unexpected("a command that goes on") }
    let command = try command()
    let body = try block()
    guard case .command(let call) = command.form else { throw unexpected("a command that goes on") }
    return During(call: call, body: body, span: span(from: start))
  }

  mutating func wait() throws(SyntaxError) -> Wait {
    let start = token.span
    try advance()
    let isCommand = token.kind == .name && vocabulary.isCommand(token.symbol)
    let endings = WaitEndings()
    let condition = isCommand ? try command(of: endings) : try expression()
    if isAt(.within) { try readLimit(of: endings) }
    var pause: Expression?
    var text: Expression?
    if isAt(.every) {
      let place = token.span
      try advance()
      pause = try ending(at: place)
    }
    if isAt(.within) { throw SyntaxError(.repeatedEnding("within"), token.span) }
    if isString(token), !token.startsLine { text = try expression() }
    if isAt(.minus), token.startsLine { throw SyntaxError(.flagAfterEnding, token.span) }
    return Wait(
      condition: condition, isCommand: isCommand, limit: endings.limit, pause: pause, text: text,
      span: span(from: start))
  }

  mutating func assertion() throws(SyntaxError) -> Assert {
    let start = token.span
    try advance()
    let condition = try expression()
    let text = try take(.comma) ? try expression() : nil
    return Assert(condition: condition, text: text, span: span(from: start))
  }

  mutating func use() throws(SyntaxError) -> Use {
    let start = token.span
    guard blockDepth == 0 else { throw SyntaxError(.useInsideBlock, start) }
    try advance()
    let path = try literalPath("use")
    return Use(path: path, span: span(from: start))
  }

  mutating func runRecipe() throws(SyntaxError) -> RunRecipe {
    let start = token.span
    try advance()
    let path = try literalPath("run", advancing: false)
    var arguments: [RunRecipe.Argument] = []
    while lexer.wordStart(linesAreSpace: nesting == .parenthesis) == .word {
      arguments.append(try runArgument())
      noteEnd()
    }
    try advance()
    return RunRecipe(path: path, arguments: arguments, span: span(from: start))
  }

  private mutating func runArgument() throws(SyntaxError) -> RunRecipe.Argument {
    let start = lexer.position
    let before = trace.count
    let name = lexer.nameHere()
    guard let name, lexer.byte() == UInt8(ascii: "=") else {
      lexer.position = start
      let word = try word()
      throw SyntaxError(.argumentForm(lexer.file.text(word.span)), word.span)
    }
    let nameText = lexer.names[name]
    lexer.position += 1
    let value = lexer.isAtWordEnd ? Word(pieces: [], isSpread: false, span: Span(start, lexer.position)) : try word()
    let span = Span(start, lexer.position)
    if isTraced { trace.addWord(span, after: before) }
    return RunRecipe.Argument(name: nameText, value: value, span: span)
  }

  /// The path of `use` and `run`: plain text in quotes, so that the files of a program are known before it runs.
  private mutating func literalPath(_ keyword: String, advancing: Bool = true) throws(SyntaxError) -> String {
    let quote = token
    guard isString(quote) else { throw SyntaxError(.literalPathNeeded(keyword), token.span) }
    let before = trace.count
    var path = ""
    while true {
      switch try lexer.stringPart(quote.kind, opening: quote.span) {
      case .text(let text): path += text
      case .end:
        noteEnd()
        if isTraced { trace.endString(at: lexer.position, after: before) }
        if advancing { try advance() }
        return path
      case .variable(_, let span), .expressionStart(let span):
        throw SyntaxError(.literalPathNeeded(keyword), span)
      }
    }
  }

  func isString(_ token: Token) -> Bool {
    switch token.kind {
    case .quote, .rawQuote, .tripleQuote, .rawTripleQuote: true
    default: false
    }
  }
}
