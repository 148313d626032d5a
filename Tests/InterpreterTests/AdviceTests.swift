import Interpreter
import Lexer
import TestSupport
import Testing

/// What is said to people who write what other languages and shells have, and how much of what was written is repeated.
@Suite(.mayWait) struct AdviceTests {
  @Test(arguments: [
    ("for x in [1] {\n print x\n}", "foreach x in list"), ("while true {\n print 1\n}", "everything ends here"),
    ("let x = 1\nwhile x < 3 { print x }", "everything ends here"),
    ("while (true) { print 1 }", "everything ends here"),
    ("until exists(\"a\") { print 1 }", "everything ends here"),
    ("foreach x in 1..3 { if x == 2 { break } }", "a loop goes to its end"),
    ("foreach x in 1..3 {\n continue\n print x\n}", "a loop goes to its end"),
    ("printf \"hi\"", "print \"…\" says something"), ("puts $clusters", "print \"…\" says something"),
    ("var x = 1\nx += 1\nprint x", "write `name = name + …`"),
    ("var x = 1\nx -= 1\nprint x", "write `name = name - …`"),
    ("var x = 1\nx++\nprint x", "write `name = name + 1`"), ("var x = 1\nx *= 2\nprint x", "write `name = name * …`"),
    ("print [1].length", "`.count`"), ("print [1].length()", "`.count`"), ("print len([1])", "list.count"),
    ("fn f(x) {\n return x\n}", "task name(a, b = 1)"), ("def f(x):", "task name(a, b = 1)"),
    ("function f() { print 1 }", "task name(a, b = 1)"), ("exit", ":quit or Ctrl-D"), ("quit", ":quit or Ctrl-D"),
    ("exit 1", ":quit or Ctrl-D"), ("exit(1)", ":quit or Ctrl-D"), ("exit\nprint 1", ":quit or Ctrl-D"),
    ("raise \"x\"", "fail \"why\""), ("import \"x.nbx\"", "use \"lib.nbx\""), ("const x = 1", "let name = …"),
    ("print nil", "null"), ("print True", "true"), ("print [1].push(2)", "list + [x]"),
    ("try { print 1 } catch e { print e }", "try { … } else err"),
    ("try { print 1 } except { print 2 }", "try { … } else err"),
    ("try { print 1 } finally { print 2 }", "defer { … }"),
    ("try { print 1 } else e { print e } finally { print 2 }", "defer { … }"),
    ("if true { print 1 } elif false { print 2 }", "if … { } else if"), ("print x for x in [1]", "foreach x in list"),
    ("// it's a comment", "a comment begins with `#`"), ("print 1 // \"two", "a comment begins with `#`"),
    ("/* one\n'two */\nprint 1", "on each of its lines"), ("defer echo a", "in braces: { … }"),
    ("parallel echo a", "in braces: { … }"), ("step \"s\" echo a", "in braces: { … }"),
    ("foreach x in [1] echo $x", "in braces: { … }"), ("retry { echo a }", "retry 5 every 2s { … }"),
    ("let x = retry { 1 }\nprint x", "retry 5 every 2s { … }"), ("print 1 if true else 2", "if c then a else b"),
    ("let x = 1 if true else 2\nprint x", "if c then a else b"), ("let x: int = 1\nprint x", "let name = …"),
    ("let x := 1\nprint x", "let name = …"), ("x := 1", "let x = … for good"), ("int x = 1", "needs no type"),
    ("cd /tmp", "the recipe's folder"), ("cd ..", "the recipe's folder"), ("cd $target", "the recipe's folder"),
    ("cd ./a", "the recipe's folder"), ("ls /tmp", "`exec PROGRAM …`"), ("wait 5", "sleep 5s"),
    ("repeat 3 { echo a }", "foreach i in 1..3"), ("repeat 3", "foreach i in 1..3"),
    ("tool box create x", "did you mean `tool box add`?"), ("tool box ls", "did you mean `tool box list`?"),
    ("tool bo add x", "did you mean `tool box`?"),
    ("print 1 == 1 ? 2 : 3", "if c then a else b"), ("tool box list --dry-run", "`nbx plan RECIPE`"),
  ]) func `what is written otherwise here is told`(_ recipe: String, _ advice: String) {
    let found = transcript(recipe)
    #expect(found.contains("= try: ") && found.contains(advice), "\(found)")
    #expect(found.split(separator: "error: ", omittingEmptySubsequences: false).count == 2, "once: \(found)")
  }

  @Test(arguments: ["let log = 1\nprint log", "let end = 2\nif true { print end + 1 }", "let len = 3\nprint [len]"])
  func `names are names`(_ recipe: String) {
    #expect(!transcript(recipe).contains("error"))
  }

  @Test(arguments: [
    ("step \"s\" within -(5s) { print 1 }", "`within` takes a duration from 0s on, not -5s"),
    ("step \"s\" within -5s { print 1 }", "`within` takes a duration from 0s on, not -5s"),
    ("let t = 1s - 2s\nwait-for exists(\"a\") within 1s every t", "`every` takes a duration from 0s on, not -1s"),
    ("echo a within 5", "`within` takes a duration, not an int"),
  ]) func `a limit lies above zero`(_ recipe: String, _ title: String) {
    #expect(transcript(recipe).contains("error: \(title)\n"))
  }

  private static let long = "foreach i in 1..15 { s = s + s }\n"

  @Test(arguments: [
    "bad $s", "bad --x=$s and more", "tool box add a --count $s", "tool box add a b$s", "tool paint $s",
    "tool box add --$s",
    "print s.int", "print {}[s]", "show on s", "print [1].index_of(s)", "assert s == \"b\"",
    "try { tool paint $s } else e { fail e }", "print \"a\" matches \"($s\"", "read(s)",
  ]) func `long arguments are cut`(_ statement: String) {
    let found = transcript("var s = \"0123456789\"\n\(AdviceTests.long)\(statement)")
    #expect(found.contains("error: ") || found.contains("assertion failed: "), "\(found.prefix(500))")
    #expect(found.utf8.count < 8_000, "\(found.utf8.count): \(found.prefix(500))")
  }

  @Test func `what was run reads as in a shell`() {
    let found = transcript(
      "let s = secret(\"pass word\")\nbad plain a=b,c:d/e@f '' 'two words' \"it's\" '\"' '$HOME' 'a*' '(x)' é -p$s ';'")
    #expect(
      found.contains(
        #"ran: bad plain a=b,c:d/e@f '' 'two words' 'it'\''s' '"' '$HOME' 'a*' '(x)' é '-p•••' ';'"#), "\(found)")
  }

  @Test func `of failures with one cause one is shown`() {
    let found = transcript("foreach c in clusters parallel { needy on c }")
    #expect(found.split(separator: "error: ", omittingEmptySubsequences: false).count == 2, "\(found)")
    #expect(found.contains("= so: 3 commands failed for this"), "\(found)")
  }
}
