import Interpreter
import NATS

/// `bench …`: how many messages a second, and how long each takes.
extension NatsSubcommand {
  static let benches: [NatsSubcommand] = messageBenches + streamBenches + bucketBenches + latencies

  private static let messageBenches: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "bench pub", "How quickly clients publish; ends when the servers have it all",
        positionals: [Positional("SUBJECT")], flags: BenchLoad.publishFlags + Flag.ofConnection,
        example: "nats bench pub orders.new --msgs 1000000 --size 128"), as: .jetStream, run: publish),
    NatsSubcommand(
      CommandForm(
        "bench sub", "How quickly subscribers get what is published meanwhile; each of them waits for all of --msgs",
        positionals: [Positional("SUBJECT")],
        flags: [Flag("--queue", .text, "share the messages among the clients, by this queue name")] + BenchLoad.flags
          + Flag.ofConnection, example: "nats bench sub orders.new --msgs 1000000"), as: .jetStream, run: subscribe),
    NatsSubcommand(
      CommandForm(
        "bench service request", "How long answers take, one question after the other",
        positionals: [Positional("SUBJECT")], flags: BenchLoad.publishFlags + Flag.ofConnection,
        example: "nats bench service request time.now --msgs 10000"), as: .jetStream, run: request),
    NatsSubcommand(
      CommandForm(
        "bench service serve", "Answers questions with --size bytes until --msgs of them are answered",
        positionals: [Positional("SUBJECT")],
        flags: [Flag("--queue", .text, "the name by which clients share the questions; bench if not given")]
          + BenchLoad.publishFlags + Flag.ofConnection,
        example: "nats bench service serve time.now --msgs 10000"), as: .jetStream, run: serve),
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
