import TestSupport
import Testing

/// What runs at once. The order between lanes is open, so what is said is compared in order of the alphabet.
@Suite(.mayWait) struct LaneTests {
  @Test(arguments: cases) func holds(_ test: Case) { test.check() }

  static let cases: [Case] = [
    Case(
      "all at once, each with its cluster", "foreach c in clusters parallel { meet all 3\n show $c }",
      "[c1] <c1> on c1\n[c2] <c2> on c2\n[c3] <c3> on c3", sorted: true),
    Case(
      "the values in the list's order", "let xs = foreach x in 1..20 parallel { x * x }\nprint xs.sum, xs[3]", "2870 16"
    ),
    Case(
      "at most so many at once", "let xs = foreach x in 1..9 parallel 3 { meet \"m${(x - 1) / 3}\" 3\n x }\nprint xs",
      "[1, 2, 3, 4, 5, 6, 7, 8, 9]"),
    Case(
      "the last command of a lane shows what it says",
      "foreach x in [1] parallel { echo said }\nlet y = foreach x in [1] parallel { echo unsaid }", "[1] said"),
    Case("parallel runs its statements at once", "parallel {\n  meet x 2\n  meet x 2\n  echo third\n}", "[3] third"),
    Case("parallel gives a list", "let r = parallel { echo a\n 2 + 2 }\nprint r", "[\"a\", 4]"),
    Case("over a map", "foreach k, v in { a: 1, b: 2 } parallel { print k, v }", "[a] a 1\n[b] b 2", sorted: true),
    Case(
      "lanes within lanes", "foreach c in clusters - \"c3\" parallel { foreach x in 1..2 parallel { print c } }",
      "[c1/1] c1\n[c1/2] c1\n[c2/1] c2\n[c2/2] c2", sorted: true),
    Case("over nothing", "let x = foreach c in [] parallel { 1 }\nprint x, (parallel { })", "[] []"),
    Case(
      "each lane has its own values", "foreach x in 1..3 parallel { var y = x\n y = y * 2\n print y }",
      "[1] 2\n[2] 4\n[3] 6", sorted: true),
    Case(
      "a lane that fails: the others start nothing new, what runs is let finish, waits end, defers run",
      """
      parallel {
        if true { meet all 3
          fail "the lane failed" }
        if true { defer { echo cleaned }
          linger all
          echo never }
        if true { wait-for false within 10m
          echo never }
        if true { retry 100 every 10m { meet all 3
            fail "again" }
          echo never }
      }
      """,
      """
      [2] cleaned
      [2] lingered
      [4] handled: again
      failed
      error: the lane failed
        --> main.nbx:3:5
         |
       3 |     fail "the lane failed" }
         |     ^^^^^^^^^^^^^^^^^^^^^^
         |
         = lane: 1
      """, sorted: true),
    Case(
      "every failure is reported, in the lanes' order",
      "foreach c in clusters parallel { meet all 3\n defer { if c.index == 1 { fail \"defer of $c\" } }\n fail \"lane $c\" }",
      """
      failed
      error: lane c1
        --> main.nbx:3:2
         |
       3 |  fail "lane $c" }
         |  ^^^^^^^^^^^^^^
         |
         = lane: c1

      error: lane c2
        --> main.nbx:3:2
         |
       3 |  fail "lane $c" }
         |  ^^^^^^^^^^^^^^
         |
         = lane: c2

      error: defer of c2
        --> main.nbx:2:28
         |
       2 |  defer { if c.index == 1 { fail "defer of $c" } }
         |                            ^^^^^^^^^^^^^^^^^^
         |
         = while: running a deferred block

      error: lane c3
        --> main.nbx:3:2
         |
       3 |  fail "lane $c" }
         |  ^^^^^^^^^^^^^^
         |
         = lane: c3
      """),
    Case(
      "a failing defer of a lane that was stopped is reported",
      "parallel { if true { meet all 2\n fail \"first\" }\n if true { defer { fail \"second\" }\n linger all\n echo never } }",
      """
      [2] lingered
      failed
      error: first
        --> main.nbx:2:2
         |
       2 |  fail "first" }
         |  ^^^^^^^^^^^^
         |
         = lane: 1

      error: second
        --> main.nbx:3:20
         |
       3 |  if true { defer { fail "second" }
         |                    ^^^^^^^^^^^^^
         |
         = while: running a deferred block
         = lane: 2
      """),
    Case(
      "try takes care of all lanes",
      "try { foreach c in clusters parallel { meet all 3\n fail \"$c\" } } else e { print e }",
      "handled: c1\nhandled: c2\nhandled: c3\nc1"),
    Case(
      "lanes that have not begun do not begin",
      "try { foreach x in 1..5 parallel 1 { print x\n if x == 2 { fail \"f\" } } }", "[1] 1\n[2] 2\nhandled: f"),
    Case(
      "an interrupt ends all lanes",
      "foreach c in clusters parallel { defer { print \"d\" }\n meet all 3\n if c.index == 0 { interrupt }\n block within 5m }",
      """
      [c1] d
      [c2] d
      [c3] d
      interrupted
      error: interrupted
        --> main.nbx:4:2
         |
       4 |  block within 5m }
         |  ^^^^^^^^^^^^^^^
      """, sorted: true),
    Case(
      "skip in a lane ends the recipe as skipped",
      "foreach c in clusters parallel { if c.index == 1 { skip \"enough\" } }", "skipped: enough"),
    Case(
      "more lanes than threads", "let xs = foreach x in 1..1000 parallel { x }\nprint xs.sum",
      "noted: 1000 lanes, of which 256 go at once\n500500"),
    Case(
      "of many that fail alike a few are told",
      "foreach x in 1..20 parallel { meet all 20\n fail \"no\" }",
      """
      failed
      error: no
        --> main.nbx:2:2
         |
       2 |  fail "no" }
         |  ^^^^^^^^^
         |
         = lane: 1

      error: no
        --> main.nbx:2:2
         |
       2 |  fail "no" }
         |  ^^^^^^^^^
         |
         = lane: 2

      error: no
        --> main.nbx:2:2
         |
       2 |  fail "no" }
         |  ^^^^^^^^^
         |
         = lane: 3
         = and: 17 more failed in the same way here
      """),
    Case("fewer at once are told nothing", "let n = foreach x in 1..300 parallel 4 { x }\nprint n.count", "300"),
  ]
}
