import Lexer

/// A text and its prompts as rows of a terminal.
struct ScreenLayout: Equatable {
  private(set) var rows: [String] = []
  /// How many columns each row takes.
  private(set) var widths: [Int] = []
  private(set) var cursorRow = 0
  private(set) var cursorColumn = 0
  private let width: Int

  /// - Parameters:
  ///   - prompt: stands before the first line.
  ///   - continuation: stands before the others.
  ///   - width: how many columns a row may take; a wide character needs two.
  init(prompt: String, continuation: String, _ characters: [Character], cursor: Int, width: Int) {
    self.width = max(2, width)
    startRow()
    for character in prompt { put(character) }
    for (place, character) in characters.enumerated() {
      if place == cursor { markCursor(before: character) }
      if character.isNewline {
        startRow()
        for character in continuation { put(character) }
      } else {
        put(character)
      }
    }
    if cursor >= characters.count { markCursor(before: nil) }
  }

  /// More rows below the text, cut to the width.
  mutating func add(below lines: [String]) {
    for line in lines {
      let row = line.fitForTerminalLine.truncated(to: width)
      rows.append(row)
      widths.append(displayWidth(row))
    }
  }

  private mutating func startRow() {
    rows.append("")
    widths.append(0)
  }

  private mutating func put(_ character: Character) {
    let (text, columns) = ScreenLayout.shown(character)
    if widths[widths.count - 1] + columns > width { startRow() }
    rows[rows.count - 1] += text
    widths[widths.count - 1] += columns
  }

  private mutating func markCursor(before character: Character?) {
    let columns = character.map { $0.isNewline ? 0 : ScreenLayout.shown($0).columns } ?? 0
    // The next character begins a row of its own, so the cursor stands there.
    if columns > 0, widths[widths.count - 1] + columns > width { startRow() }
    cursorRow = rows.count - 1
    cursorColumn = widths[widths.count - 1]
  }

  /// A character as it is shown: by a sign that can be seen if it cannot be itself.
  static func shown(_ character: Character) -> (text: String, columns: Int) {
    if character == "\t" { return ("  ", 2) }
    let columns = displayWidth(character)
    return columns == 0 ? ("\u{FFFD}", 1) : (String(character).fitForTerminal, columns)
  }
}
