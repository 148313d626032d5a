import Lexer

/// A line for a terminal, in parts that are coloured each for itself, so that it can be cut to a width.
struct StyledLine {
  enum Tone { case plain, strong, quiet, good, bad, attention }

  private(set) var parts: [(text: String, tone: Tone)] = []

  init() {}
  init(_ text: String, _ tone: Tone = .plain) { add(text, tone) }

  mutating func add(_ text: String, _ tone: Tone = .plain) {
    // What servers name themselves may hold anything: an escape sequence would write elsewhere on the screen.
    parts.append((text.fitForTerminalLine, tone))
  }

  /// Goes on in a column: blanks up to there, at least one.
  mutating func tab(_ column: Int) { add(String(repeating: " ", count: max(1, column - width))) }

  var width: Int { parts.reduce(0) { $0 + displayWidth($1.text) } }

  func text(_ style: TextStyle, width: Int = .max) -> String {
    var left = width
    var all = ""
    for (text, tone) in parts where left > 0 {
      let cut = text.truncated(to: left)
      left -= displayWidth(cut)
      switch tone {
      case .plain: all += cut
      case .strong: all += style.strong(cut)
      case .quiet: all += style.quiet(cut)
      case .good: all += style.good(cut)
      case .bad: all += style.bad(cut)
      case .attention: all += style.attention(cut)
      }
    }
    return all
  }
}
