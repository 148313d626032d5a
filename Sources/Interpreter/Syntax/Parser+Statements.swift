import Lexer

/// Statements and blocks.
extension Parser {
  /// Reads statements up to the closing token, which is left to be read.
  ///
  /// - Parameter isInBroken: they stand in a statement that is broken.
  mutating func statements(until end: Token.Kind, isInBroken: Bool) -> Block {
    var statements: [Statement] = []
    statements.reserveCapacity(2)
    let start = token.span
    while token.kind != end, token.kind != .endOfFile {
      if isTraced { trace.mark(.statement) }
      let first = token
      if end == .endOfFile { lastStatement = Int(first.span.start) }
      if token.kind == .rightBrace { report(.unmatchedClosing("}"), token.span) }
      let statement = isInBroken ? broken { $0.statement() } : statement()
      if !isBroken {
        if let statement {
          statements.append(statement)
          hasStatements = true
        }
        if token.kind != end, token.kind != .endOfFile, !token.startsLine {
          report(.trailingText(describe(token)), token.span)
          statements.append(.broken(readBroken(from: first, until: end)))
        } else if case .expression(let value) = statement, end == .endOfFile ? !showsValues : token.kind != end {
          noteUnlessUsed(value)
        }
      } else if isInBroken {
        if let statement { statements.append(statement) }
      } else {
        if let statement { brokenStatements.append(statement) }
        statements.append(.broken(readBroken(from: first, until: end)))
      }
      if isOpenAtEnd {
        noteDue(.sign)
        noteOpen(.statement(first.keyword))
      }
    }
    noteDue(.statement(isFirst: statements.isEmpty))
    return Block(statements: statements, span: Span(Int(start.start), Int(token.span.start)))
  }

  /// Reads what is left of a statement that is broken.
  private mutating func readBroken(from first: Token, until end: Token.Kind) -> Broken {
    while goesOnBroken(), token.kind != end {
      if let statement = broken({ $0.statement() }) { brokenStatements.append(statement) }
    }
    let start = Int(first.span.start)
    unread.append(start..<max(start, Int(token.span.start)))
    let node = Broken(
      statements: brokenStatements, tasks: brokenTasks, parameters: brokenParameters,
      span: Span(start, max(start, Int(previousEnd))))
    brokenStatements = []
    brokenTasks = []
    brokenParameters = []
    forgetBroken()
    return node
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

  mutating func block() -> Block {
    if token.kind != .leftBrace {
      noteDue(.sign)
      reportUnexpected("`{`")
      passToBlock()
    }
    let opening = token.span
    let none = Block(statements: [], span: Span(0, 0))
    guard token.kind == .leftBrace else { return none }
    if isTraced { trace.mark(.block) }
    let isInBroken = isBroken
    let outer = open
    open = OpenBrackets()
    let block = nested(.block, at: opening) { parser in
      parser.blockDepth += 1
      parser.advance()
      let block = parser.statements(until: .rightBrace, isInBroken: isInBroken)
      parser.blockDepth -= 1
      parser.open = outer
      parser.noteOpen(.block)
      // The token behind the brace belongs to the outside, where a line's end means what it means there.
      parser.expectClosing(.rightBrace, of: opening)
      return block
    }
    open = outer
    return block ?? none
  }

  /// Passes what stands where a block is due.
  private mutating func passToBlock() {
    while token.kind != .leftBrace, hasBrokenElement(before: .leftBrace) {
      let value = broken { $0.expression() }
      brokenStatements.append(.expression(value))
    }
  }

  // MARK: One statement

  /// Reads a statement; nil if it belongs to the head of the file, is a task, or is nothing.
  private mutating func statement() -> Statement? {
    let start = token
    if let keyword = token.keyword { return statement(keyword, start) }
    guard token.kind == .name else {
      if isBroken, token.kind == .leftBrace { return loneBlock(block()) }
      return statement(of: expression())
    }
    if vocabulary.isCommand(token.symbol) { return .expression(command()) }
    reportDollarWord(after: start)
    advance()
    if token.kind == .assign, !token.startsLine {
      refuseReserved(start)
      advance()
      let value = boundValue()
      let variable = Variable(start.symbol, start.span)
      return .assign(Assign(variable: variable, value: value, span: span(from: start.span)))
    }
    reportUnknownCommand(start)
    reportForeignWord(start)
    rewind(to: start)
    return statement(of: expression())
  }

  /// A block in what is broken, of which nobody knows what it belongs to.
  private func loneBlock(_ body: Block) -> Statement {
    .conditional(Conditional(branches: [], otherwise: body, span: body.span))
  }

  private func statement(of value: Expression) -> Statement? {
    if case .missing = value.form { return nil }
    return .expression(value)
  }

  private mutating func statement(_ keyword: Keyword, _ start: Token) -> Statement? {
    switch keyword {
    case .recipe, .param:
      header(keyword)
      return nil
    case .clusters:
      if clustersHeader() { return nil }
      return .expression(expression())
    case .task:
      taskDefinition()
      return nil
    case .let, .var: return .bind(binding(isVar: keyword == .var))
    case .if: return conditional()
    case .foreach: return .foreach(foreach())
    case .parallel:
      advance()
      noteDue(.unknown)
      let body = block()
      return .parallel(body, span(from: start.span))
    case .step: return .step(step())
    case .retry: return .retry(retry())
    case .during: return during().map { .during($0) }
    case .return:
      if !isInTask { report(.returnOutsideTask, token.span) }
      advance()
      if isOpenAtEnd { noteDue(.value(mayBeCommand: true)) }
      let hasValue = !token.startsLine && token.kind != .rightBrace && token.kind != .endOfFile
      let value = hasValue ? boundValue() : nil
      return .return(value, span(from: start.span))
    case .use: return .use(use())
    case .run: return .run(runRecipe())
    case .waitFor: return .wait(wait())
    case .assert: return .assert(assertion())
    case .try: return tryStatement()
    case .defer:
      advance()
      noteDue(.unknown)
      let body = block()
      return .defer(body, span(from: start.span))
    case .print:
      advance()
      var values: [Expression] = []
      if isOpenAtEnd { noteDue(.value(mayBeCommand: false)) }
      if !token.startsLine, token.kind != .rightBrace, token.kind != .endOfFile {
        repeat { values.append(expression()) } while take(.comma)
      }
      return .print(values, span(from: start.span))
    case .fail, .skip:
      advance()
      let text = expression()
      return keyword == .fail ? .fail(text, span(from: start.span)) : .skip(text, span(from: start.span))
    case .else:
      report(.elseWithoutIf, token.span)
      return nil
    case .for:
      report(unknownCommand(start), start.span)
      return nil
    case .not, .true, .false, .null: return .expression(expression())
    default:
      reportUnexpected("a statement")
      return nil
    }
  }

  /// What may stand behind `=`, `return` and `(`: an expression or a bare command.
  mutating func boundValue() -> Expression {
    noteDue(.value(mayBeCommand: true))
    if token.kind == .name {
      if vocabulary.isCommand(token.symbol) { return command() }
      let name = token
      reportDollarWord(after: name)
      advance()
      reportUnknownCommand(name)
      rewind(to: name)
    }
    return expression()
  }

  /// A name before a word is a command that does not exist.
  private mutating func reportUnknownCommand(_ name: Token) {
    guard token.followsSpace, !token.startsLine, nesting != .list else { return }
    let isWord =
      switch token.kind {
      case .name, .integer, .float, .duration, .size, .quote, .rawQuote, .tripleQuote, .rawTripleQuote: true
      case .minus: !isBlankNext
      default: false
      }
    if isWord { report(unknownCommand(name), name.span) }
  }

  private var isBlankNext: Bool {
    lexer.byte() == UInt8(ascii: " ") || lexer.byte() == UInt8(ascii: "\t") || lexer.isAtLineEnd
  }

  /// What begins statements in other languages, as in `while true {`: nothing else has an operand or a block behind a name.
  private mutating func reportForeignWord(_ name: Token) {
    guard token.followsSpace, !token.startsLine, ForeignWords.advice(onWord: lexer.names[name.symbol]) != nil else {
      return
    }
    switch token.kind {
    case .leftParenthesis, .leftBracket, .leftBrace: report(unknownCommand(name), name.span)
    // A path: an operator has blanks on both sides or on none.
    case .slash, .closedRange,
      .dot where !isBlankNext:
      report(unknownCommand(name), name.span)
    case .keyword:
      switch token.keyword {
      case .true, .false, .null, .not, .if, .clusters: report(unknownCommand(name), name.span)
      default: break
      }
    default: break
    }
  }

  /// A dollar sign is no token, so it must be looked for before one is read.
  private mutating func reportDollarWord(after name: Token) {
    guard nesting != .list else { return }
    var ahead = 0
    while lexer.byte(ahead) == UInt8(ascii: " ") || lexer.byte(ahead) == UInt8(ascii: "\t") { ahead += 1 }
    if ahead > 0, lexer.byte(ahead) == UInt8(ascii: "$") { report(unknownCommand(name), name.span) }
  }

  private func unknownCommand(_ name: Token) -> SyntaxProblem {
    let text = lexer.names[name.symbol]
    let known = Array(vocabulary.commands.keys) + Keyword.allCases.map(\.text)
    return .unknownCommand(text, suggestion: isBroken ? nil : nearestSpelling(to: text, among: known))
  }

  // MARK: Names

  /// The name at the token, to which a value is to be bound.
  mutating func boundName(_ what: String = "a name") -> Variable {
    let (symbol, span) = newName(what)
    return Variable(symbol, span)
  }

  /// The name at the token, which is to mean something new.
  private mutating func newName(_ what: String) -> (Symbol, Span) {
    noteDue(.unknown)
    guard token.kind == .name || token.kind == .keyword else {
      reportUnexpected(what)
      return (.none, Span(Int(token.span.start), Int(token.span.start)))
    }
    let name = token
    refuseReserved(name)
    // A keyword that stands first on its line begins the next statement.
    if token.kind == .endOfFile { return (.none, name.span) }
    advance()
    stretches.recast(.name, isBinding: true)
    return (name.symbol, name.span)
  }

  private mutating func refuseReserved(_ name: Token) {
    guard let kind = vocabulary.reservedKind(name.symbol) else { return }
    report(.reservedName(lexer.names[name.symbol], kind: kind), name.span)
  }

  private mutating func binding(isVar: Bool) -> Bind {
    let start = token.span
    advance()
    let variable = boundName()
    expect(.assign, "`=`")
    let value = boundValue()
    noteUnfinished(.binding(variable))
    return Bind(variable: variable, isVar: isVar, value: value, span: span(from: start))
  }

  // MARK: Branches

  private mutating func conditional() -> Statement? {
    let start = token.span
    var branches: [(condition: Expression, body: Block)] = []
    var otherwise: Block?
    repeat {
      advance()
      let condition = expression()
      // `if a then b else c` is an expression after all: the last value of a block.
      if isAt(.then), branches.isEmpty { return .expression(conditionalExpression(condition, start)) }
      branches.append((condition, block()))
      guard take(.else) else { break }
      noteDue(.alternative)
      if !isAt(.if) {
        otherwise = block()
        break
      }
    } while true
    return .conditional(Conditional(branches: branches, otherwise: otherwise, span: span(from: start)))
  }

  private mutating func tryStatement() -> Statement {
    let start = token
    advance()
    guard isAt(.leftBrace) else {
      rewind(to: start)
      return .expression(expression())
    }
    let body = block()
    guard take(.else) else {
      let span = span(from: start.span)
      guard isAt(.dot), !token.startsLine else {
        return .attempt(TryStatement(body: body, error: nil, handler: nil, span: span))
      }
      let attempt = Expression(.attempt(Attempt(body: .block(body), span: start.span)), span)
      return .expression(expression(from: attempt, start.span))
    }
    noteDue(.alternative)
    let error = isAt(.leftBrace) ? nil : boundName()
    let handler = block()
    return .attempt(TryStatement(body: body, error: error, handler: handler, span: span(from: start.span)))
  }

  // MARK: Blocks of their own kind

  mutating func foreach() -> Foreach {
    let start = token.span
    advance()
    let variables = loopVariables()
    let source = expression()
    var order = Foreach.Order.oneByOne
    if take(.parallel) {
      noteDue(.unknown)
      order = isAt(.leftBrace) ? .allAtOnce : .atMost(expression())
    }
    let body = block()
    return Foreach(variables: variables, source: source, order: order, body: body, span: span(from: start))
  }

  /// The names of a loop, and `in`.
  mutating func loopVariables() -> [Variable] {
    var variables = [boundName()]
    if take(.comma) { variables.append(boundName()) }
    noteDue(.loopSource)
    if !take(.in) { reportUnexpected("`in`") }
    return variables
  }

  mutating func step() -> Step {
    let start = token.span
    advance()
    let name = expression()
    var cluster: Expression?
    var limit: Expression?
    while let keyword = token.keyword, keyword == .on || keyword == .within {
      let place = token.span
      advance()
      if keyword == .on {
        if cluster != nil { report(.repeatedEnding("on"), place) }
        cluster = expression()
      } else {
        if limit != nil { report(.repeatedEnding("within"), place) }
        limit = expression()
      }
      noteUnfinished(.ending(keyword))
    }
    let body = block()
    return Step(name: name, cluster: cluster, limit: limit, body: body, span: span(from: start))
  }

  mutating func retry() -> Retry {
    let start = token.span
    advance()
    if isAt(.leftBrace) { reportUnexpected("how often") }
    let count = isAt(.leftBrace) ? missing() : expression()
    let pause = take(.every) ? expression() : nil
    let body = block()
    return Retry(count: count, pause: pause, body: body, span: span(from: start))
  }

  mutating func during() -> During? {
    let start = token.span
    advance()
    noteDue(.value(mayBeCommand: true))
    let variable = nameOfResult()
    guard token.kind == .name, vocabulary.isCommand(token.symbol) else {
      reportUnexpected("a command that goes on")
      brokenStatements.append(loneBlock(block()))
      return nil
    }
    let command = command()
    let body = block()
    guard case .command(let call) = command.form else { return nil }
    return During(variable: variable, call: call, body: body, span: span(from: start))
  }

  /// `NAME =` before the command whose result it takes; nil if the command stands alone.
  private mutating func nameOfResult() -> Variable? {
    guard token.kind == .name, !vocabulary.isCommand(token.symbol) else { return nil }
    let name = token
    advance()
    let isNamed = token.kind == .assign
    rewind(to: name)
    guard isNamed else { return nil }
    let variable = boundName()
    advance()
    noteDue(.value(mayBeCommand: true))
    return variable
  }

  private mutating func wait() -> Wait {
    let start = token.span
    advance()
    noteDue(.value(mayBeCommand: true))
    let isCommand = token.kind == .name && vocabulary.isCommand(token.symbol)
    let endings = WaitEndings()
    let condition = isCommand ? command(of: endings) : expression()
    if isAt(.within) { readLimit(of: endings) }
    var pause: Expression?
    var text: Expression?
    if isAt(.every) {
      let place = token.span
      advance()
      pause = ending(at: place, .every)
    }
    if isAt(.within) { report(.repeatedEnding("within"), token.span) }
    if isString(token), !token.startsLine { text = expression() }
    if isAt(.minus), token.startsLine { report(.flagAfterEnding, token.span) }
    return Wait(
      condition: condition, isCommand: isCommand, limit: endings.limit, pause: pause, text: text,
      span: span(from: start))
  }

  private mutating func assertion() -> Assert {
    let start = token.span
    advance()
    let condition = expression()
    let text = take(.comma) ? expression() : nil
    return Assert(condition: condition, text: text, span: span(from: start))
  }

  // MARK: The head, and tasks

  private mutating func header(_ keyword: Keyword) {
    let start = token.span
    if hasStatements || blockDepth > 0 { report(.headerTooLate(keyword.text), start) }
    advance()
    if keyword == .param { return parameter(start) }
    if title != nil { report(.repeatedHeader("recipe"), start) }
    noteDue(.unknown)
    let textStart = token.span.start
    let text = plainString("what the recipe does, in quotes")
    guard !isBroken, let text else { return }
    title = RecipeTitle(text: text, span: start, textSpan: Span(Int(textStart), Int(previousEnd)))
  }

  /// Reads `clusters a b c`. Tells false if `clusters` is the beginning of an expression instead.
  private mutating func clustersHeader() -> Bool {
    let start = token
    guard lexer.byte() == UInt8(ascii: " ") || lexer.byte() == UInt8(ascii: "\t") else { return false }
    lexer.skipBlanks()
    guard Letters.startsName(lexer.byte()) || Letters.isDigit(lexer.byte()) else {
      if lexer.isAtEnd, isTyped, !hasStatements, blockDepth == 0 {
        typing.note(.word(lexer.position))
        typing.note(.clusterNames)
      }
      rewind(to: start)
      return false
    }
    if hasStatements || blockDepth > 0 { report(.headerTooLate("clusters"), start.span) }
    if clusters != nil { report(.repeatedHeader("clusters"), start.span) }
    stretches.note(start, as: .keyword)
    var names: [String] = []
    var last: Word?
    while lexer.wordStart(linesAreSpace: false) == .word {
      let word = word()
      last = word
      if let name = word.literal(in: lexer.file) {
        names.append(name)
      } else {
        report(.expected("a cluster's name", found: "`$`"), word.span)
      }
    }
    if !isBroken { clusters = names }
    noteEnd()
    advance()
    if isTyped, isAtEnd, !endsOnNewLine {
      typing.note(.word(typedWord(last)))
      typing.note(.clusterNames)
    }
    return true
  }

  private mutating func parameter(_ start: Span) {
    let variable = boundName("the parameter's name")
    expect(.assign, "`=` and a default")
    let value = expression()
    let help = isString(token) && !token.startsLine ? plainString("help") : ""
    noteUnfinished(.binding(variable))
    let parameter = Parameter(
      variable: variable, name: variable.symbol == .none ? "" : lexer.names[variable.symbol], value: value,
      help: help ?? "", span: span(from: start))
    if isBroken { brokenParameters.append(parameter) } else { parameters.append(parameter) }
  }

  private mutating func plainString(_ what: String) -> String? {
    guard isString(token) else {
      reportUnexpected(what)
      return nil
    }
    let expression = string()
    if case .literal(.string(let text)) = expression.form { return text }
    report(.expected("plain text", found: "`$`"), expression.span)
    return nil
  }

  private mutating func taskDefinition() {
    let start = token.span
    if blockDepth > 0 { report(.taskInsideBlock, start) }
    advance()
    let (symbol, nameSpan) = newName("the task's name")
    if symbol != .none { stretches.recast(.task, isBinding: true) }
    let opening = token.span
    if token.kind != .leftParenthesis { reportUnexpected(Token.Kind.leftParenthesis.description) }
    let parameters = token.kind == .leftParenthesis ? taskParameters(opening) : []
    let wasInTask = isInTask
    isInTask = true
    let body = block()
    isInTask = wasInTask
    if typing.due != nil { noteOpen(.task) }
    if symbol == .none { return brokenStatements.append(loneBlock(body)) }
    let task = Task(
      symbol: symbol, name: lexer.names[symbol], nameSpan: nameSpan, parameters: parameters, body: body,
      span: span(from: start))
    if isBroken { return brokenTasks.append(task) }
    tasks.append(task)
    hasStatements = true
  }

  private mutating func taskParameters(_ opening: Span) -> [Task.Parameter] {
    bracketed(.parenthesis, .rightParenthesis, at: opening) { parser in
      parser.advance()
      var parameters: [Task.Parameter] = []
      parameters.reserveCapacity(2)
      while parser.token.kind != .rightParenthesis {
        let variable = parser.boundName("a parameter's name")
        let value = parser.take(.assign) ? parser.expression() : nil
        if value == nil, parameters.last?.value != nil { parser.report(.positionalAfterNamed, variable.span) }
        if variable.symbol != .none { parameters.append(Task.Parameter(variable: variable, value: value)) }
        if parser.take(.comma) { continue }
        guard parser.isBroken, parser.hasBrokenElement(before: .rightParenthesis), parser.token.kind != .leftBrace
        else { break }
        if variable.symbol == .none { parser.advance() }
      }
      parser.noteDue(.unknown)
      parser.noteOpen(.taskParameters)
      // The brace behind the parenthesis opens a block: the token is read where a line's end counts again.
      parser.expectClosing(.rightParenthesis, of: opening, "`,` or `)`")
      return parameters
    } ?? []
  }

  // MARK: Other files

  private mutating func use() -> Use {
    let start = token.span
    if blockDepth > 0 { report(.useInsideBlock, start) }
    advance()
    noteDue(.unknown)
    let (path, pathSpan) = literalPath("use")
    let use = Use(path: path, pathSpan: pathSpan, span: span(from: start))
    if !isBroken { uses.append(use) }
    return use
  }

  private mutating func runRecipe() -> RunRecipe {
    let start = token.span
    advance()
    noteDue(.unknown)
    let (path, pathSpan) = literalPath("run", advancing: false)
    var arguments: [RunRecipe.Argument] = []
    guard pathSpan.end > 0 else {
      return RunRecipe(path: path, pathSpan: pathSpan, arguments: [], span: span(from: start))
    }
    while lexer.wordStart(linesAreSpace: nesting == .parenthesis) == .word {
      arguments.append(runArgument())
      noteEnd()
    }
    advance()
    if isTyped, isAtEnd, !endsOnNewLine || nesting == .parenthesis {
      let words = arguments.map { Word(.bare, $0.span) }
      let typed = typedWord(words.last)
      typing.note(.word(typed))
      typing.note(.arguments(path: path, words: words.filter { $0.span.start < typed }))
    }
    let run = RunRecipe(path: path, pathSpan: pathSpan, arguments: arguments, span: span(from: start))
    if !isBroken { runs.append(run) }
    return run
  }

  private mutating func runArgument() -> RunRecipe.Argument {
    let start = lexer.position
    let before = trace.count
    let name = lexer.nameHere()
    guard let name, lexer.byte() == UInt8(ascii: "=") else {
      lexer.position = start
      let word = word()
      report(.argumentForm(lexer.file.text(word.span)), word.span)
      return RunRecipe.Argument(name: "", value: word, span: word.span)
    }
    let nameText = lexer.names[name]
    lexer.position += 1
    stretches.note(.word, start, lexer.position)
    let value = lexer.isAtWordEnd ? Word(.pieces([]), Span(start, lexer.position)) : word()
    let span = Span(start, lexer.position)
    if isTraced { trace.addWord(span, after: before) }
    return RunRecipe.Argument(name: nameText, value: value, span: span)
  }

  /// The path of `use` and `run`: plain text in quotes, so that the files of a program are known before it runs; and
  /// where it stands, without its quotes.
  private mutating func literalPath(_ keyword: String, advancing: Bool = true) -> (String, Span) {
    let quote = token
    guard isString(quote) else {
      report(.literalPathNeeded(keyword), token.span)
      return ("", Span(0, 0))
    }
    let before = trace.count
    var path = ""
    let first = piecesRead.count
    readString(quote, literalFor: keyword)
    for case .text(let text) in piecesRead.takeLast(from: first) { path += text }
    noteOpenString(.path)
    if isTraced { trace.endString(at: lexer.position, after: before) }
    let span = Span(Int(quote.span.end), stringEnd)
    if advancing { advance() }
    return (path, span)
  }

  func isString(_ token: Token) -> Bool {
    switch token.kind {
    case .quote, .rawQuote, .tripleQuote, .rawTripleQuote: true
    default: false
    }
  }
}
