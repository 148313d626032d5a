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
    for character in prompt { put(String(character), displayWidth(character)) }
    for (place, character) in characters.enumerated() {
      if place == cursor { markCursor(before: character) }
      if character.isNewline {
        startRow()
        for character in continuation { put(String(character), displayWidth(character)) }
      } else {
        let (text, columns) = ScreenLayout.shown(character)
        put(text, columns)
      }
    }
    if cursor >= characters.count { markCursor(before: nil) }
  }

  /// More rows below the text, cut to the width.
  mutating func add(below lines: [String]) {
    for line in lines {
      let row = line.truncated(to: width)
      rows.append(row)
      widths.append(displayWidth(row))
    }
  }

  private mutating func startRow() {
    rows.append("")
    widths.append(0)
  }

  private mutating func put(_ text: String, _ columns: Int) {
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

  /// A character as it is shown: control characters by a sign that can be seen.
  static func shown(_ character: Character) -> (text: String, columns: Int) {
    if let byte = character.asciiValue {
      if byte == 0x09 { return ("  ", 2) }
      if byte < 0x20 { return (String(Character(Unicode.Scalar(0x2400 + UInt32(byte)) ?? "?")), 1) }
      if byte == 0x7f { return ("\u{2421}", 1) }
      return (String(character), 1)
    }
    let columns = displayWidth(character)
    if columns == 0 { return ("\u{FFFD}", 1) }
    return (String(character), columns)
  }
}
