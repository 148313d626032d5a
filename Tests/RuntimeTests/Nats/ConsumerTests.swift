import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@Suite(.serialized, .mayWait) struct ConsumerTests {
  /// A stream with o.a 1 to 5, then o.b 6 to 10.
  private func orders(_ nats: NatsFixture) throws {
    try nats.run("stream", "add", "O", "--subjects", "o.>")
    try nats.run("pub", "o.a", "a{{Count}}", "--count", "5", "--jetstream")
    try nats.run("pub", "o.b", "b{{Count}}", "--count", "5", "--jetstream")
  }

  @Test func aConsumerIsMadeShownChangedAndTakenAway() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try orders(nats)
    let made = try nats.run(
      "consumer", "add", "O", "billing", "--filter", "o.a,o.b", "--ack", "all", "--wait", "2s", "--max-deliver", "4",
      "--backoff", "1s, 2s", "--max-pending", "7", "--max-waiting", "9", "--replay", "original", "--description",
      "bills",
      "--inactive-threshold", "1h", "--headers-only", "--max-pull-batch", "50", "--max-pull-expire", "30s", "--sample",
      "50%", "--metadata", "owner=me", with: ["max_deliver": 3, "replay_policy": "instant"])
    let configuration = made["config"]
    #expect(configuration["durable_name"].string == "billing")
    #expect(configuration["filter_subjects"].shown() == #"["o.a", "o.b"]"#)
    #expect(configuration["ack_policy"].string == "all")
    #expect(configuration["max_deliver"].shown() == "4", "a flag lies over the document")
    #expect(configuration["replay_policy"].string == "original")
    #expect(configuration["backoff"].shown() == "[1s, 2s]")
    #expect(configuration["max_ack_pending"].shown() == "7")
    #expect(configuration["max_waiting"].shown() == "9")
    #expect(configuration["inactive_threshold"].shown() == "1h")
    #expect(configuration["headers_only"].shown() == "true")
    #expect(configuration["max_batch"].shown() == "50")
    #expect(configuration["max_expires"].shown() == "30s")
    #expect(configuration["metadata.owner"].string == "me")
    #expect(made["num_pending"].shown() == "10")

    #expect(
      try nats.run("consumer", "add", "O", "billing", with: configuration)["created"].shown()
        == made["created"].shown(),
      "the same once more is no change")
    #expect(
      try nats.failure("consumer", "add", "O", "billing", "--ack", "none").reason.string
        == "consumer already exists (10148)")
    let edited = try nats.run("consumer", "edit", "O", "billing", "--max-deliver", "6", "--filter", "o.b")
    #expect(edited["config.max_deliver"].shown() == "6")
    #expect(edited["config.filter_subject"].string == "o.b")
    #expect(edited["config.max_ack_pending"].shown() == "7", "the rest stays")
    let unfiltered = try nats.run("consumer", "edit", "O", "billing", "--filter", "")
    #expect(unfiltered["config.filter_subject"].shown() == "null", "an empty filter is none")
    try nats.run("consumer", "edit", "O", "billing", "--filter", "o.b")
    let last = try nats.run("consumer", "add", "O", "last", "--filter", "", "--deliver", "subject")
    #expect(last["config.filter_subject"].string == ">")
    try nats.run("consumer", "rm", "O", "last", "--force")

    #expect(try nats.run("consumer", "ls", "O", "--names").shown() == #"["billing"]"#)
    #expect(try nats.run("consumer", "info", "O", "billing")["num_pending"].shown() == "5")
    #expect(try nats.run("consumer", "report", "O").elements?.first?["mode"].string == "pull")
    #expect(try nats.shown("consumer", "report", "O").contains("│ billing  │ pull │ all "))
    #expect(
      try nats.shown("consumer", "info", "O", "billing", "--json").contains(#""inactive_threshold": 3600000000000"#))
    try nats.run("consumer", "rm", "O", "billing", "--force")
    #expect(try nats.failure("consumer", "info", "O", "billing").reason.string == "consumer not found (10014)")
    #expect(try nats.failure("consumer", "next", "O", "billing").reason.string == "consumer not found (10014)")
    #expect(try nats.failure("consumer", "ls", "NONE").reason.string == "stream not found (10059)")
  }

  @Test(arguments: [
    ("all", 1), ("last", 10), ("subject", 5), ("last-per-subject", 5), ("4", 4), ("1h", 1),
    ("2001-01-01T00:00:00Z", 1),
  ])
  func itBeginsWhereItIsTold(start: String, sequence: Int) throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try orders(nats)
    // An edit must leave even a time with nanoseconds as it was.
    try nats.run("consumer", "add", "O", "c", "--deliver", start)
    try nats.run("consumer", "edit", "O", "c", "--max-pending", "5")
    let first = try nats.run("consumer", "next", "O", "c").elements?.first
    #expect(first?["seq"].shown() == "\(sequence)")
  }

  @Test func messagesAreTakenRefusedAndEnded() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try orders(nats)
    try nats.run("consumer", "add", "O", "c", "--wait", "60s")
    func next(_ words: String...) throws -> [String] {
      let messages = try nats.run(["consumer", "next", "O", "c"] + words).elements ?? []
      return messages.map { "\($0["data"].string ?? "")/\($0["delivered"].shown())" }
    }
    #expect(try next() == ["a1/1"])
    #expect(try next("--nak", "--count", "2") == ["a2/1", "a3/1"])
    #expect(Set(try next("--count", "2")) == ["a2/2", "a3/2"])
    #expect(try next("--term") == ["a4/1"])
    let info = try nats.run("consumer", "info", "O", "c")
    #expect(info["ack_floor.stream_seq"].shown() == "4")
    #expect(info["num_ack_pending"].shown() == "0")
    #expect(try next("--no-ack") == ["a5/1"])
    #expect(try nats.run("consumer", "info", "O", "c")["num_ack_pending"].shown() == "1")
    // It hands out what comes within the time: on a busy machine in several calls.
    var rest: [String] = []
    try eventually(is: ["b1", "b2", "b3", "b4", "b5"]) {
      let words = ["consumer", "next", "O", "c", "--count", "50", "--wait", "300ms", "--raw"]
      rest += try nats.run(words).elements?.compactMap(\.string) ?? []
      return rest
    }
    let nothing = try nats.failure("consumer", "next", "O", "c", "--wait", "200ms")
    #expect(nothing.reason.string == "consumer c of O handed out nothing in 200ms")
    try nats.run("consumer", "add", "O", "none", "--ack", "none", "--filter", "o.b")
    let one = try nats.run("consumer", "next", "O", "none").elements?.first
    #expect(one?["subject"].string == "o.b")
    #expect(one?["pending"].shown() == "4")
    try nats.run("consumer", "add", "O", "push", "--target", "there")
    #expect(try nats.failure("consumer", "next", "O", "push").reason.string.contains("push based"))
  }

  @Test func aPauseHoldsMessagesBack() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try orders(nats)
    try nats.run("consumer", "add", "O", "c")
    #expect(try nats.run("consumer", "pause", "O", "c", "1h")["paused"].shown() == "true")
    #expect((try? nats.failure("consumer", "next", "O", "c", "--wait", "300ms")) != nil)
    guard case .time = try nats.run("consumer", "info", "O", "c")["config.pause_until"] else {
      throw DidNotFail(value: "no time")
    }
    try nats.run("consumer", "resume", "O", "c")
    #expect(try nats.run("consumer", "next", "O", "c").elements?.count == 1)
  }

  @Test func wordsThatMakeNoSenseDoNotTravel() throws {
    let nats = try NatsFixture(["c1": [1]])
    defer { nats.end() }
    for words in [
      ["add", "a.b", "c"], ["add", "S", "a b"], ["add", "S", "c", "--filter", "a..b"],
      ["add", "S", "c", "--deliver", "x"],
      ["add", "S", "c", "--filter", "a b"], ["add", "S", "c", "--filter", "a,"],
      ["add", "S", "c", "--backoff", "1 s"], ["add", "S", "c", "--deliver", "0"],
      ["add", "S", "c", "--backoff", "soon"],
      ["add", "S", "c", "--backoff", "linear", "--backoff-steps", "1"], ["add", "S", "c", "--pull", "--target", "x"],
      ["next", "S", "c", "--count", "0"], ["next", "S", "c", "--ack", "--nak"], ["pause", "S", "c", "soon"],
      ["pause", "S", "c", "2020-01-01T00:00:00Z"], ["pause", "S", "c", "0s"], ["add", "S", "c", "--pause", "-1h"],
      ["edit", "S", "c"],
      ["add", "S", "c", "--ack", "maybe"],
    ] {
      #expect(try nats.failure(["consumer"] + words).kind == .misused, "\(words)")
    }
    let filter: Value = ["filter_subjects": ["a", "b c"]]
    #expect(try nats.failure("consumer", "add", "S", "c", with: filter).kind == .misused)
  }
}
