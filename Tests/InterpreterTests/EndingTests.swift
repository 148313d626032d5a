import TestSupport
import Testing

/// What runs at the end of blocks, and how limits end things.
@Suite(.mayWait) struct EndingTests {
  @Test(arguments: cases) func holds(_ test: Case) { test.check() }

  static let cases: [Case] = [
    Case(
      "defers run last first, at the end of their block",
      "if true { defer { print 1 }\n defer { print 2 }\n print 3 }\nprint 4", "3\n2\n1\n4"),
    Case("a defer at the top runs at the recipe's end", "defer { print \"last\" }\nprint \"first\"", "first\nlast"),
    Case("defers run after a failure", "try { defer { print \"d\" }\n fail \"x\" }", "d\nhandled: x"),
    Case("a defer that is not reached does not run", "try { fail \"x\"\n defer { print \"d\" } }", "handled: x"),
    Case("a loop's defers run in each pass", "foreach x in 1..2 { defer { print \"d$x\" }\n print x }", "1\nd1\n2\nd2"),
    Case("a task's defers run when it returns", "task f() { defer { print \"d\" }\n return 5 }\nprint f()", "d\n5"),
    Case(
      "the value of a block is not its defers'",
      "let x = foreach i in [1] { let y = 2\n defer { print \"d\" }\n y }\nprint x", "d\n[2]"),
    Case("defers keep their cluster", "foreach c in clusters { defer { show } }", " on c1\n on c2\n on c3"),
    Case(
      "defers run after an interrupt, and may run commands", "defer { echo cleaned }\ninterrupt\necho never",
      "cleaned\ninterrupted\nerror: interrupted\n  --> main.nbx:3:1\n   |\n 3 | echo never\n   | ^^^^^^^^^^"),
    Case(
      "an interrupt is not caught",
      "try { defer { echo d }\n interrupt\n echo never } else { print \"caught\" }\nprint 2",
      "d\ninterrupted\nerror: interrupted\n  --> main.nbx:3:2\n   |\n 3 |  echo never } else { print \"caught\" }\n   |  ^^^^^^^^^^"
    ),
    Case(
      "an interrupt ends a wait", "interrupt\nwait-for false",
      "interrupted\nerror: interrupted\n  --> main.nbx:2:1\n   |\n 2 | wait-for false\n   | ^^^^^^^^^^^^^^"),
    Case(
      "a defer that fails stops no other, and fails the run", "defer { print \"other\" }\ndefer { bad }\nprint \"end\"",
      """
      end
      other
      failed
      error: bad failed on c1 (exit 1)
        --> main.nbx:2:9
         |
       2 | defer { bad }
         |         ^^^ ran: bad
         |
         = it said: it is bad
                    very bad
         = try: be good
         = while: running a deferred block
      """),
    Case(
      "outer defers run when an inner one fails", "defer { print \"outer\" }\nif true { defer { fail \"inner\" } }",
      """
      outer
      failed
      error: inner
        --> main.nbx:2:19
         |
       2 | if true { defer { fail "inner" } }
         |                   ^^^^^^^^^^^^
         |
         = while: running a deferred block
      """),
    Case(
      "a failing defer is reported beside the failure", "defer { fail \"second\" }\nfail \"first\"",
      """
      failed
      error: first
        --> main.nbx:2:1
         |
       2 | fail "first"
         | ^^^^^^^^^^^^

      error: second
        --> main.nbx:1:9
         |
       1 | defer { fail "second" }
         |         ^^^^^^^^^^^^^
         |
         = while: running a deferred block
      """),
    Case(
      "a failing defer fails a skipped run", "defer { fail \"d\" }\nskip \"s\"",
      """
      failed
      error: d
        --> main.nbx:1:9
         |
       1 | defer { fail "d" }
         |         ^^^^^^^^
         |
         = while: running a deferred block
      """),
    Case(
      "defers run outside a limit that has passed",
      "try { step \"s\" within 500ms { defer { echo d }\n block } }\nprint 1",
      "step: s\nd\nstep failed: s\nhandled: block took too long on c1\n1"),
    Case(
      "a try inside a limit does not catch it", "step \"s\" within 500ms { try { block } else { print \"caught\" } }",
      """
      step: s
      step failed: s
      failed
      error: block took too long on c1
        --> main.nbx:1:31
         |
       1 | step "s" within 500ms { try { block } else { print "caught" } }
         |                               ^^^^^ ran: block
         |
         = the limit: `within 500ms` of the step "s" (main.nbx:1:1)
      """),
    Case(
      "the nearest limit wins and is named", "step \"s\" within 1m { block within 1ms }",
      """
      step: s
      step failed: s
      failed
      error: block took too long on c1
        --> main.nbx:1:22
         |
       1 | step "s" within 1m { block within 1ms }
         |                      ^^^^^ ran: block
         |
         = the limit: `within 1ms` of the command
      """),
    Case(
      "what an interrupt lets come to its end is cleaned up by the defer behind it",
      "let made = interrupt\ndefer { print \"taken away\" }\nprint made",
      """
      taken away
      interrupted
      error: interrupted
        --> main.nbx:3:1
         |
       3 | print made
         | ^^^^^^^^^^
      """),
    Case(
      "retry does not outlast a limit around it",
      "try { step \"s\" within 500ms { retry 1000 every 1ms { block within 1h } } }",
      "step: s\nstep failed: s\nhandled: block took too long on c1"),
  ]
}
