import NATS
import SandboxSystem
import ValuesAndCommands

/// A load at a constant rate: so many operations a second by one schedule for all clients, each measured from the moment at
/// which the schedule wants it. So a stall counts for all that should have been done meanwhile, and not only for the one
/// operation that met it (coordinated omission; the idea is that of Gil Tene's wrk2).
package struct RatedLoad: Sendable {
  /// How many a second, of all clients together.
  let rate: Int
  /// How many in all.
  let count: Int
  /// How long one may take from its moment on before it counts as late.
  let wait: Duration
  /// How many of a client's may be on their way at once. Those beyond wait for their turn; their time runs.
  let inFlight: Int

  static let flags = [
    Flag(
      "--rate", .frequency,
      "so many a second by one schedule for all clients; each is measured from the moment at which it was due",
      gives: Gives.rated),
    Flag("--duration", .duration, "with --rate: for so long, in place of --msgs"),
    Flag(
      "--wait", .duration,
      "with --rate: what took longer from its moment on counts as late, and is not waited for; 5s if not given"),
  ]

  /// Flags that can't be given together.
  static let exclusive = ["--msgs", "--duration"]

  /// What is wrong with words that are well each by itself.
  @Sendable static func rule(_ words: ParsedWords, hasDocument: Bool) -> WordProblem? {
    if words.isGiven("--rate") {
      guard words.isGiven("--sleep") else { return nil }
      return WordProblem(
        index: nil, message: "`--rate` and `--sleep` contradict each other", advice: "give one of --rate, --sleep")
    }
    guard let flag = ["--duration", "--wait"].first(where: words.isGiven) else { return nil }
    return WordProblem(
      index: nil, message: "`\(flag)` needs `--rate`", advice: "say how many a second: --rate 1000/s \(flag) …")
  }

  /// As many as a client may have on its way unless the call says so.
  static let usualInFlight = 1000

  /// Nil if the call holds no rate.
  ///
  /// - Parameter messages: how many there are if the words give no duration.
  init?(_ words: ParsedWords, messages: Int) {
    guard let rate = words.frequency("--rate") else { return nil }
    self.rate = rate
    let duration = words.duration("--duration")?.duration
    count = duration.map { Self.count(in: $0, at: rate) } ?? messages
    wait = words.duration("--wait")?.duration ?? NatsCall.patience
    inFlight = words.integer("--batch").map { Int($0) } ?? Self.usualInFlight
  }

  /// How many a duration holds, at least one and at most a thousand million.
  private static func count(in duration: Duration, at rate: Int) -> Int {
    let count = Double(duration.nanoseconds) / 1e9 * Double(rate)
    return max(1, Int(min(count.rounded(), 1e9)))
  }

  /// When the schedule wants an operation, from its begin on. In two steps, since no product may overflow.
  func moment(of number: Int) -> Duration {
    .seconds(number / rate) + .nanoseconds(number % rate * 1_000_000_000 / rate)
  }

  /// How many are wanted until so long after the begin.
  func count(until offset: Duration) -> Int {
    guard offset >= .zero else { return 0 }
    let guess = Int(Double(offset.nanoseconds) / 1e9 * Double(rate))
    // The guess may be off by one at the edge.
    var count = max(0, min(self.count, guess) - 1)
    while count < self.count, moment(of: count) <= offset { count += 1 }
    return count
  }
}

/// What a rated bench does again and again.
struct RatedOperation: Sendable {
  /// How one comes to its end.
  enum Confirmation: Sendable {
    /// The server has read it.
    case read
    /// An answer has come that says no other.
    ///
    /// - Parameter check: throws what was refused, and what passes by itself; gives the kind of failure of an answer that is
    ///   no error, but not what was asked for.
    case answer(check: @Sendable (Message, Connection) throws(NATSError) -> String?)
  }

  /// What is done when no word comes.
  enum Repetition: Sendable {
    /// It is sent again only if it was taken by nobody: else it might be done twice.
    case never
    /// It is sent again, for doing it twice does no harm.
    case harmless
    /// It is sent again, and carries a `Nats-Msg-Id` by which a stream knows that.
    case identified
  }

  /// The subject of the operation with that number, the same each time.
  let subject: @Sendable (Int) -> String
  let payload: [UInt8]
  let confirmation: Confirmation
  let repetition: Repetition
}

/// What became of the operations of a rated load, of one client or of all. `sent`, `late` and `refused` are told apart when
/// an operation ends; how many there should have been says the schedule.
package struct RatedFigures: BenchSum {
  /// The operations that were due within a tenth of a second, and how many acknowledgements came in it, of whichever.
  struct Slot: Sendable {
    var acknowledged = 0
    var intended = 0
    var sent = 0
    var late = 0
    var refused = 0
    var slowest: Duration?
  }

  private(set) var whole = Slot()
  private(set) var latency = LatencySketch()
  private(set) var errors: [String: Int] = [:]
  private var slots: [Slot] = []
  /// A bit for each millisecond since the begin in which an acknowledgement came.
  private var acknowledged: [UInt64] = []
  /// How long the schedule was.
  private(set) var length = Duration.zero
  /// Whether the load was ended amid it, so that of some operations nobody will know.
  fileprivate(set) var isCutShort = false

  package static let slot = Duration.milliseconds(100)

  mutating func add(_ other: RatedFigures) {
    whole.add(other.whole)
    latency.add(other.latency)
    errors.merge(other.errors, uniquingKeysWith: +)
    grow(&slots, to: other.slots.count, Slot())
    for (place, slot) in other.slots.enumerated() { slots[place].add(slot) }
    grow(&acknowledged, to: other.acknowledged.count, 0)
    for (place, bits) in other.acknowledged.enumerated() { acknowledged[place] |= bits }
    length = max(length, other.length)
    isCutShort = isCutShort || other.isCutShort
  }

  private func grow<Element>(_ list: inout [Element], to count: Int, _ element: Element) {
    if count > list.count { list += Array(repeating: element, count: count - list.count) }
  }

  private mutating func note(at moment: Duration, _ change: (inout Slot) -> Void) {
    let place = Int(moment.nanoseconds / Self.slot.nanoseconds)
    grow(&slots, to: place + 1, Slot())
    change(&slots[place])
    change(&whole)
  }

  /// The schedule wanted these, of which each is told of by one of the functions below.
  ///
  /// - Parameter moments: when, since the begin.
  mutating func intend(_ moments: some Sequence<Duration>, until end: Duration) {
    for moment in moments { note(at: moment) { $0.intended += 1 } }
    length = max(length, end)
  }

  /// One was acknowledged in time.
  mutating func send(dueAt moment: Duration, acknowledgedAt end: Duration) {
    let took = end - moment
    latency.add(took)
    note(at: moment) { slot in
      slot.sent += 1
      slot.slowest = max(slot.slowest ?? took, took)
    }
    let place = Int(max(.zero, end).nanoseconds / Self.slot.nanoseconds)
    grow(&slots, to: place + 1, Slot())
    slots[place].acknowledged += 1
    let millisecond = Int(max(.zero, end).nanoseconds / 1_000_000)
    grow(&acknowledged, to: millisecond / 64 + 1, 0)
    acknowledged[millisecond / 64] |= 1 << UInt64(millisecond % 64)
  }

  /// One was not acknowledged in time. It took at least as long as it was waited for, and counts as long as that.
  mutating func miss(dueAt moment: Duration, waited: Duration, _ reason: String) {
    latency.add(waited)
    errors[reason, default: 0] += 1
    note(at: moment) { slot in
      slot.late += 1
      slot.slowest = max(slot.slowest ?? waited, waited)
    }
  }

  /// One was refused. How quickly somebody says no is no latency.
  mutating func refuse(dueAt moment: Duration, _ reason: String) {
    errors[reason, default: 0] += 1
    note(at: moment) { $0.refused += 1 }
  }

  /// The longest time without an acknowledgement, to the millisecond, and when it began; null if none ever came.
  private var gap: Value {
    var longest = (length: 0, at: 0)
    var last = 0
    func look(at millisecond: Int) {
      if millisecond - last > longest.length { longest = (millisecond - last, last) }
      last = millisecond
    }
    for (place, bits) in acknowledged.enumerated() {
      var bits = bits
      while bits != 0 {
        look(at: place * 64 + bits.trailingZeroBitCount)
        bits &= bits - 1
      }
    }
    guard whole.sent > 0 else { return .null }
    look(at: max(last, Int(length.nanoseconds / 1_000_000)))
    return ["length": .milliseconds(longest.length), "at": .milliseconds(longest.at)]
  }

  /// What a load of that many operations a second became, of which none was waited for any longer than `wait`.
  func value(rate: Int, wait: Duration, clients: Int, start: TimeValue) -> Value {
    var entries = ValueMap()
    entries["clients"] = .int(Int64(clients))
    entries["rate"] = .int(Int64(rate))
    entries["start"] = .time(start)
    entries["duration"] = .duration(DurationValue(length))
    entries["wait"] = .duration(DurationValue(wait))
    whole.tell(&entries)
    var reasons = ValueMap()
    for (reason, count) in errors.sorted(by: { $0.key < $1.key }) { reasons[reason] = .int(Int64(count)) }
    entries["errors"] = .map(reasons)
    entries["latency"] = latency.value
    entries["gap"] = gap
    entries["histogram"] = latency.histogram
    entries["series"] = .list(
      slots.enumerated().map { place, slot in
        var row = ValueMap([("at", .duration(DurationValue(Self.slot * place)))])
        slot.tell(&row)
        row["acknowledged"] = .int(Int64(slot.acknowledged))
        row["slowest"] = slot.slowest.map { .duration(DurationValue($0)) } ?? .null
        return .map(row)
      })
    return .map(entries)
  }
}

extension RatedFigures.Slot {
  fileprivate mutating func add(_ other: Self) {
    acknowledged += other.acknowledged
    intended += other.intended
    sent += other.sent
    late += other.late
    refused += other.refused
    if let slower = other.slowest { slowest = max(slowest ?? slower, slower) }
  }

  fileprivate func tell(_ entries: inout ValueMap) {
    entries["intended"] = .int(Int64(intended))
    entries["sent"] = .int(Int64(sent))
    entries["late"] = .int(Int64(late))
    entries["refused"] = .int(Int64(refused))
  }
}

extension Value {
  fileprivate static func milliseconds(_ count: Int) -> Value {
    .duration(DurationValue(nanoseconds: Int64(count) * 1_000_000))
  }
}

extension NatsSubcommand {
  /// Holds a rate, and tells what became of each operation. Where one fails it is counted, and the load goes on.
  static func rated(
    _ rated: RatedLoad, _ load: BenchLoad, _ call: NatsCall, _ title: String, _ operation: RatedOperation
  ) throws(CommandFailure) -> Value {
    var (start, used) = (TimeValue.now, ProcessorTime.used)
    let run: @Sendable (BenchClient) throws(NATSError) -> RatedFigures = { client throws(NATSError) in
      var client = RatedClient(client, rated, operation)
      return try client.run()
    }
    let figures = try BenchClients.run(
      load, call, title, total: rated.count, comesToItsEnd: true, begun: { (start, used) = (.now, ProcessorTime.used) },
      run)
    let processor = ProcessorTime.used - used
    var entries = figures.value(rate: rated.rate, wait: rated.wait, clients: load.clients, start: start).entries
    entries["processor"] = .duration(DurationValue(processor))
    let value = Value.map(entries)
    call.call.measured(title, value)
    if figures.isCutShort {
      let isLate = call.limit().hasPassed
      throw CommandFailure(isLate ? .timedOut : .interrupted, isLate ? "the time was over" : "stopped").having(
        done: value, "\(figures.whole.sent) of \(figures.whole.intended) were acknowledged until then")
    }
    call.show(RatedTable.text(value, title: title))
    return value
  }
}

/// A rated bench's value as a table of one row, and why operations failed below it.
private enum RatedTable {
  static func text(_ value: Value, title: String) -> String {
    let table = ValueTable(
      title, none: "",
      [
        ("Clients", "clients"), ("Rate/s", "rate"), ("Took", "duration"), ("Intended", "intended"), ("Sent", "sent"),
        ("Late", "late"), ("Refused", "refused"), ("P50", "latency.p50"), ("P90", "latency.p90"),
        ("P99", "latency.p99"), ("P99.9", "latency.p999"), ("Max", "latency.max"), ("Gap", "gap.length|none"),
        ("Gap at", "gap.at|none"), ("nbx used", "processor"),
      ])
    let errors = value.entries["errors"]?.entries.map { "\($0) \($1.shown())" } ?? []
    let text = table.text([value])
    return errors.isEmpty ? text : "\(text)\nlate or refused: \(errors.joined(separator: ", "))"
  }
}

/// One client of a rated load. A thread begins what is due and takes what has come, several operations at once on their way:
/// so one slow answer stalls no other.
private struct RatedClient {
  private let client: BenchClient
  private let load: RatedLoad
  private let operation: RatedOperation
  private var figures = RatedFigures()

  /// The next that is due; a client has every so-manieth.
  private var next: Int
  /// The first that is not the load's any more.
  private var end: Int
  private var hasEnded = false
  private var flying: [Int: Flight] = [:]
  /// The server's words that are awaited for what it has read, the oldest first.
  private var marks: [(ping: Ping, first: Int, next: Int)] = []
  private var losses = 0
  private var nextLook: ContinuousClock.Instant

  private let inbox: String

  /// An operation on its way.
  private struct Flight {
    var begun: ContinuousClock.Instant
    /// When it is sent again, if nothing came; nil: it is not.
    var due: ContinuousClock.Instant?
    var tries = 1
    /// Why it did not come to its end so far.
    var reason: String?
  }

  /// How often it looks after what is on its way.
  private static let pace = Duration.milliseconds(5)

  /// How long one try may stay without an answer, where it may be repeated.
  private static let tryFor = Duration.milliseconds(250)

  init(_ client: BenchClient, _ load: RatedLoad, _ operation: RatedOperation) {
    self.client = client
    self.load = load
    self.operation = operation
    next = client.number
    end = load.count
    nextLook = client.start
    inbox = client.connection.newInbox() + "."
  }

  private var connection: Connection { client.connection }

  mutating func run() throws(NATSError) -> RatedFigures {
    let subscription = try connection.subscribe(inbox + "*")
    defer { subscription.unsubscribe() }
    do throws(NATSError) { try work(subscription) } catch {
      guard client.limit.isOver else { throw error }
      breakOff()
    }
    let length = hasEnded ? min(load.moment(of: load.count), load.moment(of: end)) : load.moment(of: load.count)
    let own = stride(from: client.number, to: end, by: client.count)
    figures.intend(own.lazy.map { [load] in load.moment(of: $0) }, until: length)
    return figures
  }

  /// Of what was on its way, or due, nobody will know any more.
  private mutating func breakOff() {
    let now = client.start.duration(to: .now)
    hasEnded = true
    end = min(end, load.count(until: now))
    let begun = Array(flying.keys)
    flying = [:]
    for number in begun + Array(stride(from: next, to: max(next, end), by: client.count)) {
      let due = load.moment(of: number)
      figures.miss(dueAt: due, waited: min(load.wait, now - due), "interrupted")
    }
    end = max(end, next)
    figures.isCutShort = true
  }

  private mutating func work(_ subscription: Subscription) throws(NATSError) {
    while true {
      let now = ContinuousClock.now
      if !hasEnded, client.isToEnd {
        hasEnded = true
        end = min(end, load.count(until: client.start.duration(to: now)))
      }
      if subscription.waiting > 0 {
        for answer in try subscription.nextBatch(limit: client.limit) { take(answer, now) }
      }
      takeMarks(now)
      if nextLook <= now {
        lookAfterFlights(now)
        nextLook = now + Self.pace
      }
      giveUpWhatIsTooLate(now)
      try begin(now)
      if next >= end, flying.isEmpty { break }
      try rest(subscription)
    }
  }

  private func moment(of number: Int) -> ContinuousClock.Instant { client.start + load.moment(of: number) }

  /// Sleeps until something is due. What came is stamped when it was read, so that nobody need hurry for it, unless there
  /// is no room for more.
  private mutating func rest(_ subscription: Subscription) throws(NATSError) {
    let now = ContinuousClock.now
    var until = now + (flying.isEmpty && next < end ? Self.pace * 2 : Self.pace)
    let isFull = flying.count >= load.inFlight
    if next < end, !isFull, connection.isConnected { until = min(until, moment(of: next)) }
    guard until > now else { return }
    if next < end, !isFull || !marks.isEmpty {
      return try client.limit.sleep(now.duration(to: until), .sending, server: connection.server)
    }
    do throws(NATSError) {
      // All that is left is to wait for answers.
      guard marks.isEmpty else {
        return try client.limit.sleep(.milliseconds(1), .sending, server: connection.server)
      }
      for answer in try subscription.nextBatch(limit: client.limit.notAfter(until)) { take(answer, .now) }
    } catch {
      guard case .timedOut = error, !client.limit.hasPassed else { throw error }
    }
  }

  // MARK: Beginning

  /// What could not be begun within its time never is.
  private mutating func giveUpWhatIsTooLate(_ now: ContinuousClock.Instant) {
    while next < end, moment(of: next) + load.wait <= now {
      figures.miss(
        dueAt: load.moment(of: next), waited: load.wait, connection.isConnected ? "timed-out" : "connection-lost")
      client.note()
      next += client.count
    }
  }

  private mutating func begin(_ now: ContinuousClock.Instant) throws(NATSError) {
    guard next < end, moment(of: next) <= now, connection.isConnected else { return }
    let first = next
    while next < end, flying.count < load.inFlight, moment(of: next) <= now {
      var flight = Flight(begun: now)
      if operation.isRepeated { flight.due = now + Self.tryFor }
      do throws(NATSError) {
        try send(next)
        flying[next] = flight
      } catch {
        switch error {
        // The socket is full: it has its turn when there is room.
        case .timedOut, .outgoingBufferFull: break
        default:
          figures.refuse(dueAt: load.moment(of: next), error.details.kind)
          client.note()
          next += client.count
          continue
        }
        break
      }
      next += client.count
    }
    if case .read = operation.confirmation, next > first {
      marks.append((connection.mark(), first, next))
    }
    sendQueued()
  }

  private func send(_ number: Int) throws(NATSError) {
    var headers: Headers?
    if case .identified = operation.repetition { headers = ["Nats-Msg-Id": inbox + String(number)] }
    var reply: String?
    if case .answer = operation.confirmation { reply = inbox + String(number) }
    try connection.enqueue(
      operation.subject(number), operation.payload, reply: reply, headers: headers, limit: .within(.zero))
  }

  /// What the socket does not take at once stays, and the sending thread goes on with it.
  private func sendQueued() { try? connection.sendQueued(limit: .within(Self.pace)) }

  // MARK: Ending

  private mutating func acknowledge(_ number: Int, at instant: ContinuousClock.Instant) {
    guard let flight = flying.removeValue(forKey: number) else { return }
    let due = load.moment(of: number)
    let end = client.start.duration(to: instant)
    if end - due <= load.wait {
      figures.send(dueAt: due, acknowledgedAt: end)
    } else {
      figures.miss(dueAt: due, waited: load.wait, flight.reason ?? "timed-out")
    }
    client.note()
  }

  private mutating func refuse(_ number: Int, _ kind: String) {
    guard flying.removeValue(forKey: number) != nil else { return }
    figures.refuse(dueAt: load.moment(of: number), kind)
    client.note()
  }

  private mutating func take(_ answer: Message, _ now: ContinuousClock.Instant) {
    guard case .answer(let check) = operation.confirmation,
      let number = Int(answer.subject.utf8.dropFirst(inbox.utf8.count)), var flight = flying[number]
    else { return }
    do throws(NATSError) {
      if let kind = try check(answer, connection) { return refuse(number, kind) }
      acknowledge(number, at: answer.receivedAt)
    } catch {
      guard error.miss != nil else { return refuse(number, error.details.kind) }
      // It was done by nobody, and may be done a little later.
      flight.due = now + .milliseconds(min(100, 10 << min(flight.tries, 4)))
      flight.reason = error.details.kind
      flying[number] = flight
    }
  }

  /// The server has read what was sent before its PONG, and has said by then what it refused of it.
  private mutating func takeMarks(_ now: ContinuousClock.Instant) {
    while let mark = marks.first, let answer = connection.answer(to: mark.ping) {
      marks.removeFirst()
      guard case .success(let instant) = answer else { continue }
      for number in stride(from: mark.first, to: mark.next, by: client.count) {
        if let flight = flying[number], let refusal = refusal(of: number, flight) {
          refuse(number, refusal.details.kind)
        } else {
          acknowledge(number, at: instant)
        }
      }
    }
  }

  private func refusal(of number: Int, _ flight: Flight) -> NATSError? {
    connection.refusal(ofPublishingOn: operation.subject(number), since: flight.begun)
  }

  /// Ends what took too long, and sends again what is to be.
  private mutating func lookAfterFlights(_ now: ContinuousClock.Instant) {
    if flying.isEmpty { return }
    let wasLost = client.losses.value != losses
    losses = client.losses.value
    let isConnected = connection.isConnected
    let mayBeRefused = connection.refusal(ofPublishingOn: nil, since: client.start) != nil
    var hasSent = false
    for (number, flight) in flying {
      if moment(of: number) + load.wait <= now {
        flying[number] = nil
        figures.miss(dueAt: load.moment(of: number), waited: load.wait, flight.reason ?? "timed-out")
        client.note()
        continue
      }
      if mayBeRefused, case .answer = operation.confirmation, let refusal = refusal(of: number, flight) {
        refuse(number, refusal.details.kind)
        continue
      }
      var flight = flight
      if wasLost {
        flight.reason = "connection-lost"
        if operation.isRepeated { flight.due = now }
        flying[number] = flight
      }
      guard let due = flight.due, due <= now, isConnected, (try? send(number)) != nil else { continue }
      hasSent = true
      flight.tries += 1
      flight.due = operation.isRepeated ? now + Self.tryFor : nil
      flying[number] = flight
    }
    if hasSent { sendQueued() }
  }
}

extension RatedOperation {
  fileprivate var isRepeated: Bool { if case .never = repetition { false } else { true } }
}
