import Lexer

/// Statements and expressions.
extension SketchReader {
  mutating func readToken() {
    let hasNewLine = passSpace()
    let startsLine = hasNewLine || (top.kind == .block && !top.hasStatement)
    guard !lexer.isAtEnd else { return }
    let start = lexer.position
    // Behind a dot and a blank a keyword is one: the field is still to be typed.
    let followsSpace = start > 0 && isSpace(lexer.byte(-1))
    let token: Token
    do {
      token = try lexer.next()
    } catch {
      lexer.position = min(max(start + 1, Int(error.span.end)), count)
      // A number with a unit that there is not is still a value.
      if Lexer.isDigit(lexer.byte(start - lexer.position)) {
        mark(.number, start, lexer.position)
        noteOperand()
      }
      return
    }
    if startsLine { startLine(with: token) }
    let mayBeCommand = top.commandMayFollow
    top.commandMayFollow = false
    switch token.kind {
    case .endOfFile: break
    case .name: readName(token, mayBeCommand: mayBeCommand)
    case .keyword:
      if (top.isBehindDot && !followsSpace) || (top.kind == .map && top.isKeyDue) {
        readName(token, mayBeCommand: false)
      } else {
        readKeyword(token)
      }
    case .integer, .float, .duration, .size:
      mark(.number, start, lexer.position)
      noteOperand()
    case .quote, .rawQuote, .tripleQuote, .rawTripleQuote: push(.string(token.kind), at: start)
    case .leftParenthesis, .leftBracket, .leftBrace: open(token)
    case .rightParenthesis, .rightBracket, .rightBrace: closeBracket(token)
    case .dot:
      top.isBehindDot = true
    case .comma: noteComma()
    case .colon:
      top.isKeyDue = false
      noteOperator()
    case .assign:
      noteOperator()
      top.commandMayFollow = top.kind == .block && top.statement != .param
      if top.binding >= 0 { sketch.names[Int(top.binding)].value = Span(lexer.position, lexer.position) }
    case .arrow: bindFunctionParameters()
    default: noteOperator()
    }
  }

  /// Passes white space and comments. Tells whether a line has ended.
  mutating func passSpace() -> Bool {
    var hasNewLine = false
    while !lexer.isAtEnd {
      switch lexer.byte() {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): lexer.position += 1
      case UInt8(ascii: "\n"):
        hasNewLine = true
        lexer.position += 1
      case UInt8(ascii: "#"): passComment()
      default: return hasNewLine
      }
    }
    return hasNewLine
  }

  mutating func passComment() {
    let start = lexer.position
    lexer.skipComment()
    mark(.comment, start, lexer.position)
  }

  mutating func noteOperand() {
    top.operandDue = false
    top.isUnfinished = false
    top.isBehindDot = false
  }

  mutating func noteOperator() {
    top.operandDue = true
    top.isUnfinished = true
    top.isBehindDot = false
  }

  private mutating func noteComma() {
    noteOperator()
    switch top.kind {
    case .map: top.isKeyDue = true
    case .taskParameters:
      endParameter()
      top.isKeyDue = true
    default: break
    }
  }

  /// The default of a task's parameter ends before the token that has been read.
  private mutating func endParameter() {
    guard top.kind == .taskParameters, top.binding >= 0 else { return }
    let start = Int(sketch.names[Int(top.binding)].value.start)
    if start > 0 { sketch.names[Int(top.binding)].value = Span(start, lexer.position - 1) }
    top.binding = -1
  }

  // MARK: Lines

  /// What the first token of a line means for what surrounds it.
  private mutating func startLine(with token: Token) {
    if let keyword = token.keyword, keyword.startsStatementOnly, top.kind != .block, !isKey(after: token) {
      // Nothing but a statement begins so: what is open around it was never closed.
      while top.kind != .block { pop() }
    }
    switch top.kind {
    case .block:
      if !goesOn(with: token) { startStatement(token) }
    case .list, .map:
      let goesOn = top.isUnfinished || token.kind == .dot || token.isKeyword(.for) || token.isKeyword(.if)
      if goesOn || token.kind == .rightBracket || token.kind == .rightBrace { return }
      top.operandDue = true
      top.isBehindDot = false
      if top.kind == .map { top.isKeyDue = true }
    default: break
    }
  }

  /// In a map a keyword may be a key.
  private func isKey(after token: Token) -> Bool {
    guard top.kind == .map else { return false }
    var ahead = 0
    while ahead < 16, lexer.byte(ahead) == UInt8(ascii: " ") { ahead += 1 }
    return lexer.byte(ahead) == UInt8(ascii: ":") || lexer.byte(ahead) == UInt8(ascii: ".")
  }

  /// Whether a line goes on with the statement above it.
  private func goesOn(with token: Token) -> Bool {
    guard top.hasStatement else { return false }
    switch token.kind {
    case .minus: return true
    case .leftBrace: return top.blockFollows || (!top.hasBlock && top.statement?.bringsBlock == true)
    case .rightBrace: return true
    case .keyword:
      switch token.keyword {
      case .with, .on, .within, .else: return true
      default: return top.isUnfinished && token.keyword?.startsStatementOnly == false
      }
    default: return top.isUnfinished
    }
  }

  private mutating func startStatement(_ token: Token) {
    endStatement()
    let start = Int(token.span.start)
    top.hasStatement = true
    top.statementStart = start
    top.statement = token.keyword
    top.operandDue = true
    top.isUnfinished = false
    top.isBehindDot = false
    top.commandMayFollow = token.kind == .name
    top.blockFollows = false
    top.hasBlock = false
    top.thens = 0
    top.command = -1
    top.ending = nil
    top.callee = nil
    top.nextPart = -1
    top.blockNames = 0..<0
  }

  /// What a statement binds is known from its end on.
  mutating func endStatement() {
    guard top.hasStatement else { return }
    if top.binding >= 0 {
      let name = top.binding
      top.binding = -1
      let value = Int(sketch.names[Int(name)].value.start)
      if value > 0 { sketch.names[Int(name)].value = Span(value, lastEnd(before: lexer.position)) }
      bind(name)
    }
    top.hasStatement = false
    switch top.statement {
    case .recipe, .param, .clusters: break
    default: hasStatements = true
    }
  }

  /// Where the text before ends, white space and comments left out.
  private func lastEnd(before position: Int) -> Int {
    let start = top.statementStart
    // The token of the next statement has been read, and comments may stand above it.
    var end = start
    var place = sketch.marks.count - 1
    while place >= 0, sketch.marks[place].kind == .comment { place -= 1 }
    if place >= 0 { end = max(end, Int(sketch.marks[place].span.end)) }
    return max(end, min(max(lastBracketEnd, start), position))
  }

  // MARK: Brackets

  private mutating func open(_ token: Token) {
    let start = Int(token.span.start)
    let touches = !token.followsSpace && start > 0 && !isSpace(lexer.byte(start - 1 - lexer.position))
    switch token.kind {
    case .leftParenthesis:
      if top.parametersFollow {
        top.parametersFollow = false
        push(.taskParameters, at: start)
      } else if let callee = top.callee, touches {
        top.callee = nil
        push(callee == .none ? .method : .call(callee), at: start)
      } else {
        push(.parenthesis, at: start)
        top.commandMayFollow = true
      }
    case .leftBracket: push(top.operandDue || !touches ? .list : .index, at: start)
    default:
      guard top.blockFollows || !top.operandDue else { return push(.map, at: start) }
      openBlock(at: start)
    }
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte <= UInt8(ascii: " ") }

  private mutating func openBlock(at start: Int) {
    top.blockFollows = false
    top.hasBlock = true
    top.isUnfinished = false
    let names = top.blockNames
    let part = top.nextPart
    top.blockNames = 0..<0
    top.nextPart = -1
    push(.block, at: start)
    top.part = part
    if part >= 0 { openParts += 1 }
    top.statementStart = start
    for name in names where sketch.names[name].kind.opensWithBlock { bind(Int32(name)) }
  }

  private mutating func closeBracket(_ token: Token) {
    endParameter()
    guard close(token.kind) else { return }
    lastBracketEnd = lexer.position
    switch top.kind {
    // The string or the word goes on behind the brace.
    case .string: top.start = lexer.position
    case .word: break
    default: noteOperand()
    }
  }
}

extension Keyword {
  /// Whether nothing but a statement begins with it.
  var startsStatementOnly: Bool {
    switch self {
    case .recipe, .param, .let, .var, .task, .return, .use, .run, .waitFor, .assert, .defer, .print, .fail, .skip: true
    default: false
    }
  }
}

extension Keyword {
  /// Whether a block belongs to its statement.
  fileprivate var bringsBlock: Bool {
    switch self {
    case .if, .foreach, .step, .retry, .during, .task, .parallel, .try, .defer: true
    default: false
    }
  }
}

extension Sketch.BoundName.Kind {
  /// Whether the name is known in the block that follows it.
  var opensWithBlock: Bool { self == .loopVariable || self == .failure || self == .taskParameter }
}
