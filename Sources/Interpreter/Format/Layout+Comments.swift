import Lexer

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
