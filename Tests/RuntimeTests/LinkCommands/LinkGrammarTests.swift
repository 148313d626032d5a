import Interpreter
import Lexer
import TestSupport
import Testing

@testable import SandboxRuntime
@testable import SandboxSystem

/// What of `link` is refused before anything runs, and what its words mean.
@Suite(.mayWait) struct LinkGrammarTests {
  private func call(_ line: String, with document: Value? = nil) -> Invocation {
    Invocation(
      words: line.split(separator: " ").map { $0 == "?" ? .knownLater : Text(String($0)) }, document: document,
      clusters: ["c1", "c2", "c3"].enumerated().map { Cluster(name: $1, index: $0) }, deadline: .now + patience)
  }

  private func request(_ line: String, with document: Value? = nil) throws -> LinkRequest {
    let call = call(line, with: document)
    try LinkGrammar.grammar.check(call, of: "link")
    return try LinkRequest(call)
  }

  private func refusal(_ line: String, with document: Value? = nil) -> String? {
    do {
      _ = try request(line, with: document)
      return nil
    } catch let failure as CommandFailure {
      return failure.kind == .misused ? failure.reason.string : "not misused: \(failure.reason.string)"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    ("set c1 c2 --rtt -80ms", "`--rtt` takes a duration such as 30s, not `-80ms`"),
    ("set c1 c2 --rtt 80", "`--rtt` takes a duration such as 30s, not `80`"),
    ("set c1 c2 --jitter -1ms", "`--jitter` takes a duration such as 30s, not `-1ms`"),
    ("set c1 c2 --loss 100%", "`--loss` takes a share such as 1%, below 100%, not `100%`"),
    ("set c1 c2 --loss 0.01", "`--loss` takes a share such as 1%, below 100%, not `0.01`"),
    ("set c1 c2 --loss -1%", "`--loss` takes a share such as 1%, below 100%, not `-1%`"),
    ("set c1 c2 --rate 10mb", "`--rate` takes a rate such as 10MB, or none, not `10mb`"),
    ("set c1 c2 --rate 0", "`--rate` takes a rate such as 10MB, or none, not `0`"),
    ("set c1 c2 --rtt 3h", "`--rtt` is more than a link can be: 3h"),
    ("set c1 c2 --rtt 1ms --jitter 61m", "`--jitter` is more than a link can be: 61m"),
    ("set c1 c2", "`link set` needs something to set"),
    ("set --rtt 80ms", "`link set` needs clusters, or a matrix behind `with`"),
    ("set c1 c1 --rtt 80ms", "a link joins two clusters, and this one begins and ends at c1"),
    ("cut c1 c1", "a link joins two clusters, and this one begins and ends at c1"),
    ("cut", "`link cut` needs A"), ("cut C_1 c2", "`link cut` takes a cluster's name, not `C_1`"),
    ("cut c1 c2 c3", "`link cut` takes no more words: `c3`"),
    ("cut c1 --over roads", "`--over` takes one of gateways, routes, not `roads`"),
    ("cutt c1 c2", "`link` has no `cutt`"), ("heal c1 --one-way", "`link heal` has no flag `--one-way`"),
  ]) func isRefused(line: String, said: String) {
    #expect(refusal(line) == said)
  }

  @Test(arguments: [
    "set c1 c2 --rtt 80ms --jitter 5ms --rate 10MB --loss 1%", "set c1 --rate 10MB/s --over routes --one-way",
    "set ? ? --rtt ?", "cut c3 --refuse", "cut ? ?", "join", "heal c1 c2", "heal", "set c1 c2 --rtt=0s --loss 99.9%",
    "set c1 c2 --rtt 2h --jitter 1h",
  ]) func isTaken(line: String) { #expect(refusal(line) == nil) }

  @Test func ratesCountByThousand() throws {
    func wish(_ line: String) throws -> LinkWish? {
      if case .set(let wish)? = try request(line).parts.first?.act { wish } else { nil }
    }
    #expect(try wish("set c1 c2 --rate 10MB")?.rate == .bytes(10_000_000))
    #expect(try wish("set c1 c2 --rate 1Mi/s")?.rate == .bytes(1 << 20))
    #expect(try wish("set c1 c2 --rate 2500")?.rate == .bytes(2500))
    #expect(try wish("set c1 c2 --rate none")?.rate == .unlimited)
    #expect(try wish("set c1 c2 --rtt 80ms") == LinkWish(rtt: 80_000_000))
    #expect(try wish("set c1 c2 --loss 0.5%")?.loss == 0.005)
  }

  // MARK: Matrices

  private static let pair: Value = [
    "c1 c2": ["rtt": .duration(DurationValue(nanoseconds: 80_000_000)), "loss": "1%", "one_way": true],
    "c2 c3": ["rtt": "20ms", "over": "routes", "one_way": false],
  ]

  @Test func aMatrixSaysForEachPairWhatWordsWouldSay() throws {
    let request = try request("set --jitter 2ms", with: Self.pair)
    #expect(request.parts.count == 2)
    #expect(
      request.parts.first
        == LinkRequest.Part(
          from: "c1", to: "c2", isOneWay: true, networks: LinkNetwork.allCases,
          act: .set(LinkWish(rtt: 80_000_000, jitter: 2_000_000, loss: 0.01))))
    #expect(
      request.parts.last
        == LinkRequest.Part(
          from: "c2", to: "c3", isOneWay: false, networks: [.routes],
          act: .set(LinkWish(rtt: 20_000_000, jitter: 2_000_000))))
    #expect(request.names == ["c1", "c2", "c3"])
  }

  @Test(
    arguments: [
      (["c1": ["rtt": "1ms"]], "a matrix of links has two clusters as a key, not `c1`"),
      (["c1 c2": "80ms"], "what a link is set to is a map, not a string: `c1 c2`"),
      (["c1 c2": ["rt": "1ms"]], "`link set` has no flag `--rt`: `c1 c2`"),
      (["c1 c2": ["rtt": 80]], "`--rtt` takes a duration such as 30s, not `80`: `c1 c2`"),
      (["c1 c2": ["rtt": "3h"]], "`--rtt` is more than a link can be: 3h: `c1 c2`"),
      (["c1 c2": [:]], "`link set` needs something to set: `c1 c2`"),
      (["c2 c2": ["rtt": "1ms"]], "a link joins two clusters, and this one begins and ends at c2: `c2 c2`"),
      (["c1 c2"], "a matrix of links is a map, not a list"),
      (["c1 c2": ["rtt": "1ms", "image": "x"]], "the image is one for all of a matrix, not of `c1 c2`"),
      (
        ["c1 c2": ["rtt": "80ms"], "c2 c1": ["rtt": "10ms"]],
        "two entries set one link to different things: `c2 c1` and one before it"
      ),
    ] as [(Value, String)]) func aMatrixThatMakesNoSenseIsRefused(matrix: Value, said: String)
  {
    #expect(refusal("set", with: matrix) == said)
  }

  @Test func whatIsSetForTheWholeMatrixIsCheckedToo() {
    #expect(refusal("set --jitter 2h", with: Self.pair) == "`--jitter` is more than a link can be: 2h")
  }

  @Test func clustersStandInTheMatrixOrAsWords() {
    #expect(refusal("set c1 c2", with: Self.pair) == "`link set` with a matrix takes no clusters as words")
  }

  private static let vocabulary = Vocabulary(
    host: SandboxHost(
      chooser: TargetChooser(
        wanted: "local", contexts: [:], clusters: [], environment: [:], purpose: "tests", announce: { _ in }),
      observer: { _ in }))

  @Test(
    arguments: [
      (#"link set with { "c1 c2": { rtt: 3h } }"#, "`--rtt` is more than a link can be: 3h: `c1 c2`"),
      (#"link set --jitter 1ms with { "c1 c2": { rt: 1ms } }"#, "`link set` has no flag `--rt`: `c1 c2`"),
      (#"link set with { "c1": { rtt: 1ms } }"#, "a matrix of links has two clusters as a key, not `c1`"),
      (#"link set --jitter 1ms with { "c1 c2": {}, "c2 c3": { over: "routes", one_way: true } }"#, nil),
      (#"let far = 3h let pair = "c1" link set with { "$pair c2": { rtt: far }, "c2 c3": { rtt: far * 2 } }"#, nil),
      (#"link set with { "c1 c2": { rtt: 2h, loss: "1%" } }"#, nil),
    ] as [(String, String?)]) func whatIsWrittenOfAMatrixIsCheckedBeforeTheRun(line: String, said: String?) throws
  {
    let text = line.replacing(" let ", with: "\nlet ").replacing(" link ", with: "\nlink ")
    let problem: String?
    do throws(ProgramErrors) {
      _ = try Program.load("t.nbx", vocabulary: Self.vocabulary) { _ in
        .success(Array("clusters c1 c2 c3\n\(text)\n".utf8))
      }
      problem = nil
    } catch { problem = error.diagnostics.first?.title }
    #expect(problem == said)
  }

  @Test func aMatrixThatIsOnlyKnownLaterIsNoMistake() {
    #expect(refusal("set", with: .later(.knownLater)) == nil)
    #expect(refusal("set", with: ["c1 c2": ["rtt": .later(.knownLater)]]) == nil)
  }

  // MARK: Plans

  @Test func aClusterThatDoesNotExistIsRefusedInAPlan() throws {
    try LinkGrammar.check(call("cut c1 c2")) { [] }
    try LinkGrammar.check(call("cut c1 c9")) { ["c9"] }
    try LinkGrammar.check(call("cut c1 ?")) { [] }
    try LinkGrammar.check(call("list")) { [] }
    #expect(throws: CommandFailure.self) { try LinkGrammar.check(call("cut c1 c9")) { ["c8"] } }
    #expect(throws: CommandFailure.self) {
      try LinkGrammar.check(call("set", with: ["c1 c9": ["rtt": "1ms"]])) { [] }
    }
  }

  // MARK: Completion

  private struct Names: LiveNames {
    let clusters = ["c1", "c2"]
    func names(listedBy words: [String], onEachCluster: Bool) -> [String] { [] }
    func entries(of folder: String) -> [String] { [] }
  }

  @Test(arguments: [
    ("link ", ["set", "cut", "join", "heal", "list"]), ("link cut ", ["c1", "c2"]), ("link cut c1 ", ["c1", "c2"]),
    ("link set c1 c2 --", ["--rtt", "--jitter", "--rate", "--loss", "--over", "--one-way", "--image"]),
    ("link cut c1 --over ", ["gateways", "routes"]),
  ]) func isCompleted(text: String, offered: [String]) {
    let chooser = TargetChooser(
      wanted: "local", contexts: [:], clusters: [], environment: [:], purpose: "tests", announce: { _ in })
    let completer = Completer(
      vocabulary: Vocabulary(host: SandboxHost(chooser: chooser, observer: { _ in })), live: Names())
    let labels = completer.complete(SourceFile(path: "t.nbx", text: text), at: text.utf8.count).map(\.label)
    for label in offered { #expect(labels.contains(label), "\(labels)") }
  }
}
