import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@testable import SandboxNats
@testable import SandboxSystem

/// What did not happen is no success.
@Suite(.serialized, .mayWait) struct KeptPromiseTests {
  @Test func whatTheServerRefusesIsNotMeasured() throws {
    let server = try TestServer(accounts: Accounts.denying("closed.>"))
    let nats = try NatsFixture(server)
    defer { nats.end() }
    let failure = try nats.failure("bench", "pub", "closed.a", "--msgs", "10", "--clients", "2")
    #expect(failure.details.kind == "not-permitted")
    #expect(failure.said?.string.hasPrefix("0 of 10 messages were done") == true)
    #expect(failure.details.value["of"].shown() == "10")
    #expect(failure.details.value["msgs"].shown() == "0")
    try nats.run("stream", "add", "C", "--subjects", "closed.>")
    #expect(
      try nats.failure("bench", "js", "pub", "async", "closed.a", "--stream", "C", "--msgs", "10").details.kind
        == "not-permitted")
    #expect(try nats.failure("latency", "closed.a", "--msgs", "3", "--wait", "1s").details.kind == "not-permitted")
    #expect(try nats.run("bench", "pub", "open", "--msgs", "10")["msgs"].shown() == "10")
  }

  @Test func aBenchMeasuresTheStreamThatItNames() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "K1", "--subjects", "k")
    try nats.run("stream", "add", "K2", "--subjects", "other")
    let failure = try nats.failure("bench", "js", "pub", "sync", "k", "--stream", "K2", "--msgs", "5")
    #expect(failure.reason.string == "K1 takes k, not K2")
    #expect(try nats.run("stream", "info", "K1")["state.messages"].shown() == "0")
    let words = ["bench", "js", "pub", "sync", "k", "--stream", "K1", "--create", "--msgs", "5"]
    #expect(
      try nats.failure(words + ["--storage", "memory"]).reason.string
        == #"K1 is there already, with storage "file" instead of "memory""#)
    #expect(
      try nats.failure(words + ["--max-bytes", "1Mi"]).reason.string
        == "K1 is there already, with max_bytes -1 instead of 1048576")
    #expect(try nats.run(words + ["--replicas", "1", "--storage", "file"])["msgs"].shown() == "5")
  }

  @Test func aConsumerIsWhatItsEditSays() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "O", "--subjects", "o")
    try nats.run("consumer", "add", "O", "c")
    try nats.run("consumer", "add", "O", "pushed", "--target", "there")
    #expect(try nats.failure("consumer", "edit", "O", "c", "--ephemeral").reason.string.contains("is durable"))
    #expect(try nats.failure("consumer", "edit", "O", "pushed", "--pull").reason.string.contains("sent to its target"))
    try nats.run("consumer", "edit", "O", "c", "--pull", "--no-ephemeral", "--max-deliver", "3")
    let paused = try nats.run("consumer", "edit", "O", "c", "--pause", "1h", "--sample", "50%")
    #expect(paused["paused"].shown() == "true")
    #expect(try nats.run("consumer", "edit", "O", "c", "--sample", "50%")["config.max_deliver"].shown() == "3")
  }

  @Test func whatAServerPassesOverIsNoChange() throws {
    let before: Value = [
      "a": 1, "b": .duration(DurationValue(nanoseconds: 5)), "c": "50", "m": ["x": 9, "own": 2], "l": [["name": "A"]],
    ]
    func check(_ asked: Value, after: Value) -> String? {
      do throws(CommandFailure) {
        try Promises.check(asked.entries, before: before.entries, after: after.entries, of: "S")
      } catch {
        return error.reason.string
      }
      return nil
    }
    #expect(check(["a": 2], after: before) == "S keeps its a: 1, not 2")
    #expect(check(["d": "x"], after: before) == #"S keeps its d: none, not "x""#)
    #expect(check(["m": ["x": 1]], after: before) == "S keeps its x: 9, not 1")
    #expect(check(["a": 1, "b": 5, "c": "50%", "d": 0, "m": ["x": 9]], after: before) == nil)
    #expect(check(["l": [["name": "A", "filter": ""]]], after: before) == nil)
    #expect(check(["a": 2], after: .map(before.entries.merged(with: ValueMap([("a", 2)])))) == nil)
  }

  @Test func theOnlyServerOfAStreamIsNotTakenFromIt() throws {
    let cluster = try TestCluster("p", count: 3)
    defer { cluster.stop() }
    let nats = try NatsFixture(["c1": cluster.servers.map(\.port)])
    defer { nats.end() }
    try eventually { (try? nats.run("server", "check", "meta", "--expect", "3")) != nil }
    try nats.run("stream", "add", "O", "--subjects", "o")
    try nats.run("pub", "o", "m", "--count", "3", "--jetstream")
    let leader = try #require(try nats.run("stream", "info", "O")["cluster.leader"].string)
    let failure = try nats.failure("stream", "cluster", "peer-remove", "O", leader)
    #expect(failure.reason.string == "\(leader) is the only server that holds stream O: all its messages would be lost")
    #expect(try nats.run("stream", "info", "O")["state.messages"].shown() == "3")

    let measured = try nats.failure(
      "bench", "js", "pub", "sync", "o", "--stream", "O", "--create", "--replicas", "3", "--msgs", "1")
    #expect(measured.reason.string == "O is there already, with num_replicas 1 instead of 3")
  }

  @Test func aSubscriberThatWasCutOffHearsOfIt() throws {
    let server = try withFreePorts(1) { try TestServer(port: $0[0], jetStream: false) }
    let nats = try NatsFixture(server)
    defer { nats.end() }
    let said = Said()
    let thread = Thread {
      do {
        said.add(try nats.shown("sub", "news", "--count", "2"))
      } catch {
        said.add("\(error)")
      }
    }
    thread.start()
    let isHeard = { try nats.run("server", "report", "connections", "--account", "JS", "--subject", "news") }
    try eventually { (try? isHeard().elements?.count) == 1 }
    try nats.run("pub", "news", "one")
    server.crash()
    try server.restart()
    try eventually {
      _ = try? nats.run("pub", "news", "two")
      return !said.text.isEmpty
    }
    #expect(said.text.contains("] news: two\nmessages on news may be missing: "))
  }
}

/// Servers of an older version, which pass over what they do not know.
@Suite(.mayWait) struct UnknownFieldTests {
  private let server: PretendingServer
  private let nats: NatsFixture

  init() throws {
    server = try PretendingServer(answering: { subject in
      subject.contains("CONSUMER.INFO")
        ? #"{"error":{"code":404,"err_code":10014,"description":"consumer not found"}}"#
        : """
        {"name":"x","stream_name":"S","config":{"name":"S","durable_name":"x","subjects":["s"],"num_replicas":1,
        "deliver_policy":"all","ack_policy":"explicit","replay_policy":"instant"}}
        """
    })
    nats = try NatsFixture(["c1": [server.port]])
  }

  @Test(arguments: [
    (["stream", "add", "S", "--subjects", "s", "--allow-msg-ttl"], "stream S", "allow_msg_ttl"),
    (["stream", "copy", "T", "S", "--subject-del-markers-ttl", "1m"], "stream S", "subject_delete_marker_ttl"),
    (["kv", "add", "b", "--marker-ttl", "1m"], "stream KV_b", ""),
    (["consumer", "add", "S", "x", "--pause", "1h"], "consumer x", "pause_until"),
  ])
  func `what is made without a part of what was asked is a failure`(
    words: [String], what: String, key: String
  ) throws {
    defer {
      nats.end()
      server.stop()
    }
    let failure = try nats.failure(words)
    #expect(failure.reason.string.hasPrefix("\(what) is there, but without its \(key)"))
    #expect(failure.reason.string.hasSuffix(": its servers do not know that"))
    #expect(failure.details.kind == "refused")
  }
}
