import Interpreter
import NATS

/// `consumer next`: messages as a consumer hands them out.
extension NatsSubcommand {
  static let consumption: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "consumer next", "Takes messages from a pull consumer, and acknowledges them",
        positionals: [stream, consumer],
        flags: [
          Flag("--count", .integer, "how many; 1 if not given"),
          Flag("--wait", .duration, "not longer than this; 5s if not given", aliases: ["--timeout"]),
          Flag("--ack", .toggle, "acknowledges each; --no-ack leaves that open"),
          Flag("--nak", .toggle, "refuses each, so that it is handed out again"),
          Flag("--term", .toggle, "ends each: it is never handed out again"),
          Flag("--raw", .toggle, "the bodies alone"),
        ] + Flag.ofConnection, example: "nats consumer next ORDERS billing --count 10"),
      as: .jetStream, changesSomething: true, run: next)
  ]

  /// What came within the time is the value; nothing at all is a failure.
  @Sendable private static func next(_ call: NatsCall) throws(CommandFailure) -> Value {
    let (stream, consumer) = try call.consumerNames()
    let verdict = try verdict(call)
    let count = Int(call.words.integer("--count") ?? 1)
    guard count > 0 else { throw CommandFailure(.misused, "`--count` takes 1 or more, not \(count)") }
    // A consumer that does not exist would not answer at all.
    _ = try call.ask("CONSUMER.INFO.\(stream).\(consumer)")
    let wait = call.words.duration("--wait")?.duration ?? NatsCall.patience
    let isRaw = call.words.has("--raw")
    let fetched = try call.withJetStream(mayRepeat: false) { jetStream throws(NATSError) in
      try jetStream.fetch(count, from: consumer, of: stream, wait: wait, limit: call.limit()) {
        one throws(NATSError) in
        if let verdict { try jetStream.tell(verdict, about: one, limit: call.limit(atMost: NatsCall.patience)) }
        let text = MessageValue.text(of: one.message.payload).text
        call.show(isRaw ? text : "[\(one.message.sequence)] \(one.message.subject): \(text)")
      }
    }
    guard !fetched.isEmpty else {
      throw CommandFailure(
        .failed, "consumer \(consumer) of \(stream) handed out nothing in \(DurationValue(wait).text)",
        advice: "see what it has to hand out: nats consumer info \(stream) \(consumer)")
    }
    return .list(fetched.map { isRaw ? .string(MessageValue.text(of: $0.message.payload).text) : value($0) })
  }

  private static func verdict(_ call: NatsCall) throws(CommandFailure) -> JetStream.Verdict? {
    let given = ["--ack", "--nak", "--term"].filter { call.words.has($0) }
    guard given.count < 2 else {
      throw CommandFailure(
        .misused, "`\(given[0])` and `\(given[1])` do not go together", advice: "leave one of them out")
    }
    switch given.first {
    case "--nak": return .refuse
    case "--term": return .terminate
    default: return call.words.isGiven("--ack") && !call.words.has("--ack") ? nil : .acknowledge
    }
  }

  private static func value(_ fetched: JetStream.Fetched) -> Value {
    let message = fetched.message
    var entries = ValueMap([
      ("subject", .string(message.subject)), ("seq", .int(Int64(clamping: message.sequence))),
    ])
    MessageValue.set(message.payload, in: &entries)
    entries["headers"] = MessageValue.headers(message.headers.fields.map { ($0.name, $0.value) })
    entries["time"] = .time(TimeValue(nanoseconds: message.time))
    entries["delivered"] = .int(Int64(clamping: fetched.deliveries))
    entries["pending"] = .int(Int64(clamping: fetched.pending))
    return .map(entries)
  }
}
