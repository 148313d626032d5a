import NATS
import SandboxSystem
import Synchronization
import ValuesAndCommands
import Verdicts

/// One recording: its clients, its pace and its end.
struct HistoryRecording: Sendable {
  let call: NatsCall
  let workload: History.Workload
  let stream: String
  let log = HistoryLog()
  private let pace: HistoryPace
  let clientCount: Int
  private let patience: Duration
  private let settling: Duration
  private let regions: [NatsCall]
  private let prefix: String
  /// Tells those who read along that nothing more will come.
  private let readingEnd: StopSignal
  var regionCount: Int { regions.count }
  /// Four signs that tell what this recording writes from what others have written.
  let mark = String(UInt32.random(in: 0..<36 * 36 * 36 * 36) + 36 * 36 * 36 * 36, radix: 36).suffix(4)

  static let flags = [
    Flag("--clients", .number(1...256), "how many clients, spread over the regions; 6 if not given"),
    Flag(
      "--rate", .frequency,
      "how many operations are begun in a second by all clients together; 100/s if not given"),
    Flag("--duration", .duration, "how long; 10s if not given"),
    Flag("--regions", .text, "whose servers the clients are with, as c1,c2; those of all of the run's if not given"),
    Flag("--patience", .duration, "how long a client waits for an answer; 2s if not given"),
    Flag(
      "--settle", .duration,
      "how long to wait in the end until all replicas know the same, before each is read; 30s if not given"),
    Flag("--save", .text, "the file to write the history to, as lines of JSON", value: "FILE"),
  ]

  init(_ call: NatsCall, _ workload: History.Workload, stream: String) throws(CommandFailure) {
    self.call = call
    self.workload = workload
    self.stream = stream
    clientCount = call.count("--clients", usual: 6)
    pace = HistoryPace(
      perSecond: call.words.frequency("--rate") ?? 100,
      duration: call.words.duration("--duration")?.duration ?? .seconds(10))
    patience = call.words.duration("--patience")?.duration ?? .seconds(2)
    settling = call.words.duration("--settle")?.duration ?? .seconds(30)
    regions = try Self.regions(of: call)
    readingEnd = StopSignal(below: call.call.stop, hearing: .kill)
    prefix = try regions.first?.jetStreamPrefix() ?? "$JS.API"
  }

  /// The call as of each region whose servers the clients are with.
  private static func regions(of call: NatsCall) throws(CommandFailure) -> [NatsCall] {
    guard let word = call.words.string("--regions") else {
      let isElsewhere = call.words.isGiven("--server") || call.words.isGiven("--context")
      return isElsewhere || call.call.clusters.isEmpty ? [call] : call.call.clusters.map(call.on)
    }
    var regions: [NatsCall] = []
    for name in word.split(separator: ",") {
      guard let cluster = call.call.clusters.first(where: { $0.name == name }) else {
        let known = call.call.clusters.map(\.name).joined(separator: ", ")
        throw .misused("\(name) is no cluster of this run", advice: "there are \(known)")
      }
      regions.append(call.on(cluster))
    }
    return regions.isEmpty ? [call] : regions
  }

  /// Whether nothing more is begun: its time is over, or it was told to end.
  var isOver: Bool {
    pace.end <= .now || call.call.deadline <= .now || call.call.stop.request != .none
  }

  /// How long whoever reads along waits for a message.
  var readingLimit: Limit { Limit(until: nil, stop: readingEnd, leastRequest: .kill) }

  /// Whether whoever reads along need not wait any longer.
  var isReadToTheEnd: Bool { readingLimit.isStopped }

  /// How long after the end of all writing a message may still be on its way to whoever reads along.
  private static let drain = Duration.milliseconds(500)

  /// The moment to begin the next operation has come; false if the recording is over before.
  func isTurn() -> Bool {
    let due = pace.next()
    while due > .now {
      if isOver { return false }
      Pause.sleep(min(ContinuousClock.now.duration(to: due), .milliseconds(20)))
    }
    return !isOver
  }

  /// The client that looks at the end: with the first region that is there.
  private func lastClient() -> HistoryClient? {
    for region in regions {
      if let client = try? connect(1, to: [region], called: "end", within: call.limit()).first { return client }
    }
    return nil
  }

  /// Connects so many clients to each region in turn, each to another of its servers first.
  func connect(_ count: Int, called name: String) throws(CommandFailure) -> [HistoryClient] {
    try connect(count, to: regions, called: name, within: call.limit())
  }

  private func connect(
    _ count: Int, to regions: [NatsCall], called name: String, within limit: Limit
  ) throws(CommandFailure) -> [HistoryClient] {
    var clients: [HistoryClient] = []
    do throws(CommandFailure) {
      for number in 0..<count {
        let region = regions[number % regions.count]
        let destination = try region.destination()
        var options = destination.options
        let shift = options.endpoints.isEmpty ? 0 : number / regions.count % options.endpoints.count
        options.endpoints = Array(options.endpoints[shift...] + options.endpoints[..<shift])
        do throws(NATSError) {
          let connection = try Connection.connect(options, limit: limit.atMost(.seconds(10)))
          clients.append(
            HistoryClient(
              name: "\(destination.name)-\(name)\(number / regions.count)", region: destination.name,
              connection: connection, jetStream: JetStream(connection, prefix: prefix), log: log, patience: patience,
              stop: call.call.stop))
        } catch {
          throw call.failure(error, at: destination)
        }
      }
    } catch {
      for client in clients { client.connection.close() }
      throw error
    }
    return clients
  }

  /// Lets the clients work, each in a thread of its own, until all have ended; then looks at what is left.
  ///
  /// - Parameters:
  ///   - clients: each with what it does.
  ///   - afterwards: what a client that looks at the end does before the replicas are read.
  func run(
    _ clients: [(HistoryClient, @Sendable (HistoryClient) -> Void)],
    from first: UInt64, afterwards: (HistoryClient) -> Void = { _ in }
  ) throws(CommandFailure) -> Value {
    defer { for (client, _) in clients { client.connection.close() } }
    let path = call.words.string("--save").map(call.call.path)
    let file = try path.map { path throws(CommandFailure) in
      try onThisMachine { () throws(MachineError) in try UserFile(path) }
    }
    var kept = Kept(file)
    try kept.append(History.firstLine(workload, stream))
    let ended = Counter()
    pace.begin()
    call.call.begun?()
    let (begun, start, used) = (ContinuousClock.now, TimeValue.now, ProcessorTime.used)
    let threads = clients.map { client, body in
      LaneThread.start(isDeep: false) {
        body(client)
        ended.add(1)
      }
    }
    let started = threads.count { $0 != nil }
    let progress = BenchProgress(call, "operations begun", total: pace.total)
    var over: ContinuousClock.Instant?
    while ended.value < started {
      if isOver, over == nil { over = .now }
      if let over, over + patience + Self.drain <= .now || log.isQuiet(for: Self.drain) { readingEnd.ask(.kill) }
      progress.wait(pace.begun)
      try kept.append(log.takeLines())
    }
    progress.end()
    for thread in threads { thread?.join() }
    // In which something was done: that nothing came any more is no part of it.
    let took = max(.zero, begun.duration(to: log.last))
    let processor = ProcessorTime.used - used
    call.call.measured(
      "history of \(stream)",
      log.figures.value(rate: pace.perSecond, wait: patience, clients: clients.count, start: start))
    let counted = (log.count, log.count(.ok), log.count(.refused), log.count(.unknown))
    // Behind `during` it is told to wind down, and comes to its end; without, another lane has failed.
    let isStopped = call.call.stop.request >= (call.call.begun == nil ? .windDown : .interrupt)
    let isLate = call.call.deadline <= .now
    var replicas: [String] = []
    if !isStopped, !isLate, let client = lastClient() {
      defer { client.connection.close() }
      afterwards(client)
      replicas = ReplicaReader(client, stream: stream, call, settling: settling).read(from: first)
    }
    try kept.append(log.takeLines())
    let isWhole = started == clients.count && !isStopped
    if isWhole { try kept.append(History.lastLine(operations: log.count)) }
    if let file { try call.call.keep(file) }
    let seconds = Double(max(1, took.nanoseconds)) / 1e9
    var value = ValueMap()
    value["workload"] = .string(workload.rawValue)
    value["name"] = .string(stream)
    value["operations"] = .int(Int64(counted.0))
    value["ok"] = .int(Int64(counted.1))
    value["refused"] = .int(Int64(counted.2))
    value["unknown"] = .int(Int64(counted.3))
    value["duration"] = .duration(DurationValue(took))
    value["rate"] = .int(Int64(Double(counted.0) / seconds))
    value["processor"] = .duration(DurationValue(processor))
    value["clients"] = .list(clients.map { .string($0.0.name) })
    value["replicas"] = .list(replicas.map { .string($0) })
    if let path { value["file"] = .string(path) } else { value["lines"] = .string(kept.text) }
    let result = Value.map(value)
    if isStopped || isLate || started < clients.count {
      let reason = started < clients.count ? "the system has no more threads" : isLate ? "the time was over" : "stopped"
      throw CommandFailure(isStopped ? .interrupted : isLate ? .timedOut : .failed, reason).having(
        done: result,
        "recorded were \(Figures.grouped(Int64(counted.0))) operations"
          + (path.map { ", which are in \($0)" } ?? ""))
    }
    call.show(Self.table.text([result]))
    return result
  }

  private static let table = ValueTable(
    "Recorded", none: "",
    [
      ("Workload", "workload"), ("Of", "name"), ("Operations", "operations"), ("Ok", "ok"), ("Refused", "refused"),
      ("Unknown", "unknown"), ("Took", "duration"), ("Operations/s", "rate"), ("nbx used", "processor"),
    ])

  /// The lines so far, in the file or in memory.
  private struct Kept {
    private let file: UserFile?
    private var bytes: [UInt8] = []

    init(_ file: UserFile?) { self.file = file }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func append(_ lines: [UInt8]) throws(CommandFailure) {
      guard let file else { return bytes.append(contentsOf: lines) }
      try onThisMachine { () throws(MachineError) in try file.append(lines) }
    }
  }
}

/// When the next operation is due: so many a second, whoever is free. What could not be begun in time, since all
/// clients were waiting, is left out, so that a stall is not followed by a flood.
final class HistoryPace: Sendable {
  let perSecond: Int
  private var rate: Double { Double(perSecond) }
  private let duration: Duration
  private let state = Mutex<(start: ContinuousClock.Instant, next: Int)>((.now, 0))

  /// What is more behind than this is left out.
  private static let slack = Duration.milliseconds(100)

  init(perSecond: Int, duration: Duration) {
    self.perSecond = perSecond
    self.duration = duration
  }

  func begin() { state.withLock { $0 = (.now, 0) } }

  var end: ContinuousClock.Instant { state.withLock { $0.start } + duration }

  /// How many are to be begun in all.
  var total: Int { Int(rate * Double(duration.nanoseconds) / 1e9) }

  /// How many have been begun, or left out.
  var begun: Int { state.withLock { $0.next } }

  func next() -> ContinuousClock.Instant {
    state.withLock { state in
      let overdue = Double((state.start.duration(to: .now) - Self.slack).nanoseconds) / 1e9 * rate
      let number = max(state.next, Int(max(0, overdue)))
      state.next = number + 1
      return state.start + .nanoseconds(Int64(Double(number) / rate * 1e9))
    }
  }
}
