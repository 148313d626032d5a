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
