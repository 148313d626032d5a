import Lexer

/// Where lines end, and how far they are indented.
extension Layout {
  /// Whether the token stands first on its line. Most lines end where they ended; the brackets of what stands on several
  /// lines stand alone, and a block's brace stands behind what it belongs to.
  func startsLine(_ entry: TokenTrace.Entry) -> Bool {
    if entry.has(.followsComment) { return true }
    guard let previous else { return false }
    let frame = frames[frames.count - 1]
    if previous.isOpening {
      if entry.isClosing { return false }
      if frame.kind != .free { return frame.isExpanded }
    } else if entry.isClosing {
      if frame.kind != .free { return frame.isExpanded }
    } else if entry.has(.block) || entry.has(.tight) || goesOnAfterBlock(entry) || previous.kind == .dot
      || previous.has(.unary)
    {
      return false
    }
    return entry.has(.startsLine)
  }

  /// Whether it is the `else` behind a block.
  private func goesOnAfterBlock(_ entry: TokenTrace.Entry) -> Bool {
    entry.isKeyword(.else) && previous?.kind == .rightBrace && !entry.has(.element)
  }

  /// How far the line is indented that the token begins.
  func indent(of entry: TokenTrace.Entry) -> Int {
    let frame = frames[frames.count - 1]
    if entry.isClosing { return frame.base }
    switch frame.kind {
    case .free: return frame.indent
    case .block:
      if entry.has(.statement) { return frame.indent }
      return entry.has(.block) || goesOnAfterBlock(entry) ? frame.head : frame.indent + Layout.step
    case .elements: return startsElement(entry) || isClause(entry) ? frame.indent : frame.indent + Layout.step
    }
  }

  /// Whether the token is the first one of an element, an argument or an entry.
  func startsElement(_ entry: TokenTrace.Entry) -> Bool {
    previous?.isOpening == true || entry.has(.element) || followsComma
  }

  /// Whether the token is the `for` or the `if` of a comprehension: they stand below what is made for each.
  private func isClause(_ entry: TokenTrace.Entry) -> Bool {
    guard entry.isKeyword(.for) || entry.isKeyword(.if) else { return false }
    return previous?.endsOperand(isDotted: isDotted) ?? false
  }

  /// Ends the line before a token, with the comments that stand there.
  mutating func writeBreak(before entry: TokenTrace.Entry) {
    let frame = frames[frames.count - 1]
    let indent = indent(of: entry)
    let startsPart = entry.has(.statement) || (frame.kind == .elements && startsElement(entry))
    var gap = BetweenTokens(bytes, from: Int(previous?.end ?? 0), to: Int(entry.start))
    let followsComment = entry.has(.followsComment)
    if followsComment {
      writeComments(
        &gap, indent: entry.isClosing ? frame.indent : indent, keepsBlankLines: startsPart || entry.isClosing)
    } else {
      gap.skip()
    }
    let isFirst = (previous?.isOpening ?? true) && !followsComment
    endLine(blank: startsPart && !isFirst && gap.newLines > 1, indent: indent)
  }

  /// Writes what stands behind the last token, and the end of the last line.
  mutating func writeEnd(_ entry: TokenTrace.Entry) {
    if entry.has(.followsComment) {
      var gap = BetweenTokens(bytes, from: Int(previous?.end ?? 0), to: Int(entry.start))
      writeComments(&gap, indent: 0, keepsBlankLines: true)
    }
    if !out.isEmpty { out.append(UInt8(ascii: "\n")) }
  }

  /// Begins a new line, unless nothing has been written yet.
  mutating func endLine(blank: Bool, indent: Int) {
    if !out.isEmpty {
      out.append(UInt8(ascii: "\n"))
      line += 1
      if blank {
        out.append(UInt8(ascii: "\n"))
        line += 1
      }
    }
    lineStart = out.count
    lineIndent = indent
    for _ in 0..<indent { out.append(UInt8(ascii: " ")) }
  }

  /// Whether a blank stands between two tokens of a line.
  func needsSpace(between previous: TokenTrace.Entry, and entry: TokenTrace.Entry) -> Bool {
    if entry.has(.tight) { return false }
    if previous.has(.openWord) { return true }
    switch entry.kind {
    case .rightParenthesis, .rightBracket, .dot, .colon, .closedRange, .halfOpenRange: return false
    case .rightBrace: return previous.kind != .leftBrace || previous.has(.block)
    default: break
    }
    switch previous.kind {
    case .leftParenthesis, .leftBracket, .dot, .closedRange, .halfOpenRange: return false
    case .minus: return !previous.has(.unary)
    default: return true
    }
  }
}
