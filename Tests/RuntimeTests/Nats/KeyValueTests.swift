import Foundation
import Interpreter
import NATS
import Synchronization
import TestSupport
import Testing

@Suite(.serialized, .mayWait) struct KeyValueTests {
  @Test func aKeyIsPutReadUpdatedAndDeleted() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("kv", "add", "settings", "--history", "5")
    #expect(try nats.run("kv", "put", "settings", "color", "red")["revision"].shown() == "1")
    #expect(try nats.run("kv", "put", "settings", "color", with: "blue")["revision"].shown() == "2")

    let entry = try nats.run("kv", "get", "settings", "color")
    #expect(entry["value"].string == "blue")
    #expect(entry["revision"].shown() == "2")
    #expect(entry["operation"].string == "PUT")
    #expect(entry["bucket"].string == "settings")
    guard case .time(let created) = entry["created"] else { throw DidNotFail(value: entry.shown()) }
    #expect(abs(created.nanoseconds - TimeValue.now.nanoseconds) < 3_600_000_000_000)
    #expect(try nats.run("kv", "get", "settings", "color", "--revision", "1", "--raw").string == "red")
    #expect(try nats.run("kv", "get", "settings", "color", "--direct")["created"].shown() == entry["created"].shown())

    let exists = try nats.failure("kv", "create", "settings", "color", "green")
    #expect(exists.reason.string.hasPrefix(#"key "color" of bucket settings exists already, at revision 2: "#))
    #expect(exists.reason.string.hasSuffix("(10071)"))
    #expect(try nats.run("kv", "update", "settings", "color", "green", "2")["revision"].shown() == "3")
    #expect(try nats.run("kv", "update", "settings", "color", "3", with: "white")["revision"].shown() == "4")
    let conflict = try nats.failure("kv", "update", "settings", "color", "black", "2")
    #expect(conflict.kind == .failed)
    #expect(
      conflict.reason.string
        == #"key "color" of bucket settings is at revision 4, not 2: wrong last sequence: 4 (10071)"#)
    #expect(try nats.run("kv", "get", "settings", "color", "--raw").string == "white", "the loser changed nothing")

    #expect(try nats.failure("kv", "del", "settings", "color", "--revision", "1").reason.string.hasSuffix("(10071)"))
    #expect(try nats.run("kv", "del", "settings", "color", "--force")["revision"].shown() == "5")
    #expect(
      try nats.failure("kv", "get", "settings", "color").reason.string
        == "key not found: color was deleted, at revision 5")
    let history = try nats.run("kv", "history", "settings", "color").elements ?? []
    #expect(history.map { $0["value"].string } == ["red", "blue", "green", "white", ""])
    #expect(history.map { $0["operation"].string } == ["PUT", "PUT", "PUT", "PUT", "DEL"])
    #expect(history.map { $0["delta"].shown() } == ["4", "3", "2", "1", "0"])

    #expect(try nats.run("kv", "create", "settings", "color", "again")["revision"].shown() == "6", "over a marker")
    #expect(try nats.run("kv", "revert", "settings", "color", "2")["revision"].shown() == "7")
    #expect(try nats.run("kv", "get", "settings", "color", "--raw").string == "blue")
    try nats.run("kv", "purge", "settings", "color", "--force")
    let purged = try nats.run("kv", "history", "settings", "color").elements ?? []
    #expect(purged.map { $0["operation"].string } == ["PURGE"])
    #expect(try nats.failure("kv", "update", "settings", "never", "x", "4").reason.string.contains("does not exist"))
  }

  @Test func whatIsNotThereIsSaid() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    for words in [
      ["get", "no", "k"], ["put", "no", "k", "v"], ["history", "no", "k"], ["status", "no"], ["del", "no"],
    ] {
      let failure = try nats.failure(["kv"] + words)
      #expect(failure.reason.string.hasSuffix("there is no bucket no: stream not found (10059)"), "\(words)")
    }
    try nats.run("kv", "add", "b")
    #expect(try nats.failure("kv", "get", "b", "k").reason.string == "key not found: bucket b has no k")
    #expect(try nats.failure("kv", "get", "b", "k", "--direct").reason.string == "key not found: bucket b has no k")
    #expect(try nats.failure("kv", "history", "b", "k").reason.string == "key not found: bucket b has no k")
    try nats.run("kv", "put", "b", "k", "v")
    try nats.run("kv", "put", "b", "other", "v")
    #expect(
      try nats.failure("kv", "get", "b", "k", "--revision", "2").reason.string
        == "key not found: bucket b has no k of revision 2", "that is another key's")
    #expect(
      try nats.failure("kv", "put", "b", "k", "v", "--ttl", "2s").reason.string.contains("no entry a time to live"))
  }

  @Test func namesAreCheckedBeforeTheyTravel() throws {
    // Nobody listens there: a name that travelled would be another failure.
    let nats = try NatsFixture(["c1": [1]])
    defer { nats.end() }
    for words in [
      ["put", "a b", "k", "v"], ["put", "a.b", "k", "v"], ["put", "b", "k k", "v"], ["put", "b", ".k", "v"],
      ["get", "b", "k*"], ["get", "b", "k", "--revision", "0"], ["update", "b", "k", "v", "x"],
      ["update", "b", "k", "v"],
      ["watch", "b"], ["watch", "b", "k%", "--count", "1"], ["watch", "b", "--count", "0"], ["add", "b.c"],
      ["add", "b", "--history", "65"], ["add", "b", "--mirror", "x y"], ["add", "b", "--mirror", "x", "--source", "y"],
      ["add", "b", "--marker-ttl", "10ms"], ["add", "b", "--republish-source", "a"], ["add", "b", "--metadata", "x"],
    ] {
      #expect(try nats.failure(["kv"] + words).kind == .misused, "\(words)")
    }
  }

  @Test func aBucketHasWhatWasAskedFor() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let made = try nats.run(
      "kv", "add", "full", "--history", "3", "--ttl", "30s", "--max-value-size", "1Ki", "--max-bucket-size", "1Mi",
      "--storage", "memory", "--description", "all flags", "--compress", "--marker-ttl", "2s", "--republish-source",
      "$KV.full.>", "--republish-destination", "seen.>", "--republish-headers", "--metadata", "owner=me")
    #expect(made["bucket"].string == "full")
    #expect(made["history"].shown() == "3")
    #expect(made["ttl"].shown() == "30s")
    let configuration = made["config"]
    #expect(configuration["name"].string == "KV_full")
    #expect(configuration["subjects"].elements?.map(\.string) == ["$KV.full.>"])
    #expect(configuration["max_msg_size"].shown() == "1Ki")
    #expect(configuration["max_bytes"].shown() == "1Mi")
    #expect(configuration["duplicate_window"].shown() == "30s")
    #expect(configuration["compression"].string == "s2")
    #expect(configuration["allow_msg_ttl"].shown() == "true")
    #expect(configuration["subject_delete_marker_ttl"].shown() == "2s")
    #expect(configuration["republish.dest"].string == "seen.>")
    #expect(configuration["republish.headers_only"].shown() == "true")
    #expect(configuration["metadata.owner"].string == "me")
    #expect(configuration["discard"].string == "new")
    #expect(
      try nats.failure("kv", "put", "full", "k", String(repeating: "x", count: 2000)).reason.string.contains("(100"))
    try nats.run("kv", "put", "full", "k", "v")
    #expect(try nats.run("kv", "status", "full")["values"].shown() == "1")
    #expect(try nats.run("kv", "ls").elements?.map { $0["bucket"].string } == ["full"])
    #expect(try nats.run("kv", "ls", "--names").shown() == #"["full"]"#)
    #expect(try nats.shown("kv", "ls").contains("│ full   │ all flags   │"))
    try nats.run("kv", "rm", "full", "--force")
    #expect(try nats.run("kv", "ls", "--names").shown() == "[]")
  }

  @Test func aTimeToLiveEndsAndLeavesAMarker() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("kv", "add", "b", "--marker-ttl", "1h")
    try nats.run("kv", "put", "b", "long", "life")
    // On a busy machine it may be gone before it is read: then it is made once more.
    try eventually(is: "life") {
      try nats.run("kv", "create", "b", "short", "life", "--ttl", "1s")
      return try nats.run("kv", "get", "b", "short", "--raw").string ?? ""
    }
    try eventually {
      try nats.failure("kv", "get", "b", "short").reason.string
    } where: {
      $0.hasPrefix("key not found")
    }
    #expect(try nats.run("kv", "ls", "b").shown() == #"["long"]"#)
    let left = try nats.run("kv", "history", "b", "short").elements ?? []
    #expect(left.map { $0["operation"].string } == ["PURGE"])
  }

  @Test func watchingBeginsWithWhatIsThere() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("kv", "add", "b", "--history", "5")
    try nats.run("kv", "put", "b", "x.one", "1")
    try nats.run("kv", "put", "b", "x.one", "2")
    try nats.run("kv", "put", "b", "y", "3")
    try nats.run("kv", "del", "b", "y")
    func watched(_ words: String...) throws -> [String] {
      let entries = try nats.run(["kv", "watch", "b"] + words).elements ?? []
      return entries.map { "\($0["operation"].string ?? "") \($0["key"].string ?? "")=\($0["value"].string ?? "")" }
    }
    #expect(try watched("--count", "2") == ["PUT x.one=2", "DEL y="])
    // In the time a busy machine may hand out less.
    try eventually(is: ["PUT x.one=2", "DEL y="]) { try watched("--wait", "300ms") }
    try eventually(is: ["PUT x.one=2"]) { try watched("x.*", "--wait", "300ms") }
    #expect(
      try watched("--history", "--count", "4") == ["PUT x.one=1", "PUT x.one=2", "PUT y=3", "DEL y="])
    #expect(try watched("--updates-only", "--wait", "300ms") == [])
    // Nobody knows when the watch begins: writing goes on until it has seen enough.
    let isOver = Mutex(false)
    let writer = Lane { while !isOver.withLock({ $0 }) { try nats.run("kv", "put", "b", "z", "1") } }
    let seen = try watched("z", "--updates-only", "--count", "3", "--wait", "2m")
    isOver.withLock { $0 = true }
    try writer.join()
    #expect(seen.count == 3)
    #expect(seen.allSatisfy { $0 == "PUT z=1" })
    #expect(try nats.run("kv", "ls", "b").shown() == #"["x.one", "z"]"#)
    let verbose = try nats.run("kv", "ls", "b", "--verbose", "--display-value").elements ?? []
    #expect(verbose.first?["value"].string == "2")
    #expect(try nats.run("kv", "ls", "b", "--verbose").elements?.first?["value"].shown() == "null")
    #expect(try nats.run("kv", "compact", "b").shown() == "[]", "the marker is young")
    #expect(try nats.run("kv", "compact", "b", "--older-than", "0s").shown() == #"["y"]"#)
    #expect((try? nats.failure("kv", "history", "b", "y")) != nil)
  }

  @Test func aKeyThatIsWrittenMeanwhileIsListedOnce() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("kv", "add", "b", "--history", "64")
    for key in ["busy", "calm", "last"] { try nats.run("kv", "put", "b", key, "1") }
    let isOver = Mutex(false)
    let writer = Lane { while !isOver.withLock({ $0 }) { try nats.run("kv", "put", "b", "busy", "1") } }
    let lists = try (0..<50).map { _ in try nats.run("kv", "ls", "b").shown() }
    isOver.withLock { $0 = true }
    try writer.join()
    #expect(Set(lists) == [#"["busy", "calm", "last"]"#])
  }

  /// As nats-server 2.11.4 does while keys are written.
  @Test func aConsumerThatSaysFirstThatThereIsNothingIsAskedAgain() throws {
    let asked = Mutex(0)
    let server = try PretendingServer(with: { subject in
      switch subject.dropFirst("$JS.API.".count).prefix(12) {
      case "STREAM.INFO.": .text(#"{"config":{"name":"KV_b","max_msgs_per_subject":1},"state":{}}"#)
      case "CONSUMER.CRE": .text(#"{"num_pending":1}"#)
      case "CONSUMER.MSG":
        asked.withLock { count -> PretendingServer.Answer in
          count += 1
          return count < 3
            ? .status("404 No Messages") : .delivered("value", reply: "$JS.ACK.KV_b.c.1.1.1.1792000000000000000.0")
        }
      default: .text("{}")
      }
    })
    defer { server.stop() }
    let nats = try NatsFixture(["c1": [server.port]])
    defer { nats.end() }
    #expect(try nats.run("kv", "ls", "b").shown() == #"["key"]"#)
    #expect(asked.withLock { $0 } == 3)
  }

  @Test func aMirrorIsReadAndWrittenThroughAsItsOrigin() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("kv", "add", "origin")
    try nats.run("kv", "put", "origin", "k", "v")
    try nats.run("kv", "add", "mirror", "--mirror", "origin")
    try nats.run("kv", "add", "sum", "--source", "origin")
    for bucket in ["mirror", "sum"] {
      try eventually(is: "v") { try nats.run("kv", "get", bucket, "k", "--raw").string }
    }
    #expect(try nats.run("kv", "ls", "mirror").shown() == #"["k"]"#)
    try nats.run("kv", "put", "mirror", "new", "one")
    #expect(try nats.run("kv", "get", "origin", "new", "--raw").string == "one")
    try eventually(is: "one") { try nats.run("kv", "get", "mirror", "new", "--raw", "--direct").string }
  }

  @Test func bytesThatAreNoTextComeAsBase64() throws {
    let account = try TestAccount()
    let nats = try NatsFixture(account)
    defer { nats.end() }
    try nats.run("kv", "add", "b")
    let connection = try Connection.connect(.init(urls: account.url()), limit: .within(patience))
    defer { connection.close() }
    try connection.publish("$KV.b.k", [0xff, 0x00, 0xfe])
    let entry = try untilItSucceeds { try nats.run("kv", "get", "b", "k") }
    #expect(entry["value"].string == "/wD+")
    #expect(entry["encoding"].string == "base64")
  }
}
