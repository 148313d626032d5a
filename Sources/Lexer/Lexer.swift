/// Reads tokens from a source text, one when asked for one. Only the parser knows whether words or an expression
/// come next, so it asks for what is due: `next()` for tokens, and the parts of strings and words by themselves.
public struct Lexer: @unchecked Sendable {
  public let file: SourceFile
  public var names: NameTable
  public var position: Int
  /// The bytes of the file, with zeros behind the end: a recipe that holds a zero itself is refused before it is read.
  @usableFromInline let bytes: UnsafePointer<UInt8>
  @usableFromInline let count: Int

  public init(_ file: SourceFile, names: NameTable) {
    self.file = file
    self.names = names
    bytes = file.padded
    count = file.bytes.count
    position = file.hasByteOrderMark ? 3 : 0
  }

  /// The byte `ahead` of the next one, by no more than a few; 0 behind the end.
  @inlinable @inline(__always)
  public func byte(_ ahead: Int = 0) -> UInt8 { bytes[position &+ ahead] }

  @inlinable
  public var isAtEnd: Bool { position >= count }

  /// Whether the line ends where the lexer stands.
  public var isAtLineEnd: Bool {
    isAtEnd || byte() == UInt8(ascii: "\n") || (byte() == UInt8(ascii: "\r") && byte(1) == UInt8(ascii: "\n"))
  }

  /// Passes blanks, tabs, and carriage returns that end no line. Tells whether there were any.
  @discardableResult
  public mutating func skipBlanks() -> Bool {
    let start = position
    while byte() == UInt8(ascii: " ") || byte() == UInt8(ascii: "\t")
      || (byte() == UInt8(ascii: "\r") && byte(1) != UInt8(ascii: "\n"))
    {
      position += 1
    }
    return position > start
  }

  /// Passes white space and comments over any number of lines.
  public mutating func skipSpace() -> (space: Bool, newLine: Bool) {
    let start = position
    var newLine = false
    while position < count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
      case UInt8(ascii: "\n"):
        newLine = true
        position += 1
      case UInt8(ascii: "#"): skipComment()
      default: return (position > start, newLine)
      }
    }
    return (true, true)
  }

  /// Passes a comment up to its line's end.
  public mutating func skipComment() {
    while position < count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
  }

  /// The next token of an expression.
  public mutating func next() throws(SyntaxError) -> Token {
    let (space, newLine) = skipSpace()
    let start = position
    guard start < count else { return token(.endOfFile, from: start, space, newLine) }
    let first = bytes[start]
    if Lexer.startsName(first) { return name(from: start, space, newLine) }
    if Lexer.isDigit(first) {
      let kind = try number()
      return token(kind, from: start, space, newLine)
    }
    let kind = try symbolKind(first)
    return token(kind, from: start, space, newLine)
  }

  /// Reads the name that begins where the lexer stands, if one does.
  public mutating func nameHere() -> Symbol? {
    guard Lexer.startsName(byte()) else { return nil }
    let start = position
    while Lexer.continuesName(byte()) { position += 1 }
    return names.intern(bytes + start, count: position - start)
  }

  private func token(
    _ kind: Token.Kind, from start: Int, _ space: Bool, _ newLine: Bool, symbol: Symbol = Symbol(index: -1)
  ) -> Token {
    Token(kind: kind, span: Span(start, position), startsLine: newLine, followsSpace: space, symbol: symbol)
  }

  private mutating func name(from start: Int, _ space: Bool, _ newLine: Bool) -> Token {
    while Lexer.continuesName(byte()) { position += 1 }
    if position - start == 4, byte() == UInt8(ascii: "-"), hasWaitFor(at: start) { position += 4 }
    let symbol = names.intern(bytes + start, count: position - start)
    let kind: Token.Kind = symbol.index < Keyword.count ? .keyword : .name
    return token(kind, from: start, space, newLine, symbol: symbol)
  }

  /// `wait-for` is the one keyword with a hyphen.
  private func hasWaitFor(at start: Int) -> Bool {
    zip("wait-for".utf8, start..<(start + 8)).allSatisfy { $0 == bytes[$1] } && !Lexer.continuesName(bytes[start + 8])
  }

  private mutating func symbolKind(_ first: UInt8) throws(SyntaxError) -> Token.Kind {
    switch first {
    case UInt8(ascii: "("): return take(1, .leftParenthesis)
    case UInt8(ascii: ")"): return take(1, .rightParenthesis)
    case UInt8(ascii: "["): return take(1, .leftBracket)
    case UInt8(ascii: "]"): return take(1, .rightBracket)
    case UInt8(ascii: "{"): return take(1, .leftBrace)
    case UInt8(ascii: "}"): return take(1, .rightBrace)
    case UInt8(ascii: ","): return take(1, .comma)
    case UInt8(ascii: ":"): return take(1, .colon)
    case UInt8(ascii: "+"): return try arithmetic(.plus)
    case UInt8(ascii: "-"): return try arithmetic(.minus)
    case UInt8(ascii: "*"): return try arithmetic(.star)
    case UInt8(ascii: "/"): return try arithmetic(.slash)
    case UInt8(ascii: "%"): return try arithmetic(.percent)
    case UInt8(ascii: "\""): return isTripled(first) ? take(3, .tripleQuote) : take(1, .quote)
    case UInt8(ascii: "'"): return isTripled(first) ? take(3, .rawTripleQuote) : take(1, .rawQuote)
    case UInt8(ascii: "="):
      if byte(1) == UInt8(ascii: "=") { return take(2, .equal) }
      return byte(1) == UInt8(ascii: ">") ? take(2, .arrow) : take(1, .assign)
    case UInt8(ascii: "!") where byte(1) == UInt8(ascii: "="): return take(2, .notEqual)
    case UInt8(ascii: "<"): return byte(1) == UInt8(ascii: "=") ? take(2, .lessOrEqual) : take(1, .less)
    case UInt8(ascii: ">"): return byte(1) == UInt8(ascii: "=") ? take(2, .greaterOrEqual) : take(1, .greater)
    case UInt8(ascii: "?") where byte(1) == UInt8(ascii: "?"): return take(2, .coalesce)
    case UInt8(ascii: "."):
      guard byte(1) == UInt8(ascii: ".") else { return take(1, .dot) }
      if byte(2) == UInt8(ascii: ".") { throw problem(.spreadOutsideWords, length: 3) }
      return byte(2) == UInt8(ascii: "<") ? take(3, .halfOpenRange) : take(2, .closedRange)
    default: throw strayCharacter(first)
    }
  }

  /// An operator that other languages change a name by: `+=`, `++`.
  private mutating func arithmetic(_ kind: Token.Kind) throws(SyntaxError) -> Token.Kind {
    let changes = byte(1) == UInt8(ascii: "=") && byte(2) != UInt8(ascii: "=")
    if changes || (kind == .plus && byte(1) == UInt8(ascii: "+")) {
      let sign = file.text(Span(position, position + 2))
      throw problem(.foreignOperator(sign, use: "name = name \(changes ? "\(sign.prefix(1)) …" : "+ 1")"), length: 2)
    }
    return take(1, kind)
  }

  private mutating func take(_ length: Int, _ kind: Token.Kind) -> Token.Kind {
    position += length
    return kind
  }

  private func isTripled(_ quote: UInt8) -> Bool { byte(1) == quote && byte(2) == quote }

  private func strayCharacter(_ first: UInt8) -> SyntaxError {
    switch first {
    case UInt8(ascii: "$") where byte(1) == UInt8(ascii: "("): return problem(.shellSubstitution, length: 2)
    case UInt8(ascii: "$"): return problem(.dollarInExpression, length: 1)
    case UInt8(ascii: "&"): return problem(.foreignOperator("&&", use: "and"), length: byte(1) == first ? 2 : 1)
    case UInt8(ascii: "|"): return problem(.foreignOperator("||", use: "or"), length: byte(1) == first ? 2 : 1)
    case UInt8(ascii: "!"): return problem(.foreignOperator("!", use: "not"), length: 1)
    case UInt8(ascii: "?"): return problem(.foreignOperator("?", use: "if c then a else b"), length: 1)
    case UInt8(ascii: ";"): return problem(.semicolon, length: 1)
    case UInt8(ascii: "`"): return problem(.shellSubstitution, length: 1)
    default:
      var end = position + 1
      while end < count, bytes[end] & 0xc0 == 0x80 { end += 1 }
      let span = Span(position, end)
      return SyntaxError(.strayCharacter(file.text(span)), span)
    }
  }

  public func problem(_ problem: SyntaxProblem, length: Int) -> SyntaxError {
    SyntaxError(problem, Span(position, min(position + length, count)))
  }

  @inlinable @inline(__always)
  public static func startsName(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
  }

  @inlinable @inline(__always)
  public static func continuesName(_ byte: UInt8) -> Bool { startsName(byte) || isDigit(byte) }

  /// Whether it could be a name, or stand behind a dot.
  public static func isName(_ text: String) -> Bool {
    text.utf8.first.map(startsName) ?? false && text.utf8.allSatisfy(continuesName)
  }

  @inlinable @inline(__always)
  public static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
