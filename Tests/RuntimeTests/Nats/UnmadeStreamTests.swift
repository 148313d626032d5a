import TestSupport
import Testing

/// Answers of JetStream that look like success, and questions that nobody answers.
@Suite(.mayWait) struct UnmadeStreamTests {
  @Test func anAnswerWithoutAConfigurationIsNoStream() throws {
    // So a server answers that has no room in its memory.
    let server = try PretendingServer(
      answer: #"{"type":"io.nats.jetstream.api.v1.stream_delete_response","success":true}"#)
    defer { server.stop() }
    let nats = try NatsFixture(["c1": [server.port]])
    defer { nats.end() }
    let failure = try nats.failure("stream", "add", "S", "--subjects", "s", "--storage", "memory")
    #expect(failure.reason.string == "JetStream did not make S: it answers without a configuration")
    #expect(failure.advice?.contains("--storage file") == true)
    #expect(failure.advice?.contains("nats stream rm S --force") == true)
    #expect(try nats.failure("kv", "add", "b").advice?.contains("nats stream rm KV_b --force") == true)
    let bench = try nats.failure("bench", "js", "pub", "sync", "s", "--stream", "S", "--create", "--storage", "memory")
    #expect(bench.reason.string == failure.reason.string && bench.advice == failure.advice)
  }

  @Test func whereThereIsNoJetStreamThatIsTheReason() throws {
    let server = try TestServer(jetStream: false)
    let nats = try NatsFixture(server)
    defer { nats.end() }
    let reasons = Said()
    // Each asks again for a while.
    let lanes = [["stream", "info", "S"], ["kv", "get", "b", "k"], ["stream", "purge", "S"]].map { words in
      Lane { reasons.add(try nats.failure(words).reason.string) }
    }
    for lane in lanes { try lane.join() }
    #expect(reasons.text.split(separator: "\n") == Array(repeating: "no server with JetStream answers", count: 3))
  }

  @Test func aBenchOfNothingEndsAtOnce() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    for words in [
      ["kv", "get", "--bucket", "none"], ["kv", "put", "--bucket", "none"],
      ["js", "pub", "sync", "s", "--stream", "NONE"],
    ] {
      let failure = try nats.failure(["bench"] + words + ["--msgs", "5"])
      #expect(failure.reason.string == "stream not found (10059)", "\(words)")
    }
  }
}
