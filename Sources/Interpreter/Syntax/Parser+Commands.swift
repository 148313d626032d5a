import Lexer

/// What a wait says behind its condition; of a command that is waited for, it may stand between the command's endings.
final class WaitEndings {
  var limit: Expression?
}

/// Commands are written in words, as in a shell.
extension Parser {
  /// Reads the command whose name is the current token. Of a command that is waited for, `within`, `every` and the text
  /// belong to the wait.
  mutating func command(of wait: WaitEndings? = nil) throws(SyntaxError) -> Expression {
    let name = token
    if isTraced { trace.mark(.command) }
    if isInLambda { throw SyntaxError(.lambdaWithCommand, name.span) }
    try deepen(at: name.span)
    defer { depth -= 1 }
    let first = wordsRead.count
    defer { wordsRead.removeLast(wordsRead.count - first) }
    let hasEndings = try readWords(ofWait: wait != nil)
    let words = Array(wordsRead[first...])
    try advance()
    var endings = Endings(end: previousEnd)
    if hasEndings { try readEndings(&endings, of: wait) }
    let whole = Span(Int(name.span.start), Int(max(name.span.end, endings.end)))
    let deepest = max(endings.document?.depth ?? 0, endings.cluster?.depth ?? 0, endings.limit?.depth ?? 0)
    usedCommands[vocabulary.place(of: name.symbol)] = true
    let call = CommandCall(
      symbol: name.symbol, name: vocabulary.commandName(name.symbol), nameSpan: name.span, words: words,
      document: endings.document, cluster: endings.cluster, limit: endings.limit, span: whole)
    return Expression(.command(call), whole, depth: deepest + 1)
  }

  /// Reads words up to the command's end or its first ending. Tells whether endings follow.
  private mutating func readWords(ofWait: Bool) throws(SyntaxError) -> Bool {
    while true {
      let beforeSpace = lexer.position
      switch lexer.wordStart(linesAreSpace: nesting == .parenthesis) {
      case .commandEnd: return false
      case .lineEnd:
        _ = lexer.skipSpace()
        if lexer.isAtEndingKeyword { return true }
        guard nesting == .block, lexer.byte() == UInt8(ascii: "-") else {
          lexer.position = beforeSpace
          return false
        }
      case .word: if lexer.isAtEndingKeyword || (ofWait && lexer.isAt(word: "every")) { return true }
      }
      wordsRead.append(try word())
      noteEnd()
    }
  }

  private struct Endings {
    var document: Expression?
    var cluster: Expression?
    var limit: Expression?
    /// Where the command's own text ends: a wait's limit is no part of it.
    var end: UInt32
  }

  private mutating func readEndings(_ endings: inout Endings, of wait: WaitEndings?) throws(SyntaxError) {
    while let keyword = token.keyword, keyword == .with || keyword == .on || keyword == .within {
      if let wait, keyword == .within {
        try readLimit(of: wait)
        continue
      }
      let place = token.span
      try advance()
      let isRepeated =
        switch keyword {
        case .with: endings.document != nil
        case .on: endings.cluster != nil
        default: endings.limit != nil
        }
      if isRepeated { throw SyntaxError(.repeatedEnding(keyword.text), place) }
      let value = try ending(at: place)
      switch keyword {
      case .with: endings.document = value
      case .on: endings.cluster = value
      default: endings.limit = value
      }
      endings.end = previousEnd
    }
    if wait == nil { try refuseWordsAfterEndings() }
  }

  /// Reads the value of an ending: in a block, a line that begins with `-` does not go on with it.
  mutating func ending(at place: Span) throws(SyntaxError) -> Expression {
    try nested(nesting == .block ? .ending : nesting, at: place) { parser throws(SyntaxError) in
      try parser.expression()
    }
  }

  /// Reads a wait's `within`.
  mutating func readLimit(of wait: WaitEndings) throws(SyntaxError) {
    let place = token.span
    if wait.limit != nil { throw SyntaxError(.repeatedEnding("within"), place) }
    try advance()
    wait.limit = try ending(at: place)
  }

  private func refuseWordsAfterEndings() throws(SyntaxError) {
    if isAt(.minus), token.startsLine { throw SyntaxError(.flagAfterEnding, token.span) }
    let follows = !token.startsLine || nesting == .parenthesis
    switch token.kind {
    case .name, .integer, .float, .duration, .size, .quote, .rawQuote, .minus:
      if follows { throw SyntaxError(.wordAfterEnding(lexer.file.text(token.span)), token.span) }
    default: break
    }
  }

  // MARK: Words

  /// Reads one word: bare text, quoted text, `$name`, `${expression}`, in any mixture.
  mutating func word() throws(SyntaxError) -> Word {
    let before = trace.count
    var open: [UInt8] = []
    let word = try readWord(open: &open)
    if isTraced { trace.addWord(word.span, after: before, isOpen: !open.isEmpty) }
    return word
  }

  /// `open` has the brackets that the word opens and does not close.
  private mutating func readWord(open: inout [UInt8]) throws(SyntaxError) -> Word {
    try lexer.refuseShellSyntax()
    let start = lexer.position
    if lexer.byte() == UInt8(ascii: "."), lexer.byte(1) == UInt8(ascii: "."), lexer.byte(2) == UInt8(ascii: ".") {
      return try spread(start)
    }
    lexer.skipBareText(open: &open)
    if lexer.position > start, lexer.isAtWordEnd {
      try lexer.refuseShellEnding()
      return Word(bare: Span(start, lexer.position))
    }
    var pieces: [TextPiece] =
      lexer.position == start ? [] : [.text(lexer.file.text(Span(start, lexer.position)))]
    reading: while !lexer.isAtEnd {
      switch lexer.byte() {
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        let quote = try lexer.next()
        let string = try stringPieces(quote)
        if pieces.isEmpty, !string.isEmpty, lexer.isAtWordEnd {
          return Word(pieces: string, isSpread: false, span: Span(start, lexer.position))
        }
        // An empty string is a word too.
        append(string.isEmpty ? [.text("")] : string, to: &pieces)
      case UInt8(ascii: "$"): pieces.append(.expression(try interpolated(try lexer.interpolation())))
      default:
        if open.isEmpty, lexer.isAtWordEnd { break reading }
        let text = lexer.bareText(open: &open)
        if text.isEmpty { break reading }
        if lexer.isAtWordEnd { try lexer.refuseShellEnding() }
        append([.text(text)], to: &pieces)
      }
    }
    return Word(pieces: pieces, isSpread: false, span: Span(start, lexer.position))
  }

  private func append(_ more: [TextPiece], to pieces: inout [TextPiece]) {
    for piece in more {
      if case .text(let next) = piece, case .text(let last) = pieces.last {
        pieces[pieces.count - 1] = .text(last + next)
      } else {
        pieces.append(piece)
      }
    }
  }

  private mutating func spread(_ start: Int) throws(SyntaxError) -> Word {
    lexer.position += 3
    guard lexer.byte() == UInt8(ascii: "$") else {
      throw SyntaxError(.spreadOfNothing, Span(start, lexer.position))
    }
    let value = try interpolated(try lexer.interpolation())
    guard lexer.isAtWordEnd else { throw SyntaxError(.spreadWithinWord, Span(start, lexer.position)) }
    return Word(pieces: [.expression(value)], isSpread: true, span: Span(start, lexer.position))
  }

  /// The expression behind a dollar sign in a word or a string. The lexer stands behind it afterwards.
  mutating func interpolated(_ part: TextPart) throws(SyntaxError) -> Expression {
    switch part {
    case .variable(let name, let span): return Expression(.name(name), span)
    case .expressionStart(let opening):
      return try nested(.parenthesis, at: opening) { parser throws(SyntaxError) in
        try parser.advance()
        let value = try parser.boundValue()
        if parser.token.kind == .endOfFile {
          parser.isHopeless = true
          throw SyntaxError(.unclosed("${"), opening)
        }
        guard parser.token.kind == .rightBrace else { throw parser.unexpected("`}`") }
        // The string or the word goes on behind the brace, before any token is read.
        parser.lexer.position = Int(parser.token.span.end)
        return value
      }
    case .text, .end: throw SyntaxError(.dollarBeforeNothing, Span(lexer.position, lexer.position))
    }
  }
}
