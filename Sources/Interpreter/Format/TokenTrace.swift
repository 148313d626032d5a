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
