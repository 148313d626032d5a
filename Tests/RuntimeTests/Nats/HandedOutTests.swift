import Interpreter
import NATS
import TestSupport
import Testing

/// What a consumer has handed out is given, whatever became of its acknowledgement.
@Suite(.serialized, .mayWait) struct HandedOutTests {
  /// The second message that the consumer `c` hands out can't be acknowledged.
  private static let accounts = Accounts.denying("$JS.ACK.O.c.*.2.>")

  @Test func aMessageThatIsNotAcknowledgedIsGivenAndAcknowledgedLater() throws {
    let server = try TestServer(accounts: Self.accounts)
    let nats = try NatsFixture(server)
    defer { nats.end() }
    try nats.run("stream", "add", "O", "--subjects", "o")
    try nats.run("pub", "o", "m{{Count}}", "--count", "3", "--jetstream")
    try nats.run("consumer", "add", "O", "c", "--wait", "10m")
    let messages = try nats.run("consumer", "next", "O", "c", "--count", "3").elements ?? []
    #expect(messages.map { $0["data"].string } == ["m1", "m2", "m3"])
    #expect(messages.map { $0["acknowledged"].shown() } == ["true", "false", "true"])
    #expect(messages[1]["problem"].string?.contains("Permissions Violation") == true)
    #expect(messages[0]["problem"].shown() == "null")
    #expect(try nats.run("consumer", "info", "O", "c")["num_ack_pending"].shown() == "1")

    let again = try nats.failure("consumer", "ack", with: .list(messages))
    #expect(again.details.kind == "not-permitted", "nothing was acknowledged: \(again.reason.string)")
    let admin = ["--user", "admin", "--password", "admin"]
    let done = try nats.run(["consumer", "ack"] + admin, with: .list(messages)).elements ?? []
    #expect(done.map { "\($0["seq"].shown()) \($0["acknowledged"].shown())" } == ["2 true"])
    #expect(try nats.run("consumer", "info", "O", "c")["num_ack_pending"].shown() == "0")
  }

  @Test func bodiesAloneSayWhatIsNotAcknowledged() throws {
    let server = try TestServer(accounts: Self.accounts)
    let nats = try NatsFixture(server)
    defer { nats.end() }
    try nats.run("stream", "add", "O", "--subjects", "o")
    try nats.run("pub", "o", "m{{Count}}", "--count", "3", "--jetstream")
    try nats.run("consumer", "add", "O", "c", "--wait", "10m")
    let shown = try nats.shown("consumer", "next", "O", "c", "--count", "3", "--raw")
    #expect(shown.hasPrefix("m1\nm2\nm3\nof 1 of 3 messages the consumer took no note: "))
  }

  @Test func aReplyIsRefusedEndedOrLeftOpen() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "O", "--subjects", "o")
    try nats.run("pub", "o", "m{{Count}}", "--count", "2", "--jetstream")
    try nats.run("consumer", "add", "O", "c", "--wait", "10m")
    let open = try nats.run("consumer", "next", "O", "c", "--count", "2", "--no-ack").elements ?? []
    #expect(open.map { $0["acknowledged"].shown() } == ["false", "false"])
    let replies = open.compactMap { $0["reply"].string }
    try nats.run("consumer", "ack", replies[0], "--nak")
    let second = try nats.run("consumer", "next", "O", "c").elements ?? []
    #expect(second.map { "\($0["data"].string ?? "")/\($0["delivered"].shown())" } == ["m1/2"])
    try nats.run("consumer", "ack", replies[1], "--term")
    #expect(try nats.run("consumer", "info", "O", "c")["num_ack_pending"].shown() == "0")

    try nats.run("consumer", "add", "O", "none", "--ack", "none")
    let none = try nats.run("consumer", "next", "O", "none").elements ?? []
    #expect(none.map { $0["acknowledged"].shown() } == ["true"], "it takes what it hands out for done")
  }

  @Test func onlyRepliesOfConsumersAreAcknowledged() throws {
    let nats = try NatsFixture(["c1": [1]])
    defer { nats.end() }
    #expect(try nats.failure("consumer", "ack", "o.new").kind == .misused)
    #expect(try nats.failure("consumer", "ack").kind == .misused)
    #expect(try nats.failure("consumer", "ack", with: [["data": "x"]]).kind == .misused)
    #expect(try nats.run("consumer", "ack", with: []).shown() == "[]")
  }

  @Test func anEntryThatIsNoObjectHidesNoOther() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("object", "add", "b")
    try nats.run("object", "put", "b", "good", with: "bytes")
    try nats.run("pub", "$O.b.M.YmFk", "no JSON", "--jetstream")
    #expect(try nats.run("object", "ls", "b", "--names").shown() == #"["good"]"#)
    let shown = try nats.shown("object", "ls", "b")
    #expect(shown.hasPrefix("one entry is no object: ") && shown.contains("good"))
  }

  @Test func whatWasStoredBeforeAFailureIsItsValue() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "O", "--subjects", "o", "--max-msgs", "2", "--discard", "new")
    let failure = try nats.failure("pub", "o", "m", "--count", "3", "--jetstream")
    #expect(failure.details.kind == "refused")
    #expect(failure.details.code == 10077)
    #expect(failure.details.value["count"].shown() == "2")
    #expect(failure.said?.string.hasPrefix("2 of 3 messages are stored, the last in O as 2") == true)
  }

  @Test func whatCameBeforeTheEndOfTheTimeIsItsValue() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("kv", "add", "b")
    try nats.run("kv", "put", "b", "k", "v")
    let failure = try nats.failure("kv", "watch", "b", "--count", "2", within: .seconds(2))
    #expect(failure.kind == .timedOut)
    #expect(failure.details.value.elements?.map { $0["key"].string } == ["k"])
    #expect(failure.said?.string.hasPrefix("of entries of > had come: 1") == true)
  }
}
