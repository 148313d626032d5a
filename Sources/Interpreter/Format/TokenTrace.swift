import Lexer

/// What the parser has read, token by token, for the formatter: only the parser knows what is a word, a statement's
/// beginning, a block's brace. Strings and words are one entry each, whatever is in them.
struct TokenTrace {
  struct Entry {
    var start: UInt32
    var end: UInt32
    let kind: Token.Kind
    /// The keyword's place among all of them, if it is one.
    let keyword: UInt8
    var marks: Marks

    func isKeyword(_ keyword: Keyword) -> Bool { self.keyword == UInt8(truncatingIfNeeded: keyword.rawValue) }
    func has(_ mark: Marks) -> Bool { !marks.isDisjoint(with: mark) }
  }

  struct Marks: OptionSet {
    let rawValue: UInt16

    // What the parser tells.
    /// A word of a command.
    static let word = Marks(rawValue: 1)
    /// The name of a command.
    static let command = Marks(rawValue: 2)
    /// The first token of a statement.
    static let statement = Marks(rawValue: 4)
    /// The first token of an element of a list or of an entry of a map, but for the very first one.
    static let element = Marks(rawValue: 8)
    /// The brace that opens a block; other braces open maps.
    static let block = Marks(rawValue: 16)
    /// A minus with one operand.
    static let unary = Marks(rawValue: 32)
    /// A word that opens a bracket and does not close it: one directly behind it would belong to the word.
    static let openWord = Marks(rawValue: 2048)

    // What the formatter finds out.
    /// A line ends between the token before and this one. (A comma is no token here: it belongs to the one before it.)
    static let startsLine = Marks(rawValue: 64)
    /// A comment stands there.
    static let followsComment = Marks(rawValue: 128)
    /// A bracket whose content stands on lines of its own.
    static let expanded = Marks(rawValue: 256)
    /// A bracket directly behind what it belongs to: that of a call, or of an index.
    static let tight = Marks(rawValue: 1024)
    /// A comma that says nothing that the end of its line or the closing bracket does not say.
    static let needless = Marks(rawValue: 512)
  }

  private static let noKeyword = UInt8.max

  var entries: [Entry] = []

  var count: Int { entries.count }

  mutating func add(_ token: Token) {
    entries.append(
      Entry(
        start: token.span.start, end: token.span.end, kind: token.kind,
        keyword: token.kind == .keyword ? UInt8(truncatingIfNeeded: token.symbol.index) : TokenTrace.noKeyword,
        marks: []))
  }

  /// Marks the token that the parser stands at.
  mutating func mark(_ mark: Marks) {
    guard !entries.isEmpty else { return }
    entries[entries.count - 1].marks.insert(mark)
  }

  /// Forgets what was read behind a place that the parser goes back to.
  mutating func forget(behind end: UInt32) {
    while let last = entries.last, last.start >= end { entries.removeLast() }
  }

  /// What was read since there were `count` entries is the inside of a word.
  mutating func addWord(_ span: Span, after count: Int, isOpen: Bool = false) {
    entries.removeLast(entries.count - count)
    entries.append(
      Entry(
        start: span.start, end: span.end, kind: .name, keyword: TokenTrace.noKeyword,
        marks: isOpen ? [.word, .openWord] : .word))
  }

  /// What was read since the opening quote, the last of `count` entries, is the inside of a string.
  mutating func endString(at end: Int, after count: Int) {
    entries.removeLast(entries.count - count)
    entries[count - 1].end = UInt32(clamping: end)
  }
}

/// Before anything is laid out: where lines end, which brackets stand open over several lines, which commas say nothing.
extension TokenTrace {
  private struct Open {
    /// The place of its opening bracket.
    let opener: Int
    let breaksBefore: Int
    var endsLine = false
    /// Whether a command stands in the element that is being read: it could go on behind the line's end.
    var elementHasCommand = false
  }

  mutating func findShape(in bytes: UnsafeBufferPointer<UInt8>) {
    var open: [Open] = []
    var breaks = 0
    var end = 0
    var comma: Int?
    var gap = Gap()
    entries.withUnsafeMutableBufferPointer { entries in
      for place in entries.indices {
        gap.read(bytes, from: end, to: Int(entries[place].start))
        end = Int(entries[place].end)
        if entries[place].kind == .comma {
          comma = place
          continue
        }
        if gap.endsLine {
          entries[place].marks.insert(.startsLine)
          breaks += 1
          if let last = open.indices.last { open[last].endsLine = true }
        }
        if gap.hasComment { entries[place].marks.insert(.followsComment) }
        let entry = entries[place]
        let last = open.indices.last
        if let comma {
          let endsElement = entry.has(.element) && gap.endsLine && last.map { !open[$0].elementHasCommand } ?? false
          if endsElement || entry.isClosing { entries[comma].marks.insert(.needless) }
        }
        if let last, entry.has(.element) || entry.has(.command) { open[last].elementHasCommand = entry.has(.command) }
        if entry.isOpening {
          if TokenTrace.isTight(place, in: entries, gap) { entries[place].marks.insert(.tight) }
          open.append(Open(opener: place, breaksBefore: breaks))
        } else if entry.isClosing, let closed = open.popLast() {
          let opener = entries[closed.opener]
          let isExpanded = opener.has(.block) ? breaks > closed.breaksBefore : closed.endsLine && !opener.isFree
          if isExpanded { entries[closed.opener].marks.insert(.expanded) }
        }
        gap = Gap()
        comma = nil
      }
    }
  }

  /// Whether the bracket belongs to what stands directly before it: that of a call, or of an index.
  private static func isTight(_ place: Int, in entries: UnsafeMutableBufferPointer<Entry>, _ gap: Gap) -> Bool {
    guard place > 0 else { return false }
    let before = entries[place - 1]
    let isDotted = place > 1 && entries[place - 2].kind == .dot
    switch entries[place].kind {
    case .leftParenthesis:
      if place > 1, entries[place - 2].isKeyword(.task), !isDotted { return !gap.hasComment }
      return gap.isEmpty && (before.kind == .name || (before.kind == .keyword && isDotted))
    case .leftBracket: return gap.isEmpty && before.endsOperand(isDotted: isDotted)
    default: return false
    }
  }
}

/// What stands between two tokens: white space and comments, and a comma that belongs to the first.
private struct Gap {
  var isEmpty = true
  var endsLine = false
  var hasComment = false

  mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) {
    var place = start
    while place < end {
      isEmpty = false
      if bytes[place] == UInt8(ascii: "\n") {
        endsLine = true
      } else if bytes[place] == UInt8(ascii: "#") {
        hasComment = true
        endsLine = true
        while place < end, bytes[place] != UInt8(ascii: "\n") { place += 1 }
      }
      place += 1
    }
  }
}

extension TokenTrace.Entry {
  var isOpening: Bool { kind == .leftBrace || kind == .leftParenthesis || kind == .leftBracket }
  var isClosing: Bool { kind == .rightBrace || kind == .rightParenthesis || kind == .rightBracket }

  /// Whether lines may end within the bracket wherever they do: in parentheses around an expression, and in an index.
  var isFree: Bool { (kind == .leftParenthesis) != has(.tight) && kind != .leftBrace }

  /// Whether an operand ends with the token; behind a dot a keyword is a field's name.
  func endsOperand(isDotted: Bool) -> Bool {
    switch kind {
    case .name, .integer, .float, .duration, .size, .quote, .rawQuote, .tripleQuote, .rawTripleQuote,
      .rightParenthesis, .rightBracket, .rightBrace:
      true
    case .keyword:
      isDotted || isKeyword(.true) || isKeyword(.false) || isKeyword(.null) || isKeyword(.clusters)
    default: false
    }
  }
}
