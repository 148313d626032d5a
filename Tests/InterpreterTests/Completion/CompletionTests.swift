import Interpreter
import Lexer
import TestSupport
import Testing

/// A text with `‸` where somebody types, and what is offered there.
private struct Place: CustomTestStringConvertible, Sendable {
  let text: String
  /// Every label that is offered, if it begins so; only some of them behind `…`.
  let offered: [String]
  let isAll: Bool
  let refused: [String]

  init(_ text: String, _ offered: [String], not refused: [String] = []) {
    self.text = text
    self.offered = offered.filter { $0 != "…" }
    isAll = !offered.contains("…")
    self.refused = refused
  }

  var testDescription: String { Named(text).testDescription }
}

private struct KnownNames: LiveNames {
  let clusters = ["c1", "c2"]

  func names(listedBy words: [String], onEachCluster: Bool) -> [String] {
    switch words {
    case ["keeper", "list"]: [onEachCluster ? "thing-of-each" : "thing-of-one"]
    case ["keeper", "parts", words.last]: ["part-of-\(words.last ?? "")"]
    default: []
    }
  }

  func entries(of folder: String) -> [String] {
    switch folder {
    case "recipes": ["lib/", "lib.nbx", "main.nbx", "notes.txt", "other.nbx"]
    case "recipes/lib": ["tools.nbx"]
    default: []
    }
  }
}

private let files = [
  "recipes/lib.nbx":
    "# Adds a box.\ntask add_box(name, count = 1) { }\nlet shared = 7\nforeach x in [1] { let hidden = 1 }\n",
  "recipes/other.nbx": "recipe \"The other one\"\nparam replicas = 3 \"servers\"\nparam name = \"x\"\n",
]

/// The commands of the tests, and two with words that name what there is: a command of its own, and a program.
private struct KeepingHost: Host {
  let commands: [any Command]

  init() {
    let thing = Positional("THING", offers: .listed("a thing") { _ in "keeper list" })
    let part = Positional("PART", offers: .listed("a part") { $0.first.map { "keeper parts \($0.string)" } })
    let state = Shape.map(
      "", [Field("size", .size, "how large"), Field("parts", .list(.map("", [Field("weight", .int)])))])
    let keeper = CommandGrammar.forms([
      CommandForm(
        "info", "tells", positionals: [thing],
        flags: [Flag("--names", .toggle, "names alone", gives: .list(.text))],
        gives: .map("a thing", [Field("name", .text, "its name"), Field("state", state)])),
      CommandForm("add", "makes", positionals: [Positional("THING")]),
      CommandForm("part", "tells", positionals: [thing, part]),
      CommandForm(
        "move", "moves",
        flags: [
          Flag("--from", .text, "which", offers: .listed("a thing") { _ in "keeper list" }),
          Flag("--to", .cluster, "where"),
        ]),
    ])
    let release = Positional("RELEASE", offers: .listed("a release", onEachCluster: true) { _ in "keeper list" })
    let pilot = ProgramGrammar(
      [
        CommandForm(
          "get all", "shows", positionals: [release], flags: [Flag("--all", .toggle, "more", aliases: ["-a"])])
      ],
      otherFlags: ["": "--space= -s= --debug", "get all": "--plain"])
    commands =
      TestHost().commands + [
        TestCommand(name: "keeper", grammar: keeper) { _ in .null },
        TestCommand(name: "pilot", grammar: .program(pilot)) { _ in .null },
      ]
  }
}

private func completer() -> Completer {
  Completer(vocabulary: Vocabulary(host: KeepingHost()), live: KnownNames()) { files[$0].map { Array($0.utf8) } }
}

private func offers(_ text: String, session: [(name: String, value: Value)] = []) -> [CompletionItem] {
  let parts = text.split(separator: "‸", omittingEmptySubsequences: false)
  let file = SourceFile(path: "recipes/main.nbx", text: parts.joined())
  return completer().complete(file, at: parts[0].utf8.count, session: session)
}

@Suite(.mayWait) struct CompletionTests {
  private static let places: [Place] = [
    // Statements
    Place("rec‸", ["recipe"]),
    Place("print 1\nrec‸", []),
    Place("‸", ["recipe", "param", "let", "tool", "echo", "wait-for", "…"], not: ["return", "with", "and"]),
    Place("wait‸", ["wait-for"]), Place("wait-f‸", ["wait-for"]),
    Place("task f() {\n  ret‸\n}", ["retry", "return"]), Place("ret‸", ["retry"]),
    Place("if true {\n  us‸\n}", []),
    Place("let first_one = 1\nfir‸", ["first_one"]), Place("fir‸\nlet first_one = 1", []),
    Place("task later(a) { }\nlat‸", ["later"]), Place("lat‸\ntask later(a) { }", ["later"]),
    Place("if true { let inner = 1 }\ninn‸", []),
    Place("foreach element in [1] {\n  print ele‸", ["element"]),
    Place("try { fail \"x\" } else problem {\n  print pro‸", ["problem"]),
    Place("task f(argument) {\n  print arg‸\n}", ["argument"]),
    Place("task f() { print lat‸ }\nlet later = 1\nif true { let lately = 2 }", ["later"]),
    Place("let n = [1].filter(number => num‸", ["number"]),
    Place("print [ite‸ for item in [1]]", ["item"]),
    Place("let own = ow‸", []), Place("let ‸", []), Place("var x‸", []), Place("foreach ‸", []), Place("task ‸", []),
    Place("foreach x ‸", ["in"]), Place("foreach x in [1] par‸", ["parallel"]), Place("retry 5 ev‸", ["every"]),
    Place("let x = if true th‸", ["then"]), Place("try { } else ‸", ["if"]),
    Place("let x = ec‸", ["echo"]), Place("print ec‸", []), Place("let x = (ec‸", ["echo"]),
    Place("# rec‸", []), Place("print 1 # rec‸", []),
    Place("let broken = { a: [1, 2\nlet fine = 3\nprint fi‸", ["fine"]),
    // Commands
    Place("tool ‸", ["box", "fill", "watch", "paint"]), Place("tool bo‸", ["box"]),
    Place("tool box ‸", ["add", "list"]),
    Place("tool box add --‸", ["--count", "--for", "--size", "--kind", "--dry", "--label"]),
    Place("tool box add --co‸", ["--count"]), Place("tool box add --cl‸", []),
    Place("tool box add x --count 2 --c‸", []), Place("tool box add x -l y --l‸", []),
    Place("tool box add x --kind ‸", ["red", "blue"]), Place("tool box add x --kind=b‸", ["blue"]),
    Place("tool box add x\n  --ki‸", ["--kind"]),
    Place("tool box add \"$x\" --ki‸", ["--kind"]),
    Place("tool box add x wi‸", ["with", "within"]),
    Place("tool paint ‸", ["red", "blue"]), Place("tool paint r‸", ["red"]),
    Place("let x = (tool paint bl‸", ["blue"]), Place("wait-for tool bo‸", ["box"]), Place("x = tool bo‸", ["box"]),
    Place("during tool wa‸", ["watch"]), Place("try tool bo‸", ["box"]), Place("print \"${tool bo‸", ["box"]),
    Place("let name = 1\necho $na‸", ["name"]), Place("let name = 1\necho a-$na‸-b", ["name"]),
    Place("let name = 1\necho \"a $na‸\"", ["name"]), Place("let name = 1\necho 'a $na‸'", []),
    Place("let name = 1\nprint \"a ${na‸}\"", ["name"]), Place("let name = 1\necho ${na‸", ["name"]),
    Place("echo na‸", []),
    // Things that exist
    Place("keeper info ‸", ["thing-of-one", "--names"]), Place("keeper add ‸", []),
    Place("keeper info thing-of-one ‸", ["--names"]), Place("keeper part one ‸", ["part-of-one"]),
    Place("keeper part --‸ one", []), Place("keeper move --from ‸", ["thing-of-one"]),
    Place("keeper move --from=thing-‸", ["thing-of-one"]), Place("keeper move --to ‸", ["c1", "c2"]),
    // Programs
    Place("pilot ‸", ["get"]), Place("pilot get ‸", ["all"]), Place("pilot get all ‸", ["thing-of-each", "--all"]),
    Place("pilot -s here ge‸", ["get"]), Place("pilot -s ‸", []), Place("pilot get all -s ‸", []),
    Place("pilot get all -‸", ["--all", "--plain", "--space", "-s", "--debug"]),
    Place("pilot get all --plain --sp‸", ["--space"]), Place("pilot get all -a x --a‸", []),
    Place("pilot other x wit‸", ["with", "within"]),
    Place("echo x on c‸", ["clusters"]), Place("echo x on \"c‸", ["c1", "c2"]), Place("clusters c‸", ["c1", "c2"]),
    Place("step \"x\" on \"‸", ["c1", "c2"]),
    // Fields
    Place("let m = { alpha: 1, b.c: 2 }\nprint m.al‸", ["alpha", "all"]),
    Place("let m = { alpha: 1, beta.gamma: 2 }\nprint m.beta.g‸", ["gamma"]),
    Place("let m = { alpha: 1 }\nlet n = m + { aleph: 2 }\nprint n.al‸", ["alpha", "aleph", "all"]),
    Place("foreach c in clusters {\n  print c.na‸", ["name"]),
    Place("print clusters.first.cont‸", ["context", "contains"]),
    Place("print [c.na‸ for c in clusters]", ["name"]),
    Place("let deep_ones = [{ deeper: 1 }]\nprint [one.dee‸ for one in deep_ones]", ["deeper"]),
    Place("print [c.‸ for c in clusters]", ["name", "…"]),
    Place("let o = try echo x\nprint o.‸", ["ok", "value", "error", "kind", "code", "out", "err"]),
    Place("let r = echo x\nprint r.li‸", ["lines"]), Place("print (echo x).co‸", ["code", "count", "contains"]),
    Place("let s = \"x\"\nprint s.st‸", ["starts_with"]), Place("let l = [1]\nprint l.st‸", []),
    Place("print unknown.star‸", ["starts_with"]), Place("print 30s.mil‸", ["milliseconds"]),
    Place("let d = 30s\nprint d.mil‸", ["milliseconds"]), Place("let x = [{ deep: 1 }]\nprint x[0].de‸", ["deep"]),
    Place("let x = { a: 1 }\nlet y = x\nlet z = y\nprint z.a‸", ["a", "all", "any"]),
    // What commands give
    Place("let t = keeper info x\nprint t.na‸", ["name"]), Place("print (keeper info x).state.si‸", ["size"]),
    Place("let t = keeper info x\nprint t.state.parts[0].we‸", ["weight"]),
    Place("let t = keeper info x\nprint t.state.parts.first.we‸", ["weight"]),
    Place("let t = keeper info x\nforeach p in t.state.parts { print p.we‸ }", ["weight"]),
    Place("let t = keeper info x\nlet s = t.state\nprint s.si‸", ["size"]),
    Place("let t = keeper info x --names\nprint t.na‸", []), Place("let t = keeper info ...$w\nprint t.nam‸", []),
    Place("let r = pilot get all x\nprint r.li‸", ["lines"]),
    // Files
    Place("use \"‸", ["lib/", "lib.nbx", "other.nbx"]), Place("run \"li‸\"", ["lib/", "lib.nbx"]),
    Place("use \"lib/‸", ["tools.nbx"]), Place("print \"li‸", []),
    Place("use \"lib.nbx\"\nadd‸", ["add_box"]), Place("use \"lib.nbx\"\nprint sha‸", ["shared"]),
    Place("use \"lib.nbx\"\nprint hid‸", []), Place("run \"other.nbx\" ‸", ["replicas=", "name="]),
    Place("run \"other.nbx\" replicas=1 ‸", ["name="]),
    // Arguments
    Place("task f(release, spaces = \"apps\") { }\nf(rel‸", ["release:"]),
    Place("task f(release, spaces = \"apps\") { }\nf(release: 1, sp‸", ["spaces:"]),
    Place("use \"lib.nbx\"\nadd_box(\"x\", c‸", ["name:", "count:", "clusters"].filter { $0.hasPrefix("c") }),
    Place("let value = { ke‸: 1 }", []),
  ]

  @Test(arguments: places) private func `what could stand here`(place: Place) {
    let labels = offers(place.text).map(\.label)
    if place.isAll, place.text.hasSuffix("‸"), place.offered.isEmpty || place.refused.isEmpty {
      // Endings may always follow a command that could end.
      let found = labels.filter { place.offered.contains($0) || !["with", "on", "within"].contains($0) }
      #expect(Set(found) == Set(place.offered), "\(labels)")
    } else {
      for label in place.offered { #expect(labels.contains(label), "\(labels)") }
    }
    for label in place.refused { #expect(!labels.contains(label)) }
  }

  @Test func `a candidate says what it replaces and what it is`() throws {
    let flag = try #require(offers("tool box add --co‸").first)
    #expect(flag.span == Span(13, 17) && flag.text == "--count" && flag.kind == .flag && flag.detail == "how many")
    let task = try #require(offers("use \"lib.nbx\"\nadd‸").first)
    #expect(task.detail == "add_box(name, count = 1)" && task.documentation == "Adds a box." && task.text == "add_box(")
    let field = try #require(offers("let t = keeper info x\nprint t.state.si‸").first)
    #expect(field.kind == .field && field.detail == "a size: how large")
    let parameter = try #require(offers("run \"other.nbx\" rep‸").first)
    #expect(parameter.detail == "param replicas = 3 \"servers\"")
    let secret = try #require(offers("let password = secret(\"hush\")\nprint pass‸").first)
    #expect(!secret.detail.contains("hush"))
  }

  @Test func `a session's values have fields`() {
    let session: [(name: String, value: Value)] = [("info", ["state": ["messages": 3], "hard": "x"])]
    #expect(offers("print in‸", session: session).map(\.label) == ["info"])
    #expect(offers("print info.st‸", session: session).map(\.label) == ["state"])
    #expect(offers("print info.state.mess‸", session: session).map(\.label) == ["messages"])
    #expect(offers("print info.hard.starts‸", session: session).map(\.label) == ["starts_with"])
  }

  @Test func `a key that is no name is offered in quotes, not behind a dot`() {
    let session: [(name: String, value: Value)] = [("pod", ["labels": ["app-name": 1, "app.io/x": 2, "app": 3]])]
    #expect(offers("print pod.labels.app‸", session: session).map(\.label) == ["app"])
    let keys = offers("print pod.labels[\"app‸\"]", session: session)
    #expect(keys.map(\.text) == ["app-name", "app.io/x", "app"] && keys.allSatisfy { $0.span == Span(18, 21) })
    #expect(offers("print pod.labels[\"app-n‸", session: session).map(\.label) == ["app-name"])
    #expect(offers("let odd = { \"a-b\": 1 }\nprint odd[\"‸").map(\.label) == ["a-b"])
    #expect(offers("print [\"‸", session: session).isEmpty)
  }
}
