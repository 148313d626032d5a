import Foundation
import Interpreter
import TestSupport
import Testing

@testable import SandboxNats

@Suite(.serialized, .mayWait) struct StreamCareTests {
  @Test func everyFlagHasItsField() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "ORIGIN", "--subjects", "o.>")
    let made = try nats.run(
      "stream", "add", "S", "--subjects", "s.>", "--discard", "new", "--discard-per-subject", "--max-msgs-per-subject",
      "2", "--first-sequence", "100", "--allow-msg-ttl", "--subject-del-markers-ttl", "5s", "--no-ack",
      "--transform-source", "s.*", "--transform-destination", "s.{{wildcard(1)}}.x", "--republish-destination", "r.>",
      "--republish-headers", "--limit-consumer-inactive", "1h", "--limit-consumer-max-pending", "3", "--metadata",
      "owner=me", "--metadata", "why=a=b", "--retention", "work", "--source",
      #"{"name":"ORIGIN","opt_start_seq":5,"filter_subject":"o.x"}"#)
    let configuration = made["config"]
    #expect(configuration["discard_new_per_subject"].shown() == "true")
    #expect(configuration["first_seq"].shown() == "100")
    #expect(configuration["allow_msg_ttl"].shown() == "true")
    #expect(configuration["subject_delete_marker_ttl"].shown() == "5s")
    #expect(configuration["no_ack"].shown() == "true")
    #expect(configuration["subject_transform.dest"].string == "s.{{wildcard(1)}}.x")
    #expect(configuration["republish.src"].string == ">")
    #expect(configuration["republish.headers_only"].shown() == "true")
    #expect(configuration["consumer_limits.inactive_threshold"].shown() == "1h")
    #expect(configuration["consumer_limits.max_ack_pending"].shown() == "3")
    #expect(configuration["metadata.why"].string == "a=b")
    #expect(configuration["retention"].string == "workqueue")
    #expect(configuration["sources"].elements?.first?["filter_subject"].string == "o.x")
    #expect(configuration["sources"].elements?.first?["opt_start_seq"].shown() == "5")
    for words in [
      ["--transform-source", "a"], ["--republish-headers"], ["--metadata", "none"], ["--source", "{no json"],
      ["--mirror", #"{"opt_start_seq":1}"#],
    ] {
      #expect(try nats.failure(["stream", "add", "T"] + words).kind == .misused, "\(words)")
    }
  }

  @Test func aTimeOfANanosecondOutlivesAnEdit() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "A", "--subjects", "a")
    let time = "2026-11-22T12:00:34.841194571Z"
    try nats.run("stream", "add", "M", "--mirror", #"{"name":"A","opt_start_time":"\#(time)"}"#)
    try nats.run("stream", "edit", "M", "--description", "later")
    let shown = try nats.shown("stream", "info", "M", "--json")
    #expect(shown.contains(time))
    #expect(shown.contains(#""description": "later""#))
  }

  @Test func aStreamIsCountedCopiedThinnedAndSealed() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "S", "--subjects", "s.>", "--max-age", "1h")
    try nats.run("pub", "s.a", "x", "--count", "3", "--jetstream")
    try nats.run("pub", "s.b", "x", "--jetstream")
    #expect(try nats.run("stream", "subjects", "S").shown() == #"{ "s.a": 3, "s.b": 1 }"#)
    #expect(try nats.run("stream", "subjects", "S", "s.b").shown() == #"{ "s.b": 1 }"#)
    try nats.run("stream", "rmm", "S", "2", "--force")
    #expect(try nats.failure("stream", "get", "S", "2").reason.string.hasSuffix("(10037)"))
    let row = try nats.run("stream", "report").elements?.first
    #expect(row?["name"].string == "S")
    #expect(row?["messages"].shown() == "3")
    #expect(row?["deleted"].shown() == "1")
    #expect(row?["lost"].shown() == "0")
    #expect(try nats.shown("stream", "report").contains("│ S      │ file "))
    let copy = try nats.run("stream", "copy", "S", "T", "--subjects", "t.>")
    #expect(copy["config.max_age"].shown() == "1h")
    #expect(copy["config.name"].string == "T")
    #expect(copy["state.messages"].shown() == "0")
    #expect(try nats.run("stream", "seal", "S", "--force")["config.sealed"].shown() == "true")
    #expect(try nats.failure("stream", "rmm", "S", "1", "--force").kind == .failed)
    #expect(try nats.failure("stream", "rmm", "S", "none").kind == .misused)
  }

  @Test func aPurgeLeavesWhatItIsTold() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "S", "--subjects", "s.>", "--retention", "workq")
    #expect(try nats.run("stream", "info", "S")["config.retention"].string == "workqueue")
    for subject in ["s.a", "s.b"] { try nats.run("pub", subject, "x", "--count", "5", "--jetstream") }
    #expect(try nats.run("stream", "purge", "S", "--force", "--seq", "3")["purged"].shown() == "2")
    #expect(try nats.run("stream", "info", "S")["state.first_seq"].shown() == "3")
    #expect(try nats.run("stream", "purge", "S", "--seq", "1", "-f")["purged"].shown() == "0")
    #expect(try nats.run("stream", "purge", "S", "--seq", "3", "-f")["purged"].shown() == "0")
    #expect(try nats.run("stream", "purge", "S", "--subject", "s.b", "--keep", "1", "-f")["purged"].shown() == "4")
    #expect(try nats.run("stream", "subjects", "S").shown() == #"{ "s.a": 3, "s.b": 1 }"#)
    #expect(try nats.run("stream", "purge", "S", "--keep", "2", "-f")["purged"].shown() == "2")
    #expect(try nats.failure("stream", "purge", "NONE", "--seq", "1").reason.string == "stream not found (10059)")
    for words in [["--keep", "1", "--seq", "2"], ["--seq", "0"], ["--keep", "-1"]] {
      #expect(try nats.failure(["stream", "purge", "S", "-f"] + words).kind == .misused, "\(words)")
    }
    #expect(try nats.run("stream", "info", "S")["state.messages"].shown() == "2", "what is refused takes nothing away")
  }

  @Test func listsAreShortAsInTheCLI() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("kv", "add", "B")
    try nats.run("object", "add", "O")
    try nats.run("consumer", "add", "KV_B", "c")
    #expect(try nats.run("stream", "ls", "-n").shown() == #"["KV_B", "OBJ_O"]"#)
    #expect(try nats.run("kv", "ls", "-n").shown() == #"["B"]"#)
    #expect(try nats.run("object", "ls", "-n").shown() == #"["O"]"#)
    #expect(try nats.run("consumer", "ls", "KV_B", "-n").shown() == #"["c"]"#)
  }

  @Test func anEditTakesPartsAway() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run(
      "stream", "add", "S", "--subjects", "s.*", "--republish-destination", "r.>", "--transform-source", "s.*",
      "--transform-destination", "t.{{wildcard(1)}}")
    let whole = try nats.run("stream", "edit", "S", "--no-transform")["config"]
    #expect(whole["subject_transform"].shown() == "null")
    #expect(whole["republish.dest"].string == "r.>", "the rest stays")
    #expect(try nats.run("stream", "edit", "S", "--no-republish")["config.republish"].shown() == "null")
    let both = try nats.failure("stream", "edit", "S", "--no-mirror", "--mirror", "A")
    #expect(both.kind == .misused)
    // The server is asked; whether it can do that is its own matter.
    try nats.run("stream", "add", "M", "--mirror", "S")
    do throws(CommandFailure) {
      #expect(try nats.run("stream", "edit", "M", "--no-mirror")["config.mirror"].shown() == "null")
    } catch {
      #expect(error.kind == .failed && error.reason.string.contains("mirror"), "\(error.reason.string)")
    }
  }

  @Test func anotherServerLeads() throws {
    let nats = try NatsFixture(TestAccount(on: .cluster))
    defer { nats.end() }
    let made = try eventually {
      try nats.run("stream", "add", "R3", "--subjects", "r3.>", "--replicas", "3")
    } where: {
      $0["cluster.leader"].string?.isEmpty == false
    }
    let before = made["cluster.leader"].string ?? ""
    let moved = try nats.run("stream", "cluster", "step-down", "R3")
    #expect(moved["previous"].string == before)
    let now = try #require(moved["leader"].string)
    #expect(now != before)
    let wish = try #require(["shared-0", "shared-1", "shared-2"].first { $0 != now })
    #expect(try nats.run("stream", "cluster", "step-down", "R3", "--preferred", wish)["leader"].string == wish)
    #expect(try nats.run("stream", "cluster", "step-down", "R3", "--preferred", wish)["leader"].string == wish, "again")
    #expect(try nats.run("stream", "info", "R3")["cluster.leader"].string == wish)
    let replicas = try nats.run("stream", "report").elements?.first?["replicas"].elements ?? []
    #expect(replicas.map { $0["name"].string } == ["shared-0", "shared-1", "shared-2"])
    #expect(try nats.shown("stream", "report").contains("\(wish)*"))

    try nats.run("consumer", "add", "R3", "c")
    let led = try nats.run("consumer", "info", "R3", "c")["cluster.leader"].string
    #expect(led?.isEmpty == false)
    #expect(try nats.run("consumer", "cluster", "step-down", "R3", "c")["leader"].string != led)
  }

  @Test(
    arguments: [0, 1, 999_999_999, 951_782_399_000_000_000, 1_792_000_000_123_456_789, -1, -62_135_000_000] as [Int64])
  func aTimeIsWrittenAsItIsRead(nanoseconds: Int64) {
    let text = NatsReply.plain(.time(TimeValue(nanoseconds: nanoseconds))).string ?? ""
    #expect(TimeValue(rfc3339: text)?.nanoseconds == nanoseconds, "\(text)")
  }
}
