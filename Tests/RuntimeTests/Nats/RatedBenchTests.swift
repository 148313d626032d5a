import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@testable import SandboxNats
@testable import SandboxRuntime

/// `bench … --rate`: whatever happens, each operation that the schedule wanted is told of once, from its own moment on.
@Suite(.serialized, .mayWait) struct RatedBenchTests {
  /// What a rated bench tells adds up, as a whole and in each of its parts.
  private func checkSums(
    _ value: Value, intended: Int? = nil, _ location: SourceLocation = #_sourceLocation
  ) {
    let keys = ["intended", "sent", "late", "refused"]
    let whole = keys.map { value[$0].amount }
    if let intended { #expect(whole[0] == Int64(intended), sourceLocation: location) }
    #expect(whole[1] + whole[2] + whole[3] == whole[0], "\(whole)", sourceLocation: location)
    let rows = value["series"].elements ?? []
    for (place, key) in keys.enumerated() {
      #expect(rows.reduce(0) { $0 + $1[key].amount } == whole[place], "\(key)", sourceLocation: location)
    }
    for row in rows {
      #expect(
        row["sent"].amount + row["late"].amount + row["refused"].amount == row["intended"].amount,
        "\(row.shown())", sourceLocation: location)
    }
    #expect(rows.reduce(0) { $0 + $1["acknowledged"].amount } == whole[1], sourceLocation: location)
    let reasons = value["errors"].entries.values.reduce(0) { $0 + $1.amount }
    #expect(reasons == whole[2] + whole[3], sourceLocation: location)
    let counted = (value["histogram"].elements ?? []).reduce(0) { $0 + $1["count"].amount }
    #expect(counted == whole[1] + whole[2], sourceLocation: location)
  }

  private func nanoseconds(_ value: Value) -> Int64 {
    if case .duration(let duration) = value { duration.nanoseconds } else { -1 }
  }

  @Test func aScheduleIsKeptToTheNanosecond() throws {
    let words = ["bench", "pub", "x", "--rate", "3/s", "--duration", "10s", "--wait", "1s"]
    let load = try #require(try rated(words))
    #expect(load.count == 30)
    #expect(load.moment(of: 1) == .nanoseconds(333_333_333))
    #expect(load.moment(of: 3) == .seconds(1))
    #expect(load.moment(of: 3_000_000_001) == .seconds(1_000_000_000) + .nanoseconds(333_333_333))
    for number in [0, 1, 2, 3, 17, 29] {
      #expect(load.count(until: load.moment(of: number)) == number + 1)
      #expect(load.count(until: load.moment(of: number) - .nanoseconds(1)) == number)
    }
    #expect(load.count(until: .seconds(1000)) == 30)
    #expect(try rated(["bench", "pub", "x", "--rate", "1000", "--msgs", "7"])?.count == 7)
    #expect(try rated(["bench", "pub", "x"]) == nil)
  }

  private func rated(_ words: [String]) throws -> RatedLoad? {
    let nats = try NatsFixture(["c1": []])
    defer { nats.end() }
    let grammar = nats.command.grammar
    let parsed = try #require(try grammar.parse(words.map { Text($0) }, of: "nats"))
    return RatedLoad(parsed, messages: Int(parsed.integer("--msgs") ?? 100))
  }

  @Test func figuresOfSeveralClientsAreOne() throws {
    let load = try #require(try rated(["bench", "pub", "x", "--rate", "10", "--duration", "1s"]))
    var first = RatedFigures()
    var second = RatedFigures()
    first.intend(stride(from: 0, to: 10, by: 2).map(load.moment), until: .seconds(1))
    second.intend(stride(from: 1, to: 10, by: 2).map(load.moment), until: .seconds(1))
    for number in [0, 2, 8] {
      first.send(dueAt: load.moment(of: number), acknowledgedAt: load.moment(of: number) + .milliseconds(3))
    }
    first.miss(dueAt: load.moment(of: 4), waited: .seconds(5), "timed-out")
    first.miss(dueAt: load.moment(of: 6), waited: .seconds(5), "connection-lost")
    for number in [1, 9] {
      second.send(dueAt: load.moment(of: number), acknowledgedAt: load.moment(of: number) + .milliseconds(2))
    }
    for number in [3, 5, 7] { second.refuse(dueAt: load.moment(of: number), "refused") }
    first.add(second)
    let value = first.value(rate: load.rate, wait: load.wait, clients: 2, start: .now)
    checkSums(value, intended: 10)
    #expect(value["sent"].amount == 5 && value["late"].amount == 2 && value["refused"].amount == 3)
    #expect(value["errors"].shown() == #"{ "connection-lost": 1, refused: 3, "timed-out": 1 }"#)
    // From the second client's first to the first one's last, or to it.
    #expect(value["gap"].shown() == "{ length: 600ms, at: 203ms }")
    #expect(value["latency.max"].shown() == "5s" && value["latency.min"].shown() == "2ms")
    let row = "{ at: 600ms, intended: 1, sent: 0, late: 1, refused: 0, acknowledged: 0, slowest: 5s }"
    #expect(value["series"].elements?[6].shown() == row)
    #expect(RatedFigures().value(rate: load.rate, wait: load.wait, clients: 1, start: .now)["gap"].shown() == "null")
  }

  @Test func eachKindHoldsItsRate() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let rate = ["--rate", "500/s", "--duration", "200ms"]
    let memory = ["--create", "--storage", "memory"]
    checkSums(try nats.run(["bench", "pub", "r.p", "--clients", "3"] + rate), intended: 100)
    let sync = try nats.run(["bench", "js", "pub", "sync", "r.js"] + memory + rate)
    checkSums(sync, intended: 100)
    let async = try nats.run(
      ["bench", "js", "pub", "async", "r.js", "--clients", "2", "--dedup", "--batch", "5"] + rate)
    checkSums(async, intended: 100)
    let stored = try nats.run("stream", "info", "benchstream")["state.messages"].amount
    #expect(stored >= sync["sent"].amount + async["sent"].amount && stored <= 200)
    let put = try nats.run(["bench", "kv", "put"] + memory + rate)
    checkSums(put, intended: 100)
    checkSums(try nats.run(["bench", "kv", "get", "--clients", "2"] + rate), intended: 100)

    let stop = StopSignal()
    let begun = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      var call = Invocation(
        words: ["reply", "r.q", "a"], cluster: Cluster(name: "c1", index: 0), deadline: .now + patience, stop: stop)
      call.begun = { begun.signal() }
      _ = try? nats.command.run(call)
    }
    begun.wait()
    defer { stop.ask(.interrupt) }
    let asked = try nats.run(["bench", "service", "request", "r.q"] + rate)
    checkSums(asked, intended: 100)
    // However busy the machine is, this much is done in five seconds.
    for value in [sync, async, put, asked] { #expect(value["sent"].amount > 0) }
    #expect(try nats.shown("bench", "pub", "r.p", "--rate", "100", "--msgs", "5").contains("Intended"))
  }

  @Test func whatFailsIsCountedByItsReason() throws {
    let server = try TestServer(accounts: Accounts.denying("closed.>"))
    let nats = try NatsFixture(server)
    defer { nats.end() }
    let rate = ["--rate", "1000/s", "--duration", "100ms", "--wait", "300ms"]
    let nobody = try nats.run(["bench", "service", "request", "r.nobody"] + rate)
    checkSums(nobody, intended: 100)
    #expect(nobody["errors"].shown() == #"{ "no-responders": 100 }"#)
    #expect(nobody["late"].amount == 100 && nobody["gap"].isNull)
    #expect(nanoseconds(nobody["latency.min"]) == 300_000_000)

    let closed = try nats.run(["bench", "pub", "closed.a"] + rate)
    checkSums(closed, intended: 100)
    #expect(closed["errors"].shown() == #"{ "not-permitted": 100 }"# && closed["refused"].amount == 100)
    #expect(closed["latency"].isNull)

    try nats.run("stream", "add", "FULL", "--subjects", "full", "--max-msgs", "10", "--discard", "new")
    let full = try nats.run(["bench", "js", "pub", "sync", "full", "--stream", "FULL", "--clients", "2"] + rate)
    checkSums(full, intended: 100)
    #expect(full["sent"].amount == 10 && full["errors"].shown() == "{ refused: 90 }")

    try nats.run("kv", "add", "benchbucket")
    let missing = try nats.run(["bench", "kv", "get"] + rate)
    #expect(missing["errors"].shown() == #"{ "not-found": 100 }"#)
    #expect(try nats.failure("bench", "pub", "x", "--wait", "1s").reason.string == "`--wait` needs `--rate`")
    #expect(try nats.failure(["bench", "pub", "x", "--rate", "0/s"]).kind == .misused)
    #expect(try nats.failure(["bench", "pub", "x", "--rate", "9", "--msgs", "9", "--duration", "1s"]).kind == .misused)
  }

  @Test(arguments: [false, true]) func whatIsCutShortTellsWhatItWasUntilThen(byTime: Bool) throws {
    let server = try TestServer()
    let nats = try NatsFixture(server)
    defer { nats.end() }
    let stop = StopSignal()
    let told = Said()
    var call = Invocation(
      words: ["bench", "pub", "x", "--clients", "2", "--rate", "1000/s", "--duration", "20s"],
      cluster: Cluster(name: "c1", index: 0), deadline: .now + (byTime ? .milliseconds(300) : patience), stop: stop)
    call.measured = { _, figures in told.add("\(figures["sent"].amount)") }
    call.begun = {
      guard !byTime else { return }
      Thread.detachNewThread {
        Pause.sleep(.milliseconds(200))
        stop.ask(.interrupt)
      }
    }
    do throws(CommandFailure) {
      _ = try nats.command.run(call)
      Issue.record("it did not fail")
    } catch {
      #expect(error.kind == (byTime ? .timedOut : .interrupted))
      let figures = error.details.value ?? .null
      checkSums(figures)
      #expect((1..<20_000).contains(figures["intended"].amount))
      #expect(told.text == "\(figures["sent"].amount)")
    }
  }

  /// A server that stops reading answers nobody. What should have been done meanwhile is counted from when it was due, and
  /// as not more than so many are on their way, most of it is not even begun.
  @Test func aStallIsCountedForAllThatItHeldUp() throws {
    let server = try TestServer()
    let nats = try NatsFixture(server)
    defer { nats.end() }
    try nats.run("stream", "add", "benchstream", "--subjects", "s", "--storage", "memory")
    let (value, gone) = try during(
      nats, ["bench", "js", "pub", "async", "s", "--batch", "20", "--rate", "1000/s", "--duration", "2s"]
    ) {
      try eventually { try nats.run("stream", "info", "benchstream")["state.messages"].amount > 200 }
      let begin = ContinuousClock.now
      server.suspend()
      Pause.sleep(.milliseconds(500))
      server.resume()
      return begin.duration(to: .now)
    }
    checkSums(value, intended: 2000)
    #expect(nanoseconds(value["gap.length"]) >= gone.nanoseconds - 100_000_000)
    checkTail(value, duration: .seconds(2))
  }

  /// Runs a bench, and something else once it has begun.
  private func during<Result>(
    _ nats: NatsFixture, _ words: [String], stop: StopSignal = StopSignal(), _ body: () throws -> Result
  ) throws -> (value: Value, result: Result) {
    let begun = DispatchSemaphore(value: 0)
    let ended = DispatchSemaphore(value: 0)
    let outcome = OutcomeBox()
    Thread.detachNewThread {
      var call = Invocation(
        words: words.map { Text($0) }, cluster: Cluster(name: "c1", index: 0), deadline: .now + patience, stop: stop)
      call.begun = { begun.signal() }
      do throws(CommandFailure) {
        outcome.set(.success(try nats.command.run(call)))
      } catch {
        outcome.set(.failure(error))
      }
      begun.signal()
      ended.signal()
    }
    begun.wait()
    let result: Result
    do { result = try body() } catch {
      stop.ask(.kill)
      ended.wait()
      throw error
    }
    ended.wait()
    return (try outcome.get(), result)
  }

  /// Of what was due in the gap each waited for its end at least: the slowest hundredth of all is left out by p99.
  private func checkTail(_ value: Value, duration: Duration, _ location: SourceLocation = #_sourceLocation) {
    let gap = nanoseconds(value["gap.length"])
    let least = Double(min(gap, nanoseconds(value["wait"])) - duration.nanoseconds / 100)
    #expect(value["refused"].amount == 0, "\(value["errors"].shown())", sourceLocation: location)
    // Both are told to within a hundredth.
    #expect(
      Double(nanoseconds(value["latency.p99"])) >= least * 0.99,
      "gap \(value["gap"].shown()), \(value["latency"].shown())", sourceLocation: location)
    #expect(nanoseconds(value["latency.max"]) >= Int64(Double(gap) * 0.9), sourceLocation: location)
  }

  @Test func aServerThatIsKilledLosesNothingOfTheAccount() throws {
    let cluster = try TestCluster("k", count: 3)
    defer { cluster.stop() }
    let nats = try NatsFixture(["c1": cluster.servers.map(\.port)])
    defer { nats.end() }
    try untilItSucceeds {
      try nats.run("stream", "add", "benchstream", "--subjects", "k", "--replicas", "3", "--storage", "memory")
    }
    let words = [
      "bench", "js", "pub", "sync", "k", "--clients", "4", "--dedup", "--rate", "1000/s", "--duration", "4s", "--wait",
      "20s",
    ]
    // The one that goes leads the stream and has the clients: these begin with the first that they are told of.
    var leader: TestServer?
    try eventually {
      let name = try nats.run("stream", "info", "benchstream")["cluster.leader"].string
      leader = cluster.servers.first { $0.name == name }
      return leader != nil
    }
    let lost = try #require(leader)
    nats.target.move("c1", to: [lost.port] + cluster.servers.map(\.port).filter { $0 != lost.port })
    let (value, _) = try during(nats, words) {
      try eventually { try nats.run("stream", "info", "benchstream")["state.messages"].amount > 1000 }
      lost.crash()
    }
    checkSums(value, intended: 4000)
    checkTail(value, duration: .seconds(4))
    let stored = try nats.run("stream", "info", "benchstream")["state.messages"].amount
    #expect(stored >= value["sent"].amount && stored <= 4000)
  }

  @Test func itEndsBeforeItsTimeWithItsFigures() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let words = ["bench", "pub", "r.early", "--clients", "2", "--rate", "1000/s", "--duration", "1h"]
    let stop = StopSignal()
    let (value, _) = try during(nats, words, stop: stop) { stop.ask(.windDown) }
    checkSums(value)
    #expect(value["intended"].amount < 3_600_000 && nanoseconds(value["duration"]) < 3_600_000_000_000)

    let interrupted = StopSignal()
    let failure = #expect(throws: CommandFailure.self) {
      _ = try during(nats, words, stop: interrupted) { interrupted.ask(.interrupt) }
    }
    #expect(failure?.kind == .interrupted)
  }
}

/// What a thread has brought about.
private final class OutcomeBox: @unchecked Sendable {
  private let lock = NSLock()
  private var outcome: Result<Value, CommandFailure>?

  func set(_ outcome: Result<Value, CommandFailure>) { lock.withLock { self.outcome = outcome } }

  func get() throws -> Value {
    try #require(lock.withLock { outcome }).get()
  }
}
