import Lexer

/// Reads one file into its tree, whatever its bytes. What is wrong is noted once a statement, and the rest of that
/// statement is read as well as it goes: it is part of the tree as a `Broken` node, for whoever looks at a text that is
/// being typed. Nothing more is said of it, and nothing in it counts as written. The next statements are read as ever, so
/// that a run of `nbx check` reports all that is wrong.
struct Parser {
  /// What surrounds the place: it decides what a line's end means.
  enum Nesting { case block, parenthesis, list, ending }

  /// Brackets that are open within a block, by their kinds.
  struct OpenBrackets {
    var parentheses = 0
    var brackets = 0
    var braces = 0

    var areNone: Bool { parentheses + brackets + braces == 0 }

    mutating func count(_ closing: Token.Kind, _ change: Int) {
      switch closing {
      case .rightParenthesis: parentheses += change
      case .rightBracket: brackets += change
      default: braces += change
      }
    }

    func awaits(_ closing: Token.Kind) -> Bool {
      switch closing {
      case .rightParenthesis: parentheses > 0
      case .rightBracket: brackets > 0
      default: braces > 0
      }
    }
  }

  var lexer: Lexer
  let vocabulary: Vocabulary
  var token: Token
  /// Where what has been read so far ends, the current token included, and where it ended before that.
  private var end: UInt32 = 0
  private(set) var previousEnd: UInt32 = 0
  var nesting = Nesting.block
  /// How deep blocks and expressions are nested here.
  var depth = 0
  var blockDepth = 0
  var open = OpenBrackets()
  var isInTask = false
  var isInLambda = false
  var problems: [SyntaxError] = []
  /// Where statements stand that could not be read: what they would have bound is not known.
  var unread: [Range<Int>] = []
  /// What has been read, for the formatter.
  var trace = TokenTrace()
  let isTraced: Bool
  /// What each stretch of the text is, for an editor.
  var stretches = StretchTrace()
  /// Whether somebody types at the end of the text: what is due there, and what surrounds the place.
  let isTyped: Bool
  var typing = TypingPlace()

  // What is broken.
  /// Where the statement that is being read broke; nil if nothing is wrong with it so far.
  private(set) var brokenAt: UInt32?
  private var brokenDepth = 0
  /// The token at which the statement that is broken is over: until whoever reads statements takes it, the file seems to
  /// end there.
  private var held: Token?
  /// Set by an error after which nothing more can be read with sense: what follows is not looked at.
  private(set) var isHopeless = false
  /// Whether the rest of the file has been left out: what is nested too deep is not gone through.
  private var isCutShort = false
  /// Whether the file ends within brackets or a string of several lines.
  private(set) var endsOpen = false
  /// How many brackets have been left where a statement plainly began, and closed nowhere since.
  private(set) var leftOpen = 0
  /// Where the last statement outside of all blocks begins.
  var lastStatement = 0

  // The head of the recipe.
  var title: RecipeTitle?
  var clusters: [String]?
  var parameters: [Parameter] = []
  var tasks: [Task] = []
  /// The files that this one brings in or runs.
  var uses: [Use] = []
  var runs: [RunRecipe] = []
  /// Which of the vocabulary's commands the file gives.
  var usedCommands: [Bool]
  /// What has been read of the statement that is broken.
  var brokenStatements: [Statement] = []
  var brokenTasks: [Task] = []
  var brokenParameters: [Parameter] = []
  /// The words of the commands being read, those of an outer command before those of a command within: no array grows
  /// for each command.
  var wordsRead: [Word] = []
  /// The parts of the words and strings being read, likewise.
  var piecesRead: [TextPiece] = []
  /// Where the string ended that was read last, its quotes left out.
  var stringEnd = 0
  var hasStatements = false
  /// Set for an input of a session: the value of a statement is shown, and so is used.
  var showsValues = false
  /// After so many problems no more are reported.
  var mostProblems = 50

  /// Evaluation goes as deep as the tree; each level takes stack in every lane.
  static let deepestNesting = 100
  static let deepestExpression = 250

  /// What a tree is read for, besides being run.
  enum Purpose { case running, formatting, editing, completing }

  init(_ file: SourceFile, vocabulary: Vocabulary, names: NameTable, for purpose: Purpose = .running) {
    isTraced = purpose == .formatting
    stretches.isKept = purpose == .editing
    isTyped = purpose == .completing
    lexer = Lexer(file, names: names)
    self.vocabulary = vocabulary
    usedCommands = Array(repeating: false, count: vocabulary.commands.count)
    token = Token.none
  }

  /// The tree of the file. What is wrong with it stands in `problems`.
  mutating func parse() -> Unit {
    var body = Block(statements: [], span: Span(0, 0))
    if let bad = lexer.file.firstInvalidByte {
      problems.append(SyntaxError(.notUTF8, Span(bad, bad + 1)))
    } else if lexer.file.holdsZero, let zero = lexer.file.bytes.firstIndex(of: 0) {
      problems.append(SyntaxError(.zeroByte, Span(zero, zero + 1)))
    }
    if problems.isEmpty || stretches.isKept || isTyped { body = file() }
    return Unit(
      file: lexer.file, title: title, clusters: clusters ?? [], parameters: parameters, tasks: tasks, uses: uses,
      runs: runs, usedCommands: usedCommands, body: body)
  }

  private mutating func file() -> Block {
    advance()
    return statements(until: .endOfFile, isInBroken: false)
  }

  /// All names that stand in statements which could not be read.
  var unreadNames: Set<String> {
    var found: Set<String> = []
    for range in unread {
      let text = lexer.file.text(Span(range.lowerBound, range.upperBound))
      found.formUnion(text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
    }
    return found
  }

  // MARK: Tokens

  mutating func advance() {
    previousEnd = end
    if stretches.isKept { stretches.note(token, names: lexer.names) }
    if held != nil { return }
    do throws(SyntaxError) {
      token = try lexer.next()
    } catch {
      token = tokenBehind(error)
    }
    end = token.span.end
    if isTraced { trace.add(token) }
    if brokenAt != nil { holdIfOver() }
  }

  /// The next token that makes sense, once the lexer has found one that does not.
  private mutating func tokenBehind(_ first: SyntaxError) -> Token {
    var error = first
    while true {
      report(error.problem, error.span)
      let start = Int(error.span.start)
      // A number with a unit that there is not is a value all the same.
      if Letters.isDigit(lexer.byte(start - lexer.position)) {
        return Token(kind: .float, span: error.span, startsLine: false, followsSpace: true, symbol: .none)
      }
      lexer.position = error.problem.isComment ? Int(error.span.end) : start + 1
      do throws(SyntaxError) {
        return try lexer.next()
      } catch let next {
        error = next
      }
    }
  }

  /// Goes back to a token read before; only names and brackets stand between, which read the same again.
  mutating func rewind(to token: Token) {
    held = nil
    self.token = token
    end = token.span.end
    lexer.position = Int(end)
    if isTraced { trace.forget(behind: end) }
    stretches.forget(from: token.span.start)
  }

  /// Notes that more than the token has been read: the words of a command, the rest of a string.
  mutating func noteEnd() { end = UInt32(clamping: lexer.position) }

  @inline(__always)
  func isAt(_ kind: Token.Kind) -> Bool { token.kind == kind }
  @inline(__always)
  func isAt(_ keyword: Keyword) -> Bool { token.isKeyword(keyword) }

  /// Whether the file ends here, and not only what is broken.
  @inline(__always)
  var isAtEnd: Bool { token.kind == .endOfFile && held == nil }

  /// Passes the token if it is of the kind.
  mutating func take(_ kind: Token.Kind) -> Bool {
    guard token.kind == kind else { return false }
    advance()
    return true
  }

  mutating func take(_ keyword: Keyword) -> Bool {
    guard token.isKeyword(keyword) else { return false }
    advance()
    return true
  }

  /// Passes the token if it is of the kind; else says that one is missing.
  @discardableResult
  mutating func expect(_ kind: Token.Kind, _ what: String? = nil) -> Bool {
    guard token.kind == kind else {
      reportUnexpected(what ?? kind.description)
      return false
    }
    advance()
    return true
  }

  /// Passes the bracket that closes the one at `opening`.
  mutating func expectClosing(_ kind: Token.Kind, of opening: Span, _ what: String? = nil) {
    if isOver { leftOpen += 1 }
    if token.kind == .endOfFile { return reportUnclosed(lexer.file.text(opening), opening) }
    if !expect(kind, what) { leftOpen += 1 }
  }

  /// Passes a closing bracket that closes nothing here.
  private mutating func passStray() {
    switch token.kind {
    case .rightParenthesis, .rightBracket, .rightBrace: leftOpen = max(0, leftOpen - 1)
    default: break
    }
    advance()
  }

  mutating func reportUnclosed(_ bracket: String, _ opening: Span) {
    if isAtEnd, !isCutShort { endsOpen = true }
    if brokenAt == nil { isHopeless = true }
    report(.unclosed(bracket), opening)
  }

  mutating func reportUnexpected(_ what: String) {
    if brokenAt == nil { report(.expected(what, found: describe(token)), token.span) }
  }

  func describe(_ token: Token) -> String {
    switch token.kind {
    case .name, .keyword, .integer, .float, .duration, .size: "`\(lexer.file.text(token.span).truncated(to: 40))`"
    default: token.kind.description
    }
  }

  func span(from start: Span) -> Span { Span(Int(start.start), Int(max(start.end, previousEnd))) }

  // MARK: Nesting

  /// Nil where nothing may be nested any more.
  mutating func nested<Result>(
    _ nesting: Nesting, at span: Span, _ parse: (inout Parser) -> Result
  ) -> Result? {
    guard deepen(at: span) else { return nil }
    let outer = self.nesting
    self.nesting = nesting
    let result = parse(&self)
    self.nesting = outer
    depth -= 1
    return result
  }

  /// The same, within brackets.
  mutating func bracketed<Result>(
    _ nesting: Nesting, _ closing: Token.Kind, at span: Span, _ parse: (inout Parser) -> Result
  ) -> Result? {
    open.count(closing, 1)
    let result = nested(nesting, at: span, parse)
    open.count(closing, -1)
    return result
  }

  /// Tells false where nothing may be nested any more: then the file ends here.
  mutating func deepen(at span: Span) -> Bool {
    if depth < Parser.deepestNesting {
      depth += 1
      return true
    }
    isHopeless = true
    report(.tooDeep(limit: Parser.deepestNesting), span)
    held = nil
    isCutShort = true
    lexer.position = lexer.file.bytes.count
    token = Token(
      kind: .endOfFile, span: Span(lexer.position, lexer.position), startsLine: true, followsSpace: true, symbol: .none)
    return false
  }

  // MARK: What is broken

  var isBroken: Bool { brokenAt != nil }
  /// Whether what is broken is over here, whatever would come next.
  var isOver: Bool { held != nil }

  /// Notes what is wrong. Of a statement that is broken already nothing more is said.
  mutating func report(_ problem: SyntaxProblem, _ span: Span) {
    if problem == .unclosedString(tripled: true) { endsOpen = true }
    guard brokenAt == nil else { return }
    problems.append(SyntaxError(problem, span))
    brokenAt = span.start
    brokenDepth = blockDepth
    // All that follows an open string of several lines is text.
    if problems.count >= mostProblems || problem == .unclosedString(tripled: true) { isHopeless = true }
    if token.span.start >= span.start, token.span.end > 0 { holdIfOver() }
  }

  /// Whether the statement that is broken goes on at the token at which it would be over: then it is part of it.
  ///
  /// - Returns: false once the statement is over.
  mutating func goesOnBroken() -> Bool {
    guard let token = held else { return self.token.kind != .endOfFile }
    held = nil
    self.token = token
    end = token.span.end
    return token.span.start <= brokenAt ?? 0
  }

  /// What follows is sound again, as far as it makes sense to look.
  mutating func forgetBroken() { if !isHopeless { brokenAt = nil } }

  /// A statement that is broken is over where the block ends that it stands in; at the end of a line outside of all
  /// brackets; and, if one of them was never closed, where the next statement plainly begins.
  private mutating func holdIfOver() {
    guard !isHopeless, held == nil, blockDepth == brokenDepth, token.kind != .endOfFile else { return }
    if token.kind == .rightBrace {
      guard blockDepth > 0, !open.awaits(.rightBrace) else { return }
    } else {
      guard token.startsLine, token.span.start >= brokenAt ?? 0 || beginsStatement(token) else { return }
      guard open.areNone ? !goesOnWithStatement(token) : beginsStatement(token) else { return }
    }
    hold(token)
  }

  /// Lets the file seem to end before the token.
  mutating func hold(_ token: Token) {
    held = token
    end = previousEnd
    self.token = Token(
      kind: .endOfFile, span: Span(Int(token.span.start), Int(token.span.start)), startsLine: true, followsSpace: true,
      symbol: .none)
  }

  private func goesOnWithStatement(_ token: Token) -> Bool {
    if token.kind == .minus { return true }
    switch token.keyword {
    case .with, .on, .within: return true
    default: return false
    }
  }

  /// Whether a line that begins with the token, which has just been read, is a statement whatever is open above it.
  func beginsStatement(_ token: Token) -> Bool {
    guard token.startsLine else { return false }
    switch token.kind {
    case .keyword where token.keyword?.beginsStatement == true: break
    case .name where vocabulary.isCommand(token.symbol): break
    default: return false
    }
    // In a map it may be a key.
    let next = lexer.file.firstByte(from: Int(token.span.end))
    return next != UInt8(ascii: ":") && next != UInt8(ascii: ".")
  }

  /// Whether the elements of a bracket go on in what is broken: not behind what closes it or another around it.
  mutating func hasBrokenElement(before closing: Token.Kind) -> Bool {
    while true {
      switch token.kind {
      case closing, .endOfFile: return false
      case .rightParenthesis, .rightBracket, .rightBrace:
        if open.awaits(token.kind) || (token.kind == .rightBrace && blockDepth > 0) { return false }
        passStray()
      case .comma: advance()
      default: return true
      }
    }
  }

  /// Whether another element follows, where commas part them.
  ///
  /// - Parameter start: the token that the last one began with.
  mutating func hasNextElement(
    before closing: Token.Kind, of opening: Span, _ what: String, since start: Token
  ) -> Bool {
    if take(.comma) { return token.kind != closing }
    if token.kind == closing { return false }
    if token.kind == .endOfFile { return false }
    reportUnexpected(what)
    return goesOnInBroken(before: closing, since: start)
  }

  /// Whether elements go on in what is broken, behind one that began with the token.
  mutating func goesOnInBroken(before closing: Token.Kind, since start: Token) -> Bool {
    guard isBroken, hasBrokenElement(before: closing) else { return false }
    guard token.span.start == start.span.start else { return true }
    advance()
    return hasBrokenElement(before: closing)
  }

  /// Reads something in what is broken, and passes the token if nothing begins with it.
  mutating func broken<Part>(_ part: (inout Parser) -> Part) -> Part {
    let before = token.span.start
    let result = part(&self)
    if token.span.start == before, token.kind != .endOfFile { passStray() }
    return result
  }

  func missing() -> Expression { Expression(.missing, Span(Int(token.span.start), Int(token.span.start))) }
}

extension Token {
  static let none = Token(
    kind: .endOfFile, span: Span(0, 0), startsLine: true, followsSpace: true, symbol: Symbol.none)
}

extension Keyword {
  /// Whether nothing but a statement begins with it, or hardly anything.
  fileprivate var beginsStatement: Bool {
    switch self {
    case .recipe, .param, .let, .var, .task, .return, .use, .run, .waitFor, .assert, .defer, .print, .fail, .skip,
      .step, .retry, .during:
      true
    default: false
    }
  }
}

extension SourceFile {
  /// The first byte from a place on that is no blank; 0 at the end.
  fileprivate func firstByte(from start: Int) -> UInt8 {
    bytes[min(start, bytes.count)...].first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") } ?? 0
  }
}

extension Lexer {
  /// Whether `with`, `on` or `within` stands here as a word of its own.
  var isAtEndingKeyword: Bool {
    switch byte() {
    case UInt8(ascii: "w"): isAt(word: "with") || isAt(word: "within")
    case UInt8(ascii: "o"): isAt(word: "on")
    default: false
    }
  }

  /// Whether the bare word stands here, followed by white space or the end.
  func isAt(word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    let letters = word.utf8Start
    for ahead in 0..<length where byte(ahead) != letters[ahead] { return false }
    switch byte(length) {
    case 0, UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): return true
    default: return false
    }
  }
}
