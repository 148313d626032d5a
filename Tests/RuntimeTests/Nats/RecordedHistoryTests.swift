import Foundation
import Interpreter
import NATS
import TestSupport
import Testing
import Verdicts

@testable import SandboxNats
@testable import SandboxRuntime

/// Histories of real clients on servers that all tests share: short ones, and one in which something was taken away.
@Suite(.serialized, .mayWait) struct RecordedHistoryTests {
  /// Right after the servers have started too few of them may know each other (10005): so whoever makes a stream on them
  /// tries again.
  private static func nats(_ shared: SharedServers = .cluster) throws -> NatsFixture {
    try NatsFixture(try TestAccount(on: shared))
  }

  private func history(
    _ nats: NatsFixture, _ words: String..., with document: Value? = nil, stop: StopSignal = StopSignal(),
    begun: (@Sendable () -> Void)? = nil, measured: @escaping @Sendable (String, Value) -> Void = { _, _ in }
  ) throws(CommandFailure) -> Value {
    var call = Invocation(
      words: [Text("history")] + words.map { Text($0) }, document: document, cluster: Cluster(name: "c1", index: 0),
      clusters: [Cluster(name: "c1", index: 0)], deadline: .now + .seconds(60), stop: stop, folder: nats.folder,
      begun: begun)
    call.measured = measured
    return try nats.command.run(call)
  }

  /// The verdicts by their names, and what they say.
  private func verdicts(_ nats: NatsFixture, _ recorded: Value) throws -> [String: (verdict: String, says: String)] {
    var found: [String: (String, String)] = [:]
    for verdict in try history(nats, "judge", with: recorded).elements ?? [] {
      found[verdict["name"].string ?? ""] = (verdict["verdict"].string ?? "", verdict["says"].string ?? "")
    }
    return found
  }

  private func expectAll(_ nats: NatsFixture, _ recorded: Value, but undecided: Set<String> = []) throws {
    for (name, found) in try verdicts(nats, recorded) {
      #expect(found.verdict == (undecided.contains(name) ? "undecided" : "holds"), "\(name): \(found.says)")
    }
  }

  @Test func `what is published into a stream is there, in order and on every replica`() throws {
    let nats = try Self.nats()
    defer { nats.end() }
    try untilItSucceeds { try nats.run("stream", "add", "H", "--subjects", "h", "--replicas", "3") }
    try nats.run("pub", "h", "from before", "--jetstream")
    let told = Said()
    let recorded = try history(
      nats, "record", "stream", "h", "--stream", "H", "--rate", "400/s", "--duration", "500ms", "--save", "h.jsonl",
      measured: { name, figures in
        let rows = figures["series"].elements ?? []
        told.add("\(name): \(figures["sent"].amount) in \(rows.map { $0["sent"].amount }.reduce(0, +))")
      })
    // What a report of the run draws: each operation of the clients in the tenth of a second in which it began.
    #expect(told.text == "history of H: \(recorded["ok"].amount) in \(recorded["ok"].amount)")
    #expect(recorded["unknown"].amount == 0 && recorded["refused"].amount == 0)
    #expect(recorded["replicas"].elements?.count == 3)
    #expect(recorded["file"].string == "\(nats.folder)/h.jsonl")
    try expectAll(nats, recorded)
    let lines = try Data(contentsOf: nats.url("h.jsonl"))
    let read = try History(lines: Array(lines))
    #expect(read.isWhole)
    let writes = read.operations.filter { $0.kind == .write }
    #expect(writes.count > 20)
    #expect(read.operations.count { $0.kind == .read } == writes.count)
    #expect(read.operations.count { $0.kind == .hold } == 3 * writes.count)
    #expect(Set(writes.compactMap(\.value)).count == writes.count)
    #expect(writes.allSatisfy { $0.by?.hasPrefix("shared-") == true && $0.end ?? 0 > $0.begin })
  }

  @Test func `a purge behind the recorder's back is a loss`() throws {
    let nats = try Self.nats()
    defer { nats.end() }
    try untilItSucceeds { try nats.run("stream", "add", "H", "--subjects", "h", "--replicas", "3") }
    let stop = StopSignal()
    let purged = Said()
    let recorded = try history(
      nats, "record", "stream", "h", "--stream", "H", "--rate", "300/s", "--readers", "0", stop: stop,
      begun: {
        Thread.detachNewThread {
          defer { stop.ask(.windDown) }
          for _ in 0..<500 {
            let state = (try? nats.run("stream", "info", "H"))?["state.messages"].amount ?? 0
            if state > 20 { break }
          }
          purged.add("\((try? nats.run("stream", "purge", "H", "--force")) != nil)")
        }
      })
    #expect(purged.text == "true")
    let found = try verdicts(nats, recorded)["lost-writes"]
    #expect(found?.verdict == "broken", "\(found?.says ?? "")")
    #expect(found?.says.contains("acknowledged write") == true)
  }

  @Test func `the keys of a bucket are registers`() throws {
    let nats = try Self.nats()
    defer { nats.end() }
    try untilItSucceeds { try nats.run("kv", "add", "settings", "--replicas", "3") }
    let recorded = try history(
      nats, "record", "kv", "settings", "--keys", "3", "--rate", "400/s", "--duration", "500ms")
    try expectAll(nats, recorded)
    let read = try History(lines: Array((recorded["lines"].string ?? "").utf8))
    #expect(Set(read.operations.map(\.kind)) == [.write, .read, .cas, .hold, .scan])
  }

  @Test func `work is done once, and what is left of it is in the queue`() throws {
    let nats = try Self.nats()
    defer { nats.end() }
    try untilItSucceeds {
      try nats.run("stream", "add", "W", "--subjects", "w", "--replicas", "3", "--retention", "work")
    }
    try nats.run("consumer", "add", "W", "workers", "--pull", "--ack", "explicit")
    let recorded = try history(
      nats, "record", "queue", "W", "workers", "--clients", "3", "--rate", "200/s", "--duration", "500ms")
    try expectAll(nats, recorded, but: ["replicas"])
    let read = try History(lines: Array((recorded["lines"].string ?? "").utf8))
    #expect(read.operations.count { $0.kind == .ack && $0.told == .ok } > 10)
  }

  @Test func `a stream of a server by itself has one replica`() throws {
    let nats = try Self.nats(.single)
    defer { nats.end() }
    try nats.run("stream", "add", "H", "--subjects", "h")
    let recorded = try history(
      nats, "record", "stream", "h", "--stream", "H", "--rate", "200/s", "--duration", "200ms", "--clients", "2")
    try expectAll(nats, recorded, but: ["replicas"])
  }

  /// Servers that have lost others go on for a while taking those for gone that are back, and refuse what is asked of them.
  @Test func `a replica that is back is read, whatever is said of it`() throws {
    let consumers = Counter()
    let server = try PretendingServer { subject in
      if subject == "h" { return #"{"stream":"H","seq":1}"# }
      if subject.hasPrefix("$JS.API.STREAM.INFO.") {
        return """
          {"config":{"retention":"limits"},"state":{"last_seq":0},
           "cluster":{"leader":"a","replicas":[{"name":"b","current":true,"offline":true}]}}
          """
      }
      guard subject.hasPrefix("$JS.API.CONSUMER.CREATE.") else { return "{}" }
      consumers.add(1)
      switch consumers.value {
      case 1: return #"{"error":{"code":503,"err_code":10008,"description":"temporarily unavailable"}}"#
      case let number: return #"{"num_pending":0,"cluster":{"leader":"\#(number < 40 ? "a" : "b")"}}"#
      }
    }
    defer { server.stop() }
    let nats = try NatsFixture(["c1": [server.port]])
    defer { nats.end() }
    let recorded = try history(
      nats, "record", "stream", "h", "--stream", "H", "--readers", "0", "--duration", "50ms")
    #expect(recorded["replicas"].elements?.compactMap(\.string) == ["a", "b"])
  }

  @Test(arguments: [false, true])
  func `an interrupted recording fails, and what was recorded is in the file`(behindDuring: Bool) throws {
    let nats = try Self.nats()
    defer { nats.end() }
    try nats.run("stream", "add", "H", "--subjects", "h")
    let stop = StopSignal()
    let begun: (@Sendable () -> Void)? = behindDuring ? { @Sendable in } : nil
    Thread.detachNewThread {
      for _ in 0..<500 {
        if let info = try? nats.run("stream", "info", "H"), info["state.messages"].amount > 5 { break }
      }
      stop.ask(.interrupt)
    }
    do throws(CommandFailure) {
      _ = try history(
        nats, "record", "stream", "h", "--stream", "H", "--save", "cut.jsonl", stop: stop, begun: begun)
      Issue.record("it did not fail")
    } catch {
      #expect(error.kind == .interrupted)
      #expect((error.details.value ?? .null)["operations"].amount > 5)
    }
    let read = try History(lines: Array(Data(contentsOf: nats.url("cut.jsonl"))))
    #expect(!read.isWhole)
    #expect(read.operations.count { $0.kind == .write } > 5)
    #expect(try history(nats, "judge", "cut.jsonl").elements?.first?["verdict"].string == "undecided")
  }

  @Test func `what is no history is refused with its line`() throws {
    let nats = try Self.nats(.single)
    defer { nats.end() }
    _ = try nats.file("odd.jsonl", "{\"history\":\"kv\"}\n{\"op\":\"jump\"}\n")
    do throws(CommandFailure) {
      _ = try history(nats, "judge", "odd.jsonl")
      Issue.record("it did not fail")
    } catch {
      #expect(error.reason.masked.contains("line 2 of \(nats.folder)/odd.jsonl is none of a history"))
    }
    do throws(CommandFailure) {
      _ = try history(nats, "judge", nats.folder)
      Issue.record("a folder was read")
    } catch {
      #expect(error.reason.masked.contains("Is a directory"))
    }
    for word in ["nan/s", "0", "-3/s"] {
      do throws(CommandFailure) {
        _ = try history(nats, "record", "stream", "h", "--stream", "H", "--rate", word)
        Issue.record("\(word) was taken")
      } catch {
        #expect(error.kind == .misused && error.reason.masked.contains("`--rate` takes so many a second"))
      }
    }
  }
}
