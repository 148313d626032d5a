import TestSupport
import Testing

/// `use` and `run`, with files from a dictionary.
@Suite(.mayWait) struct FileTests {
  @Test(arguments: cases) func holds(_ test: Case) { test.check() }

  static let cases: [Case] = [
    Case(
      "use brings in tasks and lets", "use \"lib.nbx\"\nprint greet(\"x\"), base", "hello x from 41 41",
      files: ["lib.nbx": "let base = 40 + 1\ntask greet(who) { return \"hello $who from $base\" }"]),
    Case(
      "a library may use another, from its own folder", "use \"lib/a.nbx\"\nprint twice(4)", "8",
      files: [
        "lib/a.nbx": "use \"../lib2/b.nbx\"\ntask twice(x) { return times(x, 2) }",
        "lib2/b.nbx": "task times(x, n) { return x * n }",
      ]),
    Case(
      "a library that two files use is one", "use \"a.nbx\"\nuse \"b.nbx\"\nprint a() == b()", "true",
      files: [
        "a.nbx": "use \"c.nbx\"\ntask a() { return r }", "b.nbx": "use \"c.nbx\"\ntask b() { return r }",
        "c.nbx": "let r = random()",
      ]),
    Case(
      "a library's task inherits the current cluster", "use \"lib.nbx\"\nforeach c in clusters { here() }",
      " on c1\n on c2\n on c3",
      files: ["lib.nbx": "task here() { show }"]),
    Case(
      "run starts at the first cluster, with this run's clusters",
      "foreach c in clusters - \"c1\" { run \"other.nbx\" n=$c }", "step: Other\n<c2> on c1\nstep: Other\n<c3> on c1",
      files: ["other.nbx": "recipe \"Other\"\nclusters x y\nparam n = \"\"\nshow $n"]),
    Case(
      "run's arguments keep types",
      "let xs = [1, 2]\nrun \"o.nbx\" xs=$xs n=3 text=\"a b\"\nrun \"o.nbx\" xs=7,8 n=${1 + 1} text=x-${xs.count}",
      "step: o.nbx\n[1, 2] 4 a b\nstep: o.nbx\n[7, 8] 3 x-2",
      files: ["o.nbx": "param xs = [0]\nparam n = 1\nparam text = \"\"\nprint xs, n + 1, text"]),
    Case(
      "defers of a recipe that is run come before its caller goes on", "run \"o.nbx\"\nprint \"after\"",
      "step: o.nbx\nin\ndeferred\nafter",
      files: ["o.nbx": "defer { print \"deferred\" }\nprint \"in\""]),
    Case(
      "a recipe that skips is a step that was skipped", "run \"o.nbx\"\nprint \"after\"",
      "step: o.nbx\nskipped: no need\nafter",
      files: ["o.nbx": "skip \"no need\""]),
    Case(
      "a failure names the file", "run \"sub/o.nbx\"",
      """
      step: sub/o.nbx
      step failed: sub/o.nbx
      failed
      error: no
        --> sub/o.nbx:2:1
         |
       2 | fail "no"
         | ^^^^^^^^^
      """, files: ["sub/o.nbx": "# one\nfail \"no\""]),
    Case(
      "a value of the wrong type, known only during the run", "let x = [1]\nrun \"o.nbx\" n=$x",
      """
      step: o.nbx
      step failed: o.nbx
      failed
      error: the parameter `n` takes an int, not [1]
        --> o.nbx:1:1
         |
       1 | param n = 1
         | ^^^^^^^^^^^
      """, files: ["o.nbx": "param n = 1"]),
  ]

  @Test(arguments: wrong) func isWrong(_ recipe: Named<String>, _ files: [String: String], _ expected: [String]) {
    #expect(problems(recipe.value, files: files) == expected)
  }

  static let wrong: [(Named<String>, [String: String], [String])] = [
    ("use \"a.nbx\"", [:], ["1: can't read a.nbx: no such file"]),
    (
      "use \"a.nbx\"", ["a.nbx": "use \"b.nbx\"", "b.nbx": "use \"a.nbx\""],
      ["1: these files bring in each other: a.nbx → b.nbx → a.nbx"]
    ),
    ("run \"main.nbx\"", [:], ["1: these files bring in each other: main.nbx → main.nbx"]),
    ("run \"./x/../main.nbx\"", [:], ["1: these files bring in each other: main.nbx → main.nbx"]),
    ("use \"a.nbx\"", ["a.nbx": "print 1"], ["1: a file for `use` holds tasks and lets only"]),
    ("use \"a.nbx\"", ["a.nbx": "var x = 1"], ["1: a file for `use` holds tasks and lets only"]),
    ("use \"a.nbx\"", ["a.nbx": "recipe \"x\""], ["1: a file for `use` holds tasks and lets only"]),
    ("let x = \"a\"\nuse \"$x.nbx\"", [:], ["2: `use` needs a path in quotes, without `$`"]),
    ("use lib", [:], ["1: `use` needs a path in quotes, without `$`"]),
    ("if true { use \"a.nbx\" }", ["a.nbx": ""], ["1: `use` inside a block"]),
    ("let x = 1\nuse \"a.nbx\"", ["a.nbx": "let x = 2"], ["2: `x` is bound already"]),
    ("task f() { }\nuse \"a.nbx\"", ["a.nbx": "task f() { }"], ["2: `f` is bound already"]),
    ("run \"a.nbx\" m=1", ["a.nbx": "param n = 1"], ["1: a.nbx has no parameter `m`"]),
    ("run \"a.nbx\" n=x", ["a.nbx": "param n = 1"], ["1: the parameter `n` takes an int"]),
    ("run \"a.nbx\" n", ["a.nbx": "param n = 1"], ["1: `n` is not of the form name=value"]),
    (
      "use \"a.nbx\"\nprint y", ["a.nbx": "let x = nope"],
      ["2: there is no name `y` here", "1: there is no name `nope` here"]
    ),
  ]
}
