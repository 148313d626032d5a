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
