import NATS
import ValuesAndCommands

/// `latency`: how long a message is on its way from one cluster to another.
extension NatsSubcommand {
  static let latencies: [NatsSubcommand] = [
    sub(
      "latency", "How long messages are on their way, from publishing in one cluster to a subscriber in another",
      subject,
      flags: [
        Flag(
          "--to", .text, "the cluster whose servers the subscriber is with; the publisher's own if not given",
          offers: .clusters),
        Flag("--server-b", .text, "the same by a server's URL, as nats://host:4222"),
        Flag("--as", .text, "the subject that the subscriber listens on, where servers map subjects"),
        Flag(
          "--stream", .text, "through this stream: every message is acknowledged, and read by a consumer",
          offers: .streams),
        Flag("--msgs", .number(1...1_000_000), "how many messages; 1000 if not given"),
        Flag("--size", .size, "how large each is; 128 bytes if not given"),
        Flag("--rate", .frequency, "how many are sent in a second; 1000/s if not given"),
        Flag("--wait", .duration, "how long to wait for the first and after the last; 5s if not given"),
      ], gives: Gives.latency, example: "nats latency ping.c1 --to c2 --msgs 1000 on c1",
      atMostOneOf: ["--to", "--server-b"], run: measureLatency)
  ]

  @Sendable private static func measureLatency(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkPublishSubject)
    let heard = call.words.string("--as") ?? subject
    let stream = call.words.string("--stream")
    try call.checked { () throws(NATSError) in
      try Names.checkSubscribeSubject(heard)
      if let stream { try Names.checkStream(stream) }
    }
    let here = try call.destination()
    let there = try destination(of: call)
    let plan = LatencyProbe.Plan(
      subject: subject, heard: heard, stream: stream,
      prefix: stream == nil ? "" : try call.jetStreamPrefix(),
      messages: call.count("--msgs", usual: 1000),
      size: Int(min(max(call.words.size("--size") ?? 128, 0), 8 << 20)),
      pause: .nanoseconds(1_000_000_000 / (call.words.frequency("--rate") ?? 1000)),
      patience: call.words.duration("--wait")?.duration ?? NatsCall.patience)
    let progress = BenchProgress(call, "messages from \(here.name) to \(there.name)", total: plan.messages)
    defer { progress.end() }
    let found: LatencyProbe.Found
    do throws(NATSError) {
      let publisher = try Connection.connect(here.options, limit: call.limit(atMost: .seconds(10)))
      defer { publisher.close() }
      let subscriber = try Connection.connect(there.options, limit: call.limit(atMost: .seconds(10)))
      defer { subscriber.close() }
      found = try LatencyProbe(publisher, subscriber, plan, call.limit()).run(progress)
    } catch {
      throw call.failure(error)
    }
    let value = value(found, from: here.name, to: there.name, plan)
    call.show(Value.list([value]).displayed)
    return value
  }

  /// Quantiles are null where nothing arrived, or nothing was acknowledged.
  private static func value(
    _ found: LatencyProbe.Found, from: String, to: String, _ plan: LatencyProbe.Plan
  ) -> Value {
    var entries = ValueMap()
    entries["from"] = .string(from)
    entries["to"] = .string(to)
    entries["subject"] = .string(plan.subject)
    if let stream = plan.stream { entries["stream"] = .string(stream) }
    entries["msgs"] = .int(Int64(plan.messages))
    entries["received"] = .int(Int64(found.received))
    entries["latency"] = found.latency.value
    if plan.stream != nil {
      entries["acknowledged"] = .int(Int64(found.acknowledgement.count))
      entries["acknowledgement"] = found.acknowledgement.value
    }
    return .map(entries)
  }

  /// Where the subscriber is: with the same login, unless `--server-b` has its own.
  private static func destination(of call: NatsCall) throws(CommandFailure) -> NatsDestination {
    switch (call.words.string("--to"), call.words.string("--server-b")) {
    case (nil, nil): return try call.destination()
    case (let name?, nil):
      guard !call.words.isGiven("--server"), !call.words.isGiven("--context") else {
        throw .misused("`--to` names a cluster of this run", advice: "give --server-b nats://host:4222")
      }
      guard let cluster = call.call.clusters.first(where: { $0.name == name }) else {
        let known = call.call.clusters.map(\.name).joined(separator: ", ")
        throw .misused("\(name) is no cluster of this run", advice: "there are \(known)")
      }
      return try call.on(cluster).destination()
    case (_, let url?):
      let here = try call.destination()
      do throws(NATSError) {
        let options = try Connection.Options(urls: url)
        var credentials = options.credentials
        if case .none = credentials { credentials = here.credentials }
        return NatsDestination(
          name: url.contains("@") ? "--server-b" : url, endpoints: options.endpoints, credentials: credentials,
          inboxPrefix: here.inboxPrefix)
      } catch {
        throw call.failure(error)
      }
    }
  }
}

extension NatsCall {
  /// The same call, as `on` that cluster.
  func on(_ cluster: Cluster) -> NatsCall {
    var invocation = call
    invocation.cluster = cluster
    return NatsCall(
      words: words, call: invocation, subcommand: subcommand, target: target, accounts: accounts, contexts: contexts,
      connections: connections, signer: signer, silence: silence)
  }
}

/// Sends numbered messages over one connection, a steady number a second, and takes them from another, in the same process
/// and by the same clock: from just before each is sent until its bytes were read from the other socket.
struct LatencyProbe {
  struct Plan: Sendable {
    var subject: String
    /// What the subscriber listens on.
    var heard: String
    /// The stream that the messages go through; nil: they pass by.
    var stream: String?
    /// What JetStream's subjects begin with.
    var prefix: String
    var messages: Int
    var size: Int
    var pause: Duration
    var patience: Duration
  }

  struct Found {
    var received = 0
    var latency = LatencySketch()
    var acknowledgement = LatencySketch()
  }

  private let publisher: Connection
  private let subscriber: Connection
  private let plan: Plan
  private let limit: Limit
  /// When each message left.
  private var sent: [ContinuousClock.Instant] = []
  private var hasArrived: [Bool]
  private var found = Found()

  init(_ publisher: Connection, _ subscriber: Connection, _ plan: Plan, _ limit: Limit) {
    self.publisher = publisher
    self.subscriber = subscriber
    self.plan = plan
    self.limit = limit
    hasArrived = Array(repeating: false, count: plan.messages)
    sent.reserveCapacity(plan.messages)
  }

  consuming func run(_ progress: BenchProgress) throws(NATSError) -> Found {
    let inbox = subscriber.newInbox()
    let subscription = try subscriber.subscribe(plan.stream == nil ? plan.heard : inbox)
    defer { subscription.unsubscribe() }
    var consumer: String?
    if let stream = plan.stream { consumer = try makeConsumer(of: stream, delivering: inbox) }
    defer { if let stream = plan.stream, let consumer { removeConsumer(consumer, of: stream) } }
    let acknowledgements = try publisher.subscribe(publisher.newInbox() + ".*")
    defer { acknowledgements.unsubscribe() }
    try subscriber.flush(limit: limit.atMost(plan.patience))
    try publisher.flush(limit: limit.atMost(plan.patience))
    // Other clusters hear of a subscription some time after it was made, and a stream's consumer begins a little later too.
    let begun = ContinuousClock.now
    let isKnown = try becomesKnown(subscription, acknowledgements)
    try publisher.flush(publishedOn: plan.subject, since: begun, limit: limit.atMost(plan.patience))
    if isKnown {
      try send(subscription, acknowledgements, progress)
      try takeTheRest(subscription, acknowledgements)
    }
    return found
  }

  /// One that delivers what comes from now on, and that the server forgets with its subscriber.
  private func makeConsumer(of stream: String, delivering inbox: String) throws(NATSError) -> String {
    let name = "latency-\(UInt64.random(in: 0 ... .max))"
    let body: Value = [
      "stream_name": .string(stream),
      "config": [
        "name": .string(name), "deliver_subject": .string(inbox), "deliver_policy": "new", "ack_policy": "none",
        "filter_subject": .string(plan.heard), "num_replicas": 1, "mem_storage": true,
        "inactive_threshold": .int(30_000_000_000),
      ],
    ]
    _ = try JetStream(subscriber, prefix: plan.prefix).requestWhenReady(
      "CONSUMER.CREATE.\(stream).\(name)", NatsReply.document(body), limit: limit.atMost(.seconds(30)))
    return name
  }

  private func removeConsumer(_ name: String, of stream: String) {
    _ = try? JetStream(subscriber, prefix: plan.prefix).request(
      "CONSUMER.DELETE.\(stream).\(name)", limit: .within(.seconds(2)))
  }

  /// Sends messages that do not count until one arrives; false if none does.
  private func becomesKnown(_ subscription: Subscription, _ acknowledgements: Subscription) throws(NATSError) -> Bool {
    let end = limit.atMost(plan.patience)
    var number = 0
    while !end.hasPassed {
      number -= 1
      try publish(number, acknowledgements)
      guard try next(subscription, until: limit.atMost(.milliseconds(50))) != nil else { continue }
      // Those that were sent before may come still.
      while try next(subscription, until: limit.atMost(.milliseconds(50))) != nil {}
      return true
    }
    return false
  }

  /// The next message; nil if none comes.
  private func next(_ subscription: Subscription, until end: Limit) throws(NATSError) -> Message? {
    do throws(NATSError) {
      return try subscription.next(limit: end)
    } catch {
      guard case .timedOut = error, !limit.hasPassed else { throw error }
      return nil
    }
  }

  private func publish(_ number: Int, _ acknowledgements: Subscription) throws(NATSError) {
    var payload = Array("\(number) ".utf8)
    if payload.count < plan.size { payload += Array(repeating: UInt8(ascii: "x"), count: plan.size - payload.count) }
    let reply = plan.stream.map { _ in "\(acknowledgements.subject.dropLast())\(number)" }
    try publisher.publish(plan.subject, payload, reply: reply, limit: limit)
  }

  private mutating func send(
    _ subscription: Subscription, _ acknowledgements: Subscription, _ progress: BenchProgress
  ) throws(NATSError) {
    let start = ContinuousClock.now
    for number in 0..<plan.messages {
      // By the clock, not by the message: one that was late makes none after it late.
      let due = start + plan.pause * number
      if due > .now { try limit.sleep(ContinuousClock.now.duration(to: due), .sending, server: publisher.server) }
      sent.append(.now)
      try publish(number, acknowledgements)
      progress.tell(number)
      while subscription.waiting > 0, let message = try subscription.next(limit: limit) { arrived(message) }
      while acknowledgements.waiting > 0, let word = try acknowledgements.next(limit: limit) { acknowledged(word) }
    }
    try publisher.flush(limit: limit.atMost(plan.patience))
  }

  private mutating func takeTheRest(
    _ subscription: Subscription, _ acknowledgements: Subscription
  ) throws(NATSError) {
    let end = limit.atMost(plan.patience)
    while found.received < plan.messages, let message = try next(subscription, until: end) { arrived(message) }
    guard plan.stream != nil else { return }
    while found.acknowledgement.count < plan.messages, let word = try next(acknowledgements, until: end) {
      acknowledged(word)
    }
  }

  private mutating func arrived(_ message: Message) {
    guard let number = Self.number(message.payload), sent.indices.contains(number), !hasArrived[number] else { return }
    hasArrived[number] = true
    found.received += 1
    found.latency.add(sent[number].duration(to: message.receivedAt))
  }

  /// A refusal counts as no word at all.
  private mutating func acknowledged(_ word: Message) {
    guard let last = word.subject.split(separator: ".").last, let number = Int(last), sent.indices.contains(number),
      (try? JetStream(publisher, prefix: plan.prefix).acknowledgement(in: word, subject: plan.subject)) != nil
    else { return }
    found.acknowledgement.add(sent[number].duration(to: word.receivedAt))
  }

  /// The number that a message begins with.
  private static func number(_ payload: [UInt8]) -> Int? {
    Int(String(decoding: payload.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
  }
}

/// How long something took, many times over, in memory that does not grow with the times: they are counted in buckets, each
/// less than a hundredth wider than the times in it. The least and the greatest are exact.
struct LatencySketch: Sendable {
  /// Buckets for every power of two; below it a bucket is a nanosecond wide.
  private static let fineness = 128

  private var counts: [UInt64] = []
  private(set) var count: UInt64 = 0
  private var least = Int64.max
  private var greatest = Int64.min

  mutating func add(_ duration: Duration) {
    let nanoseconds = max(0, DurationValue(duration).nanoseconds)
    let bucket = Self.bucket(of: nanoseconds)
    if bucket >= counts.count { counts += Array(repeating: 0, count: bucket + 1 - counts.count) }
    counts[bucket] += 1
    count += 1
    least = min(least, nanoseconds)
    greatest = max(greatest, nanoseconds)
  }

  mutating func add(_ other: LatencySketch) {
    if other.counts.count > counts.count {
      counts += Array(repeating: 0, count: other.counts.count - counts.count)
    }
    for (bucket, amount) in other.counts.enumerated() { counts[bucket] += amount }
    count += other.count
    least = min(least, other.least)
    greatest = max(greatest, other.greatest)
  }

  /// The time that this share of all did not exceed, by the nearest rank; nil if there are none.
  func quantile(_ share: Double) -> DurationValue? {
    guard count > 0 else { return nil }
    let rank = max(1, UInt64((share * Double(count)).rounded(.up)))
    var seen: UInt64 = 0
    for (bucket, amount) in counts.enumerated() {
      seen += amount
      if seen >= rank {
        return DurationValue(nanoseconds: min(greatest, max(least, Self.middle(of: bucket))))
      }
    }
    return DurationValue(nanoseconds: greatest)
  }

  /// `min`, `p50`, `p90`, `p99`, `p999` and `max`; null if there are none.
  var value: Value {
    guard count > 0 else { return .null }
    var entries = ValueMap()
    entries["min"] = .duration(DurationValue(nanoseconds: least))
    for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)] {
      entries[name] = quantile(share).map(Value.duration)
    }
    entries["max"] = .duration(DurationValue(nanoseconds: greatest))
    return .map(entries)
  }

  /// How many fell into each of the parts of a range, eight for every power of two: `upto` the part's end and `count`.
  /// Parts into which nothing fell are left out.
  var histogram: Value {
    let width = Self.fineness / 8
    var rows: [Value] = []
    for first in stride(from: 0, to: counts.count, by: width) {
      let sum = counts[first..<min(first + width, counts.count)].reduce(0, +)
      guard sum > 0 else { continue }
      rows.append([
        "upto": .duration(DurationValue(nanoseconds: Self.start(of: first + width))), "count": .int(Int64(sum)),
      ])
    }
    return .list(rows)
  }

  /// Times of 128 to 255 have a bucket each, those of twice as much a bucket for two, and so on.
  private static func bucket(of nanoseconds: Int64) -> Int {
    let number = Int(nanoseconds)
    guard number >= 2 * fineness else { return number }
    let shift = Int.bitWidth - 1 - number.leadingZeroBitCount - fineness.trailingZeroBitCount
    return shift * fineness + number >> shift
  }

  private static func middle(of bucket: Int) -> Int64 {
    guard bucket >= 2 * fineness else { return Int64(bucket) }
    return start(of: bucket) + (1 << Int64(bucket / fineness - 1)) / 2
  }

  /// The shortest time that falls into a bucket.
  private static func start(of bucket: Int) -> Int64 {
    guard bucket >= 2 * fineness else { return Int64(bucket) }
    let shift = bucket / fineness - 1
    return Int64((bucket - shift * fineness) << shift)
  }
}
