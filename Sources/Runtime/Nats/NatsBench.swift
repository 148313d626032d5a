import NATS
import SandboxSystem
import Synchronization
import ValuesAndCommands

/// `bench …`: how many messages a second, and how long each takes.
extension NatsSubcommand {
  static let benches: [NatsSubcommand] = messageBenches + streamBenches + bucketBenches + latencies

  private static let messageBenches: [NatsSubcommand] = [
    sub(
      "bench pub", "How quickly clients publish; ends when the servers have it all", subject,
      flags: BenchLoad.publishFlags + RatedLoad.flags, gives: Gives.bench,
      example: "nats bench pub orders.new --msgs 1000000 --size 128", isRated: true, run: publish),
    sub(
      "bench sub", "How quickly subscribers get what is published meanwhile; each of them waits for all of --msgs",
      subject,
      flags: [Flag("--queue", .text, "share the messages among the clients, by this queue name")] + BenchLoad.flags,
      gives: Gives.bench, example: "nats bench sub orders.new --msgs 1000000", run: subscribe),
    sub(
      "bench service request", "How long answers take, one question after the other", subject,
      flags: BenchLoad.publishFlags + RatedLoad.flags, gives: Gives.bench,
      example: "nats bench service request time.now --rate 1000/s --duration 20s", isRated: true, run: request),
    sub(
      "bench service serve", "Answers questions with --size bytes until --msgs of them are answered", subject,
      flags: [Flag("--queue", .text, "the name by which clients share the questions; bench if not given")]
        + BenchLoad.publishFlags, gives: Gives.bench, example: "nats bench service serve time.now --msgs 10000",
      run: serve),
  ]

  /// Shows a bench's value.
  static func benched(
    _ figures: BenchFigures, _ load: BenchLoad, _ call: NatsCall, _ title: String
  ) -> Value {
    let value = figures.value(clients: load.clients)
    call.show(BenchTable.text(value, title: title))
    return value
  }

  @Sendable private static func publish(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkPublishSubject)
    let load = try BenchLoad(call)
    let payload = load.payload
    if let rate = RatedLoad(call.words, messages: load.messages) {
      return try rated(
        rate, load, call, "messages on \(subject)",
        RatedOperation(subject: { _ in subject }, payload: payload, confirmation: .read, repetition: .never))
    }
    let figures = try BenchClients.run(load, call, "publishing to \(subject)") { client throws(NATSError) in
      var figures = BenchFigures()
      for _ in 0..<client.messages {
        try client.connection.publish(subject, payload, limit: client.limit)
        client.note()
        if let pause = load.pause { try client.limit.sleep(pause, .sending, server: client.connection.server) }
      }
      do throws(NATSError) {
        try client.connection.flush(publishedOn: subject, since: figures.start, limit: client.limit)
      } catch {
        // They have left, and nobody knows that they have come.
        client.note(-client.messages)
        throw error
      }
      figures.end = .now
      figures.messages = client.messages
      figures.bytes = client.messages * payload.count
      return figures
    }
    return benched(figures, load, call, "publishers of \(subject)")
  }

  /// From the first message to the last: the time before it is the publishers'.
  @Sendable private static func subscribe(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkSubscribeSubject)
    let load = try BenchLoad(call)
    let queue = call.words.string("--queue")
    let received = Counter()
    let figures = try BenchClients.run(
      load, call, "messages on \(subject)", eachTakesAll: queue == nil
    ) { client throws(NATSError) in
      let subscription = try client.connection.subscribe(subject, queue: queue)
      defer { subscription.unsubscribe() }
      try client.connection.flush(limit: client.limit)
      var figures = BenchFigures()
      // In a queue nobody knows how many messages will be one's own: all together count them.
      while queue == nil ? figures.messages + subscription.dropped < load.messages : received.value < load.messages {
        // What was published while the connection was lost never comes.
        if let gap = subscription.gap { throw gap }
        let batch: [Message]
        do throws(NATSError) {
          batch = try subscription.nextBatch(limit: client.limit.atMost(.milliseconds(queue == nil ? 200 : 20)))
        } catch {
          guard case .timedOut = error, !client.limit.hasPassed else { throw error }
          continue
        }
        guard let first = batch.first else { break }
        if figures.messages == 0 { figures.start = first.receivedAt }
        figures.messages += batch.count
        for message in batch { figures.bytes += message.payload.count }
        figures.end = .now
        received.add(batch.count + (queue == nil ? 0 : subscription.dropped))
        client.note(batch.count)
      }
      figures.dropped = subscription.dropped
      return figures
    }
    return benched(figures, load, call, "subscribers of \(subject)")
  }

  @Sendable private static func request(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkPublishSubject)
    let load = try BenchLoad(call, messages: 10_000)
    let payload = load.payload
    if let rate = RatedLoad(call.words, messages: load.messages) {
      return try rated(
        rate, load, call, "questions on \(subject)",
        RatedOperation(
          subject: { _ in subject }, payload: payload,
          confirmation: .answer { answer, connection throws(NATSError) in
            if answer.saysNoResponders { throw .noResponders(server: connection.server, subject: subject) }
            return nil
          },
          repetition: .never))
    }
    let figures = try BenchClients.run(load, call, "questions on \(subject)") { client throws(NATSError) in
      try BenchFigures(of: client, load) { () throws(NATSError) in
        let sent = ContinuousClock.now
        let answer = try client.connection.request(subject, payload, limit: client.limit.atMost(NatsCall.patience))
        return (payload.count + answer.payload.count, sent.duration(to: answer.receivedAt))
      }
    }
    return benched(figures, load, call, "questions on \(subject)")
  }

  @Sendable private static func serve(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkSubscribeSubject)
    let load = try BenchLoad(call, messages: 10_000)
    let payload = load.payload
    let queue = call.words.string("--queue") ?? "bench"
    let answered = Counter()
    let figures = try BenchClients.run(load, call, "answers on \(subject)") { client throws(NATSError) in
      let begun = ContinuousClock.now
      let subscription = try client.connection.subscribe(subject, queue: queue)
      defer { subscription.unsubscribe() }
      try client.connection.flush(limit: client.limit)
      var figures = BenchFigures()
      while answered.value < load.messages {
        let question: Message?
        do throws(NATSError) {
          question = try subscription.next(limit: client.limit.atMost(.milliseconds(20)))
        } catch {
          guard case .timedOut = error, !client.limit.hasPassed else { throw error }
          continue
        }
        guard let question else { break }
        guard let reply = question.reply else { continue }
        if figures.messages == 0 { figures.start = question.receivedAt }
        try client.connection.publish(reply, payload, limit: client.limit)
        figures.messages += 1
        figures.bytes += question.payload.count + payload.count
        figures.end = .now
        answered.add(1)
        client.note()
      }
      // The answers must not end with the connection.
      try client.connection.flush(publishedOn: nil, since: begun, limit: client.limit)
      return figures
    }
    return benched(figures, load, call, "answers on \(subject)")
  }
}

extension BenchFigures {
  /// Does something once for each of the client's messages, one after the other; it tells how many bytes went and came and how
  /// long they took.
  init(
    of client: BenchClient, _ load: BenchLoad, _ body: () throws(NATSError) -> (bytes: Int, took: Duration)
  ) throws(NATSError) {
    self.init()
    for _ in 0..<client.messages {
      let (bytes, took) = try body()
      messages += 1
      self.bytes += bytes
      latency.add(took)
      client.note()
      if let pause = load.pause { try client.limit.sleep(pause, .sending, server: client.connection.server) }
    }
    end = .now
  }
}

/// What clients did, which can be summed up.
protocol BenchSum: Sendable {
  init()
  mutating func add(_ other: Self)
}

/// What one client, or all together, did and how long it took.
struct BenchFigures: BenchSum {
  var messages = 0
  var bytes = 0
  /// From the first client's first message to the last one's last.
  var start: ContinuousClock.Instant
  var end: ContinuousClock.Instant
  var latency = LatencySketch()
  /// Messages that came and found no room, which only subscribers know of.
  var dropped: Int?

  init() {
    start = .now
    end = start
  }

  mutating func add(_ other: BenchFigures) {
    messages += other.messages
    bytes += other.bytes
    start = min(start, other.start)
    end = max(end, other.end)
    latency.add(other.latency)
    if let more = other.dropped { dropped = (dropped ?? 0) + more }
  }

  /// `clients`, `msgs`, `bytes`, `duration`, `rate` in messages a second, `throughput` in bytes a second; `latency` where it
  /// was measured, and `dropped` where something may be.
  func value(clients: Int) -> Value {
    let duration = DurationValue(start.duration(to: end))
    let seconds = Double(max(1, duration.nanoseconds)) / 1e9
    var entries = ValueMap()
    entries["clients"] = .int(Int64(clients))
    entries["msgs"] = .int(Int64(messages))
    entries["bytes"] = .size(SizeValue(bytes: Int64(bytes)))
    entries["duration"] = .duration(duration)
    entries["rate"] = .int(Int64(Double(messages) / seconds))
    entries["throughput"] = .size(SizeValue(bytes: Int64(Double(bytes) / seconds)))
    if latency.count > 0 { entries["latency"] = latency.value }
    if let dropped { entries["dropped"] = .int(Int64(dropped)) }
    return .map(entries)
  }
}

/// A bench's value as a table of one row.
enum BenchTable {
  static func text(_ value: Value, title: String) -> String {
    var columns = [
      ("Clients", "clients"), ("Messages", "msgs"), ("Size", "bytes"), ("Took", "duration"), ("Messages/s", "rate"),
      ("Size/s", "throughput"),
    ]
    if value.entries["latency"] != nil {
      columns += [
        ("Min", "latency.min"), ("P50", "latency.p50"), ("P90", "latency.p90"), ("P99", "latency.p99"),
        ("P99.9", "latency.p999"), ("Max", "latency.max"),
      ]
    }
    if let dropped = value.entries["dropped"], dropped.amount > 0 { columns.append(("Dropped", "dropped")) }
    return ValueTable(title, none: "", columns).text([value])
  }
}

extension NatsCall {
  func count(_ flag: String, usual: Int) -> Int { words.integer(flag).map { Int($0) } ?? usual }
}

/// How much a bench does, by its flags.
struct BenchLoad: Sendable {
  let messages: Int
  let size: Int
  let clients: Int
  let pause: Duration?
  let showsProgress: Bool

  static let flags = [
    Flag("--msgs", .number(1...1_000_000_000), "how many messages in all; 100000 if not given"),
    Flag("--clients", .number(1...256), "how many clients, each with a connection of its own; 1 if not given"),
    Flag("--progress", .toggle, "tells how far it is, from a second on; --no-progress does not"),
  ]
  static let publishFlags =
    flags + [
      Flag("--size", .size, "how large a message is; 128 bytes if not given"),
      Flag("--sleep", .duration, "a pause after each message"),
    ]

  /// - Parameter messages: how many there are if the call does not say.
  init(_ call: NatsCall, messages usual: Int = 100_000) throws(CommandFailure) {
    messages = call.count("--msgs", usual: usual)
    clients = call.count("--clients", usual: 1)
    let size = call.words.size("--size") ?? 128
    guard (0...(64 << 20)).contains(size) else {
      throw .misused("`--size` takes up to 64Mi, not \(size) bytes")
    }
    self.size = Int(size)
    pause = call.words.duration("--sleep")?.duration
    showsProgress = call.words.has("--progress") || !call.words.isGiven("--progress")
    guard clients <= messages else {
      throw .misused("\(clients) clients can't share \(messages) messages", advice: "raise --msgs")
    }
  }

  /// The body of every message.
  var payload: [UInt8] { Array(repeating: UInt8(ascii: "x"), count: size) }

  /// How many of the messages are this client's.
  func share(of client: Int) -> Int { messages / clients + (client < messages % clients ? 1 : 0) }
}

/// One client of a bench: its connection, its share, and how long it may go on.
struct BenchClient: Sendable {
  let number: Int
  /// How many clients there are.
  let count: Int
  let messages: Int
  let connection: Connection
  /// When all of them begin.
  fileprivate(set) var start = ContinuousClock.now
  let limit: Limit
  /// How often the connection was lost.
  let losses: Counter
  fileprivate let done: Counter

  /// Whether the whole is to come to its end before its time.
  var isToEnd: Bool { limit.stop.map { $0.request >= .windDown } ?? false }

  /// Tells that so many more messages are done.
  func note(_ count: Int = 1) { done.add(count) }
}

/// The clients of a bench, a thread and a connection each, which begin once all of them are connected.
enum BenchClients {
  /// Runs `body` for every client, and sums up what they did. Where one fails the others stop as well.
  ///
  /// - Parameters:
  ///   - total: how much there is to do, if that is not what the load says.
  ///   - comesToItsEnd: whether the clients see to it themselves that it is to end.
  ///   - begun: called when all clients are connected.
  static func run<Sum: BenchSum>(
    _ load: BenchLoad, _ call: NatsCall, _ what: String, eachTakesAll: Bool = false, total: Int? = nil,
    comesToItsEnd: Bool = false, begun: () -> Void = {},
    _ body: @escaping @Sendable (BenchClient) throws(NATSError) -> Sum
  ) throws(CommandFailure) -> Sum {
    let destination = try call.destination()
    let outcome = BenchOutcome<Sum>()
    var clients: [BenchClient] = []
    defer { for client in clients { client.connection.close() } }
    let whole = call.limit()
    var limit = whole
    limit.stop = StopSignal(below: whole.stop)
    limit.onWait = nil
    if comesToItsEnd { limit = limit.givingUp(from: .interrupt) }
    let done = Counter()
    do throws(NATSError) {
      for number in 0..<load.clients {
        let losses = Counter()
        var options = destination.options
        options.onEvent = { event in if case .lost = event { losses.add(1) } }
        let connection = try Connection.connect(options, limit: call.limit(atMost: .seconds(10)))
        clients.append(
          BenchClient(
            number: number, count: load.clients, messages: eachTakesAll ? load.messages : load.share(of: number),
            connection: connection, limit: limit, losses: losses, done: done))
      }
    } catch {
      throw call.failure(error, at: destination)
    }
    let total = total ?? clients.reduce(0) { $0 + $1.messages }
    let start = ContinuousClock.now
    for place in clients.indices { clients[place].start = start }
    begun()
    call.call.begun?()
    let threads = clients.map { client in
      LaneThread.start { [limit] in
        do throws(NATSError) {
          outcome.end(.success(try body(client)))
        } catch {
          outcome.end(.failure(error))
          limit.stop?.ask(.kill)
        }
      }
    }
    for thread in threads where thread == nil {
      outcome.end(.failure(.cannotStartThread(errno: 11)))
      limit.stop?.ask(.kill)
    }
    let progress = BenchProgress(call, load.showsProgress ? what : nil, total: total)
    while outcome.ended < clients.count { progress.wait(done.value) }
    progress.end()
    for thread in threads { thread?.join() }
    do throws(NATSError) {
      return try outcome.figures.get()
    } catch {
      throw call.failure(error, at: destination).having(
        done: ["clients": .int(Int64(clients.count)), "msgs": .int(Int64(done.value)), "of": .int(Int64(total))],
        "\(Figures.grouped(Int64(done.value))) of \(Figures.grouped(Int64(total))) messages were done")
    }
  }
}

/// Counts what all clients have done.
final class Counter: Sendable {
  private let number = Atomic<Int>(0)

  var value: Int { number.load(ordering: .relaxed) }
  func add(_ count: Int) { number.add(count, ordering: .relaxed) }
}

/// How the clients ended: the sum of what they did, or the first failure.
private final class BenchOutcome<Figures: BenchSum>: Sendable {
  private let state = Mutex<(ended: Int, sum: Figures?, failure: NATSError?)>((0, nil, nil))

  var ended: Int { state.withLock { $0.ended } }

  var figures: Result<Figures, NATSError> {
    state.withLock { state in state.failure.map { .failure($0) } ?? .success(state.sum ?? Figures()) }
  }

  func end(_ result: Result<Figures, NATSError>) {
    state.withLock { state in
      state.ended += 1
      switch result {
      case .success(let figures):
        if state.sum == nil { state.sum = figures } else { state.sum?.add(figures) }
      case .failure(let error): if state.failure == nil { state.failure = error }
      }
    }
  }
}

/// Waits for the end of a bench, and tells how far it is.
final class BenchProgress {
  private let call: NatsCall
  private let what: String?
  private let total: Int
  private var lastTold = ContinuousClock.now
  private var pause = Duration.milliseconds(1)
  private var hasTold = false

  /// - Parameter what: what it is called; nil tells nothing.
  init(_ call: NatsCall, _ what: String?, total: Int) {
    self.call = call
    self.what = what
    self.total = total
  }

  /// Sleeps for a moment, and tells how far it is.
  func wait(_ done: Int) {
    Pause.sleep(pause)
    pause = min(pause * 2, .milliseconds(50))
    tell(done)
  }

  /// Tells how far it is, from a second on, ten times a second.
  func tell(_ done: Int) {
    let now = ContinuousClock.now
    guard let what, lastTold.duration(to: now) > (hasTold ? .milliseconds(100) : .seconds(1)) else { return }
    hasTold = true
    lastTold = now
    let share = total > 0 ? done * 100 / total : 0
    call.call.progress(
      what, "\(Figures.grouped(Int64(done))) of \(Figures.grouped(Int64(total))), \(share) %")
  }

  func end() {
    if hasTold, let what { call.call.progress(what, nil) }
  }
}
