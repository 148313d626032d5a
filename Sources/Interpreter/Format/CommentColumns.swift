import Lexer

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
