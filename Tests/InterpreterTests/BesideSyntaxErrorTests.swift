import Interpreter
import TestSupport
import Testing

/// What is found beside errors of form: everything but what hangs on the statements that could not be read.
@Suite(.mayWait) struct BesideSyntaxErrorTests {
  static let cases: [(String, [String])] = [
    ("let = 1\nprint nmae", ["1: expected a name, found `=`", "2: there is no name `nmae` here"]),
    ("ehco a\nprint b", ["1: there is no command `ehco`", "2: there is no name `b` here"]),
    ("let x = [1 2]\nprint x\nprint y", ["1: a comma or a new line is missing", "3: there is no name `y` here"]),
    ("task f( { return 1 }\nprint f()\nprint g()", ["1: ", "3: there is no task or function `g`"]),
    ("echo a | b\ntool box ad x", ["1: a bare `|`: nothing passes through a shell", "2: "]),
    (
      "foreach x in [1] {\n  let y = 5x\n  print x, y, z\n}",
      ["2: `5x` has a unit that nbx does not know", "3: there is no name `z` here"]
    ),
    ("task f(a) { }\nlet = 1\nf()", ["2: expected a name, found `=`", "3: `f` needs the argument `a`"]),
    // What follows an open bracket is no statement of its own.
    ("let x = (1\nprint nope", ["2: expected `)`, found `print`"]),
    ("if true { print \"open }\nprint nope", ["1: this string is never closed", "2: there is no name `nope` here"]),
    ("if true {\nprint nope", ["1: this `{` is never closed"]),
  ]

  @Test(arguments: cases) func `all is told at once`(_ recipe: String, _ expected: [String]) {
    let found = problems(recipe)
    #expect(found.count == expected.count, "\(found)")
    for (finding, start) in zip(found, expected) { #expect(finding.hasPrefix(start)) }
  }

  @Test func `what a library could not tell is not missed where it is used`() {
    let found = problems("use \"a.nbx\"\nprint x, y", files: ["a.nbx": "let x = [1 2]\nlet z = 1"])
    #expect(found.count == 2 && found.contains("2: there is no name `y` here"), "\(found)")
  }

  @Test func `warnings wait until the form is right`() {
    let checked = Program.check("main.nbx", vocabulary: Vocabulary(host: TestHost())) { _ in
      .success(Array("let a = 1\nlet = 2".utf8))
    }
    #expect(checked.diagnostics.map(\.severity) == [.error])
  }
}
