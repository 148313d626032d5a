import Interpreter
import TestSupport
import Testing

/// A recipe that runs once more finds what it made, and leaves it as it is.
@Suite(.serialized, .mayWait) struct MadeTwiceTests {
  /// Makes it twice; the second time is the first one's.
  private func twice(_ nats: NatsFixture, _ words: [String], _ document: Value? = nil) throws {
    let first = try untilItSucceeds { try nats.run(words, with: document) }
    // The answer to a create in a cluster may tell of a moment some milliseconds before the one told from then on.
    let name = try #require(first["config.name"].string, "\(words)")
    let created = try nats.run("stream", "info", name)["created"].shown()
    let second = try nats.run(words, with: document)
    #expect(second["created"].shown() == created, "\(words)")
    #expect(second["config"].shown() == first["config"].shown(), "\(words)")
  }

  @Test func whatHasSourcesIsMadeOnce() throws {
    let nats = try NatsFixture(TestAccount(on: .cluster))
    defer { nats.end() }
    try twice(nats, ["stream", "add", "RT", "--subjects", "rt.>", "--replicas", "3", "--tag", "az:shared"])
    try twice(nats, ["kv", "add", "K1"])
    for words in [
      ["stream", "add", "QA", "--source", "RT", "--cluster", "shared"],
      ["stream", "add", "QB", "--source", #"{"name":"RT","start":5,"filter":"rt.a"}"#, "--subjects", "qb.>"],
      ["stream", "add", "QC", "--source", #"{"name":"RT","start":"1h"}"#, "--source", "KV_K1", "--max-age", "1m"],
      ["stream", "add", "QD", "--source", "RT", "--subject-del-markers-ttl", "5s", "--dupe-window", "10s"],
      ["stream", "add", "QE", "--source", "RT", "--metadata", "owner=me", "--retention", "work", "--no-ack"],
      ["stream", "add", "QM", "--mirror", #"{"name":"RT","start":"1h"}"#], ["kv", "add", "K2", "--source", "K1"],
      // Servers drop the window of a mirror.
      ["kv", "add", "K3", "--mirror", "K1"], ["stream", "add", "QW", "--mirror", "RT", "--dupe-window", "2m"],
      ["object", "add", "O1", "--metadata", "a=b"],
    ] { try twice(nats, words) }
    try twice(
      nats, ["stream", "add", "QF"],
      ["sources": [["name": "RT", "subject_transforms": [["src": "rt.>", "dest": "qf.>"]]]], "max_bytes": "1Mi"])
    // The order of sources is no difference.
    try twice(
      nats,
      ["stream", "add", "QC", "--source", "KV_K1", "--source", #"{"name":"RT","start":"60m"}"#, "--max-age", "1m"])
    for words in [
      ["stream", "add", "QA", "--source", "RT", "--cluster", "shared", "--max-msgs", "5"],
      ["stream", "add", "QA", "--source", "KV_K1", "--cluster", "shared"],
      ["stream", "add", "QB", "--source", "RT", "--subjects", "qb.>"], ["stream", "add", "QE", "--source", "RT"],
      ["kv", "add", "K2"], ["kv", "add", "K2", "--source", "K1", "--history", "3"],
    ] {
      let failure = try nats.failure(words)
      #expect(failure.details.code == 10058, "\(words): \(failure.reason.string)")
      #expect(failure.reason.string.hasSuffix("(10058)"))
    }
  }

  @Test func theOrderOfSubjectsIsNoDifference() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let made = try nats.run("stream", "add", "QD", "--subjects", "x1.>,x2.>")
    #expect(made["did_create"].shown() == "true")
    let again = try nats.run("stream", "add", "QD", "--subjects", "x2.>,x1.>")
    #expect(again["created"].shown() == made["created"].shown())
    #expect(again["did_create"].shown() == "false")
    for subjects in ["x1.>", "x1.>,x2.>,x3.>", "x1.>,x3.>"] {
      #expect(try nats.failure("stream", "add", "QD", "--subjects", subjects).details.code == 10058)
    }
    try nats.run("consumer", "add", "QD", "c", "--filter", "x1.>,x2.>")
    try nats.run("consumer", "add", "QD", "c", "--filter", "x2.>,x1.>")
    #expect(try nats.failure("consumer", "add", "QD", "c", "--filter", "x1.a,x2.>").details.kind == "refused")
  }

  @Test func otherWordsForATimeAreAnotherConfiguration() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "RT", "--subjects", "rt.>")
    func start(_ time: String) -> String { #"{"name":"RT","start":"\#(time)"}"# }
    func check(_ same: [String], _ others: [[String]], _ code: Int) throws {
      let first = try nats.run(same)
      #expect(try nats.run(same)["config"].shown() == first["config"].shown(), "\(same)")
      for other in others {
        let failure = try nats.failure(other)
        #expect(failure.details.code == code, "\(other): \(failure.reason.string)")
        #expect(failure.reason.string.hasSuffix("(\(code))"), "\(failure.reason.string)")
      }
    }
    let consumer = ["consumer", "add", "RT"]
    try check(consumer + ["c", "--deliver", "1h"], [consumer + ["c", "--deliver", "100h"]], 10148)
    try nats.run(consumer + ["c", "--deliver", "60m"])
    try check(consumer + ["p", "--pause", "1h"], [consumer + ["p", "--pause", "10h"]], 10148)
    try nats.run("consumer", "resume", "RT", "p")
    try nats.run(consumer + ["p", "--pause", "1h"])
    #expect(try nats.run("consumer", "info", "RT", "p")["paused"].shown() != "true", "it was woken")
    try check(
      ["stream", "add", "M", "--mirror", start("1h")], [["stream", "add", "M", "--mirror", start("100h")]], 10058)
    try check(
      ["stream", "add", "S", "--source", start("1h")],
      [["stream", "add", "S", "--source", start("100h")], ["stream", "add", "S", "--source", "RT"]], 10058)
    // An edit tells other words, which hold from then on.
    try nats.run("stream", "edit", "S", "--source", start("3h"))
    try nats.run("stream", "add", "S", "--source", start("3h"))
    #expect(try nats.failure("stream", "add", "S", "--source", start("1h")).details.code == 10058)
    #expect(try nats.failure("consumer", "edit", "RT", "c", "--deliver", "2h").kind == .failed)
  }

  @Test func ofWhatOthersMadeItCannotBeTold() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "RT", "--subjects", "rt.>")
    try nats.run("consumer", "add", "RT", "c", "--deliver", "2026-01-01T00:00:00Z")
    let failure = try nats.failure("consumer", "add", "RT", "c", "--deliver", "1h")
    #expect(failure.reason.string.contains("nothing says whether its `opt_start_time` was `1h`"))
    try nats.run("consumer", "add", "RT", "c", "--deliver", "2026-01-01T00:00:00Z")
    try nats.run("consumer", "add", "RT", "d")
    let unpaused = try nats.failure("consumer", "add", "RT", "d", "--pause", "1h")
    #expect(unpaused.reason.string.contains("made without `pause_until`"))
  }
}
