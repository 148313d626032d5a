import Foundation
import Interpreter
import TestSupport
import Testing

/// No expression goes on for ever: what takes long looks at limits and at whether it is to stop, and nothing grows without
/// a bound.
@Suite(.mayWait) struct LimitTests {
  /// A list of a list twice, and so on: it takes no room, and nobody comes to its end.
  private static let endless = "var x = [1]\nvar y = [1]\nforeach i in 1..60 {\n x = [x, x]\n y = [y, y]\n}\n"
  private static let long = "var s = \"aaaaaaaa\"\nforeach i in 1..20 { s = s + s }\n"

  @Test(arguments: [
    long + "|s matches '(a{100}){15}b'",
    long + "|s.base64_decoded",
    long + "|[s.lower.upper.split(\"b\").first.count for i in 1..1000]",
    endless + "|x == y", endless + "|x != y", endless + "|[x] - y", endless + "|x in [y, y]",
    endless + "|[x, y].unique",
    endless + "|[x].index_of(y)", endless + "|x", endless + "|x.json", endless + "|{ a: { b: x } }.json",
    endless + "|[[x].sum, 1]",
    endless + "|[x, y].group_by(e => e.json).count",
    "|[[j for j in 1..1000000] for i in 1..1000000].count", "|[1 for i in 1..1000000000 if i < 0]",
    "|(1..10000000).map(i => [j for j in 1..1000])", "|(1..10000000).map(i => 1).sort(i => -i)",
    "|(1..10000000) - (1..10000000)",
    "|(1..10000000).reverse.sort.unique.sum", "|(1..10000000).all(i => i > 0)", "|(1..10000000).json.json.count",
    "|read(\"/dev/zero\")",
  ])
  func endsWithTheLimitAroundIt(_ text: String) {
    let parts = text.split(separator: "|", omittingEmptySubsequences: false)
    let found = transcript(
      "\(parts[0])step \"s\" within 20ms {\n defer { print \"cleaned\" }\n let v = \(parts[1])\n print v\n}")
    #expect(found.hasPrefix("step: s\ncleaned\nstep failed: s\nfailed\nerror: the time is over\n"), "\(found)")
    #expect(found.contains("= the limit: `within 20ms` of the step \"s\""), "\(found)")
  }

  /// A loop that makes a map larger, or smaller, goes over what it changes and not over the whole: these would take many
  /// minutes.
  @Test func mapsGrowAsListsDo() {
    let count = 100_000
    let found = transcript(
      """
      var m = {}
      var t = { x: {}, y: 1 }
      foreach i in 1..\(count) {
        m = m + { "k$i": i }
        t = t + { x: { "k$i": i } }
      }
      let whole = m
      print m.count, t.x.count, m.k1, m.k\(count), t.x.k\(count), t.keys
      foreach i in 2..\(count) { m = m.without("k$i") }
      print m, whole.count
      foreach i in 1..20 { m = m + { "n$i": i } }
      foreach i in 1..18 { m = m.without(["n$i", "nope"]) }
      m = m + { k1: 5, n21: 21, n20: { a: 1 } }
      print m, m.n21, m.n20, m.without("k1"), m.n3 ?? "none", t.x.without("k1").count
      """)
    #expect(
      found == """
        \(count) \(count) 1 \(count) \(count) ["x", "y"]
        { k1: 1 } \(count)
        { k1: 5, n19: 19, n20: { a: 1 }, n21: 21 } 21 { a: 1 } { n19: 19, n20: { a: 1 }, n21: 21 } none \(count - 1)
        """)
  }

  /// What others hold does not change with it.
  @Test func aMapThatGrowsIsNobodyElses() {
    let found = transcript(
      """
      var m = { a: { b: 1 } }
      let inner = m.a
      let before = m
      m = m + { a: { c: 2 }, d: m }
      m = m.without("a") + { a: 1 }
      print inner, before, m
      try { m = m + fails() } else err { }
      print m
      task fails() { fail "no" }
      """)
    #expect(found == "{ b: 1 } { a: { b: 1 } } { d: { a: { b: 1 } }, a: 1 }\nhandled: no\n{ d: { a: { b: 1 } }, a: 1 }")
  }

  /// Those that have not begun when it is over are not told one by one that they are too late.
  @Test(arguments: [
    "foreach i in 1..1000000 parallel { let x = i }", "foreach i in 1..20000 parallel { block within 5m }",
    "foreach i in 1..200 parallel { foreach j in 1..20000 parallel 2 { block within 5m } }",
  ])
  func lanesEndWithTheLimitAroundThem(_ loop: String) {
    let found = transcript("step \"s\" within 200ms { \(loop) }")
    #expect(found.contains("= the limit: `within 200ms` of the step \"s\""), "\(found)")
    #expect(found.utf8.count < 10_000)
  }

  @Test func lanesEndWithAnInterrupt() {
    let found = transcript("foreach i in 1..20000 parallel { if i == 9 { interrupt }\n block within 5m }")
    #expect(found.hasPrefix("noted: 20000 lanes, of which 256 go at once\ninterrupted\nerror: "), "\(found)")
    #expect(found.utf8.count < 1_000)
  }

  @Test func readingAPipeIntoWhichNobodyWritesEnds() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "nbx-limits-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let pipe = folder.appending(path: "pipe").path
    try #require(mkfifo(pipe, 0o600) == 0)
    let found = transcript("step \"s\" within 20ms { print read(\"\(pipe)\") }")
    #expect(found.hasPrefix("step: s\nstep failed: s\nfailed\nerror: the time is over\n"), "\(found)")
  }

  @Test(arguments: ["x == y", "x.json", "s matches '(a{100}){15}b'", "[y].unique - x", "(1..10000000).sort(i => -i)"])
  func anInterruptEndsIt(_ expression: String) {
    let found = transcript(
      "\(LimitTests.long)\(LimitTests.endless)defer { print \"cleaned\" }\ninterrupt\nlet v = \(expression)\nprint v")
    #expect(found.hasPrefix("cleaned\ninterrupted\nerror: interrupted\n"), "\(found)")
  }

  @Test(arguments: ["x == y", "[x, y].unique", "x.json", "s matches '(a{100}){15}b'"])
  func aPlanEnds(_ expression: String) throws {
    let host = TestHost()
    let recipe = "\(LimitTests.long)\(LimitTests.endless)step \"s\" within 20ms { print \(expression) }"
    let run = Run(try load(recipe, host), host: host, clusters: ["c1"], stop: host.state.stop)
    switch run.plan().ending {
    case .done: break
    case .failed(let failure): #expect(failure.kind == .timeOut, "\(failure.title)")
    default: Issue.record("the plan ended in another way")
    }
  }

  @Test(arguments: [
    ("var s = \"aaaaaaaa\"", "foreach i in 1..99 { s = s + s }", "text holds at most 64 MiB"),
    ("var s = \"aaaaaaaa\"", "foreach i in 1..99 { s = \"$s$s\" }", "text holds at most 64 MiB"),
    ("var s = \"aaaaaaaa\"", "foreach i in 1..99 { s = [s, s].join(s) }", "text holds at most 64 MiB"),
    ("var s = \"aaaaaaaa\"", "foreach i in 1..99 { s = s.replace(\"a\", s) }", "text holds at most 64 MiB"),
    ("var s = \"aaaaaaaa\"", "foreach i in 1..99 { s = s.base64 }", "text holds at most 64 MiB"),
    ("var s = secret(\"aaaaaaaa\")", "foreach i in 1..99 { s = s + s }", "text holds at most 64 MiB"),
    ("let l = 1..9000000", "print (l + l).count", "a list holds at most 10000000 elements"),
    ("let l = 1..9000000", "print [l, l].flatten.count", "a list holds at most 10000000 elements"),
    (
      "let l = [1..1000000000000000000]", "print l.flatten.count",
      "the range 1..1000000000000000000 is too long to be a list"
    ),
    ("let l = [1..1000000000000000000]", "foreach a, b in l { print a }", "2 names for a list"),
    ("let l = [1..1000000000000000000]", "echo a with l", "text holds at most 64 MiB"),
    (
      "let m = { a: 1 }", "print m.without(1..1000000000000000000)",
      "the range 1..1000000000000000000 is too long to be a list"
    ),
    ("var x = []", "foreach i in 1..100000 { x = [x] }", "the value is nested more than 512 levels deep"),
    ("var x = []", "foreach i in 1..100000 { x = [1, x, 2] }", "the value is nested more than 512 levels deep"),
    ("var x = {}", "foreach i in 1..100000 { x = { a: x, b: 1 } }", "the value is nested more than 512 levels deep"),
    ("var x = 1", "foreach i in 1..100000 { x = try x }", "the value is nested more than 512 levels deep"),
    ("var x = 1", "foreach i in 1..100000 { x = [x for j in 1..2] }", "the value is nested more than 512 levels deep"),
    (
      "var x = 1", "foreach i in 1..100000 { x = foreach j in 1..2 { x } }",
      "the value is nested more than 512 levels deep"
    ),
    (
      "var x = [1]", "foreach i in 1..100000 { x = x.group_by(e => 1).values }",
      "the value is nested more than 512 levels deep"
    ),
  ])
  func whatGrowsTooLargeFails(_ start: String, _ growth: String, _ title: String) {
    let found = transcript("\(start)\ndefer { print \"cleaned\" }\ntry { \(growth) } else e { print e }\nfail \"last\"")
    #expect(found.hasPrefix("handled: \(title)\n\(title)\ncleaned\nfailed\nerror: last\n"), "\(found)")
  }

  /// What the failure left is written for `--resume`, by a thread with less stack.
  @Test func aDeepValueIsLeftBehind() throws {
    let host = TestHost()
    let recipe = "var x = []\nforeach i in 1..500 { x = [x] }\nforeach i in 1..60 { x = [x, x] }\necho a\nfail \"last\""
    guard case .failed(let failure) = Run(try load(recipe, host), host: host).execute() else {
      Issue.record("it did not fail")
      return
    }
    #expect(failure.title.string.hasPrefix("last") || failure.title.string.contains("nested"))
    #expect(try (failure.resumption?.packed().json().string.utf8.count ?? 0) < 1 << 20)
  }

  @Test func listsAreTakenAwayAndMadeUniqueByWhatIsTheSame() {
    let found = transcript(
      """
      let maps = [{ a: 1, b: [1, 2] }, { b: 1..2, a: 1.0 }, { a: 2, b: [] }]
      print maps.unique.count, (maps - [{ b: [1, 2], a: 1 }]).count, maps - maps
      print [1, 1.0, 2, null, 2, null].unique, clusters - "c2", [1s, 1000ms, 2s].unique, [1, 2, 3] - 2.0 - null
      try { print [1, 2] - "1" } else e { print e }
      try { print [[1], ["a"]].unique } else e { print e }
      """)
    #expect(
      found == """
        2 1 []
        [1, 2, null] [c1, c3] [1s, 2s] [1, 3]
        handled: a string is never equal to an int
        a string is never equal to an int
        handled: an int is never equal to a string
        an int is never equal to a string
        """)
  }

  @Test func aWaitLooksOnceMoreAtItsEnd() {
    #expect(transcript("wait-for (count a) == 2 within 300ms every 1h\nprint (count a)") == "3")
    #expect(transcript("wait-for flaky a 1 within 300ms every 1h\nprint (count a)") == "3")
    #expect(
      transcript("step \"s\" within 300ms { wait-for (count a) == 2 within 1h every 1h }\nprint (count a)")
        == "step: s\n3")
  }
}
