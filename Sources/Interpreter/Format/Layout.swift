import Lexer

/// Writes the tokens of a recipe anew and decides about the white space between them.
struct Layout {
  /// A bracket that is open, or the file itself.
  struct Frame {
    enum Kind { case block, elements, free }
    let kind: Kind
    let isExpanded: Bool
    /// How far the line of its closing bracket is indented.
    let base: Int
    /// How far what stands in it is indented.
    let indent: Int
    /// How far the statement is indented that the next block belongs to, and the keyword that it begins with.
    var head: Int
    var headKeyword: UInt8?
  }

  static let step = 2

  let bytes: UnsafeBufferPointer<UInt8>
  let entries: UnsafeBufferPointer<TokenTrace.Entry>
  private let hasCarriageReturns: Bool
  var out: [UInt8] = []
  var frames: [Frame] = []
  /// The token written last, and whether it stands behind a dot.
  var previous: TokenTrace.Entry?
  var isDotted = false
  /// Whether a comma is due behind it.
  private var owesComma = false
  /// Whether one was due behind the token before.
  private(set) var followsComma = false
  /// Where the current line begins in `out`, how far it is indented, and its number.
  var lineStart = 0
  var lineIndent = 0
  var line = 0
  var comments = CommentColumns()

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ entries: UnsafeBufferPointer<TokenTrace.Entry>) {
    self.bytes = bytes
    self.entries = entries
    hasCarriageReturns = bytes.contains(UInt8(ascii: "\r"))
    out.reserveCapacity(bytes.count + bytes.count / 8 + 64)
    frames.append(Frame(kind: .block, isExpanded: true, base: 0, indent: 0, head: 0, headKeyword: nil))
  }

  mutating func writeAll() {
    for place in entries.indices {
      let entry = entries[place]
      if entry.kind == .comma {
        owesComma = !entry.has(.needless)
      } else {
        write(entry)
      }
    }
  }

  /// What has been written, with the comments behind statements below each other.
  func finished() -> [UInt8] { comments.aligned(out) }

  private mutating func write(_ entry: TokenTrace.Entry) {
    if owesComma { out.append(UInt8(ascii: ",")) }
    followsComma = owesComma
    owesComma = false
    if entry.kind == .endOfFile { return writeEnd(entry) }
    if startsLine(entry) {
      writeBreak(before: entry)
    } else if let previous, needsSpace(between: previous, and: entry) {
      out.append(UInt8(ascii: " "))
    }
    noteHead(entry)
    copy(Int(entry.start), Int(entry.end))
    if entry.isOpening {
      open(entry)
    } else if entry.isClosing, frames.count > 1 {
      frames.removeLast()
    }
    isDotted = previous?.kind == .dot
    previous = entry
  }

  /// Copies a token as it stands, but that its lines end with a line feed. What reads as `\r\n` in a string stays so.
  private mutating func copy(_ start: Int, _ end: Int) {
    let token = UnsafeBufferPointer(rebasing: bytes[start..<end])
    guard hasCarriageReturns, token.contains(UInt8(ascii: "\r")) else { return out.append(contentsOf: token) }
    for place in token.indices {
      let endsLine =
        token[place] == UInt8(ascii: "\r") && place + 1 < token.count && token[place + 1] == UInt8(ascii: "\n")
      let isText = place > 0 && token[place - 1] == UInt8(ascii: "\r")
      if !endsLine || isText { out.append(token[place]) }
    }
  }

  // MARK: Nesting

  private mutating func open(_ entry: TokenTrace.Entry) {
    let outer = frames.count - 1
    let isBlock = entry.has(.block)
    let base = isBlock ? frames[outer].head : lineIndent
    let kind: Frame.Kind = isBlock ? .block : entry.isFree ? .free : .elements
    if isBlock { frames[outer].headKeyword = nil }
    let indent = base + Layout.step
    frames.append(
      Frame(
        kind: kind, isExpanded: entry.has(.expanded), base: base, indent: indent, head: indent, headKeyword: nil))
  }

  /// A block is indented as the line is that the statement begins with which it belongs to.
  private mutating func noteHead(_ entry: TokenTrace.Entry) {
    let last = frames.count - 1
    if entry.has(.statement) {
      frames[last].head = frames[last].indent
      frames[last].headKeyword = nil
    }
    guard entry.kind == .keyword, let keyword = Keyword(rawValue: Int32(entry.keyword)) else { return }
    switch keyword {
    case .foreach, .step, .retry, .during, .try, .defer, .task, .if, .else: break
    // The one in the head of a loop is no beginning.
    case .parallel where frames[last].headKeyword != UInt8(truncatingIfNeeded: Keyword.foreach.rawValue): break
    default: return
    }
    frames[last].head = lineIndent
    frames[last].headKeyword = entry.keyword
  }
}

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

/// The white space and the comments between two tokens, read from the front.
struct BetweenTokens {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place: Int
  private let end: Int
  /// The line ends since the last comment.
  private(set) var newLines = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) {
    self.bytes = bytes
    place = start
    self.end = end
  }

  /// Passes white space, and a comma. Tells whether a comment comes.
  @discardableResult
  mutating func skip() -> Bool {
    newLines = 0
    while place < end, bytes[place] != UInt8(ascii: "#") {
      if bytes[place] == UInt8(ascii: "\n") { newLines += 1 }
      place += 1
    }
    return place < end
  }

  /// The next comment, without the blanks at its end.
  mutating func comment() -> Range<Int> {
    let start = place
    while place < end, bytes[place] != UInt8(ascii: "\n") { place += 1 }
    var last = place
    while last > start, isBlank(bytes[last - 1]) { last -= 1 }
    return start..<last
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  /// Which column of its line a byte stands in.
  func column(of place: Int) -> Int {
    var start = place
    while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    return displayWidth(String(decoding: bytes[start..<place], as: UTF8.self))
  }
}

extension Layout {
  /// Writes the comments before a token: the first one behind what stands on its line, the others on lines of their own.
  /// Those right below the first one that begin in its column go on with it.
  mutating func writeComments(_ gap: inout BetweenTokens, indent: Int, keepsBlankLines: Bool) {
    var columnBehind: Int?
    var isFirst = true
    while gap.skip() {
      let newLines = gap.newLines
      let text = gap.comment()
      if isFirst, newLines == 0, previous != nil {
        comments.add(behind: lineStart..<out.count, line: line, indent: lineIndent, in: out)
        columnBehind = comments.isLastAligned ? gap.column(of: text.lowerBound) : nil
      } else if let column = columnBehind, newLines == 1, gap.column(of: text.lowerBound) == column {
        endLine(blank: false, indent: 0)
        comments.add(behind: lineStart..<lineStart, line: line, indent: comments.lastIndent, in: out)
      } else {
        columnBehind = nil
        let isFirstInside = isFirst && previous?.isOpening ?? true
        endLine(blank: keepsBlankLines && newLines > 1 && !isFirstInside, indent: indent)
      }
      out.append(contentsOf: bytes[text])
      isFirst = false
    }
  }
}

/// The comments that stand behind something: on lines that follow each other, indented alike, they begin in one column.
struct CommentColumns {
  private struct Comment {
    /// Where it was put in the text.
    let place: Int
    /// How many columns of its line stand before it.
    let width: Int
    let line: Int
    let indent: Int
    /// Whether its line begins where a line begins, and not within a string of several lines.
    let isAligned: Bool

    func goesBelow(_ other: Comment) -> Bool {
      line == other.line + 1 && indent == other.indent && isAligned && other.isAligned
    }
  }

  private var comments: [Comment] = []

  /// The indentation of the last one's line.
  var lastIndent: Int { comments.last?.indent ?? 0 }

  /// Whether other comments may be put below the last one.
  var isLastAligned: Bool { comments.last?.isAligned ?? false }

  /// Notes that a comment is about to be written behind the text of a line.
  mutating func add(behind text: Range<Int>, line: Int, indent: Int, in out: [UInt8]) {
    comments.append(
      Comment(
        place: text.upperBound, width: displayWidth(String(decoding: out[text], as: UTF8.self)), line: line,
        indent: indent,
        isAligned: !out[text].contains(UInt8(ascii: "\n"))))
  }

  /// The text with blanks before the comments.
  func aligned(_ out: [UInt8]) -> [UInt8] {
    guard !comments.isEmpty else { return out }
    var result: [UInt8] = []
    result.reserveCapacity(out.count + comments.count * 8)
    var done = 0
    var first = 0
    while first < comments.count {
      var end = first + 1
      while end < comments.count, comments[end].goesBelow(comments[end - 1]) { end += 1 }
      let widest = comments[first..<end].reduce(0) { max($0, $1.width) }
      for comment in comments[first..<end] {
        result.append(contentsOf: out[done..<comment.place])
        result.append(contentsOf: repeatElement(UInt8(ascii: " "), count: widest - comment.width + 2))
        done = comment.place
      }
      first = end
    }
    result.append(contentsOf: out[done...])
    return result
  }
}
