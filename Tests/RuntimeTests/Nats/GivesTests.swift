import Foundation
import TestSupport
import Testing

@testable import Interpreter
@testable import SandboxNats
@testable import ValuesAndCommands

/// What the forms of `nats` say that they give is what comes from servers: each field that comes is told of, and each
/// that is told of comes.
@Suite(.serialized, .mayWait) struct GivesTests {
  /// Those that give nothing, or that need more servers than there are here.
  private static let notRun: Set = [
    "reply", "bench sub", "bench service request", "bench service serve", "bench reconnect",
    "stream cluster peer-remove",
    "server cluster peer-remove", "server report gateways",
  ]

  private static let calls = [
    // Streams
    "stream add S --subjects s.> --replicas 3 --max-bytes 1Mi --metadata a=b", "stream add T --subjects t.>",
    "stream add M --mirror S --replicas 3", "stream add U --source T --description sum", "stream edit S --max-age 1h",
    "stream copy T V --subjects v.>", "pub s.a x --jetstream", "pub s.b x --count 5 --jetstream", "pub t.a x -J",
    "pub s.none x", "stream rmm S 2 --force", "stream info S", "stream info T", "stream info M", "stream info U",
    "stream ls", "stream ls --names", "stream report", "stream subjects S", "stream get S 1",
    "stream get S --last-for s.b", "stream cluster step-down S", "stream purge T --force", "stream seal V --force",
    "server check stream S", "server check connection", "server check jetstream", "account info",
    // Consumers
    "consumer add S c --ack explicit --filter s.>", "consumer edit S c --description d", "consumer info S c",
    "consumer ls S", "consumer ls S --names", "consumer report S", "consumer next S c --no-ack",
    "consumer next S c --count 2", "consumer next S c --raw", "consumer pause S c 1h", "consumer resume S c",
    "consumer cluster step-down S c", "consumer rm S c --force",
    // Buckets
    "kv add b --history 3 --replicas 3", "kv put b k v", "kv create b l v", "kv update b k w 1", "kv get b k",
    "kv get b k --raw", "kv history b k", "kv watch b --count 1", "kv revert b k 1 --force", "kv ls", "kv ls --names",
    "kv ls b", "kv ls b --verbose", "kv ls b --display-value", "kv status b", "kv info b", "kv purge b l --force",
    "kv del b k --force", "kv compact b --force --older-than 0s", "kv rm b --force",
    "object add o --replicas 3", "object put o n", "object get o n", "object info o n", "object info o", "object ls",
    "object ls o", "object ls o --names", "object rm o n --force", "object seal o --force", "object del o --force",
    // Servers
    "server list", "server ping", "server report connections", "server report accounts", "server report jetstream",
    "server report routes", "rtt 1",
    // Measures
    "bench pub x --msgs 10", "bench js pub sync y.z --create --msgs 10", "bench js pub async y.z --msgs 10",
    "bench js fetch --msgs 10", "bench js consume --msgs 10", "bench kv put --create --msgs 10",
    "bench kv get --msgs 10", "bench pub x --msgs 10 --rate 100/s",
    "bench js pub async y.z --duration 100ms --rate 100", "latency w --msgs 10 --rate 1000",
    "latency s.l --stream S --msgs 10",
    // Logins
    "context add GIVEN --server nats://127.0.0.1:1 --select", "context ls", "context select GIVEN",
    "context rm GIVEN --force", "auth nkey gen user", "auth operator add O", "stream rm U --force",
  ]

  @Test func `each field that comes is told of, and each that is told of comes`() throws {
    let account = try TestAccount(on: .cluster)
    let nats = try NatsFixture(account)
    defer { nats.end() }
    // Until all of them can take a replica.
    try untilItSucceeds { try nats.run("stream", "add", "FIRST", "--subjects", "first", "--replicas", "3") }
    var run: Set<String> = []
    func look(_ words: [String], with document: Value? = nil) throws -> Value {
      let value = try nats.run(words, with: document)
      run.insert(nats.command.grammar.read(words.map { Text($0) }, of: "nats").choice.path.joined(separator: " "))
      let shape = nats.command.gives(words.map { Text($0) })
      for problem in problems(value, shape, words.joined(separator: " ")) { Issue.record("\(problem)") }
      return value
    }
    for call in Self.calls {
      let words = call.split(separator: " ").map(String.init)
      let document: Value? = call == "object put o n" ? "bytes" : nil
      // What was made a moment ago may not be known everywhere yet; what changes nothing asks again.
      let mayWait = NatsSubcommand.all.contains { words.starts(with: $0.form.path) && !$0.changesSomething }
      if mayWait { try untilItSucceeds { _ = try look(words) } } else { _ = try look(words, with: document) }
    }
    try untilItSucceeds { _ = try look(["server", "check", "meta", "--expect", "3"]) }
    let name = try #require(nats.run("server", "ping").elements?.first?["name"].string)
    _ = try look(["server", "info", name])
    try answered(nats, account, look)
    _ = try look(["stream", "rm", "S", "--force"])
    try signed(look)
    try recorded(nats, look)
    let missing = Set(NatsSubcommand.all.map { $0.form.path.joined(separator: " ") }).subtracting(run)
    #expect(missing == Self.notRun)
  }

  /// Messages that are waited for, and those that are acknowledged later.
  private func answered(
    _ nats: NatsFixture, _ account: TestAccount, _ look: ([String], Value?) throws -> Value
  ) throws {
    let during = DispatchGroup()
    during.enter()
    let stop = StopSignal()
    let begun = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      var call = Invocation(
        words: ["reply", "q", "a", "-H", "Key: value"], cluster: Cluster(name: "c1", index: 0),
        deadline: .now + .seconds(60), stop: stop)
      call.begun = { begun.signal() }
      _ = try? nats.command.run(call)
      during.leave()
    }
    begun.wait()
    _ = try look(["request", "q", "x"], nil)
    _ = try look(["request", "q", "x", "--replies", "1"], nil)
    stop.ask(.interrupt)
    during.wait()
    _ = try look(["sub", "nothing", "--wait", "10ms"], nil)
    _ = try nats.run("consumer", "add", "S", "d")
    _ = try nats.run("pub", "s.c", "x", "-J")
    let messages = try nats.run("consumer", "next", "S", "d", "--no-ack")
    _ = try look(["consumer", "ack"], messages)
  }

  /// Histories, and a verdict with its proof.
  private func recorded(_ nats: NatsFixture, _ look: ([String], Value?) throws -> Value) throws {
    let briefly = ["--duration", "50ms", "--clients", "1"]
    _ = try nats.run("stream", "add", "H", "--subjects", "h")
    let recorded = try look(["history", "record", "stream", "h", "--stream", "H", "--readers", "0"] + briefly, nil)
    _ = try look(["history", "judge"], recorded)
    _ = try nats.run("kv", "add", "hk")
    _ = try look(["history", "record", "kv", "hk", "--save", "\(nats.folder)/hk.jsonl"] + briefly, nil)
    _ = try nats.run("stream", "add", "HQ", "--subjects", "hq", "--retention", "work")
    _ = try nats.run("consumer", "add", "HQ", "w", "--pull", "--ack", "explicit")
    _ = try look(["history", "record", "queue", "HQ", "w"] + briefly, nil)
    let broken = """
      {"history":"kv","name":"KV_b"}
      {"client":"a","region":"c1","begin":1,"end":2,"op":"cas","key":"k","value":"v","expected":0,"sequence":1,"told":"ok"}
      {"client":"b","region":"c2","begin":3,"end":4,"op":"read","key":"k","by":"s","told":"ok"}
      """
    let proof = try look(["history", "judge"], .string(broken)).elements?.first?["proof"].elements
    #expect(proof?.map { $0["op"].string } == ["cas", "read"])
  }

  private func signed(_ look: ([String], Value?) throws -> Value) throws {
    let seed = try look(["auth", "nkey", "gen", "operator"], nil)["seed"].string ?? ""
    _ = try look(["auth", "nkey", "show", seed], nil)
    let app = try look(["auth", "account", "add", "APP", "--operator", seed], nil)
    let user = try look(["auth", "user", "add", "u", "--account", app["seed"].string ?? ""], nil)
    _ = try look(["auth", "jwt", "show", user["jwt"].string ?? ""], nil)
  }

  private func problems(_ value: Value, _ shape: Shape, _ place: String) -> [String] {
    switch (shape, value) {
    case (.unknown, _), (.nothing, .null), (_, .null): []
    case (.list(let element), .list(let elements)): elements.flatMap { problems($0, element, "\(place)[]") }
    case (.map(let fields), .map(let map)):
      map.flatMap { key, value in
        fields.all.first { $0.name == key }.map { problems(value, $0.shape, "\(place) .\(key)") }
          ?? (fields.isOpen ? [] : ["\(place) .\(key) is told of nowhere"])
      } + fields.all.filter { !$0.isOptional && map[$0.name] == nil }.map { "\(place) .\($0.name) does not come" }
    case (.bool, .bool), (.int, .int), (.float, .float), (.text, .string), (.text, .secret), (.duration, .duration),
      (.size, .size), (.time, .time):
      []
    // No bound is -1, and what a server calls a float may be whole.
    case (.size, .int(-1)), (.duration, .int(-1)), (.float, .int): []
    default: ["\(place) is \(value.typeWithArticle), not \(shape.summary)"]
    }
  }
}
