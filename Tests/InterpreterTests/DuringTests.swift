import TestSupport
import Testing

/// `during`: a command that goes on while a block runs.
@Suite(.mayWait) struct DuringTests {
  @Test(arguments: cases) func holds(_ test: Case) { test.check() }

  static let cases: [Case] = [
    Case(
      "it begins before the block, and ends with it", "during hum on \"c2\" { print \"one\"\n show }\nprint \"after\"",
      "step: during hum\nhumming\none\n on c1\nsilent\nafter"),
    Case(
      "its block gives a value", "let x = during hum { 1 + 1 }\nprint x", "step: during hum\nhumming\nsilent\n2"),
    Case(
      "a task may return from it", "task f() { during hum { return 3 } }\nprint f()",
      "step: during hum\nhumming\nsilent\n3"),
    Case(
      "words and a document come before the block", "let n = 1\nduring hum a$n with { x: 1 } { print n }",
      "step: during hum a1\nhumming\n1\nsilent"),
    Case(
      "it may be over before its block", "during echo hi { print \"block\" }", "step: during echo hi\nhi\nblock"),
    Case(
      "its end comes before the defers around it",
      "step \"s\" {\n defer { print \"deferred\" }\n during hum { defer { print \"inner\" } }\n}",
      "step: s\nstep: during hum\nhumming\ninner\nsilent\ndeferred"),
    Case(
      "a block that fails ends it, and try goes on",
      "try { during hum { fail \"no\" } } else err { print err }\nprint 1",
      "step: during hum\nhumming\nsilent\nstep failed: during hum\nhandled: no\nno\n1"),
    Case(
      "what can't begin fails, and the block is not run", "during hum never { print 1 }",
      """
      step: during hum never
      step failed: during hum never
      failed
      error: hum failed on c1 (no voice)
        --> main.nbx:1:8
         |
       1 | during hum never { print 1 }
         |        ^^^ ran: hum never
      """),
    Case(
      "what dies meanwhile fails it, once the block is done",
      "during hum later { let n = count die\n meet hoarse 2\n try block within 200ms\n print \"done\" }",
      """
      step: during hum later
      humming
      handled: block took too long on c1
      done
      step failed: during hum later
      failed
      error: hum failed on c1 (hoarse)
        --> main.nbx:1:8
         |
       1 | during hum later { let n = count die
         |        ^^^ ran: hum later
      """),
    Case(
      "an interrupt ends the block and then it", "during hum {\n defer { print \"deferred\" }\n interrupt\n print 1 }",
      "step: during hum\nhumming\ndeferred\nsilent\nstep failed: during hum\ninterrupted\nerror: interrupted\n  --> main.nbx:4:2\n   |\n 4 |  print 1 }\n   |  ^^^^^^^"
    ),
    Case(
      "lanes have one each", "foreach c in clusters - \"c3\" parallel { during hum { meet all 2 } }",
      "[c1] humming\n[c1] silent\n[c1] step: during hum\n[c2] humming\n[c2] silent\n[c2] step: during hum",
      sorted: true),
    Case(
      "`within` is for both", "try { during hum within 100ms { block } } else err { print \"over\" }",
      "step: during hum\nhumming\nsilent\nstep failed: during hum\nhandled: block took too long on c1\nover"),
    Case(
      "it takes a command", "during 5 { }",
      """
      wrong
      error: expected a command that goes on, found `5`
        --> main.nbx:1:8
         |
       1 | during 5 { }
         |        ^ a command that goes on is due here
      """),
    Case(
      "a command that ends by itself", "during tool box list { print 1 }",
      """
      wrong
      error: `tool box list` ends by itself
        --> main.nbx:1:8
         |
       1 | during tool box list { print 1 }
         |        ^^^^
         |
         = try: give it before the block; behind `during` stands what goes on, as `nats reply`, a bench with --rate, a program
      """),
    Case(
      "what it gives has a name behind the block, and the block its value",
      "let x = during n = tool fill --rate 5/s { print \"block\"\n 1 + 1 }\nprint x, n.boxes",
      "step: during tool fill --rate 5/s\nfill rate=5\nblock\n2 3"),
    Case(
      "what goes on until it is ended gives nothing", "during n = hum { print 1 }\nprint n",
      "step: during hum\nhumming\n1\nsilent\nnull"),
    Case(
      "a program's record is kept if it is over before", "during n = json hi { print 1 }\nprint n",
      "step: during json hi\n1\nhi"),
    Case(
      "a block that fails ends at once what ends early",
      "try { during n = tool fill --rate 5 { fail \"no\" } }\nprint 1",
      "step: during tool fill --rate 5\nfill rate=5\nstep failed: during tool fill --rate 5\nhandled: no\n1"),
    Case(
      "what comes to its end by itself needs the flag for it", "during tool fill { print 1 }",
      """
      wrong
      error: `tool fill` ends by itself
        --> main.nbx:1:8
         |
       1 | during tool fill { print 1 }
         |        ^^^^
         |
         = try: give it before the block; behind `during` stands what goes on, as `nats reply`, a bench with --rate, a program
      """),
    Case(
      "its name is not known in the block", "during n = hum { print n }",
      """
      wrong
      error: there is no name `n` here
        --> main.nbx:1:24
         |
       1 | during n = hum { print n }
         |                        ^
         |
         = try: bind it with `let`, or put it in quotes if it is text
      """),
    Case(
      "the end of its block's name is the end of the block around", "step \"s\" { during n = hum { } }\nprint n",
      """
      wrong
      error: there is no name `n` here
        --> main.nbx:2:7
         |
       2 | print n
         |       ^
         |
         = try: bind it with `let`, or put it in quotes if it is text
      """),
    Case(
      "a command that goes on stands behind during", "tool watch",
      """
      wrong
      error: `tool watch` goes on until it is ended
        --> main.nbx:1:1
         |
       1 | tool watch
         | ^^^^
         |
         = try: say how long: during tool watch … { … }
      """),
  ]
}
