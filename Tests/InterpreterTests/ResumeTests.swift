import Interpreter
import TestSupport
import Testing

/// Runs that stop in the middle and are taken up. `flaky x 1` fails the first time: everything that the second run says
/// was not done by the first.
@Suite(.mayWait) struct ResumeTests {
  @Test(arguments: cases) func holds(_ test: Case) throws {
    let found = try secondRun(test.recipe, files: test.files, arguments: test.arguments, sorted: test.isSorted)
    #expect(found == test.expected, "\(test.name)")
  }

  static let cases: [Case] = [
    Case(
      "the statement that failed comes first, and values bound before it are kept",
      "let a = 1\nvar b = count n\nprint \"one\"\nb = b + 10\nflaky x 1\nprint \"two\", a, b", "two 1 11"),
    Case(
      "a step is entered where it was left",
      "step \"s\" {\n let a = count n\n print \"one\"\n flaky x 1\n print \"two\", a\n}\nprint \"end\"",
      "step: s\ntwo 1\nend"),
    Case(
      "a block whose defers have run is done again as a whole",
      "print \"zero\"\nstep \"s\" {\n print \"one\"\n defer { print \"undone\" }\n flaky x 1\n print \"two\"\n}",
      "step: s\none\ntwo\nundone"),
    Case(
      "a block of during is done again as a whole, with its command",
      "var n = 1\nduring hum {\n n = n + 1\n flaky x 1\n print \"two\", n\n}",
      "step: during hum\nhumming\ntwo 2\nsilent"),
    Case(
      "what a command of during gave is kept",
      "during n = tool fill --rate 5 { print \"one\" }\nflaky x 1\nprint n.boxes", "3"),
    Case(
      "a block that failed before it had deferred anything is not",
      "step \"s\" {\n print \"one\"\n flaky x 1\n defer { print \"undone\" }\n print \"two\"\n}", "step: s\ntwo\nundone"
    ),
    Case(
      "the outermost block whose defers have run counts",
      "print \"zero\"\nstep \"out\" {\n print \"one\"\n defer { print \"undone\" }\n step \"in\" { print \"two\"\n flaky x 1 }\n}",
      "step: out\none\nstep: in\ntwo\nundone"),
    Case(
      "a loop goes on with the pass that failed",
      "var sum = 0\nforeach i in [1, 2, 3] {\n sum = sum + i\n if i == 2 { flaky x 1 }\n print i, sum\n}", "2 3\n3 6"),
    Case(
      "over a range, too, and with the current cluster",
      "foreach c in clusters { foreach i in 5..6 {\n show $i\n if i == 6 and c.name == \"c2\" { flaky x 1 }\n show end\n} }",
      "<end> on c2\n<5> on c3\n<end> on c3\n<6> on c3\n<end> on c3"),
    Case(
      "lanes that are done are not run again, the others go on where they were",
      "foreach c in clusters parallel {\n print \"begin $c\"\n if c.name == \"c2\" {\n meet ends 3\n flaky x 1\n print \"end $c\"\n } else { meet ends 1 }\n}\nprint \"all\"",
      "[c2] end c2\nall", sorted: true),
    Case(
      "the statements of a parallel block",
      // The one fails once the other has done all of its own.
      """
      parallel {
        step "a" { print "a"
          let _done = count m
        }
        step "b" { print "b"
          meet m 2
          flaky x 1
          print "b2"
        }
      }
      """,
      "[b] step: b\n[b] b2"),
    Case(
      "a recipe that is run goes on within, with its parameters", "let n = 4\nrun \"other.nbx\" p=$n\nprint \"after\"",
      "step: other\nin other 4\nafter",
      files: ["other.nbx": "recipe \"other\"\nparam p = 1\nprint \"first\"\nflaky x 1\nprint \"in other\", p"]),
    Case(
      "the branch that was taken is taken again",
      "var n = 1\nif n == 1 { n = 2\n flaky x 1\n print \"yes\", n } else { print \"no\" }", "yes 2"),
    Case(
      "what a try holds is done again, with the values from before it",
      "var n = 1\ntry {\n n = n + 1\n flaky x 1\n} else err { flaky y 1 }\nprint n", "2"),
    Case(
      "a task goes on within, with its arguments",
      "task f(a, s) {\n let b = a + 1\n print \"f\"\n step \"in f\" { print \"g\"\n flaky x 1\n show $a $b $s } }\nlet k = count n\nf(k, secret(\"hush\"))",
      "step: in f\n<1><2><•••> on c1"),
    Case(
      "a task that gives a value is called again",
      "task f(a) { print \"f\"\n flaky x 1\n return a }\nlet k = count n\nlet v = f(k)\nprint v", "f\n1"),
    Case(
      "secrets are found out again",
      "param p = secret(\"from-param\")\nlet t = token ${count n}\nlet m = { a: [t] }\nlet k = count n\nflaky x 1\nshow $t ${m.a[0]} $p $k",
      "<•••><•••><•••><2> on c1", arguments: ["p": "given-one"]),
    Case(
      "in lanes as well",
      "let t = token 9\nforeach c in clusters parallel {\n let own = token $c\n if c.name == \"c2\" { flaky x 1\n show $t $own } }",
      "[c2] <•••><•••> on c2", sorted: true),
    Case(
      "a secret that a block has changed can't be found out again",
      "var t = token 1\nif 1 == 1 { t = token 2 }\nflaky x 1",
      """
      failed
      error: the run can't be taken up: a secret was changed here, and secrets are not kept
        --> main.nbx:2:1
         |
       2 | if 1 == 1 { t = token 2 }
         | ^^^^^^^^^^^^^^^^^^^^^^^^^
         |
         = try: run the recipe from its start, without --resume
      """),
    Case(
      "every kind of value comes back",
      "let a = [1, 2.5, \"x\", true, null, 1h30m, 100m, 2Gi, 1..3, { a: { b: 1 } }, clusters.last, (try json 'x'), (try bad)]\n"
        + "let at = now()\nflaky x 1\nprint a, at < now()",
      "[1, 2.5, \"x\", true, null, 1h30m, 100m, 2Gi, [1, 2, 3], { a: { b: 1 } }, c3, ok: \"x\", failed: \"bad failed on c1 (exit 1)\\nit is bad\\nvery bad\"] true"
    ),
    Case(
      "names of a library are there", "use \"lib.nbx\"\nprint \"one\"\nflaky x 1\nprint n, twice(n)", "7 14",
      files: ["lib.nbx": "let n = 7\ntask twice(x) { return x * 2 }"]),
    Case(
      "a task called for an argument is called again, not taken for the one it is an argument of",
      "task inner(x) { print \"inner\"\n flaky x 1\n return x }\ntask outer(y) { print \"outer\"\n print \"done\", y }\nprint \"one\"\nouter(inner(1))",
      "inner\nouter\ndone 1"),
    Case(
      "lanes that give a loop its elements are run again, not taken for the loop's own",
      "print \"one\"\nforeach x in (foreach y in [1, 2] parallel 1 { if y == 2 { flaky x 1 }\n y }) parallel 1 { print x }",
      "[1] 1\n[2] 2"),
    Case(
      "a block whose value is wanted begins with the values from before it",
      "var n = 0\nprint \"one\"\nlet v = step \"s\" { n = n + 1\n flaky x 1\n n }\nprint n, v", "step: s\n1 1"),
    Case(
      "a step whose defers have run is done again with the values from before it",
      "var n = 0\nprint \"one\"\nstep \"s\" { n = n + 1\n defer { print \"undone\" }\n flaky x 1 }\nprint n",
      "step: s\nundone\n1"),
    Case(
      "so it is if a deferred block fails",
      "var n = 0\nprint \"one\"\nstep \"s\" { n = n + 1\n defer { print \"undone\"\n flaky x 1 }\n print \"two\" }\nprint n",
      "step: s\ntwo\nundone\n1"),
    Case(
      "a library's names keep their values", "use \"lib.nbx\"\nprint \"one\"\nflaky x 1\ntell()", "1",
      files: ["lib.nbx": "let n = count n\ntask tell() { print n }"]),
    Case(
      "arguments of a recipe that is run are not evaluated again",
      "run \"other.nbx\" p=${count n}\nprint (count n)", "step: other\nin other 1\n2",
      files: ["other.nbx": "recipe \"other\"\nparam p = 0\nprint \"first\"\nflaky x 1\nprint \"in other\", p"]),
    Case(
      "an interrupt leaves a place, too",
      "print \"one\"\nif (count n) == 1 { interrupt }\nsleepless\nprint \"two\"".replacing("sleepless\n", with: ""),
      "two"),
  ]

  @Test func `a failure in the first statement leaves nothing to take up`() throws {
    let host = TestHost()
    let program = try load("flaky x 1\nprint 2", host)
    guard case .failed(let failure) = Run(program, host: host).execute() else {
      Issue.record("it did not fail")
      return
    }
    #expect(failure.resumption == nil)
  }

  @Test func `a block with defers that was taken up in its middle is done again with its first values`() throws {
    let recipe =
      "var n = 0\nprint \"zero\"\nif true { step \"s\" { n = n + 1\n print \"one\"\n flaky x 1\n defer { print \"undone\" }\n flaky y 1\n print n } }"
    let host = TestHost()
    var part = RunPart.whole
    for _ in 1...2 {
      let run = Run(try load(recipe, host), host: host, part: part)
      guard case .failed(let failure) = run.execute() else {
        Issue.record("it did not fail")
        return
      }
      let kept = try #require(failure.resumption).packed().json().string
      part = .rest(try #require(Resumption(packed: try Value.json(Array(kept.utf8)), clusters: [])))
    }
    let said = host.said.count
    guard case .done = Run(try load(recipe, host), host: host, part: part).execute()
    else {
      Issue.record("it failed again")
      return
    }
    #expect(Array(host.said.dropFirst(said)) == ["step: s", "one", "1", "undone"])
  }

  @Test func `no secret is kept, whether it is marked or not`() throws {
    let host = TestHost()
    let recipe = """
      let pw = secret("hunter22")
      let plain = "a hunt" + "er22 b"
      let known = { "hunter22": 1 }
      let o = try quotes $pw
      let r = json "<hunter22>"
      bad
      """
    guard case .failed(let failure) = Run(try load(recipe, host), host: host).execute() else {
      Issue.record("it did not fail")
      return
    }
    let kept = try #require(failure.resumption).packed().json().string
    #expect(!kept.contains("hunter22"), "\(kept)")
  }

  @Test func `places that the recipe does not have are refused`() throws {
    let host = TestHost()
    let recipe = "let a = 1\nforeach i in 1..3 {\n foreach c in clusters parallel { bad } }\nif a == 1 { bad }"
    let program = try load(recipe, host)
    let run = Run(program, host: host, clusters: ["c1", "c2"])
    guard case .failed(let failure) = run.execute() else {
      Issue.record("it did not fail")
      return
    }
    let good = try #require(failure.resumption).packed().json().string
    let pairs = [
      (#"{"statement":1,"#, #"{"statement":99999,"#), (#"{"statement":1,"#, #"{"statement":-1,"#),
      (#"{"statement":1,"#, #"{"statement":2,"#), (#""index":0"#, #""index":-1"#), (#""index":0"#, #""index":3"#),
      (#""lanes":["#, #""lanes":["done","#), (#""locals":["#, #""locals":[null,"#),
    ]
    for (text, other) in pairs {
      let damaged = good.replacing(text, with: other, maxReplacements: 1)
      try #require(damaged != good, "\(good)")
      let rest = try #require(Resumption(packed: try Value.json(Array(damaged.utf8)), clusters: run.allClusters))
      let ending = Run(program, host: host, clusters: ["c1", "c2"], part: .rest(rest)).execute()
      guard case .refused(let problems) = ending else {
        Issue.record("not refused: \(other)")
        continue
      }
      #expect(problems[0].title == "what the last run of main.nbx left does not fit it")
    }
  }

  @Test func `no secret is in what is kept`() throws {
    let host = TestHost()
    let recipe = "let t = secret(\"abcdefgh\")\nlet m = { x: [\"u:$t@h\"], n: 1 }\nforeach s in [t] {\n bad\n}"
    let program = try load(recipe, host)
    guard case .failed(let failure) = Run(program, host: host).execute() else {
      Issue.record("it did not fail")
      return
    }
    let kept = try #require(failure.resumption).packed().json().string
    #expect(!kept.contains("abcdefgh"))
    #expect(kept.contains(#"{"t":"secret"}"#))
  }

  /// What a run of the recipe has left.
  private func left(by recipe: String) throws -> Resumption {
    let host = TestHost()
    guard case .failed(let failure) = Run(try load(recipe, host), host: host).execute() else {
      throw TestServerError(description: "it did not fail")
    }
    return try #require(failure.resumption)
  }

  @Test(arguments: [
    "let xs = (1..300000).map(x => x)\necho a\nfail \"no\"",
    "var s = \"aaaaaaaa\"\nforeach i in 1..20 { s = s + s }\nfail \"no\"",
    "let m = { a: [[x for x in 1..1000] for y in 1..300] }\nstep \"s\" { fail \"no\" }",
    "var t = [1]\nforeach i in 1..60 { t = [t, t] }\nfail \"no\"",
    "let o = try ((1..300000).map(x => x))\nfail \"no\"",
  ])
  func `what takes too much room is not kept`(_ recipe: String) throws {
    let left = try left(by: recipe)
    #expect(throws: Resumption.Obstacle.tooLarge) { try left.packed() }
  }

  @Test func `keeping ends when it is asked to`() throws {
    let left = try left(by: "let xs = (1..10000).map(x => x)\necho a\nfail \"no\"")
    #expect(try left.packed().json().string.contains(#""10000""#))
    #expect(throws: Resumption.Obstacle.stopped) { try left.packed { true } }
  }

  @Test func `damaged files are refused`() throws {
    let good = #"{"statement":1,"step":{"statement":0,"locals":[{"t":"int","v":"1"}]}}"#
    #expect(Resumption(packed: try Value.json(Array(good.utf8)), clusters: []) != nil)
    let damaged = [
      "null", "[]", "{}", #"{"statement":"1"}"#, #"{"statement":1,"step":{}}"#,
      #"{"statement":1,"pass":{"statement":1}}"#,
      #"{"statement":1,"lanes":["done",7]}"#, #"{"statement":1,"branch":{"statement":0}}"#,
    ]
    for text in damaged {
      #expect(Resumption(packed: try Value.json(Array(text.utf8)), clusters: []) == nil, "\(text)")
    }
  }
}

/// Runs a recipe until it stops, keeps what it left as text, takes it up from there, and tells what the second run did.
private func secondRun(
  _ recipe: String, files: [String: String], arguments: [String: String], sorted: Bool
) throws -> String {
  let host = TestHost()
  let clusters = ["c1", "c2", "c3"]
  let first = Run(
    try load(recipe, files: files, host), host: host, clusters: clusters, arguments: arguments, stop: host.state.stop)
  let failure: Failure
  switch first.execute() {
  case .failed(let failed): failure = failed
  case .interrupted(let interrupted): failure = interrupted
  default: return "the first run did not stop"
  }
  let kept = try #require(failure.resumption, "\(rendered(failure.diagnostics))").packed().json().string
  let said = host.said.count
  // Another nbx: nothing is left of the first but the text.
  let program = try load(recipe, files: files, host)
  let resumption = try #require(Resumption(packed: try Value.json(Array(kept.utf8)), clusters: first.allClusters))
  let second = Run(program, host: host, clusters: clusters, arguments: arguments, part: .rest(resumption))
  var lines = host.said
  var ending: String?
  switch second.execute() {
  case .done: break
  case .failed(let failure): ending = "failed\n" + rendered(failure.diagnostics)
  default: ending = "another ending"
  }
  lines = Array(host.said.dropFirst(said))
  if sorted { lines.sort() }
  return (lines + [ending].compactMap { $0 }).joined(separator: "\n")
}
