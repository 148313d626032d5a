import NATS
import SandboxSystem
import ValuesAndCommands

/// `consumer next` and `consumer ack`: messages as a consumer hands them out, and what it is told about them.
extension NatsSubcommand {
  static let consumption: [NatsSubcommand] = [
    sub(
      "consumer next", "Takes messages from a pull consumer, and acknowledges them", stream, consumer,
      flags: [
        Flag("--count", .positive, "how many; 1 if not given"),
        Flag("--wait", .duration, "not longer than this; 5s if not given", aliases: ["--timeout"]),
        Flag("--ack", .toggle, "acknowledges each; --no-ack leaves that open"), nak, term,
        Flag("--raw", .toggle, "the bodies alone", gives: .list(.text)),
      ], gives: .list(Gives.handedOut), example: "nats consumer next ORDERS billing --count 10",
      atMostOneOf: ["--ack", "--nak", "--term"], changes: true,
      run: next),
    sub(
      "consumer ack", "Acknowledges messages that a consumer has handed out, by the `reply` of each",
      Positional("REPLY", optional: true, repeated: true), flags: [nak, term],
      document: "a list of messages as `consumer next` gives them; those that are acknowledged are left alone",
      gives: .list(Gives.acknowledged),
      example: "nats consumer ack ...$replies", atMostOneOf: ["--nak", "--term"],
      changes: true, run: acknowledge),
  ]

  private static let nak = Flag("--nak", .toggle, "refuses each, so that it is handed out again")
  private static let term = Flag("--term", .toggle, "ends each: it is never handed out again")

  /// What came within the time is the value, acknowledged or not: the consumer takes it for handed out. Nothing at all is a
  /// failure.
  @Sendable private static func next(_ call: NatsCall) throws(CommandFailure) -> Value {
    let (stream, consumer) = try call.consumerNames()
    var verdicts = verdict(call).map(Verdicts.init)
    let count = Int(call.words.integer("--count") ?? 1)
    // A consumer that does not exist would not answer at all.
    let info = try call.ask("CONSUMER.INFO.\(stream).\(consumer)").entries
    // One that wants no word takes what it hands out for done.
    let isDoneAnyway = info[path: "config.ack_policy"].asText?.string == "none"
    if isDoneAnyway { verdicts = nil }
    let wait = call.words.duration("--wait")?.duration ?? NatsCall.patience
    let isRaw = call.words.has("--raw")
    let batch = try call.withJetStream(mayRepeat: false) { jetStream throws(NATSError) in
      let batch = try jetStream.fetch(count, from: consumer, of: stream, wait: wait, limit: call.limit()) { one in
        verdicts?.tell(one.reply, over: jetStream, call)
        let text = MessageValue.text(of: one.message.payload).text
        call.show(isRaw ? text : "[\(one.message.sequence)] \(one.message.subject): \(text)")
      }
      verdicts?.tellAgain(over: jetStream, call)
      return batch
    }
    let messages = batch.messages
    guard !messages.isEmpty else {
      throw .failed(
        "consumer \(consumer) of \(stream) handed out nothing in \(DurationValue(wait).text)",
        advice: "see what it has to hand out: nats consumer info \(stream) \(consumer)",
        details: FailureDetails("nothing-came"))
    }
    verdicts?.warn(of: messages.count, call)
    if let problem = batch.problem {
      call.warn("\(messages.count) of \(count) messages came, then: \(call.failure(problem).reason.masked)")
    }
    if isRaw { return .list(messages.map { .string(MessageValue.text(of: $0.message.payload).text) }) }
    return .list(
      messages.map { message in
        var entries = value(message)
        if let verdicts {
          verdicts.set(in: &entries, of: message.reply, call)
        } else {
          entries["acknowledged"] = .bool(isDoneAnyway)
          entries["reply"] = .string(message.reply)
        }
        return .map(entries)
      })
  }

  /// What was acknowledged is the value beside what was not; where the consumer took no note of anything it is a failure.
  @Sendable private static func acknowledge(_ call: NatsCall) throws(CommandFailure) -> Value {
    let replies = try replies(call)
    guard !replies.isEmpty else { return .list([]) }
    var verdicts = Verdicts(verdict(call) ?? .acknowledge)
    try call.withJetStream(mayRepeat: false) { jetStream throws(NATSError) in
      for (reply, _) in replies { verdicts.tell(reply, over: jetStream, call) }
      verdicts.tellAgain(over: jetStream, call)
    }
    if verdicts.problems.count == replies.count, let problem = verdicts.problems[replies[0].reply] {
      throw call.failure(problem)
    }
    verdicts.warn(of: replies.count, call)
    call.show("the consumer has taken note of \(replies.count - verdicts.problems.count)")
    return .list(
      replies.map { reply, sequence in
        var entries = ValueMap([("seq", .int(Int64(clamping: sequence)))])
        verdicts.set(in: &entries, of: reply, call)
        return .map(entries)
      })
  }

  /// The reply subjects that the call names, each once, with their messages' places in the stream.
  private static func replies(_ call: NatsCall) throws(CommandFailure) -> [(reply: String, sequence: UInt64)] {
    var texts = call.words.positionals.map(\.string)
    for message in call.call.document?.elements ?? call.call.document.map({ [$0] }) ?? [] {
      if case .bool(true)? = message.entries["acknowledged"] { continue }
      texts.append((message.entries["reply"] ?? message).asText?.string ?? message.shown())
    }
    guard call.call.document != nil || !call.words.positionals.isEmpty else {
      throw .misused(
        "`nats consumer ack` needs the reply subjects of messages",
        advice: "each message of nats consumer next has one: nats consumer ack ...${messages.map(m => m.reply)}")
    }
    var replies: [(reply: String, sequence: UInt64)] = []
    for text in texts where !replies.contains(where: { $0.reply == text }) {
      guard let sequence = JetStream.sequence(ofReply: text) else {
        throw .misused(
          "`\(text)` is no reply subject of a message that a consumer has handed out",
          advice: "they begin with $JS.ACK; each message of nats consumer next has one as its reply")
      }
      replies.append((text, sequence))
    }
    return replies
  }

  private static func verdict(_ call: NatsCall) -> JetStream.Verdict? {
    switch ["--nak", "--term"].first(where: call.words.has) {
    case "--nak": return .refuse
    case "--term": return .terminate
    default: return call.words.isGiven("--ack") && !call.words.has("--ack") ? nil : .acknowledge
    }
  }

  private static func value(_ fetched: JetStream.Fetched) -> ValueMap {
    let message = fetched.message
    var entries = ValueMap([
      ("subject", .string(message.subject)), ("seq", .int(Int64(clamping: message.sequence))),
    ])
    MessageValue.set(message.payload, in: &entries)
    entries["headers"] = MessageValue.headers(message.headers.fields.map { ($0.name, $0.value) })
    entries["time"] = .time(TimeValue(nanoseconds: message.time))
    entries["delivered"] = .int(Int64(clamping: fetched.deliveries))
    entries["pending"] = .int(Int64(clamping: fetched.pending))
    return entries
  }
}

/// What a consumer is told about messages that it has handed out, and of which of them it took no note: the others are not
/// lost for that, and those may be told of later.
struct Verdicts {
  let verdict: JetStream.Verdict
  /// Why the consumer took no note, by the messages' reply subjects.
  private(set) var problems: [String: NATSError] = [:]

  init(_ verdict: JetStream.Verdict) { self.verdict = verdict }

  /// Where the last word was not heard, the next one has less time: all of them are told once more in the end.
  private static let patienceInTrouble = Duration.milliseconds(250)

  mutating func tell(_ reply: String, over jetStream: JetStream, _ call: NatsCall) {
    let patience = problems.isEmpty ? NatsCall.patience : Self.patienceInTrouble
    tell(reply, over: jetStream, call.limit(atMost: patience))
  }

  /// Tells what was not heard again, as long as that may help: a consumer whose leader was lost has another one soon.
  mutating func tellAgain(over jetStream: JetStream, _ call: NatsCall) {
    let limit = call.limit(atMost: NatsCall.patience)
    let server = jetStream.connection.server
    while let (reply, _) = problems.first(where: { $0.value.isWorthTellingAgain }) {
      for reply in problems.keys.sorted() {
        guard !limit.hasPassed else { return }
        tell(reply, over: jetStream, limit.atMost(.seconds(1)))
      }
      guard (try? limit.sleep(.milliseconds(50), .answer(subject: reply), server: server)) != nil else { return }
    }
  }

  private mutating func tell(_ reply: String, over jetStream: JetStream, _ limit: Limit) {
    do throws(NATSError) {
      try jetStream.tell(verdict, aboutReply: reply, limit: limit)
      problems[reply] = nil
    } catch {
      problems[reply] = error
    }
  }

  /// Sets in a message's value whether it is acknowledged, by which subject that is done later, and what went wrong.
  func set(in entries: inout ValueMap, of reply: String, _ call: NatsCall) {
    entries["acknowledged"] = .bool(verdict == .acknowledge && problems[reply] == nil)
    entries["reply"] = .string(reply)
    if let problem = problems[reply] { entries["problem"] = Value(call.failure(problem).reason) }
  }

  /// Says of how many messages the consumer took no note.
  func warn(of count: Int, _ call: NatsCall) {
    guard let problem = problems.values.first else { return }
    call.warn(
      "of \(problems.count) of \(count) messages the consumer took no note: \(call.failure(problem).reason.masked);"
        + " tell it later: nats consumer ack")
  }
}

extension NATSError {
  /// The consumer may not have heard it, and may hear it the next time.
  fileprivate var isWorthTellingAgain: Bool {
    switch self {
    case .timedOut, .noResponders, .connectionLost: true
    default: false
    }
  }
}
