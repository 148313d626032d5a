import NATS
import ValuesAndCommands

/// `pub`, `sub`, `request`: messages as they pass by.
extension NatsSubcommand {
  static let messages: [NatsSubcommand] = [
    sub(
      "pub", "Publishes a message; with --jetstream waits until a stream has stored it", subject, body,
      flags: [
        Flag("--count", .positive, "so many messages; {{Count}} in body and headers is each one's number, from 1"),
        Flag(
          "--jetstream", .toggle, "waits for the stream's word, tries again until it comes", aliases: ["-J"],
          gives: Gives.stored),
        Flag("--reply", .text, "where an answer is to go"), .header,
      ], document: "the message's body; " + MessageWords.help, gives: Gives.map("subject text; count int"),
      example: "nats pub orders.new 'order {{Count}}' --count 100 --jetstream",
      atMostOneOf: ["--jetstream", "--reply"], changes: true, run: publish),
    sub(
      "sub", "Waits for messages on a subject", subject,
      flags: [
        Flag("--count", .positive, "until so many have come"),
        Flag("--wait", .duration, "not longer than this; what came until then is the value"),
        Flag("--queue", .text, "of all subscribers with this queue name one gets each message"),
      ], gives: .list(Gives.message), example: "nats sub 'orders.>' --count 10 --wait 5s",
      needsOneOf: ["--count", "--wait"], run: subscribe),
    sub(
      "request", "Asks on a subject and waits for the answer", subject, body,
      flags: [
        Flag(
          "--replies", .number(0...Int64.max),
          "a list of so many answers, or fewer if no more come; 0: all that come in the time",
          gives: .list(Gives.message)),
        Flag("--timeout", .duration, "how long to wait; 5s if not given"), .header,
      ], document: "the question's body; " + MessageWords.help, gives: Gives.message,
      example: "nats request time.now ''", changes: true,
      run: request),
    sub(
      "reply", "Answers requests on a subject while a block runs", subject, body,
      flags: [
        Flag("--echo", .toggle, "answers with what was asked, body and headers"),
        Flag("--queue", .text, "of all responders with this queue name one gets each request"),
        Flag("--sleep", .duration, "waits so long before each answer"), .header,
      ],
      document: "the answer's body; {{Request}} in body and headers is the question, {{Count}} its number, from 1; "
        + MessageWords.help,
      gives: .nothing, example: "during nats reply time.now '12:00' { nats request time.now '' }", goesOn: true,
      run: reply),
  ]

  static let subject = Positional("SUBJECT")
  private static let body = Positional("BODY", optional: true)

  @Sendable private static func publish(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkPublishSubject)
    let template = try MessageWords(call)
    let count = Int(call.words.integer("--count") ?? 1)
    if call.words.has("--jetstream") { return try store(subject, count, call) { template.filled($0) } }
    let reply = call.words.string("--reply")
    let size = try call.withConnection(mayRepeat: false) { connection throws(NATSError) in
      let begun = ContinuousClock.now
      var size = 0
      for number in 1...count {
        let (payload, headers) = template.filled(number)
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
    let (payload, headers) = try MessageWords(call).filled(1)
    let timeout = call.words.duration("--timeout")?.duration ?? NatsCall.patience
    guard let replies = call.words.integer("--replies") else {
      let answer = try call.withConnection(mayRepeat: false) { connection throws(NATSError) in
        try connection.request(subject, payload, headers: headers, limit: call.limit(atMost: timeout))
      }
      call.show(answer.text)
      return MessageValue.value(answer)
    }
    let answers = try call.withConnection(mayRepeat: false) { connection throws(NATSError) in
      try connection.requestMany(
        subject, payload, headers: headers, until: .init(expected: replies == 0 ? nil : Int(replies)),
        limit: call.limit(atMost: timeout))
    }
    call.show(answers.map(\.text).joined(separator: "\n"))
    return .list(answers.map(MessageValue.value))
  }
}

/// `during nats reply`: answers requests for the length of a block.
extension NatsSubcommand {
  @Sendable private static func reply(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkSubscribeSubject)
    guard let begun = call.call.begun else {
      throw .misused("`nats reply` goes on until it is ended", advice: "during nats reply \(subject) … { … }")
    }
    let isEcho = call.words.has("--echo")
    let template = try MessageWords(call)
    if isEcho, !template.isEmpty {
      throw .misused("`--echo` answers with the question, so it takes no body and no headers")
    }
    let pause = call.words.duration("--sleep")?.duration
    try call.withConnection(mayRepeat: false) { connection throws(NATSError) in
      let subscription = try connection.subscribe(subject, queue: call.words.string("--queue"))
      defer { subscription.unsubscribe() }
      // The server knows of the subscription before the block asks anything.
      try connection.flush(limit: call.limit(atMost: NatsCall.patience))
      begun()
      var count = 0
      while let question = try subscription.next(limit: call.limit()) {
        guard let inbox = question.reply else { continue }
        count += 1
        if let pause { try call.limit().sleep(pause, .answer(subject: subject), server: connection.server) }
        let answer = isEcho ? (question.payload, question.headers) : template.filled(count, answering: question)
        try connection.publish(inbox, answer.0, headers: answer.1, limit: call.limit())
      }
    }
    return .null
  }
}

/// A message as the words of a call give it: the body behind the subject or by `with`, and the headers. It may be a
/// template, in which `{{Count}}` stands for the message's number, and others for what the nats CLI puts there.
struct MessageWords: Sendable {
  let body: String
  let headers: Headers

  init(_ call: NatsCall) throws(CommandFailure) {
    body = try call.body(behind: 1)
    headers = try MessageWords.headers(of: call)
  }

  var isEmpty: Bool { body.isEmpty && headers.fields.isEmpty }

  /// What is filled in beside the number.
  static let help =
    "in body and headers {{TimeStamp}}, {{Time}}, {{Unix}} and {{UnixNano}} are the time, in UTC, {{ID}} is 22 letters "
    + "and digits of chance, {{Random 3 5}} so many, from 3 to 5"

  /// The message of that number, from 1.
  ///
  /// - Parameter question: what it answers; `{{Request}}` is that one's body.
  func filled(_ number: Int, answering question: Message? = nil) -> (payload: [UInt8], headers: Headers?) {
    let time = TimeValue.now
    func filled(_ text: String) -> String {
      MessageWords.filling(text) { mark in
        // As a field of Go's templates, too.
        switch mark.hasPrefix(".") ? String(mark.dropFirst()) : mark {
        case "Count", "Cnt": String(number)
        case "Request": question?.text
        case let word: MessageWords.value(of: word, at: time)
        }
      }
    }
    var own = Headers()
    for field in headers.fields { own.add(field.name, filled(field.value)) }
    return (Array(filled(body).utf8), own.fields.isEmpty ? nil : own)
  }

  /// What stands for a mark that the nats CLI fills in, too; nil for others, which stay as they are.
  private static func value(of mark: String, at time: TimeValue) -> String? {
    let words = mark.split(separator: " ")
    let whole = TimeValue(nanoseconds: time.nanoseconds / 1_000_000_000 * 1_000_000_000)
    switch words.first {
    case "Unix" where words.count == 1: return String(time.nanoseconds / 1_000_000_000)
    case "UnixNano" where words.count == 1: return String(time.nanoseconds)
    case "TimeStamp" where words.count == 1: return Timestamp.rfc3339(nanoseconds: whole.nanoseconds)
    case "Time" where words.count == 1: return clock(time)
    case "ID" where words.count == 1: return chance(22)
    case "Random" where words.count == 3:
      guard let least = Int(words[1]), let most = Int(words[2]), least >= 0, least <= most, most <= longest
      else { return nil }
      return chance(.random(in: least...most))
    default: return nil
    }
  }

  /// More would be no message.
  private static let longest = 1 << 20

  private static func chance(_ count: Int) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    return String(decoding: (0..<count).map { _ in letters[Int.random(in: letters.indices)] }, as: UTF8.self)
  }

  /// As a kitchen's clock has it: `3:04PM`.
  private static func clock(_ time: TimeValue) -> String {
    let minutes = Int(time.nanoseconds / 60_000_000_000 % 1440)
    let (hour, minute) = minutes.quotientAndRemainder(dividingBy: 60)
    return "\((hour + 11) % 12 + 1):\(minute < 10 ? "0" : "")\(minute)\(hour < 12 ? "AM" : "PM")"
  }

  /// The text with a value in the place of each `{{Mark}}` that has one; blanks within the braces do not count.
  private static func filling(_ text: String, by value: (String) -> String?) -> String {
    var filled = ""
    var rest = text[...]
    while let open = rest.firstRange(of: "{{") {
      filled += rest[..<open.lowerBound]
      rest = rest[open.lowerBound...]
      let inside = rest.dropFirst(2)
      if let close = inside.firstRange(of: "}}"),
        let value = value(inside[..<close.lowerBound].split(separator: " ").joined(separator: " "))
      {
        filled += value
        rest = inside[close.upperBound...]
      } else {
        filled += rest.prefix(1)
        rest = rest.dropFirst()
      }
    }
    return filled + rest
  }

  static func headers(of call: NatsCall) throws(CommandFailure) -> Headers {
    var headers = Headers()
    for word in call.words.all("--header") {
      let parts = word.string.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw .misused("`\(word.masked)` is no header: it has no colon", advice: "write --header 'Key: value'")
      }
      headers.add(String(parts[0]), String(parts[1].drop { $0 == " " }))
    }
    return headers
  }
}

/// Messages as recipes get them: `subject`, `data` as text (as Base64 where it is none, then `encoding` says so), `headers` by
/// name, and `reply` if there is one.
enum MessageValue {
  static func value(_ message: Message) -> Value {
    var entries = ValueMap()
    entries["subject"] = .string(message.subject)
    set(message.payload, in: &entries)
    entries["headers"] = headers(message.headers?.fields.map { ($0.name, $0.value) } ?? [])
    if let reply = message.reply { entries["reply"] = .string(reply) }
    return .map(entries)
  }

  /// Sets `data`, and `encoding` where that is needed.
  static func set(_ payload: [UInt8], in entries: inout ValueMap) {
    let (text, encoding) = text(of: payload)
    entries["data"] = .string(text)
    if let encoding { entries["encoding"] = .string(encoding) }
  }

  /// Bytes as a value: text where they are text, else Base64, which is named then.
  static func text(of bytes: [UInt8]) -> (text: String, encoding: String?) {
    if let text = String(validating: bytes, as: UTF8.self) { return (text, nil) }
    return (Coding.base64(bytes), "base64")
  }

  /// A name that comes more than once has a list.
  static func headers(_ fields: [(name: String, value: String)]) -> Value {
    var map = ValueMap()
    for (name, value) in fields {
      switch map[name] {
      case nil: map[name] = .string(value)
      case .list(let values): map[name] = .list(values + [.string(value)])
      case .some(let first): map[name] = .list([first, .string(value)])
      }
    }
    return .map(map)
  }

  /// The fields of a header block as a stream stores it: `NATS/1.0`, then a field a line.
  static func fields(in block: [UInt8]) -> [(name: String, value: String)] {
    block.split(separator: UInt8(ascii: "\n")).dropFirst().compactMap { line in
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      var value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
      while let last = value.last, last == 0x20 || last == 0x09 || last == 0x0d { value.removeLast() }
      return (String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
    }
  }
}
