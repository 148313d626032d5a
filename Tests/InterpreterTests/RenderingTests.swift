import Interpreter
import Lexer
import TestSupport
import Testing

/// How what is wrong before a run reads, as whole texts.
@Suite(.mayWait) struct RenderingTests {
  @Test(arguments: cases) func holds(_ test: Case) { test.check() }

  @Test func theCodeIsShownToWhoeverAsks() throws {
    let error = #expect(throws: ProgramErrors.self) { try load("print nope", TestHost()) }
    let diagnostic = try #require(error?.diagnostics.first)
    #expect(diagnostic.code == "unknown-name")
    let title = "there is no name `nope` here\n"
    #expect(diagnostic.rendered(.plain).hasPrefix("error: " + title))
    #expect(diagnostic.rendered(.plain, showsCode: true).hasPrefix("error[unknown-name]: " + title))
  }

  static let cases: [Case] = [
    Case(
      "a command that does not exist", "recipe \"x\"\n\nkubctl get pods",
      """
      wrong
      error: there is no command `kubctl`
        --> main.nbx:3:1
         |
       3 | kubctl get pods
         | ^^^^^^ not a command, nor a name
         |
         = try: `exec PROGRAM …` runs any program
      """),
    Case(
      "several at once, in the order of their lines", "print a\nfrobnicate bar\nlet x = (1",
      """
      wrong
      error: there is no command `frobnicate`
        --> main.nbx:2:1
         |
       2 | frobnicate bar
         | ^^^^^^^^^^ not a command, nor a name
         |
         = try: `exec PROGRAM …` runs any program

      error: this `(` is never closed
        --> main.nbx:3:9
         |
       3 | let x = (1
         |         ^ opened here
         |
         = try: close it with `)`
      """),
    Case(
      "a tab is four columns wide, and one column long", "\tif true {\n\t\tprint\tnope }",
      """
      wrong
      error: there is no name `nope` here
        --> main.nbx:2:9
         |
       2 |         print    nope }
         |                  ^^^^
         |
         = try: bind it with `let`, or put it in quotes if it is text
      """),
    Case(
      "columns count letters, marks count what a terminal shows", "print \"日本 e\u{301} 👩‍👩‍👧 \" + nope",
      """
      wrong
      error: there is no name `nope` here
        --> main.nbx:1:19
         |
       1 | print "日本 é 👩‍👩‍👧 " + nope
         |                      ^^^^
         |
         = try: bind it with `let`, or put it in quotes if it is text
      """.replacingAccent),
    Case(
      "CRLF is no part of the line", "print 1\r\nprint nope\r\n",
      """
      wrong
      error: there is no name `nope` here
        --> main.nbx:2:7
         |
       2 | print nope
         |       ^^^^
         |
         = try: bind it with `let`, or put it in quotes if it is text
      """),
    Case(
      "the number of the line makes the margin", String(repeating: "\n", count: 99) + "print nope",
      """
      wrong
      error: there is no name `nope` here
        --> main.nbx:100:7
           |
       100 | print nope
           |       ^^^^
           |
           = try: bind it with `let`, or put it in quotes if it is text
      """),
    Case(
      "a long line is cut around its place", "print \"" + String(repeating: "x", count: 1000) + "\" + nope",
      """
      wrong
      error: there is no name `nope` here
        --> main.nbx:1:1012
         |
       1 | …\(String(repeating: "x", count: 56))" + nope
         |  \(String(repeating: " ", count: 60))^^^^
         |
         = try: bind it with `let`, or put it in quotes if it is text
      """),
    Case(
      "a control character can be seen", "print \"a\u{1}\" + nope",
      """
      wrong
      error: there is no name `nope` here
        --> main.nbx:1:14
         |
       1 | print "a␁" + nope
         |              ^^^^
         |
         = try: bind it with `let`, or put it in quotes if it is text
      """),
    Case(
      "a command that failed", "step \"s\" {\n  bad --flag 'a b'\n    with { x: 1 }\n    on \"c2\"\n}",
      """
      step: s
      step failed: s
      failed
      error: bad failed on c2 (exit 1)
        --> main.nbx:2:3
         |
       2 |   bad --flag 'a b'
         |   ^^^ ran: bad --flag 'a b'
         |
         = it said: it is bad
                    very bad
         = try: be good
      """),
  ]
}

extension String {
  /// The source writes the accent as a mark of its own; so must what is expected.
  fileprivate var replacingAccent: String { split(separator: "é").joined(separator: "e\u{301}") }
}
