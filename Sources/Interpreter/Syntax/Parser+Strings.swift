import Lexer

extension Parser {
  /// Reads the string that begins at the token.
  mutating func string() throws(SyntaxError) -> Expression {
    let quote = token
    let before = trace.count
    let pieces = try stringPieces(quote)
    let span = Span(Int(quote.span.start), lexer.position)
    noteEnd()
    if isTraced { trace.endString(at: lexer.position, after: before) }
    try advance()
    switch pieces.count {
    case 0: return Expression(.literal(.string("")), span)
    case 1:
      if case .text(let text) = pieces[0] { return Expression(.literal(.string(text)), span) }
      fallthrough
    default:
      var deepest = 0
      for case .expression(let part) in pieces { deepest = max(deepest, part.depth) }
      return Expression(.text(pieces), span, depth: deepest + 1)
    }
  }

  /// The parts of a string whose opening quote has been read. The lexer stands behind the closing one afterwards.
  mutating func stringPieces(_ quote: Token) throws(SyntaxError) -> [TextPiece] {
    var pieces: [TextPiece] = []
    pieces.reserveCapacity(4)
    reading: while true {
      let part = try lexer.stringPart(quote.kind, opening: quote.span)
      switch part {
      case .text(let text): pieces.append(.text(text))
      case .end: break reading
      case .variable, .expressionStart: pieces.append(.expression(try interpolated(part)))
      }
    }
    let isTripled = quote.kind == .tripleQuote || quote.kind == .rawTripleQuote
    return isTripled ? unindented(pieces) : pieces
  }

  /// A string of several lines begins on the line below its quotes, and is moved left by as much as the line of its
  /// closing quotes is indented; that line, if nothing but blanks stand on it, is no part of the text.
  private func unindented(_ pieces: [TextPiece]) -> [TextPiece] {
    guard case .text(let first) = pieces.first, first.hasPrefix("\n") else { return pieces }
    var indent = ""
    if case .text(let last) = pieces.last, let lineStart = last.lastIndex(of: "\n") {
      let tail = last[last.index(after: lineStart)...]
      if tail.allSatisfy({ $0 == " " || $0 == "\t" }) { indent = String(tail) }
    }
    var result: [TextPiece] = []
    for (index, piece) in pieces.enumerated() {
      guard case .text(var text) = piece else {
        result.append(piece)
        continue
      }
      let isLast = index == pieces.count - 1
      if isLast, text.hasSuffix("\n" + indent) { text.removeLast(indent.count + 1) }
      if !indent.isEmpty {
        text = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { line, part in
          line > 0 && part.hasPrefix(indent) ? String(part.dropFirst(indent.count)) : String(part)
        }.joined(separator: "\n")
      }
      if index == 0, text.hasPrefix("\n") { text.removeFirst() }
      if !text.isEmpty { result.append(.text(text)) }
    }
    return result
  }
}
