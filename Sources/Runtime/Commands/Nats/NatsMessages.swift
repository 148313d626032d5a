import Interpreter
import NATS

/// `pub`, `sub`, `request`: messages as they pass by.
extension NatsSubcommand {
  static let messages: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "pub", "Publishes a message; with --jetstream waits until a stream has stored it",
        positionals: [Positional("SUBJECT"), Positional("BODY", optional: true)],
        flags: [
          Flag("--count", .integer, "so many messages; {{Count}} in body and headers is each one's number, from 1"),
          Flag("--jetstream", .toggle, "waits for the stream's word, tries again until it comes", aliases: ["-J"]),
          Flag("--reply", .text, "where an answer is to go"), header,
        ] + Flag.ofConnection, document: "the message's body",
        example: "nats pub orders.new 'order {{Count}}' --count 100 --jetstream"),
      as: .jetStream, changesSomething: true, run: publish),
    NatsSubcommand(
      CommandForm(
        "sub", "Waits for messages on a subject", positionals: [Positional("SUBJECT")],
        flags: [
          Flag("--count", .integer, "until so many have come"),
          Flag("--wait", .duration, "not longer than this; what came until then is the value"),
          Flag("--queue", .text, "of all subscribers with this queue name one gets each message"),
        ] + Flag.ofConnection, example: "nats sub 'orders.>' --count 10 --wait 5s",
        needsOneOf: ["--count", "--wait"]), as: .jetStream, run: subscribe),
    NatsSubcommand(
      CommandForm(
        "request", "Asks on a subject and waits for the answer",
        positionals: [Positional("SUBJECT"), Positional("BODY", optional: true)],
        flags: [
          Flag(
            "--replies", .integer, "a list of so many answers, or fewer if no more come; 0: all that come in the time"),
          Flag("--timeout", .duration, "how long to wait; 5s if not given"), header,
        ] + Flag.ofConnection,
        document: "the question's body", example: "nats request time.now ''"),
      as: .jetStream, changesSomething: true, run: request),
  ]

  private static let header = Flag(
    "--header", .text, "a header, as 'Key: value'; repeated: several", aliases: ["-H"])

  @Sendable private static func publish(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkPublishSubject)
    let template = try MessageWords(call)
    let count = Int(call.words.integer("--count") ?? 1)
    try call.checkCount()
    func message(_ number: Int) -> (payload: [UInt8], headers: Headers?) {
      call.words.isGiven("--count") ? template.filled(number) : template.plain
    }
    if call.words.has("--jetstream") {
      guard !call.words.isGiven("--reply") else {
        throw CommandFailure(.misused, "`--jetstream` and `--reply` do not go together: the stream answers")
      }
      return try store(subject, count, call, message)
    }
    let reply = call.words.string("--reply")
    let size = try call.withConnection(mayRepeat: false) { connection throws(NATSError) in
      let begun = ContinuousClock.now
      var size = 0
      for number in 1...count {
        let (payload, headers) = message(number)
        size += payload.count
        try connection.publish(
          subject, payload, reply: reply, headers: headers, limit: call.limit())
      }
      try connection.flush(publishedOn: subject, since: begun, limit: call.limit(atMost: NatsCall.patience))
      return size
    }
    call.show(count == 1 ? "published \(size) bytes to \(subject)" : "published \(count) messages to \(subject)")
    return ["subject": .string(subject), "count": .int(Int64(count))]
  }

  /// One after the other, each acknowledged before the next leaves: so their order in the stream is that of their numbers.
  private static func store(
    _ subject: String, _ count: Int, _ call: NatsCall, _ message: (Int) -> (payload: [UInt8], headers: Headers?)
  ) throws(CommandFailure) -> Value {
    // Each message has an identifier, so what was on its way when a connection broke is not stored twice.
    let prefix = "\(UInt64.random(in: 0 ... .max))\(UInt64.random(in: 0 ... .max))"
    var stored: PublishAcknowledgement?
    var number = 1
    let untaken = UntakenSubject(subject, of: call)
    func publish(over jetStream: JetStream) throws(NATSError) {
      let (payload, headers) = message(number)
      let identifier = headers?["Nats-Msg-Id"] ?? "\(prefix)-\(number)"
      stored = try jetStream.publish(
        subject, payload, messageID: identifier, headers: headers ?? Headers(), limit: call.limit(),
        whereNobodyListens: { (error) throws(NATSError) in try untaken.look(error, jetStream) })
      number += 1
    }
    do throws(CommandFailure) {
      try call.withJetStream { jetStream throws(NATSError) in
        while number <= count { try publish(over: jetStream) }
      }
    } catch {
      let failure = untaken.explanation(of: error)
      guard let stored else { throw failure }
      throw failure.having(
        done: value(of: stored, count: number - 1),
        "\(number - 1) of \(count) messages \(number == 2 ? "is" : "are") stored, the last in \(stored.stream) as \(stored.sequence)"
      )
    }
    guard let last = stored else { return .null }
    let known = last.isDuplicate ? ", which it had already" : ""
    call.show("stored in \(last.stream) as \(last.sequence)\(known)")
    return value(of: last, count: call.words.isGiven("--count") ? count : nil)
  }

  private static func value(of last: PublishAcknowledgement, count: Int?) -> Value {
    var entries = ValueMap()
    entries["stream"] = .string(last.stream)
    entries["seq"] = .int(Int64(clamping: last.sequence))
    entries["duplicate"] = .bool(last.isDuplicate)
    if let domain = last.domain, !domain.isEmpty { entries["domain"] = .string(domain) }
    if let count { entries["count"] = .int(Int64(count)) }
    return .map(entries)
  }

  @Sendable private static func subscribe(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkSubscribeSubject)
    let count = call.words.integer("--count").map { Int($0) }
    let wait = call.words.duration("--wait")
    try call.checkCount()
    let messages = try call.gathering("messages on \(subject)") { messages throws(CommandFailure) in
      try call.withConnection(mayRepeat: false) { connection throws(NATSError) in
        let subscription = try connection.subscribe(subject, queue: call.words.string("--queue"), maximum: count)
        defer {
          warn(ofMessagesMissedBy: subscription, call)
          subscription.unsubscribe()
        }
        try connection.flush(limit: call.limit(atMost: NatsCall.patience))
        let limit = call.limit(atMost: wait?.duration)
        while messages.count < count ?? .max {
          do throws(NATSError) {
            guard let message = try subscription.next(limit: limit) else { break }
            messages.append(MessageValue.value(message))
            call.show("[\(messages.count)] \(message.subject): \(message.text)")
          } catch .timedOut(let activity, let server) {
            guard wait != nil, call.call.deadline > .now else { throw .timedOut(activity, server: server) }
            break
          }
        }
      }
    }
    return .list(messages)
  }

  /// Whoever listens has to know that something may have come meanwhile.
  private static func warn(ofMessagesMissedBy subscription: Subscription, _ call: NatsCall) {
    if let gap = subscription.gap {
      call.warn(
        "messages on \(subscription.subject) may be missing: \(call.failure(gap).reason.masked); where it was too slow for"
          + " what came, nats server list shows that under Slow")
    }
    if subscription.dropped > 0 {
      call.warn("\(subscription.dropped) messages on \(subscription.subject) came too quickly and are missing")
    }
  }

  @Sendable private static func request(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkPublishSubject)
    let (payload, headers) = try MessageWords(call).plain
    let timeout = call.words.duration("--timeout")?.duration ?? NatsCall.patience
    guard let replies = call.words.integer("--replies") else {
      let answer = try call.withConnection(mayRepeat: false) { connection throws(NATSError) in
        try connection.request(subject, payload, headers: headers, limit: call.limit(atMost: timeout))
      }
      call.show(answer.text)
      return MessageValue.value(answer)
    }
    guard replies >= 0 else { throw CommandFailure(.misused, "`--replies` takes 0 or more, not \(replies)") }
    let answers = try call.withConnection(mayRepeat: false) { connection throws(NATSError) in
      try connection.requestMany(
        subject, payload, headers: headers, until: .init(expected: replies == 0 ? nil : Int(replies)),
        limit: call.limit(atMost: timeout))
    }
    call.show(answers.map(\.text).joined(separator: "\n"))
    return .list(answers.map(MessageValue.value))
  }
}
