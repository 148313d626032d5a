import Foundation
import Interpreter
import NATS
import Synchronization
import TestSupport
import Testing

@testable import SandboxNats
@testable import SandboxSystem

/// Words mean what they mean to the nats CLI, and what is waited for is said.
@Suite(.serialized, .mayWait) struct CLIWordsTests {
  @Test func sizesAndTimesAreThoseOfTheCLI() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let stream = try nats.run(
      "stream", "add", "S", "--subjects", "s", "--max-bytes", "1MB", "--max-msg-size", "2k", "--max-age", "1y")
    #expect(stream["config.max_bytes"].amount == 1 << 20)
    #expect(stream["config.max_msg_size"].amount == 2048)
    guard case .duration(let year) = stream["config.max_age"] else { throw DidNotFail(value: stream.shown()) }
    #expect(year.nanoseconds == 365 * 86_400 * 1_000_000_000)
    #expect(DurationValue(parsing: "1w2d")?.nanoseconds == 777_600_000_000_000)
    let none = try nats.shown("stream", "add", "N", "--subjects", "n", "--dupe-window", "0s")
    #expect(none.hasPrefix("--dupe-window 0s is no window to servers"))
    let bucket = try nats.run("kv", "add", "b", "--max-bucket-size", "1mib")
    #expect(bucket.shown().contains("1Mi"), "\(bucket.shown())")
  }

  @Test func blanksInServerListsAndTemplatesDoNotCount() throws {
    let account = try TestAccount()
    let nats = try NatsFixture(account)
    defer { nats.end() }
    try nats.run("stream", "add", "S", "--subjects", "s", "--server", "nats://127.0.0.1:1 , \(account.url()) ,")
    try nats.run("pub", "s", "{{ Count }}/{{Count}}/{{ Other }}/{{", "--count", "2", "--jetstream")
    #expect(try nats.run("stream", "get", "S", "2")["data"].string == "2/2/{{ Other }}/{{")
  }

  @Test func aContextBehindAProxyIsRefused() throws {
    let nats = try NatsFixture(["c1": [1]])
    defer { nats.end() }
    var context = try Context(name: "far")
    context[.socksProxy] = "socks5://127.0.0.1:1080"
    let options = { try context.connectionOptions(signer: NoSigner()) }
    #expect { try options() } throws: { "\($0)".contains("SOCKS") }
  }

  @Test func whatHasNoEndIsFoundBeforeTheRun() throws {
    for (words, needed) in [
      (["sub", "news"], "`nats sub` needs --count or --wait"),
      (["kv", "watch", "b"], "`nats kv watch` needs --count or --wait"),
      (["stream", "get", "S"], "`nats stream get` needs SEQ or --last-for"),
    ] {
      let nats = try NatsFixture(["c1": [1]])
      defer { nats.end() }
      #expect(throws: WordProblem.self) { try nats.command.grammar.parse(words.map { Text($0) }, of: "nats") }
      #expect(try nats.failure(words).reason.string == needed)
    }
  }

  @Test func aSubjectThatNoStreamTakesIsAFailure() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "ORDERS", "--subjects", "orders")
    let failure = try nats.failure("pub", "ordres", "x", "--jetstream", within: .seconds(120))
    #expect(failure.kind == .failed)
    #expect(failure.reason.string == "no stream takes ordres")
    #expect(failure.advice == "did you mean orders?")
    #expect(failure.details.kind == "no-responders")
    #expect(failure.server?.contains("127.0.0.1") == true)
  }

  /// A server that is busy may miss a question; then it is asked again.
  @Test func aSubjectThatNoStreamTakesIsFoundByASecondLook() throws {
    let looks = Mutex(0)
    let server = try PretendingServer(with: { subject in
      switch subject {
      case "ordres": .status("503")
      case "$JS.API.STREAM.NAMES":
        looks.withLock { count -> PretendingServer.Answer? in
          count += 1
          return count == 1 ? nil : .text(#"{"total":0,"limit":1024,"streams":[]}"#)
        }
      default: .text(#"{"total":0,"limit":256,"streams":[]}"#)
      }
    })
    defer { server.stop() }
    let nats = try NatsFixture(["c1": [server.port]])
    defer { nats.end() }
    let failure = try nats.failure("pub", "ordres", "x", "--jetstream", within: .seconds(120))
    #expect(failure.kind == .failed && failure.reason.string == "no stream takes ordres", "\(failure.reason.string)")
    #expect(looks.withLock { $0 } == 2)
  }

  @Test func aServerWithoutAGroupHasNothingToWaitFor() throws {
    let server = try TestServer()
    let nats = try NatsFixture(server)
    defer { nats.end() }
    let failure = try nats.failure("server", "check", "meta")
    #expect(failure.details.kind == "no-group")
    #expect(failure.reason.string.hasSuffix("it is of test alone"))
    #expect(failure.advice?.contains("wait-for") == false)
    let plain = try TestServer(jetStream: false)
    let other = try NatsFixture(plain)
    defer { other.end() }
    #expect(try other.failure("server", "check", "meta").reason.string.hasPrefix("no server has JetStream"))
  }

  @Test func aServerOfAGroupThatHasNoLeaderYetIsWaitedFor() throws {
    let server = try withFreePorts(3) { ports in
      let routes = ports.map { "\"nats://127.0.0.1:\($0)\"" }.joined(separator: ", ")
      return try TestServer(
        extra: "cluster { name: lone, listen: \"127.0.0.1:\(ports[0])\", routes: [\(routes)] }")
    }
    let nats = try NatsFixture(server)
    defer { nats.end() }
    let failure = try nats.failure("server", "check", "meta")
    #expect(failure.details.kind == "no-leader", "\(failure.reason.string)")
  }

  @Test func aLongWaitIsTold() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let told = Said()
    let stop = StopSignal()
    let thread = Thread {
      _ = try? nats.command.run(
        Invocation(
          words: ["sub", "silent.subject", "--count", "1"], cluster: Cluster(name: "c1", index: 0),
          deadline: .now + .seconds(120), stop: stop,
          progress: { what, soFar in told.add("\(what): \(soFar ?? "over")") }))
    }
    thread.start()
    try eventually { told.text.contains("a message on silent.subject: ") }
    stop.ask(.interrupt)
    try eventually { told.text.hasSuffix("a message on silent.subject: over") }
  }

  @Test func aRefusalNamesItsServerAndItsNumber() throws {
    let account = try TestAccount()
    let nats = try NatsFixture(account)
    defer { nats.end() }
    let failure = try nats.failure("stream", "info", "NONE")
    #expect(failure.server == "127.0.0.1:\(account.server.port)")
    #expect(failure.details.kind == "refused")
    #expect(failure.details.code == 10059)
    #expect(try nats.failure("request", "nobody", "x").details.kind == "no-responders")
    #expect(try nats.failure("pub", "x", "--user", "js", "--password", "wrong").details.kind == "login-refused")
    // All of a cluster's servers, too.
    let port = account.server.port
    let several = try NatsFixture(["c1": [port, port]])
    defer { several.end() }
    let refusal = try several.failure("stream", "ls", "--user", "js", "--password", "wrong")
    #expect(refusal.details.kind == "login-refused", "\(refusal.reason.string)")
    #expect(
      try NatsFixture(["c1": [1]]).failure("stream", "info", "NONE").details.kind == "unreachable")
  }
}

private struct NoSigner: Signer {
  func publicKey(of seed: [UInt8]) throws(Problem) -> [UInt8] { throw "unused" }
  func signature(of bytes: [UInt8], by seed: [UInt8]) throws(Problem) -> [UInt8] { throw "unused" }
}
