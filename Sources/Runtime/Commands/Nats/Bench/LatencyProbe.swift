import Interpreter
import NATS

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
