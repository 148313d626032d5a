import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@testable import SandboxNats
@testable import SandboxRuntime
@testable import SandboxSystem

@Suite(.serialized, .mayWait) struct ConnectionUseTests {
  /// How many connections the server has from clients.
  private func connections(_ server: TestServer) throws -> Int64 {
    let value = try HTTPCommand().run(
      Invocation(
        words: ["get", Text("http://127.0.0.1:\(server.monitorPort)/connz")], deadline: .now + patience))
    return value["json.num_connections"].amount
  }

  @Test func commandsShareAConnectionUntilTheEnd() throws {
    let server = try TestServer()
    let nats = try NatsFixture(server)
    for _ in 0..<5 { try nats.run("stream", "ls") }
    try nats.run("server", "list")
    #expect(try connections(server) == 2, "one for each account")
    nats.command.close()
    try eventually(is: 0) { try connections(server) }
    #expect(try nats.failure("stream", "ls").reason.string.contains("was closed"))
    nats.end()
  }

  @Test func aServerThatCameBackIsFoundAgain() throws {
    let server = try withFreePorts(1) { try TestServer(port: $0[0]) }
    let nats = try NatsFixture(server)
    defer { nats.end() }
    try nats.run("stream", "add", "S", "--subjects", "s")
    server.crash()
    let gone = try nats.failure("stream", "info", "S")
    #expect(gone.reason.string == "no server of c1 can be reached at 127.0.0.1:\(server.port)")
    #expect(gone.advice == "see what runs: nbx status; start it: nbx run recipes/start.nbx")
    try server.restart()
    #expect(try nats.run("stream", "info", "S")["config.name"].string == "S")

    // It went and came back between two commands.
    server.crash()
    try server.restart()
    #expect(try nats.run("pub", "s", "x", "--jetstream")["seq"].shown() == "1")
  }

  @Test func aClusterThatMovedIsFoundWhereItIs() throws {
    let first = try TestAccount().server
    let second = try TestServer(name: "second", jetStream: false)
    let nats = try NatsFixture(first)
    defer { nats.end() }
    func name() throws -> String? { try nats.run("server", "list").elements?.first?["name"].string }
    #expect(try name() == first.name)
    nats.target.move("c1", to: [second.port])
    #expect(try name() == "second")
    nats.target.move("c1", to: [])
    #expect(try nats.failure("server", "list").reason.string == "no server of c1 is known")
    #expect(try nats.failure("server", "list", on: nil).kind == .misused)
    #expect(try nats.run("server", "list", "--server", second.url("sys"), on: nil).elements?.count == 1)
    #expect(
      try nats.run("server", "list", "--server", "nats://127.0.0.1:\(first.port)", on: nil).elements?.count == 1,
      "the account's usual login")
  }

  @Test func theNextServerOfTheClusterIsTried() throws {
    let account = try TestAccount()
    let dead = try ClosedPort()
    let nats = try NatsFixture(["c1": [dead.number, account.server.port]], user: account.name)
    defer { nats.end() }
    #expect(try nats.run("server", "list").elements?.count == 1)
    let trips = try nats.run("rtt").elements ?? []
    #expect(trips.map { $0["server"].shown() } == ["null", "\"\(account.server.name)\""])
  }

  @Test func publishersInLanesOutliveAServer() throws {
    let cluster = try TestCluster("lanes")
    defer { cluster.stop() }
    let nats = try NatsFixture(["c1": cluster.servers.map(\.port)])
    defer { nats.end() }
    try untilItSucceeds { try nats.run("stream", "add", "S", "--subjects", "s.*", "--replicas", "3") }
    let ended = Said()
    for lane in 0..<6 {
      Thread.detachNewThread {
        do {
          for _ in 0..<10 {
            try nats.run("pub", "s.\(lane)", "n{{Count}}", "--count", "5", "--jetstream", within: patience)
          }
          ended.add("done")
        } catch {
          ended.add("\(error)")
        }
      }
    }
    // The one that they are connected with.
    try eventually {
      try nats.run("stream", "info", "S")["state.messages"].amount
    } where: {
      $0 > 20
    }
    cluster.servers[0].crash()
    try eventually {
      ended.text
    } where: {
      $0.split(separator: "\n").count == 6
    }
    #expect(ended.text == Array(repeating: "done", count: 6).joined(separator: "\n"))
    #expect(try nats.run("stream", "info", "S")["state.messages"].shown() == "300", "none is lost, none stored twice")
    #expect(try nats.run("stream", "get", "S", "--last-for", "s.3")["data"].string == "n5")
  }

  @Test func deadlinesAndStopsEndAWait() throws {
    let server = try TestServer()
    let nats = try NatsFixture(server)
    defer { nats.end() }
    try nats.run("server", "list")
    try nats.run("stream", "ls")
    server.suspend()
    defer { server.resume() }
    // It may take a moment until all of it stands still.
    let late = try eventually {
      try nats.failure("stream", "info", "S", within: .milliseconds(300))
    } where: {
      $0.kind == .timedOut
    }
    #expect(late.said?.string.contains("127.0.0.1:\(server.port)") == true)

    // One question has its own, shorter patience: that is a failure, no time-out of the call.
    let patient = try nats.failure("server", "list")
    #expect(patient.kind == .failed)
    #expect(patient.reason.string.contains("127.0.0.1:\(server.port): time ran out"))

    let stop = StopSignal()
    stop.ask(.interrupt)
    #expect(try nats.failure("stream", "info", "S", stop: stop).kind == .interrupted)
    #expect(try nats.failure("sub", "x", "--count", "1", stop: stop).kind == .interrupted)
    #expect(try nats.failure("pub", "x", "x", "--jetstream", stop: stop).kind == .interrupted)
  }

  @Test func garbageIsNamedAsSuch() throws {
    let server = try PretendingServer(answer: "this is no JSON")
    defer { server.stop() }
    let nats = try NatsFixture(["c1": [server.port]])
    defer { nats.end() }
    for words in [["server", "list"], ["stream", "info", "S"], ["stream", "ls"], ["pub", "a", "b", "--jetstream"]] {
      do throws(CommandFailure) {
        let call = Invocation(
          words: words.map { Text($0) }, cluster: Cluster(name: "c1", index: 0), deadline: .now + patience)
        let value = try nats.command.run(call)
        Issue.record("\(words) gave \(value.shown())")
      } catch {
        #expect(error.kind == .failed, "\(words)")
        #expect(error.reason.string.contains("no valid JSON"), "\(words): \(error.reason.string)")
      }
    }
    let odd = try PretendingServer(
      answer: #"{"config":7,"streams":[1,{"config":[]}],"total":2,"limit":256,"server":[]}"#)
    defer { odd.stop() }
    nats.target.move("c1", to: [odd.port])
    #expect(try nats.run("stream", "info", "S")["config"].shown() == "7")
    #expect(try nats.shown("stream", "ls").contains("Streams"))
    #expect(try nats.shown("server", "list", "--expect", "1").contains("Server Overview"))
  }

  @Test func passwordsAreNeverShown() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    for words in [["--password", "correct-horse"], ["--password=correct-horse"]] {
      do throws(CommandFailure) {
        let call = Invocation(
          words: (["stream", "ls", "--user", "mallory"] + words).map { Text($0) },
          cluster: Cluster(name: "c1", index: 0),
          deadline: .now + patience)
        let value = try nats.command.run(call)
        Issue.record("logged in: \(value.shown())")
      } catch {
        #expect(error.reason.masked.contains("refused the login of user mallory"))
        #expect(
          error.ran?.masked == "nats stream ls --user mallory "
            + (words.count == 2 ? "--password •••" : "--password=•••"))
        for text in [error.reason, error.said, error.ran] { #expect(text?.masked.contains("horse") != true) }
        #expect(error.advice?.contains("horse") != true)
      }
    }
    let failure = try nats.failure("server", "list", "--server", "nats://sys:correct-horse@127.0.0.1:1")
    #expect(!failure.reason.masked.contains("horse"))
    #expect(failure.said?.masked.contains("horse") != true)
  }
}
