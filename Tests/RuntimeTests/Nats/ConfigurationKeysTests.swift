import Interpreter
import TestSupport
import Testing

/// Servers pass over keys that they do not know.
@Suite(.serialized, .mayWait) struct ConfigurationKeysTests {
  @Test func unknownKeysAreRefused() throws {
    // Nobody listens there: what travelled would be another failure.
    let nats = try NatsFixture(["c1": [1]])
    defer { nats.end() }
    let hour = Value.duration(DurationValue(nanoseconds: 3_600_000_000_000))
    for (words, document, reason, advice) in [
      (["stream", "add", "S"], ["subjects": ["x"], "max_agee": hour], "has no `max_agee`", "did you mean `max_age`?"),
      (["stream", "edit", "S"], ["num_replica": 3], "has no `num_replica`", "did you mean `num_replicas`?"),
      (["stream", "copy", "S", "T"], ["placement": ["tag": ["a"]]], "`placement` has no `tag`", "`tags`"),
      (["stream", "add", "S"], ["ack_wait": hour], "has no `ack_wait`", "in a consumer's"),
      (["stream", "add", "S"], ["color": "red"], "has no `color`", "nats request '$JS.API.STREAM.CREATE.NAME'"),
      (["stream", "add", "S"], ["max_msgs": hour], "is a plain number or text, not `1h`", "--json"),
      (["stream", "add", "S"], ["mirror": ["name": "A", "starts": 5]], "source has no `starts`", "`start`"),
      (["stream", "add", "S"], ["sources": [["name": "A", "start": 0]]], "is a sequence from 1 on", "as 5"),
      (["stream", "add", "S"], ["mirror": ["name": "A b"]], "white space", ""),
      (["stream", "add", "S"], ["mirror": ["name": "A", "filter": "a b"]], "white space", ""),
      (["consumer", "add", "S", "c"], ["fliter_subject": "x"], "has no `fliter_subject`", "`filter_subject`"),
      (["consumer", "edit", "S", "c"], ["max_age": hour], "has no `max_age`", "in a stream's"),
      (["stream", "add", "S", "--mirror", #"{"name":"A","begin":5}"#], nil, "source has no `begin`", "one of: name,"),
      (["stream", "add", "S", "--source", #"{"name":"A","start":"soon"}"#], nil, "not `soon`", "or 1h"),
    ] as [([String], Value?, String, String)] {
      let failure = try nats.failure(words, with: document)
      #expect(failure.kind == .misused, "\(words): \(failure.reason.string)")
      #expect(failure.reason.string.contains(reason), "\(failure.reason.string)")
      #expect(advice.isEmpty || failure.advice?.contains(advice) == true, "\(failure.advice ?? "no advice")")
    }
  }

  @Test func anOriginBeginsAndIsFilteredAsItIsTold() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "A", "--subjects", "x.>,y.>")
    let mirror = try nats.run(
      "stream", "add", "M", "--mirror", #"{"name":"A","filter":"x.>","start":"2026-01-01T00:00:00.123456789Z"}"#)
    #expect(mirror["config.mirror.filter_subject"].string == "x.>")
    #expect(
      try nats.shown("stream", "info", "M", "--json").contains(#""opt_start_time": "2026-01-01T00:00:00.123456789Z""#))
    let sources = try nats.run(
      "stream", "add", "S", "--source", #"{"name":"A","start":5}"#,
      "--source", #"{"name":"A","start":"7","filter":"y.>"}"#)
    #expect(sources["config.sources"].elements?.map { $0["opt_start_seq"].shown() } == ["5", "7"])
    let hour = DurationValue(nanoseconds: 3_600_000_000_000)
    let ago = try nats.run("stream", "add", "T", with: ["mirror": ["name": "A", "start": .duration(hour)]])
    guard case .time(let start) = ago["config.mirror.opt_start_time"] else { throw DidNotFail(value: ago.shown()) }
    #expect(abs(TimeValue.now.nanoseconds - hour.nanoseconds - start.nanoseconds) < 600_000_000_000)
    let written = try nats.run("stream", "add", "U", "--mirror", #"{"name":"A","start":"1h"}"#)
    #expect(written["config.mirror.opt_start_time"].shown() != "null")
  }

  /// What a server gives it reads.
  @Test func aConfigurationThatAServerGaveIsKnown() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "A", "--subjects", "a.>")
    let stream = try nats.run("stream", "info", "A")["config"]
    #expect(stream["metadata"].shown().contains("_nats."))
    let again = try nats.run("stream", "add", "A", with: stream)
    #expect(again["config"].shown() == stream.shown())
    let consumer = try nats.run("consumer", "add", "A", "c")["config"]
    #expect(try nats.run("consumer", "add", "A", "c", with: consumer)["config"].shown() == consumer.shown())
    let bucket = try nats.run("kv", "add", "B", "--marker-ttl", "1m", "--republish-destination", "r.>")
    #expect(bucket["bucket"].string == "B")
    let under = try nats.run("stream", "info", "KV_B")["config"]
    #expect(try nats.run("stream", "add", "KV_B", with: under)["config"].shown() == under.shown())
  }
}
