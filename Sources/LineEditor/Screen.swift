import Lexer

/// What stands on the terminal of an input that is being edited, and how to make it another.
struct Screen {
  /// How wide each row is that was drawn, and where the cursor stands among them.
  private var widths: [Int] = []
  private var cursorRow = 0
  private var cursorColumn = 0
  /// The first row that is shown, of a text with more rows than the terminal.
  private var top = 0

  /// What to write so that a layout is shown in place of what was. ECMA-48 throughout.
  mutating func draw(_ layout: ScreenLayout, terminalRows: Int) -> String {
    let room = max(1, terminalRows - 1)
    if layout.cursorRow < top { top = layout.cursorRow }
    if layout.cursorRow >= top + room { top = layout.cursorRow - room + 1 }
    top = max(0, min(top, layout.rows.count - room))
    let shown = top..<min(layout.rows.count, top + room)
    var text = toTop
    text += layout.rows[shown].map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J"
    widths = Array(layout.widths[shown])
    cursorRow = layout.cursorRow - top
    cursorColumn = layout.cursorColumn
    let below = shown.count - 1 - cursorRow
    if below > 0 { text += "\u{1B}[\(below)A" }
    text += "\r"
    if cursorColumn > 0 { text += "\u{1B}[\(cursorColumn)C" }
    return text
  }

  /// What to write so that nothing of it is left.
  mutating func erase() -> String {
    let text = toTop + "\u{1B}[J"
    forget()
    return text
  }

  /// What to write so that other things may come below it.
  mutating func leave() -> String {
    let below = widths.count - 1 - cursorRow
    let text = (below > 0 ? "\u{1B}[\(below)B" : "") + "\r\n"
    forget()
    return text
  }

  /// Nothing of it is there any more.
  mutating func forget() {
    widths = []
    cursorRow = 0
    cursorColumn = 0
    top = 0
  }

  /// Takes note that the terminal has become `columns` wide, and has broken rows that are too long now.
  mutating func resize(columns: Int) {
    let columns = max(1, columns)
    let above = widths.prefix(cursorRow).reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
    cursorRow = above + cursorColumn / columns
    cursorColumn %= columns
  }

  private var toTop: String { (cursorRow > 0 ? "\u{1B}[\(cursorRow)A" : "") + "\r" }
}

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
