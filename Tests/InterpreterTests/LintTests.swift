import Interpreter
import Lexer
import TestSupport
import Testing

/// What `nbx check` finds beyond errors. Each recipe says on its lines, behind `###`, what is found there.
@Suite(.mayWait) struct LintTests {
  @Test(arguments: unused + statements + types) func finds(_ recipe: Named<String>) {
    var expected: [String] = []
    var plain: [Substring] = []
    for (index, line) in recipe.value.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let parts = line.split(separator: " ###", maxSplits: 1, omittingEmptySubsequences: false)
      plain.append(parts[0])
      guard parts.count > 1 else { continue }
      for finding in parts[1].split(separator: "###") {
        let words = finding.drop { $0 == " " }
        expected.append("\(index + 1) \(words.last == " " ? words.dropLast() : words)")
      }
    }
    #expect(findings(plain.joined(separator: "\n")) == expected)
  }

  static let unused: [Named<String>] = [
    // Names
    "let a = 1 ### unused-name: `a` is never used\nprint 1", "let _a = 1\nprint 1", "let a = 1\nprint a",
    "var a = 1 ### unused-name: `a` is never used\na = 2\nprint 1",
    "var a = 1 ### unused-name: `a` is never used\na = a + 1\nprint 1",
    "var a = 1\na = a + 1\nprint a", "var a = (echo 1)\na = (echo $a)\nprint 1",
    "var a = 1 ### unchanged-var: `a` is bound by `var` and never changes\nprint a",
    "let a = 1\ntask f() { print a }\nf()", "print \"x\"\nlet a = 1 ### unused-name: `a` is never used",
    "let a = echo b ### unused-name: `a` is never used\nprint 1", "let a = 1\necho $a", "let a = [\"x\"]\necho ...$a",
    "let a = 1\nprint \"${a + 1}\"", "let a = { b: 1 }\nprint a.b",
    "if target.local { let a = 1 } ### unused-name: `a` is never used",
    "foreach x in [\"a\"] { print 1 } ### unused-name: `x` is never used", "foreach x in [\"a\"] { print x }",
    "foreach x in 1..3 { print 1 }", "foreach x in clusters { echo a }", "foreach x in clusters parallel { echo a }",
    "foreach x in clusters { print 1 } ### unused-name: `x` is never used",
    "task f(xs) { foreach x in xs { echo a } }\nf(clusters)",
    "let xs = echo a\nforeach x in xs.lines { print 1 } ### unused-name: `x` is never used",
    "foreach k, v in { a: 1 } { print v }", "foreach k, v in { a: 1 } { print k }",
    "foreach k, v in { a: 1 } { print 1 } ### unused-name: `k` is never used ### unused-name: `v` is never used",
    "print [1 for x in [\"a\"]] ### unused-name: `x` is never used", "print [(echo a).out for x in clusters]",
    "print [\"a\"].map(x => 1) ### unused-name: `x` is never used", "print [\"a\"].map(_x => 1)",
    "print { a: 1 }.filter((k, v) => k == \"a\")",
    "try { echo a } else err { print 1 } ### unused-name: `err` is never used", "try { echo a } else err { }",
    "try { echo a } else err { print err }", "try { echo a } else { print 1 }",
    // Parameters, tasks
    "param a = 1 ### unused-parameter: the parameter `a` is never used\nprint 1", "param a = 1\nprint a",
    "param a = 1\nparam b = a\nprint b", "param a = 1\ntask f() { print a }\nf()",
    "task f(a, b) { print b } ### unused-parameter: the parameter `a` is never used\nf(1, 2)",
    "task f(_a, b) { print b }\nf(1, 2)",
    "task f() { print 1 } ### unused-task: the task `f` is never called\nprint 2", "task f() { print 1 }",
    "task _f() { print 1 }\nprint 2", "task f() { print 1 }\nprint \"${f()}\"", "task f() { 1 }\ntask g() { f() }\ng()",
    // An outcome
    "try echo a ### unread-outcome: nobody reads the outcome of this `try`\nprint 1",
    "try { echo a } ### unread-outcome: nobody reads the outcome of this `try`\nprint 1",
    "let a = try echo a ### unread-outcome: `a` holds an outcome that nobody reads\nprint 1",
    "let a = try echo a\nif not a { print 1 }", "let a = try { echo a }\nassert a.ok", "wait-for try echo a",
    "if try echo a { } else { print 1 }", "try echo a ### unread-outcome: nobody reads the outcome of this `try`",
    "task f() { try echo a }\nassert f()", "let all = foreach c in clusters { try echo $c }\nprint all",
    "foreach c in clusters { try echo $c } ### unread-outcome: nobody reads the outcome of this `try`",
    "task f() {\n  try echo a ### unread-outcome: nobody reads the outcome of this `try`\n  print 1\n}\nf()",
  ]

  static let statements: [Named<String>] = [
    "task f() {\n  return 1\n  print 2 ### unreachable: this is never reached\n  print 3\n}\nprint f()",
    "fail \"a\"\nprint 1 ### unreachable: this is never reached",
    "skip \"a\"\nprint 1 ### unreachable: this is never reached",
    "if target.local { skip \"a\" } else { fail \"b\" }\nprint 1 ### unreachable: this is never reached",
    "if target.local { skip \"a\" }\nprint 1",
    "if target.local { skip \"a\" } else if target.local == true { fail \"b\" }\nprint 1",
    "try { fail \"a\" } else err { print err }\nprint 1",
    "try { fail \"a\" } else err { fail err }\nprint 1 ### unreachable: this is never reached",
    "step \"a\" { fail \"b\" }\nprint 1 ### unreachable: this is never reached",
    "parallel {\n  fail \"a\"\n  print 2\n}\nprint 1 ### unreachable: this is never reached",
    "retry 3 { fail \"a\" }\nprint 1 ### unreachable: this is never reached",
    "foreach c in clusters { fail c.name }\nprint 1",
    "defer { fail \"a\" }\nprint 1", "task f() { if target.local { return 1 }\n return 2 }\nprint f()",
    // Waits
    "wait-for clusters.count > 0 ### fixed-wait: nothing that this looks at can change",
    "let a = echo b\nwait-for a.code == 0 ### fixed-wait: nothing that this looks at can change",
    "wait-for (echo a).code == 0", "wait-for echo a", "wait-for exists(\"a\")",
    "let t = now()\nwait-for now() > t + 1ms",
    "task f() { return true }\nwait-for f()",
    "wait-for false ### constant-condition: this condition is always false",
    // Conditions
    "if true { print 1 } ### constant-condition: this condition is always true",
    "assert false ### constant-condition: this condition is always false",
    "let a = if true then 1 else 2 ### constant-condition: this condition is always true\nprint a",
    "let a = 1\nassert a == a ### same-operands: both sides of `==` are the same",
    "let a = 1\nassert a+1 == a + 1 ### same-operands: both sides of `==` are the same",
    "let a = 1\nassert (a  == 1) and (a==1 ) ### same-operands: both sides of `and` are the same",
    "let a = 1\nassert \"$a  b\" == \"$a b\" or 'x # y' == 'x # z'",
    "let a = 1\nlet nota = 2\nassert [not true, a] != [nota == a, a]",
    "let a = 1\nassert [ ### same-operands: both sides of `==` are the same\n  a, 2\n] == [a , 2]",
    "let a = 1\nassert a == 1 and a == 1 ### same-operands: both sides of `and` are the same",
    "assert random() != random()", "assert (echo a) == (echo a)", "let a = 1\nlet b = 2\nassert a < b or b < a",
    "let a = 1\nif a == 1 { print 1 } else if a == 1 { print 2 } ### repeated-condition: this condition stands in line 2 already",
    "if exists(\"a\") { print 1 } else if exists(\"a\") { print 2 }",
    "let a = 1\nif a == 1 { print 1 } else if a==1 { print 2 } ### repeated-condition: this condition stands in line 2 already",
    // Steps
    "step \"a\" { print 1 }\nstep \"a\" { print 2 } ### repeated-step: the step \"a\" a second time",
    "if target.local { step \"a\" { print 1 } } else { step \"a\" { print 2 } }",
    "foreach c in clusters { step \"a $c\" { print 1 }\n step \"a $c\" { print 1 } }",
  ]

  static let types: [Named<String>] = [
    "let a = 5\nif a { print 1 } ### mismatched-types: `if` takes a condition, not an int",
    "let a = \"x\"\nassert a ### mismatched-types: `assert` takes a condition, not a string",
    "let a = 5\nprint a == \"5\" ### mismatched-types: an int is never equal to a string",
    "param a = 5\nprint a == \"5\" ### mismatched-types: an int is never equal to a string",
    "param a = null\nprint a == \"5\"",
    "let a = [1]\nprint a + 1 ### mismatched-types: `+` does not take a list and an int",
    "print [1] + [\"a\"]", "print [1] - [\"a\"] ### mismatched-types: a string is never equal to an int",
    "print \"a\" in [1] ### mismatched-types: an int is never equal to a string", "print clusters - \"c1\"",
    "print clusters.first == \"c1\"", "print 1 < 1.5",
    "print 1s < 5 ### mismatched-types: a duration and an int have no order",
    "print null == 5", "print -\"a\" ### mismatched-types: `-` takes a number, not a string",
    "let a = 5\nprint not a ### mismatched-types: `not` takes a condition, not an int",
    "let a = 5\nprint a and true ### mismatched-types: `and` takes a condition, not an int",
    "let a = 5\nprint a.name ### mismatched-types: an int has no field `name`", "let a = { b: 1 }\nprint a.c",
    "let a = \"x\"\nprint a.first ### mismatched-types: a string has no field `first`",
    "print clusters.first.nmae ### mismatched-types: a cluster has no field `nmae`",
    "print [1].split(\",\") ### mismatched-types: a list has no method `split`", "print \"a,b\".split(\",\").count",
    "print \"a b\".split.first + 1 ### mismatched-types: `+` does not take a string and an int",
    "print [1, 2].map(x => x.lower) ### mismatched-types: an int has no field `lower`",
    "print [1, 2].filter(x => x) ### mismatched-types: `filter` takes a condition, not an int",
    "print [1].take(\"1\") ### mismatched-types: `take` takes a whole number, not a string",
    "print [1].take(1s) ### mismatched-types: `take` takes a whole number, not a duration",
    "print [1].join([\"a\"]) ### mismatched-types: `join` takes text, not a list",
    "print \"abc\"[0] ### mismatched-types: a string has no elements",
    "let a = [1]\nprint a[\"x\"] ### mismatched-types: a list's index is an int, not a string",
    "let a = 3\nforeach x in a { print x } ### mismatched-types: `foreach` takes a list or a map, not an int",
    "let a = \"x\"\nforeach x in a { print x } ### mismatched-types: `foreach` takes a list or a map, not a string",
    "print [x for x in 5] ### mismatched-types: `for` takes a list or a map, not an int",
    "let a = \"3\"\nretry a { echo b } ### mismatched-types: `retry` takes a whole number, not a string",
    "let a = 5\necho b within a ### mismatched-types: `within` takes a duration, not an int",
    "let a = 5\nwait-for echo b within a ### mismatched-types: `within` takes a duration, not an int",
    "let a = 5\necho b on a ### mismatched-types: `on` takes a cluster or its name, not an int",
    "let a = [1]\necho $a ### mismatched-types: a list in a word",
    "let a = [1]\nprint \"x $a\" ### mismatched-types: a list in a word",
    "let a = 5\necho ...$a ### mismatched-types: `...` takes a list, not an int",
    "print read(5) ### mismatched-types: `read` takes a path, not an int", "print read(\"a\").lines.count",
    "print random(\"a\") ### mismatched-types: `random` takes ints, not a string",
    "print secret([1]) ### mismatched-types: `secret` takes text, not a list",
    "print env(\"HOME\") + 1 ### mismatched-types: `+` does not take a string and an int", "print env(\"A\", 1) + 1",
    "print now() - 1s < now()", "print (now() - now()).seconds > 1.0",
    "print now() + 1 ### mismatched-types: `+` does not take a time and an int",
    "print (echo a) + 1", "task f() { return 1 }\nprint f() + \"a\"", "var a = 1\na = \"x\"\nprint a + \"y\"",
    "let a = if target.local then 1 else \"x\"\nprint a + 1", "let a = target.name ?? 5\nprint a + \"x\"",
    "let a = try echo b\nprint a.ok, a.vlaue ### mismatched-types: an outcome has no field `vlaue`",
    "print (2Gi).bytes / 2", "print 5.5.round + 1",
    "foreach k, v in { a: 1 } { print k + 1, v + 1 } ### mismatched-types: `+` does not take a string and an int",
    "let a = [1, \"b\"]\nprint a.first + 1", "let a = []\nprint a + [1]", "print [1].sum + 1",
    "print { a: 1 }.keys.first.upper",
    "param names = []\nprint names.first + 1", "print [c.index + 1 for c in clusters]",
    "print \"a\" matches \"[\" ### mismatched-types: the pattern \"[\" can't be read: a `[` is never closed",
    "print (echo a) matches \"(\" ### mismatched-types: the pattern \"(\" can't be read: a `(` is never closed",
    "print [1].sort(1) ### mismatched-types: `sort` takes other arguments",
    "print target.nam ### mismatched-types: `target` has no key `nam`", "print target.name, target.count",
    "foreach a, b in [1] { print a, b } ### mismatched-types: 2 names for an int",
    "foreach a, b in [[1, 2]] { print a, b }", "foreach a, b in clusters.map(c => [c, 1]) { print a, b }",
    "print [1].map((a, b) => a) ### mismatched-types: 2 names for an int", "print { a: 1 }.filter((a, b) => a == b)",
    "print [c.index + c for c in clusters] ### mismatched-types: `+` does not take an int and a cluster",
  ]

  @Test func aLibraryIsForOthers() {
    #expect(findings("let a = 1\ntask f(b) { print b }\n") == [])
    let files = ["lib.nbx": "let a = 1\nlet b = 2\ntask f() { print b }\ntask g(x) { print 1 }"]
    #expect(
      findings("use \"lib.nbx\"\nprint 1", files: files) == [
        "1 unused-library: nothing of lib.nbx is used", "4 unused-parameter: the parameter `x` is never used",
      ])
    for use in ["print a", "f()"] {
      #expect(
        findings("use \"lib.nbx\"\n\(use)", files: files) == ["4 unused-parameter: the parameter `x` is never used"])
    }
  }

  @Test func aFileWithErrorsHasNoWarnings() {
    #expect(findings("let a = 1\nprint nope") == ["2 unknown-name: there is no name `nope` here"])
    #expect(findings("let a = 1\nlet = 2") == ["2 unexpected-text: expected a name, found `=`"])
  }

  @Test func besideErrorsOnlyWhatHoldsInAnyCaseIsSaid() {
    #expect(
      findings("let a = 1 + \"x\"\nlet b = nope\nprint 1 == 1\nfail \"x\"\nprint 2") == [
        "1 mismatched-types: `+` does not take an int and a string", "2 unknown-name: there is no name `nope` here",
        "3 same-operands: both sides of `==` are the same", "5 unreachable: this is never reached",
      ])
  }

  @Test func aRunDoesNotLook() throws {
    let program = try load("let a = 1\nprint 1", TestHost())
    #expect(Run(program, host: TestHost(), clusters: ["c1"]).execute().isDone)
  }

  @Test func thereIsNoProgramWithoutAFile() {
    let checked = Program.check("gone.nbx", vocabulary: Vocabulary(host: TestHost())) { _ in
      .failure(FileProblem("there is no such file"))
    }
    #expect(checked.program == nil)
    #expect(checked.hasErrors)
    #expect(checked.diagnostics.map(\.code) == ["unreadable-file"])
  }

  /// Each finding is looked at once, and so are the lines before it.
  @Test func thousandsOfFindings() {
    let count = Campaign.size(2500, whole: 20_000)
    let text = String(repeating: "print [\"a\"].map(x => 1), secret(\"abc\")\n", count: count)
    let found = check(text).diagnostics
    #expect(found.count == count)
    #expect(found.last?.rendered(.plain).contains("main.nbx:\(count):17") == true)
    for diagnostic in found { #expect(diagnostic.rendered(.plain).contains("•••")) }
  }
}

extension Run.Ending {
  fileprivate var isDone: Bool { if case .done = self { true } else { false } }
}

private func check(_ recipe: String, files: [String: String] = [:]) -> CheckedProgram {
  Program.check("main.nbx", vocabulary: Vocabulary(host: TestHost())) { path in
    guard let text = path == "main.nbx" ? recipe : files[path] else { return .failure(FileProblem("no such file")) }
    return .success(Array(text.utf8))
  }
}

/// Line, code and title of each finding.
private func findings(_ recipe: String, files: [String: String] = [:]) -> [String] {
  check(recipe, files: files).diagnostics.map { diagnostic in
    let line = diagnostic.location.map { $0.file.position(of: Int($0.span.start)).line } ?? 0
    return "\(line) \(diagnostic.code ?? "?"): \(diagnostic.title)"
  }
}
