import Lexer

/// The head of a recipe, and its tasks.
extension Parser {
  mutating func header(_ keyword: Keyword) throws(SyntaxError) {
    let start = token.span
    if hasStatements || blockDepth > 0 { throw SyntaxError(.headerTooLate(keyword.text), start) }
    try advance()
    if keyword == .recipe {
      if title != nil { throw SyntaxError(.repeatedHeader("recipe"), start) }
      title = (try plainString("what the recipe does, in quotes"), start)
    } else {
      try parameter(start)
    }
  }

  /// Reads `clusters a b c`. Tells false if `clusters` is the beginning of an expression instead.
  mutating func clustersHeader() throws(SyntaxError) -> Bool {
    let start = token
    guard lexer.byte() == UInt8(ascii: " ") || lexer.byte() == UInt8(ascii: "\t") else { return false }
    lexer.skipBlanks()
    guard Lexer.startsName(lexer.byte()) || Lexer.isDigit(lexer.byte()) else {
      rewind(to: start)
      return false
    }
    if hasStatements || blockDepth > 0 { throw SyntaxError(.headerTooLate("clusters"), start.span) }
    if clusters != nil { throw SyntaxError(.repeatedHeader("clusters"), start.span) }
    var names: [String] = []
    while lexer.wordStart(linesAreSpace: false) == .word {
      let word = try word()
      guard let name = word.literal(in: lexer.file) else {
        throw SyntaxError(.expected("a cluster's name", found: "`$`"), word.span)
      }
      names.append(name)
    }
    clusters = names
    try advance()
    return true
  }

  private mutating func parameter(_ start: Span) throws(SyntaxError) {
    let variable = try boundName("the parameter's name")
    try expect(.assign, "`=` and a default")
    let value = try expression()
    let help = isString(token) && !token.startsLine ? try plainString("help") : ""
    parameters.append(
      Parameter(
        variable: variable, name: lexer.names[variable.symbol], value: value, help: help, span: span(from: start)))
  }

  mutating func plainString(_ what: String) throws(SyntaxError) -> String {
    guard isString(token) else { throw unexpected(what) }
    let expression = try string()
    guard case .literal(.string(let text)) = expression.form else {
      throw SyntaxError(.expected("plain text", found: "`$`"), expression.span)
    }
    return text
  }

  mutating func taskDefinition() throws(SyntaxError) {
    let start = token.span
    guard blockDepth == 0 else { throw SyntaxError(.taskInsideBlock, start) }
    try advance()
    let name = try boundName("the task's name")
    let opening = token.span
    try expect(.leftParenthesis)
    let parameters = try nested(.parenthesis, at: opening) { parser throws(SyntaxError) in
      try parser.taskParameters(opening)
    }
    isInTask = true
    defer { isInTask = false }
    let body = try block()
    tasks.append(
      Task(
        symbol: name.symbol, name: lexer.names[name.symbol], nameSpan: name.span, parameters: parameters, body: body,
        span: span(from: start)))
    hasStatements = true
  }

  private mutating func taskParameters(_ opening: Span) throws(SyntaxError) -> [Task.Parameter] {
    var parameters: [Task.Parameter] = []
    parameters.reserveCapacity(4)
    while token.kind != .rightParenthesis {
      let variable = try boundName("a parameter's name")
      let value = try take(.assign) ? try expression() : nil
      if value == nil, parameters.last?.value != nil { throw SyntaxError(.positionalAfterNamed, variable.span) }
      parameters.append(Task.Parameter(variable: variable, value: value))
      if try !take(.comma) { break }
    }
    // The brace behind the parenthesis opens a block: the token is read where a line's end counts again.
    try expectClosing(.rightParenthesis, of: opening, "`,` or `)`")
    return parameters
  }
}
