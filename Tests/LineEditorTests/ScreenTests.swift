import TestSupport
import Testing

@testable import LineEditor

/// How a text stands on a terminal, and what is written to make it so.
struct ScreenTests {
  private func layout(_ text: String, cursor: Int? = nil, width: Int) -> ScreenLayout {
    ScreenLayout(prompt: "> ", continuation: ". ", Array(text), cursor: cursor ?? text.count, width: width)
  }

  @Test(arguments: [
    ("abc", 10, ["> abc"], 0, 5), ("abcdef", 5, ["> abc", "def"], 1, 3), ("a\nb", 10, ["> a", ". b"], 1, 3),
    ("東京東", 5, ["> 東", "京東"], 1, 4), ("東京東", 6, ["> 東京", "東"], 1, 2),
    ("a\tb\u{1B}", 10, ["> a  b␛"], 0, 7), ("", 2, ["> "], 0, 2), ("abc", 1, ["> ", "ab", "c"], 2, 1),
    ("👩‍👩‍👧e\u{301}", 10, ["> 👩‍👩‍👧e\u{301}"], 0, 5),
  ]) func `a text is broken into rows`(text: Named<String>, width: Int, rows: [String], row: Int, column: Int) {
    let layout = layout(text.value, width: width)
    #expect(layout.rows == rows)
    #expect(layout.cursorRow == row && layout.cursorColumn == column)
  }

  @Test func `the cursor stands where the next character is`() {
    let layout = layout("abc東d", cursor: 3, width: 6)
    #expect(layout.rows == ["> abc", "東d"])
    #expect(layout.cursorRow == 1 && layout.cursorColumn == 0)
  }

  @Test func `a text with more rows than the terminal is shown around the cursor`() {
    let text = (1...100).map(String.init).joined(separator: "\n")
    var screen = Screen()
    let end = screen.draw(layout(text, width: 20), terminalRows: 6)
    #expect(end == "\r" + (96...100).map { ". \($0)\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J\r\u{1B}[5C")
    let start = screen.draw(layout(text, cursor: 0, width: 20), terminalRows: 6)
    #expect(start.hasPrefix("\u{1B}[4A\r> 1\u{1B}[K\r\n. 2"))
    #expect(start.hasSuffix("\u{1B}[4A\r\u{1B}[2C"))
  }

  @Test func `a terminal that becomes narrow has broken the rows`() {
    var screen = Screen()
    _ = screen.draw(layout("0123456789012345678901234\nab", width: 79), terminalRows: 24)
    screen.resize(columns: 10)
    // 27 columns take three rows, and the cursor is on the one below.
    #expect(screen.erase() == "\u{1B}[3A\r\u{1B}[J")
  }

  @Test func `nothing that is shown is obeyed`() {
    let evil = "\u{1B}[2J\u{7}\u{9B}H\u{202E}"
    var layout = ScreenLayout(prompt: evil, continuation: "", Array(evil + "\n" + evil), cursor: 0, width: 40)
    layout.add(below: [evil + "\n"])
    let shown = "␛[2J␇\u{FFFD}H\u{FFFD}"
    #expect(layout.rows == [shown + shown, shown, shown + " "])
    #expect(layout.widths == [16, 8, 9])
  }

  @Test func `candidates stand in columns`() {
    let found = Completions(["alpha", "be", "gamma", "delta", "eps"].map { Completions.Candidate($0) })
    #expect(found.rows(width: 20, most: 9) == ["alpha  gamma  eps  ", "be     delta"])
    #expect(found.rows(width: 4, most: 3) == ["alp…", "be  ", "… 3 more"])
  }

  @Test(arguments: [(["nats", "nats-box"], "nats"), (["a", "b"], ""), (["one"], "one"), ([], "")])
  func `what all candidates begin with`(texts: [String], prefix: String) {
    #expect(Completions(texts.map { Completions.Candidate($0) }).commonPrefix == prefix)
  }
}
