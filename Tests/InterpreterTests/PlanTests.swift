import TestSupport
import Testing

@testable import Interpreter
@testable import ValuesAndCommands

/// What a recipe would do, without doing it. The commands of the test host are never called: each would be heard.
@Suite(.mayWait) struct PlanTests {
  @Test(arguments: cases) func holds(_ test: Case) throws {
    let found = try planned(test.recipe, files: test.files, arguments: test.arguments)
    #expect(found == test.expected, "\(test.name)")
  }

  static let cases: [Case] = [
    Case(
      "commands in their order, with words, document, cluster and limit",
      "show a 'b c' with { x: 1 } on \"c2\" within 5s\nforeach i in [1, 2] { bad $i }",
      "show a 'b c' within 5s\n  with { x: 1 }\n1, 2 one after the other:\n  bad {1,2} on c1"),
    Case(
      "what is known later flows through expressions",
      "let a = servers\nshow ${a[0].name}-x $a \"${a.count + 1}\" ${[1, a.first].count}",
      "servers\nshow ‹known later›-x ‹known later› ‹known later› 2"),
    Case(
      "how many elements lists hold that are known later is known later",
      "let n = servers\nlet all = [[], [s.name for s in n]].flatten\nif all.count > 0 { bad 1 }",
      "servers\nif all.count > 0:\n  bad 1 on c1"),
    Case(
      "what a task may do is shown once, and of its other calls what differs",
      "let n = servers\ntask f(x) {\n if n.count > 1 {\n show $x\n show b\n show c\n }\n}\nf(1)\nf(2)\nf(1)",
      """
      servers
      if n.count > 1:
        show 1
        show b
        show c
      if n.count > 1: as above, with 2
      if n.count > 1: as above
      """),
    Case(
      "a loop that may return is shown once",
      "task f() {\n foreach i in 1..100000 {\n show $i\n if (servers).count == i { return i }\n }\n}\nlet n = f()\nshow $n",
      "for each i in 1..100000:\n  show ‹known later›\n  servers\n  if (servers).count == i:\n    then return\nshow ‹known later›"
    ),
    Case(
      "a loop that returns for sure is gone through as far as it goes",
      "task f(x) {\n foreach i in 1..5 {\n show $i\n if i == x { return i }\n }\n}\nlet n = f(2)\nbad $n",
      "1, 2 one after the other:\n  show {1,2}\nbad 2 on c1"),
    Case(
      "a command that goes on, and what is done meanwhile", "during hum a on \"c2\" { show b }\nshow c",
      "hum a on c2\nmeanwhile:\n  show b\nshow c"),
    Case(
      "what a command that goes on gives is known later",
      "during n = tool fill --rate 5 { show a }\nshow ${n.boxes}",
      "tool fill --rate 5\nmeanwhile:\n  show a\nshow ‹known later›"),
    Case(
      "two that are known later make one", "let n = servers\nshow ${n + n} \"$n$n\"",
      "servers\nshow ‹known later› ‹known later›‹known later›"),
    Case(
      "a branch that hangs on it is shown whichever way it goes",
      "let n = (servers).count\nif n > 2 { bad 1 } else { bad 2 }",
      "servers\nif n > 2:\n  bad 1 on c1\nelse:\n  bad 2 on c1"),
    Case(
      "a name that a branch changes is known later",
      "let n = (servers).count\nvar a = 1\nvar b = 1\nif n > 2 { a = 2\n b = 1 }\nshow $a $b",
      "servers\nshow ‹known later› 1"),
    Case("a condition that is known takes one way", "if 1 < 2 { bad 1 } else { bad 2 }", "bad 1 on c1"),
    Case(
      "and, or, not with what is known later",
      "let n = (servers).count\nif n > 1 and false { bad 1 }\nif n > 1 or true { bad 2 }\nif not (n > 1) { bad 3 }",
      "servers\nbad 2 on c1\nif not (n > 1):\n  bad 3 on c1"),
    Case(
      "a loop that hangs on it is shown once, and what it changes is known later",
      "var k = 0\nforeach s in (servers) { k = k + 1\n bad $k ${s.name} }\nshow $k",
      "servers\nfor each s in (servers):\n  bad ‹known later› ‹known later› on c1\nshow ‹known later›"),
    Case(
      "lanes that differ by names are one",
      "foreach c in clusters parallel { bad k3d-$c-x\n foreach o in clusters - c { bad $o } }",
      "c1, c2, c3 at once:\n  bad k3d-{c1,c2,c3}-x on {c1,c2,c3}\n  {c2,c1,c1}, {c3,c3,c2} one after the other:\n"
        + "    bad {{c2,c3},{c1,c3},{c1,c2}} on {{c2,c3},{c1,c3},{c1,c2}}"),
    Case(
      "lanes that differ in more stand apart",
      "foreach c in clusters parallel { if c.name == \"c2\" { bad 2 } else { bad 1\n bad 1 } }",
      "at once:\n  c1\n    bad 1 on c1\n    bad 1 on c1\n  c2\n    bad 2 on c2\n  c3\n    bad 1 on c3\n    bad 1 on c3"),
    Case(
      "steps, waits, asserts, defers, retries",
      "step \"s\" {\n defer { bad end }\n wait-for (servers).count == 3 within 9s \"three\"\n assert (servers).count == 3, \"all three\"\n retry 3 every 2s { bad r }\n}",
      "s\n  wait for: three (within 9s)\n    servers\n  servers\n  assert: all three\n  up to 3 times, every 2s:\n    bad r on c1\n"
        + "  at the end, whatever happens:\n    bad end on c1"),
    Case(
      "whether a command fails is known later",
      "let o = try bad 1\nif o { bad 2 }\ntry { bad 3 } else err { bad $err }\ntry { let x = 1 } else { bad 5 }",
      "bad 1 on c1\nif o:\n  bad 2 on c1\nbad 3 on c1\nif that fails:\n  bad ‹known later› on c1"),
    Case(
      "fail and skip where they are not sure to be reached",
      "if (servers).count == 2 { skip \"two\" }\nif (servers).count == 3 { fail \"three\" }\nbad 1",
      "servers\nif (servers).count == 2:\n  then skip: two\nservers\nif (servers).count == 3:\n  then fail: three\nbad 1 on c1"
    ),
    Case("a skip that is sure ends it", "bad 1\nskip \"enough\"\nbad 2", "bad 1 on c1\nskipped: enough"),
    Case(
      "an assert that is sure to fail ends it", "bad 1\nassert 1 == 2, \"never\"\nbad 2",
      """
      bad 1 on c1
      failed
      assertion failed: never
        --> main.nbx:2:8
         |
       2 | assert 1 == 2, "never"
         |        1 == 2     false
      """),
    Case(
      "secrets stay secret", "let p = secret(\"gwp\")\nbad \"a:$p@b\" with { x: p, y: \"u $p\" }",
      "bad a:•••@b on c1\n  with { x: \"•••\", y: \"u •••\" }"),
    Case(
      "recipes that are run", "run \"other.nbx\" n=3", "Another\n  bad 3 on c1",
      files: ["other.nbx": "recipe \"Another\"\nparam n = 1\nbad $n"]),
    Case(
      "a task that may have returned gives what is known later",
      "task f() { if (servers).count == 1 { return 1 }\n return 2 }\nlet x = f()\nbad $x",
      "servers\nbad ‹known later› on c1"),
    Case(
      "of several branches each but the first is only taken if those before it are not",
      "let n = servers\nif n.x == 1 { bad 1 } else if n.x == 2 { bad 2 } else if n.x == 3 { bad 3 } else { bad 4 }",
      "servers\nif n.x == 1:\n  bad 1 on c1\nelse if n.x == 2:\n  bad 2 on c1\nelse if n.x == 3:\n  bad 3 on c1\nelse:\n  bad 4 on c1"
    ),
    Case(
      "what an else is to is shown, even without a command",
      "let n = servers\nif n.x == 1 { print 1 } else if n.x == 2 { print 2 } else { bad 3 }\n"
        + "if n.x { print 1 } else { print 2 }\nif n.x == 1 { print 1 } else if n.x == 2 { bad 2 } else { print 3 }",
      "servers\nif n.x == 1: no command\nelse if n.x == 2: no command\nelse:\n  bad 3 on c1\n"
        + "if n.x == 1: no command\nelse if n.x == 2:\n  bad 2 on c1"),
    Case(
      "branches that are known not to be taken are left out",
      "let n = servers\nif 1 == 2 { bad 1 } else if n.x { bad 2 } else if 1 == 2 { bad 3 } else if 1 == 1 { bad 4 } else { bad 5 }",
      "servers\nif n.x:\n  bad 2 on c1\nelse if 1 == 1:\n  bad 4 on c1"),
    Case(
      "where a task may end before what follows",
      "task t(x) {\n if x == 1 { return \"early\" }\n if x == 2 { bad 2\n if x == 3 { return } else { return 3 } }\n bad 1\n if x == 4 { return 5 }\n}\n"
        + "t((servers))\nif (servers).x { t(1)\n bad 3 }",
      "servers\nif x == 1:\n  then return\nif x == 2:\n  bad 2 on c1\n  if x == 3:\n    then return\n  else:\n    then return\nbad 1 on c1\n"
        + "servers\nif (servers).x:\n  bad 3 on c1"),
    Case("time and chance are known later", "bad \"${now()}\" ${random(3)}", "bad ‹known later› ‹known later› on c1"),
    Case("nothing is said", "print 1\nprint (servers)", "servers"),
    Case(
      "a command that would be refused", "let color = \"green\"\ntool paint $color",
      """
      failed
      error: tool would fail (`green` is no COLOR)
        --> main.nbx:2:1
         |
       2 | tool paint $color
         | ^^^^ would run: tool paint green
         |
         = try: one of: red, blue
      """),
    Case("a choice between values", "let x = if (servers).count == 1 then 5 else 5\nbad $x", "servers\nbad 5 on c1"),
    Case(
      "a default for what may be missing", "let x = (servers).first.name ?? \"none\"\nbad $x",
      "servers\nbad ‹known later› on c1"),
    Case("an argument of the command line", "param n = 1\nbad $n", "bad 7 on c1", arguments: ["n": "7"]),
    Case(
      "lanes of a block have the names of their steps",
      "parallel {\n step \"one\" { bad 1 }\n step \"two\" { bad 2\n bad 3 }\n}",
      "at once:\n  one\n    bad 1 on c1\n  two\n    bad 2 on c1\n    bad 3 on c1"),
    Case("commands in what is printed", "print (servers).count\nprint \"x${(servers).count}\"", "servers\nservers"),
    Case(
      "commands among the arguments of a method", "let s = servers\nlet t = s.take((servers).count)",
      "servers\nservers"),
    Case(
      "how many lanes run at once is known later",
      "foreach i in [1, 2] parallel (servers).count { bad $i }", "servers\n1, 2 at once:\n  bad {1,2} on c1"),
    Case(
      "a retry that would never begin", "let none = 0\nretry none { bad 1 }",
      """
      failed
      error: `retry` takes a whole number above 0
        --> main.nbx:2:7
         |
       2 | retry none { bad 1 }
         |       ^^^^
      """),
    Case(
      "what a run may never evaluate is marked, and may fail",
      "let n = servers\nlet a = n.x ?? (show a)\nlet b = if n.y then (show b) else env(\"NO_SUCH_NAME\")\n"
        + "let c = n.z or (show c).ok\nlet d = [(show $x) for x in n]\nlet e = [(show $x) for x in [1] if n.w]",
      "servers\nif there is no n.x:\n  show a\nif n.y:\n  show b\nunless n.z:\n  show c\n"
        + "for each x in n:\n  show ‹known later›\nif n.w:\n  show 1"),
    Case(
      "a try that may fail without a command of its own",
      "let n = servers\ntry { if n.x { fail \"no\" } } else err { bad 1 }\ntry { assert n.y } else err { bad 2 }",
      "servers\nif n.x:\n  then fail: no\nif that fails:\n  bad 1 on c1\nassert: n.y\nif that fails:\n  bad 2 on c1"),
    Case(
      "a map with a key that is known later", "let s = servers\nlet m = { \"k$s\": 1, a: 2 }\nbad ${m.count} ${m.a}",
      "servers\nbad ‹known later› ‹known later› on c1"),
    Case(
      "an argument for a parameter whose default is known later",
      "param p = secret(\"x${random(9)}\")\nparam q = random(9)\nbad $p $q", "bad ••• 5 on c1",
      arguments: ["p": "given", "q": "5"]),
    Case(
      "a branch that may be taken leaves alone what it does not change",
      "let n = servers\nlet l = [n, 1]\nif n.x { bad 0 }\nforeach e in l { bad $e }",
      "servers\nif n.x:\n  bad 0 on c1\n‹known later›, 1 one after the other:\n  bad {‹known later›,1} on c1"),
    Case(
      "what later passes know of each other",
      "var a = 0\nvar b = 0\nforeach s in (servers) { bad $a\n a = b\n b = s }",
      "servers\nfor each s in (servers):\n  bad ‹known later› on c1"),
  ]

  @Test func `loops within loops over what is known later are each gone through once`() throws {
    let depth = 40
    let opening = (0..<depth).map { "foreach x\($0) in n {" }.joined(separator: "\n")
    let text = try planned("let n = servers\n\(opening)\nbad 1\n" + String(repeating: "}\n", count: depth))
    #expect(text.hasSuffix("bad 1 on c1"))
  }

  @Test func `a plan has an end`() throws {
    let host = TestHost()
    let program = try load("foreach i in 1..100 { foreach j in 1..30 { bad $i $j } }", host)
    let plan = Run(program, host: host).plan(in: PlanRecorder(mostCommands: 2000)).plan
    #expect(plan.commandCount == 2000)
    #expect(plan.omitted == 1000)
  }

  @Test func `loops of very many passes are gone through but cut short`() throws {
    let text = try planned("foreach i in 1..3000 { bad $i }")
    #expect(text.contains("… and 2000 commands more"))
    #expect(
      try planned("foreach i in 1..1000000000000 { bad $i }")
        == "for each i in 1..1000000000000:\n  bad ‹known later› on c1")
  }

  @Test func `as data it has every command of every lane`() throws {
    let host = TestHost()
    let program = try load("foreach c in clusters parallel { bad $c with { p: secret(\"gwp\") } }", host)
    let plan = Run(program, host: host, clusters: ["c1", "c2"]).plan().plan
    let json = plan.value.json().masked
    #expect(plan.commandCount == 2)
    #expect(json.contains(#""words":["bad","c2"],"cluster":"c2","document":{"p":"•••"},"recipe":"main.nbx","line":1"#))
    #expect(!json.contains("gwp"))
    let full = plan.text(isFull: true)
    #expect(full.contains("  c2\n    bad c2 on c2\n      | {\n      |   \"p\": \"•••\"\n      | }"))
  }
}

/// The plan of a recipe as people read it, with its ending if that is not a good one. Fails if anything was done.
private func planned(
  _ recipe: String, files: [String: String] = [:], arguments: [String: String] = [:]
) throws -> String {
  let host = TestHost()
  let program = try load(recipe, files: files, host)
  let (plan, ending) = Run(program, host: host, clusters: ["c1", "c2", "c3"], arguments: arguments).plan()
  #expect(host.said == [])
  var text = plan.text()
  switch ending {
  case .done: break
  case .skipped(let reason): text += "\nskipped: \(reason)"
  case .failed(let failure): text += (text.isEmpty ? "" : "\n") + "failed\n" + rendered(failure.diagnostics)
  case .interrupted, .refused: text += "\nanother ending"
  }
  return text
}
