import Interpreter
import Synchronization
import TestSupport
import Testing

/// Streams that JetStream's leader had no word of when it made a list.
@Suite(.serialized, .mayWait) struct StreamListingTests {
  @Test func whatAListMissedIsAskedForOnceMore() throws {
    let server = try PretendingServer { subject in
      switch subject.dropFirst("$JS.API.STREAM.".count) {
      case "LIST":
        #"{"total":5,"limit":256,"streams":[{"config":{"name":"OLD"}},{"config":{"name":"LATE"}}],"missing":["LATE","DOWN","GONE","KV_late"]}"#
      case "NAMES": #"{"total":4,"limit":256,"streams":["OLD","LATE","DOWN","KV_late"]}"#
      case "INFO.LATE": #"{"config":{"name":"LATE"},"state":{"messages":7}}"#
      case "INFO.KV_late": #"{"config":{"name":"KV_late"},"state":{}}"#
      case "INFO.GONE": #"{"error":{"code":404,"err_code":10059,"description":"stream not found"}}"#
      default: nil
      }
    }
    defer { server.stop() }
    let nats = try NatsFixture(["c1": [server.port]])
    defer { nats.end() }
    let streams = try nats.run("stream", "ls").elements ?? []
    #expect(streams.map { $0["config.name"].string } == ["KV_late", "LATE", "OLD"])
    #expect(streams.dropFirst().first?["state.messages"].shown() == "7")
    #expect(try nats.run("stream", "ls", "--names").shown() == #"["DOWN", "KV_late", "LATE", "OLD"]"#)
    #expect(try nats.shown("stream", "ls").hasSuffix("\nno server tells of DOWN; see what is down: nbx status"))
    #expect(try nats.shown("stream", "report").hasSuffix("\nno server tells of DOWN; see what is down: nbx status"))
    // Of other streams buckets say nothing.
    #expect(try nats.run("kv", "ls").elements?.map { $0["bucket"].string } == ["late"])
    #expect(try !nats.shown("kv", "ls").contains("no server tells"))
    #expect(try nats.run("kv", "ls", "--names").shown() == #"["late"]"#)
    #expect(try nats.run("object", "ls", "--names").shown() == "[]")
  }

  @Test func aQuestionThatWasLostIsAskedAgain() throws {
    let asked = Mutex(0)
    let server = try PretendingServer { _ in
      asked.withLock { $0 += 1 }
      return asked.withLock { $0 } > 1 ? #"{"total":1,"limit":1024,"streams":["S"]}"# : nil
    }
    defer { server.stop() }
    let nats = try NatsFixture(["c1": [server.port]])
    defer { nats.end() }
    #expect(try nats.run("stream", "ls", "--names").shown() == #"["S"]"#)
    #expect(asked.withLock { $0 } > 1)
  }

  @Test func anInterruptEndsTheAskingToo() throws {
    let stop = StopSignal()
    let server = try PretendingServer { subject in
      guard subject.hasSuffix("LIST") else {
        stop.ask(.interrupt)
        return nil
      }
      return #"{"total":1,"limit":256,"streams":[],"missing":["DOWN"]}"#
    }
    defer { server.stop() }
    let nats = try NatsFixture(["c1": [server.port]])
    defer { nats.end() }
    #expect(try nats.failure("stream", "ls", stop: stop).kind == .interrupted)
  }

  @Test func aStreamWhoseServerIsDownHasItsNameInTheList() throws {
    let cluster = try TestCluster("d")
    defer { cluster.stop() }
    let nats = try NatsFixture(["c1": cluster.servers.map(\.port)])
    defer { nats.end() }
    // One with three copies is made once all servers are there.
    for (name, copies) in [("A", "3"), ("B", "1")] {
      try untilItSucceeds { try nats.run("stream", "add", name, "--subjects", name, "--replicas", copies) }
    }
    let home = try #require(try nats.run("stream", "info", "B")["cluster.leader"].string)
    let others = cluster.servers.enumerated().filter { "d-\($0.offset)" != home }
    nats.target.move("c1", to: others.map(\.element.port))
    cluster.servers.enumerated().first { "d-\($0.offset)" == home }?.element.stop()
    try eventually(is: #"["A", "B"]"#) { try nats.run("stream", "ls", "--names").shown() }
    try eventually {
      try nats.shown("stream", "ls")
    } where: {
      $0.contains("B; see what is down: nbx status")
    }
    // JetStream's leader makes up an entry of what it knows itself.
    try eventually(is: #"["B"]"#) {
      try nats.run("stream", "ls").elements?.first { $0["config.name"].string == "B" }?["config.subjects"].shown()
    }
  }
}
