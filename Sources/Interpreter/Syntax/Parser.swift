import Lexer

/// Reads one file into its tree. An error ends the statement that it is in; the next statements are read all the same,
/// so that a run of `nbx check` reports all that is wrong.
struct Parser {
  /// What surrounds the place: it decides what a line's end means.
  enum Nesting { case block, parenthesis, list, ending }

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
  var isInTask = false
  var isInLambda = false
  var problems: [SyntaxError] = []
  /// Where statements stand that could not be read: what they would have bound is not known.
  var unread: [Range<Int>] = []
  /// What has been read, for the formatter.
  var trace = TokenTrace()
  let isTraced: Bool
  /// Set by an error after which nothing more can be read with sense.
  var isHopeless = false
  /// Set once that error has been reported.
  var hasGivenUp = false

  // The head of the recipe.
  var title: (text: String, span: Span)?
  var clusters: [String]?
  var parameters: [Parameter] = []
  var tasks: [Task] = []
  /// The files that this one brings in or runs.
  var uses: [Use] = []
  var runs: [RunRecipe] = []
  /// Which of the vocabulary's commands the file gives.
  var usedCommands: [Bool]
  /// The words of the commands being read, those of an outer command before those of a command within: no array grows
  /// for each command.
  var wordsRead: [Word] = []
  var hasStatements = false
  /// Set for an input of a session: the value of a statement is shown, and so is used.
  var showsValues = false
  /// After so many problems reading is given up.
  var mostProblems = 50

  /// Evaluation goes as deep as the tree; each level takes stack in every lane.
  static let deepestNesting = 100
  static let deepestExpression = 250
  private static let longestPassedString = 2000

  init(_ file: SourceFile, vocabulary: Vocabulary, names: NameTable, traced: Bool = false) {
    isTraced = traced
    lexer = Lexer(file, names: names)
    self.vocabulary = vocabulary
    usedCommands = Array(repeating: false, count: vocabulary.commands.count)
    token = Token.none
  }

  /// The tree of the file, and what is wrong with it.
  mutating func parse() -> Unit {
    var body = Block(statements: [], span: Span(0, 0))
    if let bad = lexer.file.firstInvalidByte {
      problems.append(SyntaxError(.notUTF8, Span(bad, bad + 1)))
    } else if lexer.file.holdsZero, let zero = lexer.file.bytes.firstIndex(of: 0) {
      problems.append(SyntaxError(.zeroByte, Span(zero, zero + 1)))
    } else {
      body = statements(until: .endOfFile)
    }
    return Unit(
      file: lexer.file, title: title?.text, titleSpan: title?.span, clusters: clusters ?? [], parameters: parameters,
      tasks: tasks, uses: uses, runs: runs, usedCommands: usedCommands, body: body)
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

  mutating func advance() throws(SyntaxError) {
    previousEnd = end
    token = try lexer.next()
    end = token.span.end
    if isTraced { trace.add(token) }
  }

  /// Goes back to a token read before; only names stand between, which read the same again.
  mutating func rewind(to token: Token) {
    self.token = token
    end = token.span.end
    lexer.position = Int(end)
    if isTraced { trace.forget(behind: end) }
  }

  /// Notes that more than the token has been read: the words of a command, the rest of a string.
  mutating func noteEnd() { end = UInt32(clamping: lexer.position) }

  @inline(__always)
  func isAt(_ kind: Token.Kind) -> Bool { token.kind == kind }
  @inline(__always)
  func isAt(_ keyword: Keyword) -> Bool { token.isKeyword(keyword) }

  /// Passes the token if it is of the kind.
  mutating func take(_ kind: Token.Kind) throws(SyntaxError) -> Bool {
    guard token.kind == kind else { return false }
    try advance()
    return true
  }

  mutating func take(_ keyword: Keyword) throws(SyntaxError) -> Bool {
    guard token.isKeyword(keyword) else { return false }
    try advance()
    return true
  }

  mutating func expect(_ kind: Token.Kind, _ what: String? = nil) throws(SyntaxError) {
    guard token.kind == kind else { throw unexpected(what ?? kind.description) }
    try advance()
  }

  /// Passes the bracket that closes the one at `opening`.
  mutating func expectClosing(_ kind: Token.Kind, of opening: Span, _ what: String? = nil) throws(SyntaxError) {
    if token.kind == .endOfFile {
      isHopeless = true
      throw SyntaxError(.unclosed(lexer.file.text(opening)), opening)
    }
    try expect(kind, what)
  }

  func unexpected(_ what: String) -> SyntaxError { SyntaxError(.expected(what, found: describe(token)), token.span) }

  func describe(_ token: Token) -> String {
    switch token.kind {
    case .name, .keyword, .integer, .float, .duration, .size: "`\(lexer.file.text(token.span).truncated(to: 40))`"
    default: token.kind.description
    }
  }

  func span(from start: Span) -> Span { Span(Int(start.start), Int(max(start.end, previousEnd))) }

  // MARK: Nesting

  mutating func nested<Result>(
    _ nesting: Nesting, at span: Span, _ parse: (inout Parser) throws(SyntaxError) -> Result
  ) throws(SyntaxError) -> Result {
    try deepen(at: span)
    let outer = self.nesting
    self.nesting = nesting
    defer {
      self.nesting = outer
      depth -= 1
    }
    return try parse(&self)
  }

  mutating func deepen(at span: Span) throws(SyntaxError) {
    depth += 1
    if depth > Parser.deepestNesting {
      isHopeless = true
      depth -= 1
      throw SyntaxError(.tooDeep(limit: Parser.deepestNesting), span)
    }
  }

  // MARK: Recovery

  /// Passes the rest of a statement that could not be read: up to the end of a line outside the brackets opened since,
  /// or to the brace that closes the block.
  mutating func skipStatement(from start: Int) {
    lexer.position = max(start, Int(token.span.start))
    var open = 0
    var mayHoldStrings = true
    while !lexer.isAtEnd {
      switch lexer.byte() {
      case UInt8(ascii: "{"), UInt8(ascii: "("), UInt8(ascii: "["): open += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): open = max(0, open - 1)
      case UInt8(ascii: "}"):
        if open == 0, blockDepth > 0 { return advanceAfterError() }
        open = max(0, open - 1)
      case UInt8(ascii: "#"):
        lexer.skipComment()
        continue
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        // After one that is never closed, quotes on the line mean nothing.
        if mayHoldStrings { mayHoldStrings = passShortString() }
      case UInt8(ascii: "\n") where open == 0:
        let lineEnd = lexer.position
        _ = lexer.skipSpace()
        // The line below may go on with the statement.
        if lexer.byte() == UInt8(ascii: "-") || lexer.isAtEndingKeyword {
          mayHoldStrings = true
          continue
        }
        lexer.position = lineEnd
        return advanceAfterError()
      default: break
      }
      lexer.position += 1
    }
    advanceAfterError()
  }

  /// Moves to the quote that closes a string on its line; brackets within mean nothing. Tells whether there is one.
  private mutating func passShortString() -> Bool {
    let quote = lexer.byte()
    var ahead = 1
    // A quote that nothing closes must not be looked after over megabytes, again and again.
    let most = min(Parser.longestPassedString, lexer.file.bytes.count - lexer.position)
    while ahead < most, lexer.byte(ahead) != UInt8(ascii: "\n") {
      if lexer.byte(ahead) == quote {
        lexer.position += ahead
        return true
      }
      ahead += lexer.byte(ahead) == UInt8(ascii: "\\") ? 2 : 1
    }
    return false
  }

  private mutating func advanceAfterError() {
    while true {
      do {
        return try advance()
      } catch {
        lexer.position = max(lexer.position, Int(error.span.start)) + 1
      }
    }
  }
}

extension Token {
  static let none = Token(
    kind: .endOfFile, span: Span(0, 0), startsLine: true, followsSpace: true, symbol: Symbol.none)
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
