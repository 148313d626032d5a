import Lexer

/// A stretch of a text that means something by itself.
package struct Stretch: Sendable {
  package enum Kind: UInt8, Sendable {
    case keyword, command, subcommand, flag, word, string, number, comment
    case name, task, function, method, field, key, label
  }

  package internal(set) var kind: Kind
  /// Whether a name is bound here.
  package internal(set) var isBinding = false
  package internal(set) var span: Span
  /// The place of the name that it speaks of among those that the file binds; -1 if it speaks of none of them.
  package internal(set) var name: Int32 = -1

  init(_ kind: Kind, _ span: Span) {
    self.kind = kind
    self.span = span
  }
}

/// What each stretch of a text is, noted by the parser as it passes it. Brackets, signs and white space are left out.
struct StretchTrace {
  /// Whether somebody wants to know.
  var isKept = false
  private(set) var all: [Stretch] = []
  /// Where the token begins that was noted before it was passed.
  private var noted: UInt32?

  /// Notes a token that is being passed, unless that is done.
  mutating func note(_ token: Token, names: NameTable) {
    guard noted != token.span.start else { return }
    switch token.kind {
    case .name: add(.name, token.span)
    case .keyword: add(token.isKeyword(.clusters) ? .name : .keyword, token.span)
    case .integer, .float, .duration, .size: add(.number, token.span)
    default: break
    }
  }

  /// Notes a token that more is read behind before it is passed.
  mutating func note(_ token: Token, as kind: Stretch.Kind) {
    guard isKept else { return }
    add(kind, token.span)
    noted = token.span.start
  }

  /// Notes what is no token: words, and texts in strings.
  mutating func note(_ kind: Stretch.Kind, _ start: Int, _ end: Int) {
    guard isKept, end > start else { return }
    if kind == .word, let last = all.last, last.kind == .word, Int(last.span.end) == start {
      all[all.count - 1].span = Span(Int(last.span.start), end)
    } else {
      add(kind, Span(start, end))
    }
  }

  private mutating func add(_ kind: Stretch.Kind, _ span: Span) { all.append(Stretch(kind, span)) }

  /// What was passed last turns out to be something else.
  mutating func recast(_ kind: Stretch.Kind, isBinding: Bool = false) {
    guard isKept, !all.isEmpty else { return }
    all[all.count - 1].kind = kind
    all[all.count - 1].isBinding = isBinding
  }

  /// Forgets what the parser goes back to.
  mutating func forget(from start: UInt32) {
    guard isKept else { return }
    noted = nil
    while let last = all.last, last.span.start >= start { all.removeLast() }
  }
}
