import TestSupport
import Testing

/// Statements, in both their forms, and what they give.
@Suite(.mayWait) struct StatementTests {
  @Test(arguments: cases) func holds(_ test: Case) { test.check() }

  static let cases: [Case] = [
    Case("let, var and assignment", "let a = 1\nvar b = a\nb = b + 1\nprint a, b", "1 2"),
    Case(
      "if, else if, else",
      """
      foreach x in 1..3 {
        if x == 1 { print "one" } else if x == 2 { print "two" } else { print "more" }
      }
      """, "one\ntwo\nmore"),
    Case(
      "an outcome is a condition", "if try bad { print 1 } else { print 2 }", "handled: bad failed on c1 (exit 1)\n2"),
    Case("foreach over a map", "foreach k, v in { a: 1, b: 2 } { print k, v }", "a 1\nb 2"),
    Case("foreach gives a list", "let xs = foreach x in 1..3 { x * x }\nprint xs", "[1, 4, 9]"),
    Case(
      "foreach with a command as its value prints nothing", "let xs = foreach x in 1..2 { echo $x }\nprint xs",
      "[\"1\", \"2\"]"),
    Case(
      "foreach over clusters sets the current one, also over a list of clusters",
      "foreach c in clusters - \"c1\" { show }\nshow\nforeach c in [clusters[2]] { show }",
      " on c2\n on c3\n on c1\n on c3"),
    Case(
      "foreach goes over a range lazily", "foreach i in 1..1000000000000 { if i == 3 { fail \"here\" } }",
      "failed\nerror: here\n  --> main.nbx:1:45\n   |\n 1 | foreach i in 1..1000000000000 { if i == 3 { fail \"here\" } }\n   |                                             ^^^^^^^^^^^"
    ),
    Case(
      "step names, current cluster and value",
      "let x = step \"one\" on \"c2\" within 5m { show\n 5 }\nprint x\nstep \"two $x\" { show }",
      "step: one\n on c2\n5\nstep: two 5\n on c1"),
    Case(
      "a step's endings on lines of their own", "step \"one\"\n  on clusters[1]\n  within 5m\n{ show }",
      "step: one\n on c2"),
    Case(
      "retry until it works", "retry 5 every 1ms { print (flaky a 2) }",
      "handled: flaky failed (try 1)\nhandled: flaky failed (try 2)\n3"),
    Case(
      "retry gives its value", "let n = retry 3 every 1ms { flaky a 1 }\nprint n", "handled: flaky failed (try 1)\n2"),
    Case(
      "retry gives up",
      "retry 2 every 1ms { flaky a 9 }",
      """
      handled: flaky failed (try 1)
      failed
      error: flaky failed (try 2)
        --> main.nbx:1:21
         |
       1 | retry 2 every 1ms { flaky a 9 }
         |                     ^^^^^ ran: flaky a 9
         |
         = tried: 2 times
      """),
    Case(
      "retry does not try again what makes no sense", "retry 20 every 10s { misused }",
      """
      failed
      error: misused failed (no such word)
        --> main.nbx:1:22
         |
       1 | retry 20 every 10s { misused }
         |                      ^^^^^^^ ran: misused
      """),
    Case(
      "try and else", "try { print 1\nbad\nprint 2 } else err { print \"caught $err\" }",
      "1\nhandled: bad failed on c1 (exit 1)\ncaught bad failed on c1 (exit 1)\nit is bad\nvery bad"),
    Case("try without else", "try { bad }\nprint 1", "handled: bad failed on c1 (exit 1)\n1"),
    Case("try with an empty else", "try { bad } else err { }\nprint 1", "handled: bad failed on c1 (exit 1)\n1"),
    Case("else without a name", "try { fail \"x\" } else { print 2 }", "handled: x\n2"),
    Case(
      "try catches fail, assert, time-outs and run-time errors",
      """
      try { fail "f" }
      try { assert 1 == 2, "a" }
      try { wait-for false within 1ms "w" }
      try { let x = 1 / 0 }
      try { block within 1ms }
      print "end"
      """,
      "handled: f\nhandled: a\nhandled: waited 0s in vain: w\nhandled: division by zero\nhandled: block took too long on c1\nend"
    ),
    Case("try does not catch skip", "try { skip \"no\" }\nprint 1", "skipped: no"),
    Case(
      "a value of try with a block", "let o = try { 1 + 1 }\nprint o.value, (try { fail \"x\" }).error",
      "handled: x\n2 x"),
    Case("a try block's field ends a block", "let xs = foreach x in [1] { try { x }.value }\nprint xs", "[1]"),
    Case(
      "the last value may be `if … then`", "let xs = foreach x in 1..2 { if x == 1 then \"a\" else \"b\" }\nprint xs",
      "[\"a\", \"b\"]"),
    Case(
      "a value of if is the branch's last", "let xs = foreach x in 1..2 { if x == 1 { 10 } else { 20 } }\nprint xs",
      "[10, 20]"),
    Case("skip ends the recipe", "print 1\nskip \"nothing to do\"\nprint 2", "1\nskipped: nothing to do"),
    Case("fail takes any text", "let n = 2\ntry { fail \"n is $n\" } else e { print e }", "handled: n is 2\nn is 2"),
    Case(
      "print shows lists of maps as a table", "print [{ name: \"n1\", rtt: 2 }, { name: \"n10\", rtt: 12 }]",
      """
      ╭──────┬─────╮
      │ name │ rtt │
      ├──────┼─────┤
      │ n1   │   2 │
      │ n10  │  12 │
      ╰──────┴─────╯
      """),
    Case(
      "print takes several values, or none", "print 1, \"a\", [true, null], { a: \"x\" }\nprint",
      "1 a [true, null] { a: \"x\" }\n"),
    Case("the header", "recipe \"Title\"\nclusters a b\nparam n = 1 \"help\"\nprint n", "1"),
    Case("lines go on after an operator", "let x = 1 +\n  2\nlet y = x ==\n  3 and\n  true\nprint x, y", "3 true"),
    Case("lines that begin with `-` go on", "let x = 5\n  - 3\nprint x", "2"),
    Case("in parentheses a line's end is a space", "let x = (1\n  + 2\n  * 3)\nprint x", "7"),
    Case(
      "in lists and maps it separates", "print [\n  1\n  2, 3\n\n  4,\n].json, {\n  a: 1\n  b: 2\n}.json",
      "[1,2,3,4] {\"a\":1,\"b\":2}"),
    Case(
      "unless an operator, `for`, `if` or `.` says otherwise",
      "print [\n  1 +\n  2\n].json, [\n  x\n  for x in 1..3\n  if x > 1\n].json, [\n  [1, 2]\n  .count\n].json",
      "[3] [2,3] [2]"),
    Case("in a list a line may begin with a minus", "print [\n  1\n  -2\n].json", "[1,-2]"),
    Case("text over several lines", "print \"\"\"\n  a\n    b ${1 + 1}\n  c\n  \"\"\"", "a\n  b 2\nc"),
    Case("a block in a value", "let x = (try {\n  echo a\n  echo b\n}).value\nprint x", "a\nb"),
    Case("CRLF", "let a = 1\r\nif a == 1 {\r\n  show a\r\n    --b\r\n}\r\n", "<a><--b> on c1"),
    Case("a byte order mark", "\u{FEFF}print 1", "1"),
    Case("nothing", "", ""), Case("only comments", "# a\n  # b", ""),
  ]
}
