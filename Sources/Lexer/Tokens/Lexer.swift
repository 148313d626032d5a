/// Reads tokens from a source text, one when asked for one. Only the parser knows whether words or an expression
/// come next, so it asks for what is due: `next()` for tokens, and the parts of strings and words by themselves.
public struct Lexer: @unchecked Sendable {
  /// What is read.
  public let file: SourceFile
  /// Every name that was met so far.
  public var names: NameTable
  /// The offset of the next byte. Whoever sets it goes back to where a token began.
  public var position: Int
  /// The bytes of the file, with zeros behind the end: a recipe that holds a zero itself is refused before it is read.
  @usableFromInline let bytes: UnsafePointer<UInt8>
  @usableFromInline let count: Int

  /// Stands at the first byte, behind a byte order mark.
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

  /// Whether all was read.
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
    if Letters.startsName(first) { return name(from: start, space, newLine) }
    if Letters.isDigit(first) {
      let kind = try number()
      return token(kind, from: start, space, newLine)
    }
    let kind = try symbolKind(first)
    return token(kind, from: start, space, newLine)
  }

  /// Reads the name that begins where the lexer stands, if one does.
  public mutating func nameHere() -> Symbol? {
    guard Letters.startsName(byte()) else { return nil }
    let start = position
    while Letters.continuesName(byte()) { position += 1 }
    return names.intern(bytes + start, count: position - start)
  }

  private func token(
    _ kind: Token.Kind, from start: Int, _ space: Bool, _ newLine: Bool, symbol: Symbol = Symbol(index: -1)
  ) -> Token {
    Token(kind: kind, span: Span(start, position), startsLine: newLine, followsSpace: space, symbol: symbol)
  }

  private mutating func name(from start: Int, _ space: Bool, _ newLine: Bool) -> Token {
    while Letters.continuesName(byte()) { position += 1 }
    if position - start == 4, byte() == UInt8(ascii: "-"), hasWaitFor(at: start) { position += 4 }
    let symbol = names.intern(bytes + start, count: position - start)
    let kind: Token.Kind = symbol.index < Keyword.count ? .keyword : .name
    return token(kind, from: start, space, newLine, symbol: symbol)
  }

  /// `wait-for` is the one keyword with a hyphen.
  private func hasWaitFor(at start: Int) -> Bool {
    zip("wait-for".utf8, start..<(start + 8)).allSatisfy { $0 == bytes[$1] } && !Letters.continuesName(bytes[start + 8])
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
    case UInt8(ascii: "/"):
      if let comment = foreignComment { throw comment }
      return try arithmetic(.slash)
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

  /// What other languages have comments in, to its end.
  private var foreignComment: SyntaxError? {
    let isWhole = byte(1) == UInt8(ascii: "*")
    guard isWhole || byte(1) == UInt8(ascii: "/") else { return nil }
    var length = 2
    while position + length < count {
      if isWhole, byte(length) == UInt8(ascii: "*"), byte(length + 1) == UInt8(ascii: "/") {
        length += 2
        break
      }
      if !isWhole, byte(length) == UInt8(ascii: "\n") { break }
      length += 1
    }
    return problem(.foreignOperator(isWhole ? "/*" : "//", use: "#"), length: length)
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

  /// A problem of the next bytes, as many as `length` says or are left.
  public func problem(_ problem: SyntaxProblem, length: Int) -> SyntaxError {
    SyntaxError(problem, Span(position, min(position + length, count)))
  }
}

/// What stands where a word of a command may begin.
public enum WordStart: Sendable, Equatable {
  case word
  /// The line ends; what follows may still go on with the command.
  case lineEnd
  /// A bracket that belongs to what surrounds the command, or the end of the file.
  case commandEnd
}

extension Lexer {
  /// Passes blanks and comments and tells what comes. `linesAreSpace` inside parentheses, where a line's end is a space.
  public mutating func wordStart(linesAreSpace: Bool) -> WordStart {
    while true {
      skipBlanks()
      if byte() == UInt8(ascii: "#") { skipComment() }
      if isAtEnd { return linesAreSpace ? .commandEnd : .lineEnd }
      guard isAtLineEnd else { break }
      guard linesAreSpace else { return .lineEnd }
      position += 1
    }
    switch byte() {
    case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: "]"): return .commandEnd
    default: return .word
    }
  }

  /// Reads the bare letters of a word, as `skipBareText` passes them.
  public mutating func bareText(open: inout [UInt8]) -> String {
    let start = position
    skipBareText(open: &open)
    return file.text(Span(start, position))
  }

  /// Passes the bare letters of a word up to a quote, a dollar sign or the word's end. `open` holds the brackets that
  /// the word has opened and not yet closed.
  public mutating func skipBareText(open: inout [UInt8]) {
    scan: while position < count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\""), UInt8(ascii: "'"),
        UInt8(ascii: "$"), UInt8(ascii: "\r"):
        break scan
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): open.append(bytes[position])
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        if open.popLast() == nil { break scan }
      default: break
      }
      position += 1
    }
  }

  /// Whether a word ends where the lexer stands.
  public var isAtWordEnd: Bool {
    if isAtLineEnd { return true }
    switch byte() {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: ")"), UInt8(ascii: "]"),
      UInt8(ascii: "}"):
      return true
    default: return false
    }
  }

  /// Refuses what would mean something to a shell, where the word that begins here has it bare.
  public func refuseShellSyntax() throws(SyntaxError) {
    let first = byte()
    switch first {
    case UInt8(ascii: "|"): throw problem(byte(1) == first ? .shellOr : .shellPipe, length: bareLength)
    case UInt8(ascii: "&"): throw problem(byte(1) == first ? .shellAnd : .shellBackground, length: bareLength)
    case UInt8(ascii: "<"), UInt8(ascii: ">"): throw problem(.shellRedirection, length: bareLength)
    case UInt8(ascii: ";"): throw problem(.semicolon, length: 1)
    case UInt8(ascii: "`"): throw problem(.shellSubstitution, length: 1)
    case UInt8(ascii: "0")...UInt8(ascii: "9") where byte(1) == UInt8(ascii: ">"):
      throw problem(.shellRedirection, length: bareLength)
    default: break
    }
  }

  /// Refuses a `;` at the end of a word that has been read, and a `\` at the end of its line, blanks behind it or not.
  public func refuseShellEnding() throws(SyntaxError) {
    switch byte(-1) {
    case UInt8(ascii: ";"): throw SyntaxError(.semicolon, Span(position - 1, position))
    case UInt8(ascii: "\\"):
      var behind = self
      behind.skipBlanks()
      if behind.isAtLineEnd { throw SyntaxError(.backslashAtLineEnd, Span(position - 1, position)) }
    default: break
    }
  }

  /// How far it is to the next white space.
  private var bareLength: Int {
    var end = position
    while end < count, bytes[end] > UInt8(ascii: " ") { end += 1 }
    return end - position
  }
}

extension Lexer {
  /// Reads a number; a unit behind it makes it a duration or a size.
  mutating func number() throws(SyntaxError) -> Token.Kind {
    let start = position
    var kind = Token.Kind.integer
    skipDigits()
    if byte() == UInt8(ascii: "."), Letters.isDigit(byte(1)) {
      kind = .float
      position += 1
      skipDigits()
    }
    if byte() | 0x20 == UInt8(ascii: "e"), hasExponent {
      kind = .float
      position += byte(1) == UInt8(ascii: "-") || byte(1) == UInt8(ascii: "+") ? 2 : 1
      skipDigits()
    }
    guard Letters.startsName(byte()) else { return kind }
    while Letters.continuesName(byte()) || (byte() == UInt8(ascii: ".") && Letters.isDigit(byte(1))) { position += 1 }
    let span = Span(start, position)
    let text = file.text(span)
    switch Units.kind(of: text) {
    case .duration where Units.nanoseconds(in: text) != nil: return .duration
    case .size where Units.bytes(in: text) != nil: return .size
    case nil: throw SyntaxError(.unknownUnit(text.truncated(to: 40)), span)
    default: throw SyntaxError(.numberTooLarge(text.truncated(to: 40)), span)
    }
  }

  /// The whole number that stands at the span; nil if 64 bits do not hold it.
  public func integer(at span: Span) -> Int64? {
    var value: Int64 = 0
    for index in span.range where bytes[index] != UInt8(ascii: "_") {
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = tens.addingReportingOverflow(Int64(bytes[index] &- UInt8(ascii: "0")))
      if isTooLarge || overflows { return nil }
      value = sum
    }
    return value
  }

  private var hasExponent: Bool {
    let sign = byte(1) == UInt8(ascii: "-") || byte(1) == UInt8(ascii: "+")
    return Letters.isDigit(byte(sign ? 2 : 1))
  }

  private mutating func skipDigits() {
    while Letters.isDigit(byte()) || (byte() == UInt8(ascii: "_") && Letters.isDigit(byte(1))) { position += 1 }
  }
}

/// One part of a string or a word.
public enum TextPart: Sendable {
  case text(String)
  /// `$name`
  case variable(Symbol, Span)
  /// `${`: an expression and its `}` follow.
  case expressionStart(Span)
  case end
}

extension Lexer {
  /// Reads on in a string opened by `quote` at `opening`, up to its next interpolation or its end.
  public mutating func stringPart(_ quote: Token.Kind, opening: Span) throws(SyntaxError) -> TextPart {
    let tripled = quote == .tripleQuote || quote == .rawTripleQuote
    let raw = quote == .rawQuote || quote == .rawTripleQuote
    let mark = raw ? UInt8(ascii: "'") : UInt8(ascii: "\"")
    if !tripled, let plain = plainText(upTo: mark, raw: raw) { return .text(plain) }
    var text: [UInt8] = []
    while position < count {
      let next = bytes[position]
      switch next {
      case mark where !tripled || (byte(1) == mark && byte(2) == mark):
        if !text.isEmpty { return .text(String(decoding: text, as: UTF8.self)) }
        position += tripled ? 3 : 1
        return .end
      case UInt8(ascii: "\n") where !tripled: throw SyntaxError(.unclosedString(tripled: false), opening)
      case UInt8(ascii: "\r") where tripled && byte(1) == UInt8(ascii: "\n"): position += 1
      case UInt8(ascii: "\\") where !raw: text.append(contentsOf: try escape())
      case UInt8(ascii: "$") where !raw:
        if !text.isEmpty { return .text(String(decoding: text, as: UTF8.self)) }
        return try interpolation()
      default:
        text.append(next)
        position += 1
      }
    }
    throw SyntaxError(.unclosedString(tripled: tripled), opening)
  }

  /// The text up to the end of a string or its next dollar sign, taken as it stands; nil if there is none, if the line
  /// ends before, or if there are escapes in it.
  private mutating func plainText(upTo mark: UInt8, raw: Bool) -> String? {
    let start = position
    var end = position
    scan: while bytes[end] != mark {
      switch bytes[end] {
      case UInt8(ascii: "\n"), 0: return nil
      case UInt8(ascii: "\\") where !raw: return nil
      case UInt8(ascii: "$") where !raw: break scan
      default: end += 1
      }
    }
    guard end > start else { return nil }
    position = end
    return file.text(Span(start, end))
  }

  /// Reads `$name` or `${` where the lexer stands on a dollar sign.
  public mutating func interpolation() throws(SyntaxError) -> TextPart {
    let start = position
    if byte(1) == UInt8(ascii: "{") {
      position += 2
      return .expressionStart(Span(start, position))
    }
    position += 1
    guard let name = nameHere() else { throw SyntaxError(.dollarBeforeNothing, Span(start, start + 1)) }
    return .variable(name, Span(start + 1, position))
  }

  private mutating func escape() throws(SyntaxError) -> [UInt8] {
    let start = position
    position += 2
    switch byte(-1) {
    case UInt8(ascii: "n"): return [UInt8(ascii: "\n")]
    case UInt8(ascii: "t"): return [UInt8(ascii: "\t")]
    case UInt8(ascii: "r"): return [UInt8(ascii: "\r")]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"), UInt8(ascii: "'"): return [byte(-1)]
    case UInt8(ascii: "u") where byte() == UInt8(ascii: "{"):
      var end = position + 1
      while end < count, Letters.continuesName(bytes[end]) { end += 1 }
      let digits = file.text(Span(position + 1, end))
      let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
      guard let scalar, end < count, bytes[end] == UInt8(ascii: "}") else {
        throw SyntaxError(.badUnicodeEscape, Span(start, min(end + 1, count)))
      }
      position = end + 1
      return Array(String(scalar).utf8)
    default: throw SyntaxError(.unknownEscape, Span(start, min(start + 2, count)))
    }
  }
}
