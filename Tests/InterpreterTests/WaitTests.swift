import TestSupport
import Testing

/// `wait-for` and `assert`.
@Suite(.mayWait) struct WaitTests {
  @Test(arguments: cases) func holds(_ test: Case) { test.check() }

  static let cases: [Case] = [
    Case("waits until it is so", "wait-for (count a) == 3 within 30s every 1ms \"three\"\nprint (count a)", "4"),
    Case("a failing command means not yet", "wait-for (flaky a 2) == 3 within 30s every 1ms\nprint (count a)", "4"),
    Case("a command alone, until it succeeds", "wait-for flaky a 2 within 30s every 1ms \"a\"\nprint (count a)", "4"),
    Case(
      "the endings of a command that is waited for",
      "wait-for show a within 30s on \"c2\" with 1 every 1ms \"x\"\nwait-for show b\n  with 2\n  within 1s",
      "<a> with 1 on c2\n<b> with 2 on c1"),
    Case("an outcome is a condition", "wait-for try flaky a 1 within 30s\nprint 1", "handled: flaky failed (try 1)\n1"),
    Case(
      "a missing field, index or element means not yet",
      """
      wait-for { a: if (count a) > 1 then { b: true } else null }.a.b within 30s every 1ms
      wait-for (foreach i in 1..((count b) - 1) { true })[0] within 30s every 1ms
      wait-for (foreach i in 1..((count c) - 1) { true }).first within 30s every 1ms
      wait-for (json ${if (count d) > 1 then '{"x": true}' else ""}).json.x within 30s every 1ms
      wait-for { a: if (count e) > 1 then 1s else null }.a < 5s within 30s every 1ms
      print "end"
      """, "end"),
    Case(
      "a type error ends it at once", "wait-for (count a) == \"x\" within 30s",
      """
      failed
      error: an int is never equal to a string
        --> main.nbx:1:10
         |
       1 | wait-for (count a) == "x" within 30s
         |          ^^^^^^^^^^^^^^^^
         |
         = try: compare values of one type: `"$x"` makes text, `.int` a number of it
      """),
    Case(
      "so does a command that makes no sense", "wait-for misused within 30s",
      """
      failed
      error: misused failed (no such word)
        --> main.nbx:1:10
         |
       1 | wait-for misused within 30s
         |          ^^^^^^^ ran: misused
      """),
    Case(
      "at its end it shows every part as last seen",
      "let want = 5\nwait-for (servers).count == 2 * want within 300ms \"enough servers\"",
      """
      failed
      error: waited 0s in vain: enough servers
        --> main.nbx:2:10
         |
       2 | wait-for (servers).count == 2 * want within 300ms "enough servers"
         |          (servers).count     2
         |            (servers)         [{ name: "n1", rtt: 2, lead: true }, { name: "n2", rtt: 12, lead: false }]
         |          2 * want            10
         |            want              5
         |
         = the limit: `within 300ms` of the wait
      """),
    Case(
      "and the last error", "wait-for bad within 300ms",
      """
      failed
      error: waited 0s in vain: bad
        --> main.nbx:1:10
         |
       1 | wait-for bad within 300ms
         |          ^^^
         |
         = last error: bad failed on c1 (exit 1)
         = it said: it is bad
                    very bad
         = the limit: `within 300ms` of the wait
      """),
    Case(
      "a limit around it wins and is named", "step \"s\" within 500ms { wait-for false within 1m }",
      """
      step: s
      step failed: s
      failed
      error: waited 0s in vain: false
        --> main.nbx:1:34
         |
       1 | step "s" within 500ms { wait-for false within 1m }
         |                                  ^^^^^
         |
         = the limit: `within 500ms` of the step "s" (main.nbx:1:1)
      """),
    Case(
      "the limit may be computed", "let t = 1ms\ntry { wait-for 1 == 2 within t * 2 } else e { print e }",
      "handled: waited 0s in vain: 1 == 2\nwaited 0s in vain: 1 == 2"),
    Case(
      "a limit must be a duration", "let t = 5\nwait-for true within t",
      """
      failed
      error: `within` takes a duration, not an int
        --> main.nbx:2:22
         |
       2 | wait-for true within t
         |                      ^
         |
         = try: 30s, 5m or 500ms
      """),
    Case("assert says nothing if it holds", "assert 1 + 1 == 2, \"sum\"\nassert true", ""),
    Case(
      "assert shows the value of every part",
      "let servers_found = [1, 2]\nassert servers_found.count == 12 * clusters.count, \"every server is in the supercluster\"",
      """
      failed
      assertion failed: every server is in the supercluster
        --> main.nbx:2:8
         |
       2 | assert servers_found.count == 12 * clusters.count, "every server is in the supercluster"
         |        servers_found.count     2
         |        12 * clusters.count     36
         |          clusters.count        3
      """),
    Case(
      "its text may be left out", "let a = 1\nassert a > 2 or a == 7",
      """
      failed
      assertion failed: a > 2 or a == 7
        --> main.nbx:2:8
         |
       2 | assert a > 2 or a == 7
         |        a > 2      false
         |          a        1
         |        a == 7     false
         |          a        1
      """),
    Case(
      "an outcome can be asserted", "assert (try bad), \"it works\"",
      """
      handled: bad failed on c1 (exit 1)
      failed
      assertion failed: it works
        --> main.nbx:1:8
         |
       1 | assert (try bad), "it works"
         |        bad     failed: bad failed on c1 (exit 1)
      """),
  ]
}
