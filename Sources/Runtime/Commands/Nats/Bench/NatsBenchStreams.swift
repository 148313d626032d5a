import Interpreter
import NATS
import Synchronization

/// `bench js …`: publishing into streams with the stream's word for each message, and reading from them.
extension NatsSubcommand {
  static let streamBenches: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "bench js pub sync", "How quickly a stream takes messages one after the other, and how long each takes",
        positionals: [Positional("SUBJECT")], flags: publishFlags + Flag.ofConnection,
        example: "nats bench js pub sync bench.orders --create --replicas 3 --cluster xr-js"),
      as: .jetStream, run: publishSync),
    NatsSubcommand(
      CommandForm(
        "bench js pub async", "How quickly a stream takes messages of which --batch are on their way at once",
        positionals: [Positional("SUBJECT")],
        flags: [Flag("--batch", .integer, "so many on their way at once; 500 if not given")] + publishFlags
          + Flag.ofConnection, example: "nats bench js pub async bench.orders --create --msgs 100000"),
      as: .jetStream, run: publishAsync),
    NatsSubcommand(
      CommandForm(
        "bench js fetch", "How quickly a consumer reads from a stream, one batch after the other",
        flags: readFlags + Flag.ofConnection, example: "nats bench js fetch --stream benchstream --batch 500"),
      as: .jetStream, run: { call throws(CommandFailure) in try read(call, inAdvance: false) }),
    NatsSubcommand(
      CommandForm(
        "bench js consume", "The same, the next batch asked for before the last has come",
        flags: readFlags + Flag.ofConnection, example: "nats bench js consume --stream benchstream"),
      as: .jetStream, run: { call throws(CommandFailure) in try read(call, inAdvance: true) }),
  ]

  private static let benchStream = Flag("--stream", .text, "the stream; benchstream if not given")
  private static let publishFlags =
    [
      benchStream,
      Flag("--dedup", .toggle, "every message has an identifier, and is sent again where no word comes"),
    ] + BenchStream.placementFlags + BenchLoad.publishFlags
  private static let readFlags =
    [
      benchStream,
      Flag("--consumer", .text, "the consumer's name, which is made for the bench; nats-bench if not given"),
      Flag("--batch", .integer, "so many messages are asked for at once; 500 if not given"),
      Flag("--acks", .choice(["explicit", "none"]), "whether each message is acknowledged; explicit if not given"),
    ] + BenchLoad.flags

  /// How long a message without an identifier may wait for its stream's word.
  private static let patience = Duration.seconds(10)

  @Sendable private static func publishSync(_ call: NatsCall) throws(CommandFailure) -> Value {
    try publish(call, inFlight: 1, BenchLoad(call, messages: 10_000))
  }

  @Sendable private static func publishAsync(_ call: NatsCall) throws(CommandFailure) -> Value {
    try publish(call, inFlight: BenchLoad.count("--batch", 500, 100_000, call), BenchLoad(call))
  }

  private static func publish(_ call: NatsCall, inFlight: Int, _ load: BenchLoad) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkPublishSubject)
    let name = call.words.string("--stream") ?? BenchStream.usualName
    try call.checked { () throws(NATSError) in try Names.checkStream(name) }
    try BenchStream.prepare(name, subjects: [subject], call)
    try BenchStream.checkOwner(of: subject, is: name, call)
    let prefix = try call.jetStreamPrefix()
    let payload = load.payload
    let repeats = call.words.has("--dedup")
    let strangers = Strangers()
    let figures = try BenchClients.run(load, call, "acknowledgements of \(subject)") { client throws(NATSError) in
      var figures = BenchFigures()
      let window = try PublishWindow(
        JetStream(client.connection, prefix: prefix), inFlight: inFlight, repetition: repeats ? .identified : .never,
        tryFor: repeats ? .milliseconds(250) : patience, limit: client.limit
      ) { acknowledged in
        figures.latency.add(acknowledged.took)
        if acknowledged.acknowledgement.stream != name { strangers.note(acknowledged.acknowledgement.stream) }
        client.note()
      }
      for _ in 0..<client.messages {
        try window.publish(subject, payload)
        if let pause = load.pause { try client.limit.sleep(pause, .sending, server: client.connection.server) }
      }
      try window.finish()
      figures.end = .now
      figures.messages = client.messages
      figures.bytes = client.messages * payload.count
      return figures
    }
    if let stranger = strangers.first { throw BenchStream.takenElsewhere(subject, by: stranger, insteadOf: name) }
    return benched(figures, load, call, "acknowledged messages on \(subject)")
  }

  private static func read(_ call: NatsCall, inAdvance: Bool) throws(CommandFailure) -> Value {
    let load = try BenchLoad(call)
    let batch = try BenchLoad.count("--batch", 500, 100_000, call)
    let stream = call.words.string("--stream") ?? BenchStream.usualName
    let consumer = call.words.string("--consumer") ?? "nats-bench"
    try call.checked { () throws(NATSError) in
      try Names.checkStream(stream)
      try Names.checkConsumer(consumer)
    }
    let acknowledges = call.words.string("--acks") != "none"
    let configuration: Value = [
      "stream_name": .string(stream),
      "config": [
        "name": .string(consumer), "deliver_policy": "all", "ack_policy": .string(acknowledges ? "explicit" : "none"),
        "max_ack_pending": .int(Int64(max(1000, 2 * batch * load.clients))),
        // Whatever happens to this run, it is not left behind.
        "inactive_threshold": .int(60_000_000_000),
      ],
    ]
    let prefix = try call.withJetStream { jetStream throws(NATSError) in
      _ = try jetStream.requestWhenReady(
        "CONSUMER.CREATE.\(stream).\(consumer)", NatsReply.document(configuration),
        limit: call.limit(atMost: .seconds(30)))
      return jetStream.prefix
    }
    defer {
      _ = try? call.withJetStream { jetStream throws(NATSError) in
        try jetStream.request("CONSUMER.DELETE.\(stream).\(consumer)", limit: .within(NatsCall.patience))
      }
    }
    let figures = try BenchClients.run(load, call, "messages of \(stream)") { client throws(NATSError) in
      let reader = try BatchReader(
        client, pull: "\(prefix).CONSUMER.MSG.NEXT.\(stream).\(consumer)", batch: batch, inAdvance: inAdvance,
        acknowledges: acknowledges)
      return try reader.read()
    }
    return benched(figures, load, call, "readers of \(stream)")
  }
}

/// Another stream than the one that is measured, if one has taken a message: a mapping of subjects may lead there.
private final class Strangers: Sendable {
  private let name = Mutex<String?>(nil)

  var first: String? { name.withLock { $0 } }
  func note(_ stream: String) { name.withLock { $0 = $0 ?? stream } }
}
