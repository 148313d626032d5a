import Lexer

/// What a wait says behind its condition; of a command that is waited for, it may stand between the command's endings.
final class WaitEndings {
  var limit: Expression?
}

/// Commands are written in words, as in a shell.
extension Parser {
  /// Reads the command whose name is the current token. Of a command that is waited for, `within`, `every` and the text
  /// belong to the wait.
  mutating func command(of wait: WaitEndings? = nil) -> Expression {
    let name = token
    if isTraced { trace.mark(.command) }
    if isInLambda { report(.lambdaWithCommand, name.span) }
    guard !isOver, deepen(at: name.span) else { return missing() }
    stretches.note(name, as: .command)
    let first = wordsRead.count
    let hasEndings = readWords(ofWait: wait != nil)
    let words = wordsRead.takeLast(from: first)
    advance()
    if !hasEndings { noteWordDue(words, of: name.symbol) }
    var endings = Endings(end: previousEnd)
    if hasEndings { readEndings(&endings, of: wait) }
    depth -= 1
    noteUnfinished(.command(name.symbol, words: words))
    let whole = Span(Int(name.span.start), Int(max(name.span.end, endings.end)))
    let deepest = max(endings.document?.depth ?? 0, endings.cluster?.depth ?? 0, endings.limit?.depth ?? 0)
    if !isBroken { usedCommands[vocabulary.place(of: name.symbol)] = true }
    let call = CommandCall(
      symbol: name.symbol, name: vocabulary.commandName(name.symbol), nameSpan: name.span, words: words,
      document: endings.document, cluster: endings.cluster, limit: endings.limit, span: whole)
    return Expression(.command(call), whole, depth: deepest + 1)
  }

  /// Reads words up to the command's end or its first ending. Tells whether endings follow.
  private mutating func readWords(ofWait: Bool) -> Bool {
    while !isOver {
      let beforeSpace = lexer.position
      // In what is broken the next line is no more words, unless it says so.
      switch lexer.wordStart(linesAreSpace: nesting == .parenthesis && !isBroken) {
      case .commandEnd: return false
      case .lineEnd:
        _ = lexer.skipSpace()
        if lexer.isAtEndingKeyword { return true }
        guard nesting == .block || isBroken, lexer.byte() == UInt8(ascii: "-") else {
          lexer.position = beforeSpace
          return false
        }
      case .word: if lexer.isAtEndingKeyword || (ofWait && lexer.isAt(word: "every")) { return true }
      }
      wordsRead.append(word())
      noteEnd()
    }
    return false
  }

  /// Notes that a word is due, if somebody types behind the command's name and words.
  private mutating func noteWordDue(_ words: [Word], of command: Symbol) {
    guard isTyped, isAtEnd, nesting == .parenthesis || !endsOnNewLine else { return }
    let typed = typedWord(words.last)
    typing.note(.word(typed))
    typing.note(.command(command, words: words.filter { $0.span.start < typed }))
  }

  private struct Endings {
    var document: Expression?
    var cluster: Expression?
    var limit: Expression?
    /// Where the command's own text ends: a wait's limit is no part of it.
    var end: UInt32
  }

  private mutating func readEndings(_ endings: inout Endings, of wait: WaitEndings?) {
    while let keyword = token.keyword, keyword == .with || keyword == .on || keyword == .within {
      if let wait, keyword == .within {
        readLimit(of: wait)
        continue
      }
      let place = token.span
      advance()
      let isRepeated =
        switch keyword {
        case .with: endings.document != nil
        case .on: endings.cluster != nil
        default: endings.limit != nil
        }
      if isRepeated { report(.repeatedEnding(keyword.text), place) }
      let value = ending(at: place, keyword)
      switch keyword {
      case .with: endings.document = value
      case .on: endings.cluster = value
      default: endings.limit = value
      }
      endings.end = previousEnd
    }
    if wait == nil { reportWordsAfterEndings() }
  }

  /// Reads the value of an ending: in a block, a line that begins with `-` does not go on with it.
  mutating func ending(at place: Span, _ keyword: Keyword) -> Expression {
    let value = nested(nesting == .block ? .ending : nesting, at: place) { $0.expression() } ?? missing()
    noteUnfinished(.ending(keyword))
    return value
  }

  /// Reads a wait's `within`.
  mutating func readLimit(of wait: WaitEndings) {
    let place = token.span
    if wait.limit != nil { report(.repeatedEnding("within"), place) }
    advance()
    wait.limit = ending(at: place, .within)
  }

  private mutating func reportWordsAfterEndings() {
    if isAt(.minus), token.startsLine { return report(.flagAfterEnding, token.span) }
    let follows = !token.startsLine || nesting == .parenthesis
    switch token.kind {
    case .name, .integer, .float, .duration, .size, .quote, .rawQuote, .minus:
      if follows { report(.wordAfterEnding(lexer.file.text(token.span)), token.span) }
    default: break
    }
  }

  // MARK: Words

  /// Reads one word: bare text, quoted text, `$name`, `${expression}`, in any mixture.
  mutating func word() -> Word {
    let before = trace.count
    var open: [UInt8] = []
    let word = readWord(open: &open)
    if isTraced { trace.addWord(word.span, after: before, isOpen: !open.isEmpty) }
    return word
  }

  /// `open` has the brackets that the word opens and does not close.
  private mutating func readWord(open: inout [UInt8]) -> Word {
    let start = lexer.position
    check { lexer throws(SyntaxError) in try lexer.refuseShellSyntax() }
    if lexer.byte() == UInt8(ascii: "."), lexer.byte(1) == UInt8(ascii: "."), lexer.byte(2) == UInt8(ascii: ".") {
      return spread(start)
    }
    lexer.skipBareText(open: &open)
    stretches.note(.word, start, lexer.position)
    if lexer.position > start, lexer.isAtWordEnd {
      check { lexer throws(SyntaxError) in try lexer.refuseShellEnding() }
      return Word(.bare, Span(start, lexer.position))
    }
    let first = piecesRead.count
    if lexer.position > start { piecesRead.append(.text(lexer.file.text(Span(start, lexer.position)))) }
    reading: while !lexer.isAtEnd, !isOver {
      let before = piecesRead.count
      switch lexer.byte() {
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        // A quote alone is always a token.
        guard let quote = try? lexer.next() else { break reading }
        readString(quote)
        // An empty string is a word too.
        if piecesRead.count == before { piecesRead.append(.text("")) }
        if before > first { joinTexts(at: before) }
      case UInt8(ascii: "$"): if let value = interpolation() { piecesRead.append(.expression(value)) }
      default:
        if open.isEmpty, lexer.isAtWordEnd { break reading }
        let textStart = lexer.position
        let text = lexer.bareText(open: &open)
        if text.isEmpty { break reading }
        stretches.note(.word, textStart, lexer.position)
        if lexer.isAtWordEnd { check { lexer throws(SyntaxError) in try lexer.refuseShellEnding() } }
        piecesRead.append(.text(text))
        if before > first { joinTexts(at: before) }
      }
    }
    // Nothing that could be read must not be met again.
    if lexer.position == start, !lexer.isAtEnd { lexer.position += 1 }
    let span = Span(start, lexer.position)
    if piecesRead.count == first + 1, case .expression(let value) = piecesRead[first] {
      piecesRead.removeLast()
      return Word(.value(value), span)
    }
    return Word(.pieces(piecesRead.takeLast(from: first)), span)
  }

  /// Makes one text of the one at a place and the one before it.
  private mutating func joinTexts(at place: Int) {
    guard case .text(let last) = piecesRead[place - 1], case .text(let next) = piecesRead[place] else { return }
    piecesRead[place - 1] = .text(last + next)
    piecesRead.remove(at: place)
  }

  /// Notes what the lexer finds wrong where it stands.
  private mutating func check(_ look: (Lexer) throws(SyntaxError) -> Void) {
    do throws(SyntaxError) {
      try look(lexer)
    } catch {
      report(error.problem, error.span)
    }
  }

  private mutating func spread(_ start: Int) -> Word {
    lexer.position += 3
    guard lexer.byte() == UInt8(ascii: "$") else {
      report(.spreadOfNothing, Span(start, lexer.position))
      var open: [UInt8] = []
      lexer.skipBareText(open: &open)
      stretches.note(.word, start, lexer.position)
      return Word(.bare, Span(start, lexer.position))
    }
    let list = interpolation()
    let span = Span(start, lexer.position)
    if !lexer.isAtWordEnd { report(.spreadWithinWord, span) }
    return Word(.spread(list ?? Expression(.missing, span)), span)
  }

  // MARK: Strings

  /// Reads the string that begins at the token.
  mutating func string() -> Expression {
    let quote = token
    let before = trace.count
    let first = piecesRead.count
    readString(quote)
    let span = Span(Int(quote.span.start), lexer.position)
    if isTraced { trace.endString(at: lexer.position, after: before) }
    advance()
    switch piecesRead.count - first {
    case 0: return Expression(.literal(.string("")), span)
    case 1:
      guard case .text(let text) = piecesRead[first] else { fallthrough }
      piecesRead.removeLast()
      return Expression(.literal(.string(text)), span)
    default:
      let pieces = piecesRead.takeLast(from: first)
      var deepest = 0
      for case .expression(let part) in pieces { deepest = max(deepest, part.depth) }
      return Expression(.text(pieces), span, depth: deepest + 1)
    }
  }

  /// Adds the parts of a string whose opening quote has been read. The lexer stands behind the closing one afterwards.
  ///
  /// - Parameter keyword: of a text in which nothing may be filled in: what it belongs to.
  mutating func readString(_ quote: Token, literalFor keyword: String? = nil) {
    let first = piecesRead.count
    var start = Int(quote.span.start)
    var isClosed = false
    reading: while !isOver {
      stringEnd = lexer.position
      switch stringPart(quote) {
      case .text(let text): piecesRead.append(.text(text))
      case .end:
        isClosed = true
        break reading
      case .variable(let name, let span):
        stretches.note(.string, start, Int(span.start) - 1)
        if let keyword { report(.literalPathNeeded(keyword), span) }
        piecesRead.append(.expression(variable(name, span)))
        start = lexer.position
      case .expressionStart(let span):
        stretches.note(.string, start, Int(span.start))
        if let keyword { report(.literalPathNeeded(keyword), span) }
        let value = interpolated(span)
        piecesRead.append(.expression(value))
        start = lexer.position
      case nil: break reading
      }
    }
    if !isOver {
      stretches.note(.string, start, lexer.position)
      if isTyped, lexer.isAtEnd, !isClosed { typing.note(.string(quote.kind, start: start)) }
      noteEnd()
    }
    if quote.kind == .tripleQuote || quote.kind == .rawTripleQuote {
      piecesRead += unindented(piecesRead.takeLast(from: first))
    }
  }

  /// Reads on in a string; nil if it is never closed.
  private mutating func stringPart(_ quote: Token) -> TextPart? {
    while true {
      do throws(SyntaxError) {
        return try lexer.stringPart(quote.kind, opening: quote.span)
      } catch {
        report(error.problem, error.span)
        lexer.position = min(lexer.position, lexer.file.bytes.count)
        if case .unclosedString(let isTripled) = error.problem {
          if !isTripled, !(isTyped && lexer.isAtEnd) { leaveClosingBrackets(from: Int(quote.span.end)) }
          stringEnd = lexer.position
          return nil
        }
      }
    }
  }

  /// What a line with an open string ends with closes the brackets around the string, and not only the quote is missing.
  private mutating func leaveClosingBrackets(from start: Int) {
    var place = lexer.position
    while place > start {
      switch lexer.byte(place - 1 - lexer.position) {
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): lexer.position = place - 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
      default: return
      }
      place -= 1
    }
  }

  /// The value behind the dollar sign at which the lexer stands; nil if there is none.
  private mutating func interpolation() -> Expression? {
    do throws(SyntaxError) {
      switch try lexer.interpolation() {
      case .variable(let name, let span): return variable(name, span)
      case .expressionStart(let opening): return interpolated(opening)
      case .text, .end: return nil
      }
    } catch {
      report(error.problem, error.span)
      return nil
    }
  }

  /// `$name`
  private mutating func variable(_ name: Symbol, _ span: Span) -> Expression {
    stretches.note(.name, Int(span.start), Int(span.end))
    return Expression(.name(name), span)
  }

  /// The expression behind `${` in a word or a string. The lexer stands behind its brace afterwards.
  private mutating func interpolated(_ opening: Span) -> Expression {
    bracketed(.parenthesis, .rightBrace, at: opening) { parser in
      parser.advance()
      let value = parser.boundValue()
      if parser.token.kind == .endOfFile {
        parser.noteOpen(.parenthesis)
        parser.reportUnclosed("${", opening)
        return value
      }
      if parser.token.kind != .rightBrace {
        parser.reportUnexpected("`}`")
        while parser.hasBrokenElement(before: .rightBrace) {
          let value = parser.broken { $0.expression() }
          parser.brokenStatements.append(.expression(value))
        }
      }
      if parser.isOver { return value }
      // The string or the word goes on behind the brace, before any token is read.
      let token = parser.token
      parser.lexer.position = Int(token.kind == .rightBrace ? token.span.end : token.span.start)
      return value
    } ?? missing()
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

extension Array {
  /// Takes away all that stand behind so many, and moves them: nothing is copied and no more is allocated than is kept.
  mutating func takeLast(from first: Int) -> [Element] {
    var taken: [Element] = []
    taken.reserveCapacity(count - first)
    while count > first { taken.append(removeLast()) }
    taken.reverse()
    return taken
  }
}
