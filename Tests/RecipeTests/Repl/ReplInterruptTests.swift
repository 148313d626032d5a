import Foundation
import TestSupport
import Testing

/// Ctrl-C while the REPL has more to do than one statement.
@Suite(.serialized, .mayWait) struct ReplInterruptTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  @Test(arguments: [true, false], [1, 10]) func `ctrl-c ends a paste of quick statements`(
    hasMarks: Bool, count: Int
  ) throws {
    let terminal = try nbx.replAtTerminal()
    let text = (1...20_000).map { "let yy\($0) = \($0)\n" }.joined()
    try terminal.paste(text, withMarks: hasMarks)
    try terminal.wait { $0.contains("nbx> let yy") }
    for _ in 0..<count { try terminal.press("C-c") }
    try terminal.wait { $0.contains("lines were not run") && shownLines($0).last == "nbx>" }
    try terminal.type("6 * 7")
    try terminal.wait { shownLines($0).suffix(2) == ["42", "nbx>"] }
    try terminal.type("yy20000")
    try terminal.wait { $0.contains("there is no name `yy20000`") }
  }

  @Test func `ctrl-c that has come behind a paste keeps it from being run`() throws {
    let terminal = try nbx.replAtTerminal()
    // All of it is read at once: Ctrl-C is the last of its bytes.
    let text = "\u{1B}[200~" + (1...200).map { "sleep \($0)ms\n" }.joined() + "\u{1B}[201~\u{3}"
    try terminal.paste(text, withMarks: false)
    try terminal.wait { shownLines($0).suffix(2) == ["interrupted: 200 lines were not run", "nbx>"] }
    try terminal.type("6 * 7")
    try terminal.wait { shownLines($0).suffix(2) == ["42", "nbx>"] }
  }

  @Test func `ctrl-c ends a paste of short waits`() throws {
    let terminal = try nbx.replAtTerminal()
    try terminal.paste(String(repeating: "sleep 10ms\n", count: 5000), withMarks: true)
    try terminal.wait { $0.contains("nbx> sleep 10ms") }
    try terminal.press("C-c")
    try terminal.wait { $0.contains("lines were not run") && shownLines($0).last == "nbx>" }
  }

  @Test(arguments: ["rows", "rows.map(r => [r])", "lines"]) func `ctrl-c ends a value that is shown in full`(
    value: String
  ) throws {
    let terminal = try nbx.replAtTerminal()
    try terminal.type("var rows = [{ a: 1, b: \"xxxxxxxxxxxxx\" }]")
    try terminal.type("var lines = \"a line of many\\n\"")
    // On a busy machine all of it may be shown before the key comes: then there has to be more of it.
    for doublings in [16, 3, 3] where try !terminal.screen().contains("interrupted") {
      try terminal.type("foreach i in 1..\(doublings) { rows = rows + rows\n lines = lines + lines }")
      try terminal.type("print \"ready\"")
      try terminal.wait { shownLines($0).suffix(2) == ["ready", "nbx>"] }
      try terminal.type(":full \(value)")
      try terminal.wait { !$0.contains("ready") && shownLines($0).count > 20 }
      try terminal.press("C-c")
      try terminal.wait { shownLines($0).last == "nbx>" }
    }
    #expect(try terminal.screen().contains("interrupted"))
    try terminal.type("6 * 7")
    try terminal.wait { shownLines($0).suffix(2) == ["42", "nbx>"] }
  }
}
