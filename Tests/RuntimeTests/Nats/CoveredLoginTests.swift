import Interpreter
import TestSupport
import Testing

@testable import SandboxSystem

/// Logins in URLs, which nobody is to see.
@Suite(.mayWait) struct CoveredLoginTests {
  @Test(arguments: [
    ("nats://u:pw@h:1", "nats://•••@h:1"), ("nats://token@h", "nats://•••@h"),
    ("ws://u%40x:p@h:1/a@b", "ws://•••@b"),
    ("nats://a:b@h,nats://c:d@i", "nats://•••@h,nats://•••@i"), ("nats://h:1", "nats://h:1"), ("a@b", "a@b"),
    ("東://é:ü@h", "東://•••@h"), ("://@", "://@"), ("see nats://u:p/w@h, http://i", "see nats://•••@h, http://i"),
  ])
  func ofAURLOnlyTheLoginIsCovered(text: String, shown: String) {
    let covered = Text(text).coveringLogins()
    #expect(covered.masked == shown)
    #expect(covered.string == text)
  }

  @Test func aFailedCallShowsNone() throws {
    let nats = try NatsFixture([:])
    defer { nats.end() }
    let port = try ClosedPort()
    let failure = try nats.failure("pub", "a", "x", "--server", "nats://u:hunter22@127.0.0.1:\(port.number)")
    #expect(failure.ran?.masked == "nats pub a x --server nats://•••@127.0.0.1:\(port.number)")
    #expect(!failure.reason.masked.contains("hunter22"))
  }

  @Test(arguments: [
    ("--server", "nats://u:hunter/22#x@127.0.0.1:1", "--server nats://•••@127.0.0.1:1"),
    ("--server", "u:hunter,22@127.0.0.1:1", "--server •••@127.0.0.1:1"),
    ("--server", "hunter/22@127.0.0.1:1", "--server •••@127.0.0.1:1"), ("--user", "hunter22", "--user •••"),
  ]) func norDoesOneThatDidNotParse(flag: String, value: String, shown: String) throws {
    let nats = try NatsFixture([:])
    defer { nats.end() }
    let server = flag == "--server" ? [] : ["--server", "127.0.0.1:1"]
    let failure = try nats.failure(["pub", "a", "x"] + server + [flag, value])
    #expect(failure.ran?.masked == "nats " + (["pub", "a", "x"] + server + [shown]).joined(separator: " "))
    for text in [failure.reason.masked, failure.said?.masked ?? "", failure.advice ?? ""] {
      #expect(!text.contains("hunter"), "\(text)")
    }
  }

  @Test func savedContextsAreListedWithoutThem() throws {
    let nats = try NatsFixture([:])
    defer { nats.end() }
    try nats.run("context", "add", "good", "--server", "nats://u:hunter22@127.0.0.1:1")
    _ = try nats.file("nats/context/bad.json", "{broken")
    _ = try nats.file("nats/context/number.json", #"{"url":5}"#)
    let shown = try nats.shown("context", "ls")
    #expect(shown.contains("nats://•••@127.0.0.1:1") && !shown.contains("hunter22"))
    #expect(shown.contains("/bad.json is no nats context: it is no valid JSON"))
    #expect(shown.contains("/number.json is no nats context: `url` is no text"))
    let rows = try #require(try nats.run("context", "ls").elements)
    #expect(rows.filter { $0["ours"].shown() == "true" }.map { $0["name"].string } == ["good"])
  }
}
