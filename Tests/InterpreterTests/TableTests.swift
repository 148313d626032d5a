import TestSupport
import Testing

@testable import Interpreter
@testable import Lexer
@testable import ValuesAndCommands

/// Tables that fit the room that there is.
@Suite(.mayWait) struct TableTests {
  private let wide = Table(
    title: "Servers", header: ["Name", "Host", "Routes", "Text"],
    rows: [["c1-nats-0", "127.0.0.1", "32", "one two three four five six seven eight"], ["c1-nats-1", "", "1", ""]],
    totals: ["", "", "33", ""], alignments: [.left, .left, .right, .left])

  private func lines(_ table: Table, _ columns: Int?) -> [String] {
    Table.fitting(columns) { table.text }.split(separator: "\n").map(String.init)
  }

  @Test func `where there is room nothing changes`() {
    #expect(lines(wide, nil) == lines(wide, 200))
    #expect(lines(wide, nil).allSatisfy { displayWidth($0) == 76 })
    #expect(lines(wide, 76) == lines(wide, nil))
  }

  @Test func `long texts are wrapped at blanks`() {
    #expect(
      Table.fitting(64) { wide.text } == """
        ╭──────────────────────────────────────────────────────────────╮
        │                           Servers                            │
        ├───────────┬───────────┬────────┬─────────────────────────────┤
        │ Name      │ Host      │ Routes │ Text                        │
        ├───────────┼───────────┼────────┼─────────────────────────────┤
        │ c1-nats-0 │ 127.0.0.1 │     32 │ one two three four five six │
        │           │           │        │ seven eight                 │
        │ c1-nats-1 │           │      1 │                             │
        ├───────────┼───────────┼────────┼─────────────────────────────┤
        │           │           │     33 │                             │
        ╰───────────┴───────────┴────────┴─────────────────────────────╯
        """)
  }

  @Test func `columns for which there is no room come below, with the first one again`() {
    #expect(
      Table.fitting(40) { wide.text } == """
        ╭────────────────────────────────╮
        │            Servers             │
        ├───────────┬───────────┬────────┤
        │ Name      │ Host      │ Routes │
        ├───────────┼───────────┼────────┤
        │ c1-nats-0 │ 127.0.0.1 │     32 │
        │ c1-nats-1 │           │      1 │
        ├───────────┼───────────┼────────┤
        │           │           │     33 │
        ╰───────────┴───────────┴────────╯
        ╭───────────┬──────────────────────────╮
        │ Name      │ Text                     │
        ├───────────┼──────────────────────────┤
        │ c1-nats-0 │ one two three four five  │
        │           │ six seven eight          │
        │ c1-nats-1 │                          │
        ├───────────┼──────────────────────────┤
        │           │                          │
        ╰───────────┴──────────────────────────╯
        """)
  }

  @Test(arguments: [20, 40, 80, 100]) func `nothing of a table is lost`(columns: Int) {
    let names = (1...15).map { "column\($0)" }
    let table = Table(
      header: names, rows: [names.map { $0 + "-value" }], alignments: names.map { _ in .left })
    let lines = lines(table, columns)
    for name in names { #expect(lines.contains { $0.contains("\(name)-value ") }) }
    #expect(lines.allSatisfy { displayWidth($0) <= max(columns, 34) })
  }

  @Test func `columns that are wide alike become narrower alike`() {
    let text = String(repeating: "word ", count: 2000)
    let table = Table(
      header: ["A", "B", "C"], rows: [[text, String(text.dropLast(5)), "c"]], alignments: [.left, .left, .left])
    let lines = lines(table, 80)
    #expect(lines.allSatisfy { displayWidth($0) == 80 })
    #expect(lines[0].split(whereSeparator: { "╭┬╮".contains($0) }).map(\.count) == [36, 37, 3])
  }

  @Test func `what is secret is covered before it is parted`() {
    let secrets = SecretRegistry()
    secrets.add(.secret("correct horse battery staple"))
    let table = Table(
      header: ["A", "B"], rows: [["a", "it is correct horse battery staple, says the server"]],
      alignments: [.left, .left])
    let text = Table.fitting(40, covering: secrets) { table.text }
    #expect(text.contains("it is •••") && !text.contains("horse") && !text.contains("staple"))
  }

  @Test func `colours take no room`() {
    let plain = Table(header: ["State"], rows: [["stopped"]], alignments: [.left]).text
    let red = Table(header: ["State"], rows: [["\u{1B}[31mstopped\u{1B}[0m"]], alignments: [.left]).text
    #expect(red.replacing(/\u{1B}\[[0-9]+m/, with: "") == plain)
  }
}
