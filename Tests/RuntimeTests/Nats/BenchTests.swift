import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@testable import SandboxNats
@testable import SandboxSystem

@Suite(.serialized, .mayWait) struct BenchTests {
  @Test func quantilesAreWithinAHundredthOfTheTruth() {
    var sketch = LatencySketch()
    #expect(sketch.value.shown() == "null")
    let times = (1...10_000).map { Int64($0) * Int64($0) * 37 }
    for time in times.shuffled() { sketch.add(.nanoseconds(time)) }
    for (share, rank) in [(0.0001, 1), (0.5, 5000), (0.9, 9000), (0.99, 9900), (0.999, 9990), (1, 10_000)] {
      let (found, truth) = (Double(sketch.quantile(share)?.nanoseconds ?? 0), Double(times[rank - 1]))
      #expect(abs(found - truth) <= truth / 100, "\(share)")
    }
    #expect(sketch.value["min"].shown() == "37ns")
    #expect(sketch.value["max"].shown() == "3.7s")
    var other = LatencySketch()
    other.add(.nanoseconds(5))
    sketch.add(other)
    #expect(sketch.count == 10_001)
    #expect(sketch.value["min"].shown() == "5ns")
    var single = LatencySketch()
    single.add(.milliseconds(3))
    #expect(Set(single.value.entries.values.map { $0.shown() }) == ["3ms"])
  }

  /// What every bench tells: the messages it was given, with quantiles that rise.
  private func check(_ value: Value, messages: Int, bytes: Int, hasLatency: Bool) {
    #expect(value["msgs"].amount == Int64(messages))
    guard case .size(let size) = value["bytes"], case .duration(let took) = value["duration"] else {
      Issue.record("\(value.shown())")
      return
    }
    #expect(size.bytes == Int64(bytes))
    #expect(took.nanoseconds > 0)
    #expect(value["rate"].amount > 0)
    let quantiles = ["min", "p50", "p90", "p99", "p999", "max"].compactMap { key -> Int64? in
      if case .duration(let duration) = value["latency.\(key)"] { duration.nanoseconds } else { nil }
    }
    #expect(quantiles.count == (hasLatency ? 6 : 0))
    #expect(quantiles == quantiles.sorted())
  }

  @Test func messagesAreCountedFromPublisherToSubscriber() throws {
    let account = try TestAccount()
    let nats = try NatsFixture(account)
    defer { nats.end() }
    let received = Said()
    let queued = Said()
    for (results, flag) in [(received, "--clients=1"), (queued, "--queue=q")] {
      Thread.detachNewThread {
        let value = Result { try nats.run("bench", "sub", "b.x", "--msgs", "5000", flag) }
        results.add((try? value.get())?["msgs"].shown() ?? "\(value)")
      }
    }
    let monitoring = Monitoring(Endpoint(host: "127.0.0.1", port: account.server.monitorPort))
    try eventually(is: 2) {
      let query = "subs=1&acc=\(account.name)"
      let page = try monitoring.get(.connections, query: query, limit: .within(patience)).body
      return String(decoding: page, as: UTF8.self).components(separatedBy: "\"b.x\"").count - 1
    }
    check(
      try nats.run("bench", "pub", "b.x", "--msgs", "5000", "--size", "1Ki", "--clients", "3"), messages: 5000,
      bytes: 5_120_000, hasLatency: false)
    try eventually { !received.text.isEmpty && !queued.text.isEmpty }
    #expect(received.text == "5000")
    #expect(queued.text == "5000")

    // A busy machine may take all of the time for what comes before the waiting.
    try eventually {
      try nats.failure("bench", "sub", "b.silent", "--msgs", "5", within: .milliseconds(300))
    } where: {
      $0.kind == .timedOut && $0.said?.string.hasPrefix("0 of 5 messages were done") == true
    }
    #expect(try nats.failure("bench", "pub", "b", "--msgs", "2", "--clients", "3").kind == .misused)
    #expect(try nats.failure("bench", "pub", "b", "--msgs", "0").kind == .misused)
    #expect(try nats.failure("bench", "pub", "b.*").kind == .misused)
    #expect(
      try nats.failure("bench", "service", "request", "b.nobody").reason.string.hasSuffix("nobody listens on b.nobody"))
  }

  @Test func streamsAndBucketsAreMeasured() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    check(
      try nats.run(
        "bench", "js", "pub", "sync", "b.js", "--create", "--storage", "memory", "--msgs", "200", "--size", "10"),
      messages: 200, bytes: 2000, hasLatency: true)
    check(
      try nats.run(
        "bench", "js", "pub", "async", "b.js", "--msgs", "2001", "--clients", "2", "--batch", "50", "--dedup"),
      messages: 2001, bytes: 2001 * 128, hasLatency: true)
    #expect(try nats.run("stream", "info", "benchstream")["state.messages"].amount == 2201)
    for form in ["fetch", "consume"] {
      let read = try nats.run("bench", "js", form, "--msgs", "2000", "--clients", "2", "--batch", "77")
      #expect(read["msgs"].amount == 2000)
    }
    #expect(try nats.run("stream", "info", "benchstream")["state.consumer_count"].amount == 0)
    #expect(try nats.failure("bench", "js", "fetch", "--stream", "NONE").reason.string == "stream not found (10059)")
    try eventually(is: .timedOut) {
      try nats.failure("bench", "js", "pub", "async", "no.stream", "--msgs", "10", within: .milliseconds(300)).kind
    }
    // Purged, so that only the new ones are there.
    try nats.run("bench", "js", "pub", "async", "b.js", "--msgs", "10", "--purge")
    #expect(try nats.run("stream", "info", "benchstream")["state.messages"].amount == 10)

    check(
      try nats.run("bench", "kv", "put", "--create", "--storage", "memory", "--msgs", "100", "--clients", "3"),
      messages: 100, bytes: 12_800, hasLatency: true)
    check(try nats.run("bench", "kv", "get", "--msgs", "100"), messages: 100, bytes: 12_800, hasLatency: true)
    check(
      try nats.run("bench", "kv", "get", "--msgs", "300", "--randomize", "100"), messages: 300, bytes: 38_400,
      hasLatency: true)
    let missing = try nats.failure("bench", "kv", "get", "--msgs", "101")
    #expect(missing.reason.string == "1 keys are not in benchbucket")
  }

  @Test func aServiceIsAskedAndServed() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let served = Said()
    Thread.detachNewThread {
      let value = Result { try nats.run("bench", "service", "serve", "b.q", "--msgs", "301", "--size", "7") }
      served.add((try? value.get())?["msgs"].shown() ?? "\(value)")
    }
    try untilItSucceeds { try nats.run("request", "b.q", "") }
    check(
      try nats.run("bench", "service", "request", "b.q", "--msgs", "300", "--clients", "2", "--size", "3"),
      messages: 300, bytes: 3000, hasLatency: true)
    try eventually { !served.text.isEmpty }
    #expect(served.text == "301")
  }

  @Test func aBenchEndsWhenItIsInterruptedAndTellsHowFarItIs() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let told = Said()
    let stop = StopSignal()
    let words = ["bench", "pub", "b.slow", "--msgs", "100000", "--sleep", "20ms"]
    let failure = #expect(throws: CommandFailure.self) {
      _ = try nats.command.run(
        Invocation(
          words: words.map { Text($0) }, cluster: Cluster(name: "c1", index: 0), deadline: .now + patience,
          stop: stop,
          progress: { what, soFar in
            told.add("\(what): \(soFar ?? "end")")
            stop.ask(.interrupt)
          }))
    }
    #expect(failure?.kind == .interrupted)
    let lines = told.text.split(separator: "\n")
    #expect(lines.first?.hasSuffix("of 100,000, 0 %") == true)
    #expect(lines.last == "publishing to b.slow: end")
  }

  @Test func latencyIsMeasuredBetweenClusters() throws {
    let account = try TestAccount(on: .linked)
    let ports = account.clusters.map { [$0.servers[0].port] }
    let nats = try NatsFixture(["a": ports[0], "b": ports[1]], user: account.name)
    defer { nats.end() }
    func measured(_ words: String...) throws(CommandFailure) -> Value {
      let all = ["a", "b"].enumerated().map { Cluster(name: $1, index: $0) }
      return try nats.command.run(
        Invocation(
          words: words.map { Text($0) }, cluster: all[0], clusters: all, deadline: .now + patience))
    }
    // Gateways take a moment to find each other.
    try eventually(is: 1) { try measured("latency", "l.x", "--to", "b", "--msgs", "1")["received"].amount }
    let across = try measured("latency", "l.x", "--to", "b", "--msgs", "200", "--rate", "2000")
    #expect(across["from"].string == "a")
    #expect(across["to"].string == "b")
    #expect(across["received"].amount == 200)
    guard case .duration = across["latency.p50"] else { throw DidNotFail(value: across.shown()) }

    let unheard = try measured("latency", "l.x", "--as", "l.other", "--to", "b", "--msgs", "5", "--wait", "300ms")
    #expect(unheard["received"].amount == 0)
    #expect(unheard["latency"].shown() == "null")
    let unknown = #expect(throws: CommandFailure.self) { _ = try measured("latency", "l.x", "--to", "c") }
    #expect(unknown?.kind == .misused)
    #expect(unknown?.advice == "there are a, b")
  }

  @Test func latencyThroughAStreamIsMeasuredWithItsAcknowledgements() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "LAT", "--subjects", "lat")
    let through = try nats.run("latency", "lat", "--stream", "LAT", "--msgs", "100")
    #expect(through["received"].amount == 100)
    #expect(through["acknowledged"].amount == 100)
    guard case .duration = through["latency.p99"], case .duration = through["acknowledgement.p99"] else {
      throw DidNotFail(value: through.shown())
    }
    #expect(try nats.run("stream", "info", "LAT")["state.consumer_count"].amount == 0)
    #expect(try nats.failure("latency", "lat", "--stream", "NONE").reason.string == "stream not found (10059)")
  }
}
