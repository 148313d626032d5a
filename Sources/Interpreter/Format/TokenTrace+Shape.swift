import Lexer

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
