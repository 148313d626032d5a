import Foundation
import Interpreter
import TestSupport
import Testing

@testable import SandboxNats

@Suite(.serialized, .mayWait) struct StreamTests {
  @Test func aStreamIsMadeShownChangedAndTakenAway() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let made = try nats.run(
      "stream", "add", "ORDERS", "--subjects", "orders.>, more.*", "--subjects", "third", "--storage", "memory",
      "--max-age", "1h", "--max-bytes", "1Mi", "--max-msgs", "-1", "--discard", "new", "--deny-delete", "--dupe-window",
      "10s", "--description", "all orders", "--allow-direct",
      with: ["metadata": ["time": "tea"], "max_msgs_per_subject": 7, "discard": "old"])
    #expect(made["did_create"].shown() == "true")
    #expect(made["type"].shown() == "null")
    let info = try nats.run("stream", "info", "ORDERS")
    let configuration = info["config"]
    #expect(configuration["subjects"].shown() == #"["orders.>", "more.*", "third"]"#)
    #expect(configuration["max_age"].shown() == "1h")
    #expect(configuration["duplicate_window"].shown() == "10s")
    #expect(configuration["max_bytes"].shown() == "1Mi")
    #expect(configuration["max_msgs"].shown() == "-1")
    #expect(configuration["max_msg_size"].shown() == "-1")
    #expect(configuration["max_msgs_per_subject"].shown() == "7")
    #expect(configuration["storage"].string == "memory")
    #expect(configuration["discard"].string == "new", "a flag lies over the document")
    #expect(configuration["deny_delete"].shown() == "true")
    #expect(configuration["metadata.time"].shown() == #""tea""#, "a user's own name is left alone")
    #expect(info["state.first_ts"].shown() == "null")
    guard case .time(let created) = info["created"] else { throw DidNotFail(value: info.shown()) }
    #expect(abs(created.nanoseconds - TimeValue.now.nanoseconds) < 3_600_000_000_000)

    // The same once more is no change; another configuration is refused.
    let again = try nats.run("stream", "add", "ORDERS", with: configuration)
    #expect(again["created"].shown() == made["created"].shown())
    let other = try nats.failure("stream", "add", "ORDERS", "--subjects", "else")
    #expect(other.kind == .failed)
    #expect(other.reason.string == "stream name already in use with a different configuration (10058)")

    #expect(try nats.run("stream", "edit", "ORDERS", "--max-age", "2h")["config.max_age"].shown() == "2h")
    #expect(try nats.run("stream", "info", "ORDERS")["config.max_bytes"].shown() == "1Mi", "the rest stays")
    #expect(try nats.shown("stream", "info", "ORDERS").contains("config.max_age                   2h\n"))

    try nats.run("stream", "rm", "ORDERS", "--force")
    let missing = try nats.failure("stream", "rm", "ORDERS", "--force")
    #expect(missing.kind == .failed)
    #expect(missing.reason.string == "stream not found (10059)")
    #expect(try nats.failure("stream", "info", "ORDERS").reason.string == "stream not found (10059)")
  }

  @Test func mirrorsSourcesAndAFileMakeAConfiguration() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "A", "--subjects", "a")
    try nats.run("stream", "add", "B", "--subjects", "b")
    #expect(try nats.run("stream", "add", "M", "--mirror", "A")["config.mirror.name"].string == "A")
    let both = try nats.run("stream", "add", "S", "--source", " A ,\tB")
    #expect(both["config.sources"].elements?.map { $0["name"].string } == ["A", "B"])
    let file = try nats.url("stream.json")
    try #"{"name":"other","subjects":["f.>"],"max_age":60000000000}"#.write(to: file, atomically: true, encoding: .utf8)
    let made = try nats.run("stream", "add", "F", "--config", file.path, "--max-msgs", "5")
    #expect(made["config.name"].string == "F")
    #expect(made["config.max_age"].shown() == "1m")
    #expect(made["config.max_msgs"].shown() == "5")
    #expect(
      try nats.failure("stream", "add", "G", "--config", "/nowhere.json").reason.string == "/nowhere.json can't be read"
    )
    try "[1]".write(to: file, atomically: true, encoding: .utf8)
    #expect(try nats.failure("stream", "add", "G", "--config", file.path).reason.string.hasSuffix("it is no map"))
    #expect(try nats.failure("stream", "add", "G", with: "text").kind == .misused)

    #expect(try nats.run("stream", "ls", "--names").shown() == #"["A", "B", "F", "M", "S"]"#)
    #expect(try nats.run("stream", "ls").elements?.map { $0["config.name"].string } == ["A", "B", "F", "M", "S"])
    #expect(try nats.run("stream", "ls", "--subject", "f.x", "--names").shown() == #"["F"]"#)
    #expect(try nats.shown("stream", "ls").contains("│ A    │"))
  }

  @Test func namesAreRefusedBeforeTheyTravel() throws {
    // Nobody listens there: a name that travelled would be another failure.
    let nats = try NatsFixture(["c1": [1]])
    defer { nats.end() }
    for words in [
      ["stream", "info", "OR DERS"], ["stream", "add", "a.b"], ["stream", "rm", "x>"],
      ["stream", "add", "S", "--mirror", "a b"], ["stream", "add", "S", "--source", "a b"],
      ["stream", "add", "S", "--source", ""], ["stream", "add", "S", "--subjects", "my orders"],
      ["stream", "add", "S", "--subjects", ""], ["stream", "add", "S", "--subjects", "a,"],
      ["kv", "add", "B", "--source", "a b"],
      ["stream", "add", "S", "--subjects", "a..b"], ["stream", "add", "S", "--subjects", "a.>.b"],
      ["pub", "a b", "x"], ["pub", "orders.*", "x"], ["sub", "a..b", "--count", "1"], ["stream", "get", "S", "zero"],
      ["stream", "get", "S"], ["stream", "get", "S", "1", "--last-for", "a"], ["context", "rm", "../c1"],
      ["pub", "a", "x", "--count", "0"], ["pub", "a", "x", "-H", "none"], ["sub", "a"],
      ["pub", "a", "--server", "https://host"], ["stream", "lost"], ["server", "list", "--sort", "color"],
    ] {
      do throws(CommandFailure) {
        let call = Invocation(
          words: words.map { Text($0) }, cluster: Cluster(name: "c1", index: 0), deadline: .now + .seconds(30))
        let value = try nats.command.run(call)
        Issue.record("\(words) gave \(value.shown())")
      } catch {
        #expect(error.kind == .misused, "\(words): \(error.reason.string)")
      }
    }
    #expect(try nats.failure("stream", "info", "OR DERS").reason.string.contains("at character 3"))
    #expect(try nats.failure("stream", "add", "S", with: ["subjects": ["my orders"]]).kind == .misused)
  }

  @Test func aReplicatedStreamHasItsLeaderWhenItIsMade() throws {
    let account = try TestAccount(on: .cluster)
    let nats = try NatsFixture(account)
    defer { nats.end() }
    // 10005: not enough servers have joined the meta group yet.
    let made = try untilItSucceeds {
      try nats.run(
        "stream", "add", "R3", "--subjects", "r3.>", "--replicas", "3", "--cluster", "shared", "--tag", "az:shared")
    }
    #expect(made["cluster.leader"].string?.hasPrefix("shared-") == true)
    #expect(made["cluster.replicas"].elements?.count == 2)
    #expect(made["config.placement"].shown() == #"{ cluster: "shared", tags: ["az:shared"] }"#)
    #expect(try nats.run("pub", "r3.x", "hi", "--jetstream")["seq"].shown() == "1")
    #expect(
      try nats.failure("stream", "add", "R9", "--replicas", "3", "--cluster", "nowhere").reason.string.hasSuffix(
        "(10005)"))
    let trips = try nats.run("rtt").elements ?? []
    #expect(trips.map { $0["server"].string } == ["shared-0", "shared-1", "shared-2"])
    #expect(trips.map { $0["url"].string } == account.servers.map { "nats://127.0.0.1:\($0.port)" })
    for trip in trips { guard case .duration = trip["rtt"] else { throw DidNotFail(value: trip.shown()) } }
  }
}
