import NATS
import SandboxSystem
import ValuesAndCommands

/// `consumer …`: making, changing, showing and taking away consumers, and taking messages from them.
extension NatsSubcommand {
  static let consumers: [NatsSubcommand] =
    [
      sub(
        "consumer add", "Makes a consumer; one that is there and just like it stays as it is", stream,
        Positional("CONSUMER", optional: true, help: "its name; servers give it one if there is none"),
        flags: ConsumerFlags.all + [.json], document: "the consumer's configuration, over which flags are laid",
        gives: Gives.consumer,
        example: "nats consumer add ORDERS billing --filter orders.paid --ack explicit --max-deliver 5", changes: true,
        run: add),
      sub(
        "consumer edit", "Changes a consumer in what the flags and the document say", stream, consumer,
        flags: ConsumerFlags.all + [.json], document: "the parts of the configuration that change",
        gives: Gives.consumer, example: "nats consumer edit ORDERS billing --max-deliver 10", changes: true, run: edit),
      sub(
        "consumer info", "A consumer's configuration, how far it is, and who leads it", stream, consumer,
        flags: [.json], gives: Gives.consumer, example: "nats consumer info ORDERS billing", run: info),
      sub(
        "consumer ls", "Every consumer of a stream", stream, flags: [.names("their names alone"), .json],
        gives: .list(Gives.consumer), example: "nats consumer ls ORDERS", run: list),
      sub(
        "consumer report", "How far every consumer of a stream is; * leads, ! is away", stream, flags: [.json],
        gives: .list(Gives.consumerRow), example: "nats consumer report ORDERS", run: report),
      sub(
        "consumer rm", "Takes a consumer away", stream, consumer, flags: [.force],
        gives: Gives.map("stream text; consumer text"),
        example: "nats consumer rm ORDERS billing --force", changes: true, run: remove),
      sub(
        "consumer pause", "Lets a consumer hand out nothing until a time, or for so long", stream, consumer,
        Positional("UNTIL", help: "a time as 2026-11-22T12:00:00Z, or how long, as 10m"), flags: [.force],
        gives: Gives.pause, example: "nats consumer pause ORDERS billing 10m", changes: true, run: pause),
      sub(
        "consumer resume", "Ends a consumer's pause", stream, consumer, flags: [.force], gives: Gives.pause,
        example: "nats consumer resume ORDERS billing", changes: true, run: resume),
      sub(
        "consumer cluster step-down", "Lets another server lead a consumer, and waits until it does", stream, consumer,
        flags: ConfigurationKeys.leader.flags, gives: Gives.leaderMove,
        example: "nats consumer cluster step-down ORDERS billing", changes: true, run: stepDown),
    ] + consumption

  static let stream = Positional("STREAM", offers: .streams)
  static let consumer = Positional("CONSUMER", offers: .consumers)

  @Sendable private static func add(_ call: NatsCall) throws(CommandFailure) -> Value {
    let stream = try call.name(Names.checkStream)
    let name = call.words.positional(1)?.string
    if let name { try call.checked { () throws(NATSError) in try Names.checkConsumer(name) } }
    let usual: ValueMap = ValueMap([
      ("ack_policy", "explicit"), ("deliver_policy", "all"), ("replay_policy", "instant"),
    ])
    let configuration = usual.merged(with: try ConsumerFlags.configuration(call, name: name))
    let made = try change(stream, configuration, action: "create", call)
    return call.present(made)
  }

  @Sendable private static func edit(_ call: NatsCall) throws(CommandFailure) -> Value {
    let (stream, consumer) = try call.consumerNames()
    let asked = try ConsumerFlags.configuration(call, name: nil, of: consumer)
    if asked.isEmpty, call.call.document == nil, !["--pull", "--ephemeral"].contains(where: call.words.isGiven) {
      throw .misused(
        "`nats consumer edit \(stream) \(consumer)` says nothing that is to change",
        advice: "as --max-deliver 5, or with { … }")
    }
    var current = try call.ask("CONSUMER.INFO.\(stream).\(consumer)").entries["config"]?.entries ?? ValueMap()
    var changes = RelativeTimes.filled(asked, like: current, isPausedAnew: true)
    // A file may be of another consumer, which is not the one to change.
    for key in ["name", "durable_name"] { changes[key] = nil }
    // Servers take a pause by another way only.
    let pauseUntil = changes["pause_until"]
    changes["pause_until"] = nil
    try Promises.checkFixed(changes, of: "consumer \(consumer)", as: current, .consumer)
    // One filter and several are told in fields of their own, of which only one may be there.
    if changes["filter_subject"] != nil { current["filter_subjects"] = nil }
    if changes["filter_subjects"] != nil { current["filter_subject"] = nil }
    try checkKind(call, current, consumer)
    var made = try change(stream, current.merged(with: changes), action: "update", call)
    try Promises.check(
      changes, before: current, after: made.entries["config"]?.entries ?? ValueMap(), of: "consumer \(consumer)")
    if let pauseUntil {
      _ = try askPause(call, stream, consumer, ["pause_until": pauseUntil])
      made = NatsCall.streamInfo(try call.ask("CONSUMER.INFO.\(stream).\(consumer)"))
    }
    return call.present(made)
  }

  /// What a consumer is from its beginning: durable or not, asked or unasked.
  private static func checkKind(
    _ call: NatsCall, _ current: ValueMap, _ consumer: String
  ) throws(CommandFailure) {
    let isDurable = current["durable_name"]?.asText?.string.isEmpty == false
    let isPush = current["deliver_subject"]?.asText?.string.isEmpty == false
    let isWantedDurable = call.call.document?.entries["durable_name"]?.asText != nil
    let changed: String? =
      if isWantedDurable, !isDurable {
        "ephemeral"
      } else if call.words.isGiven("--ephemeral"), call.words.has("--ephemeral") == isDurable {
        isDurable ? "durable" : "ephemeral"
      } else if call.words.isGiven("--pull"), call.words.has("--pull") == isPush {
        isPush ? "sent to its target" : "pulled"
      } else {
        nil
      }
    guard let changed else { return }
    throw .misused(
      "consumer \(consumer) is \(changed), and stays that",
      advice: "take it away and make it anew: nats consumer rm, nats consumer add")
  }

  private static func change(
    _ stream: String, _ configuration: ValueMap, action: String, _ call: NatsCall
  ) throws(CommandFailure) -> Value {
    let name = (configuration["name"] ?? configuration["durable_name"])?.asText?.string
    let api = "CONSUMER.CREATE.\(stream)" + (name.map { ".\($0)" } ?? "")
    let isNew = action == "create"
    let asked = try settled(configuration, of: isNew ? name : nil, stream, call)
    let question: Value = ["stream_name": .string(stream), "action": .string(action), "config": .map(asked)]
    let answer = try call.withJetStream(mayRepeat: name != nil) { jetStream throws(NATSError) in
      try jetStream.requestWhenReady(
        api, NatsReply.document(question), limit: call.limit(atMost: NatsCall.readiness), inFlight: call.limitInFlight)
    }
    let made = try led(stream, try call.reply(answer), call)
    guard isNew else { return made }
    let given = made.entries["name"]?.printed ?? ""
    try Promises.checkMade(
      asked, as: made.entries["config"]?.entries ?? ValueMap(), "consumer \(given)",
      removal: "nats consumer rm \(stream) \(given) --force")
    return made
  }

  /// The configuration like that of a consumer of that name which is there, where servers would see a difference that is none.
  private static func settled(
    _ configuration: ValueMap, of name: String?, _ stream: String, _ call: NatsCall
  ) throws(CommandFailure) -> ValueMap {
    let isAsked = RelativeTimes.areIn(configuration) || configuration["filter_subjects"] != nil
    guard isAsked, let name else { return RelativeTimes.filled(configuration) }
    let info = try? call.ask("CONSUMER.INFO.\(stream).\(name)")
    guard let present = info?.entries["config"]?.entries else { return RelativeTimes.filled(configuration) }
    let settled = try RelativeTimes.settled(configuration, like: present, of: "consumer \(name)", refusal: 10148)
    return SameConfiguration.ordered(settled, like: present)
  }

  /// The consumer as it is once it has a leader: right after a create it may have none, and would hand out nothing.
  private static func led(_ stream: String, _ made: Value, _ call: NatsCall) throws(CommandFailure) -> Value {
    var made = made
    let limit = call.limit(atMost: .seconds(20))
    while let cluster = made.entries["cluster"]?.entries, (cluster["leader"]?.asText?.string ?? "").isEmpty,
      !limit.isOver
    {
      Pause.sleep(.milliseconds(20))
      made = try call.ask("CONSUMER.INFO.\(stream).\(made.entries["name"]?.printed ?? "")")
    }
    return NatsCall.streamInfo(made)
  }

  @Sendable private static func info(_ call: NatsCall) throws(CommandFailure) -> Value {
    let (stream, consumer) = try call.consumerNames()
    let info = NatsCall.streamInfo(try call.ask("CONSUMER.INFO.\(stream).\(consumer)"))
    return call.present(info)
  }

  @Sendable private static func list(_ call: NatsCall) throws(CommandFailure) -> Value {
    let consumers = try call.consumers()
    guard call.words.has("--names") else {
      return call.present(.list(consumers), ConsumerReport.table.text(consumers.map(ConsumerReport.row)))
    }
    let names = consumers.compactMap { $0.entries["name"] }
    return call.present(.list(names), names.isEmpty ? "no consumers" : names.map(\.printed).joined(separator: "\n"))
  }

  @Sendable private static func report(_ call: NatsCall) throws(CommandFailure) -> Value {
    let rows = try call.consumers().map(ConsumerReport.row)
    return call.present(.list(rows), ConsumerReport.table.text(rows))
  }

  @Sendable private static func remove(_ call: NatsCall) throws(CommandFailure) -> Value {
    let (stream, consumer) = try call.consumerNames()
    try call.tell("CONSUMER.DELETE.\(stream).\(consumer)")
    call.show("consumer \(consumer) of \(stream) is taken away")
    return ["stream": .string(stream), "consumer": .string(consumer)]
  }

  @Sendable private static func pause(_ call: NatsCall) throws(CommandFailure) -> Value {
    let until = try ConsumerFlags.momentToCome(call.words.positional(2)?.string ?? "", "UNTIL")
    return try pause(call, .map(RelativeTimes.filled(ValueMap([("pause_until", until)]))))
  }

  @Sendable private static func resume(_ call: NatsCall) throws(CommandFailure) -> Value { try pause(call, nil) }

  private static func pause(_ call: NatsCall, _ question: Value?) throws(CommandFailure) -> Value {
    let (stream, consumer) = try call.consumerNames()
    return call.present(NatsCall.streamInfo(try askPause(call, stream, consumer, question)))
  }

  /// Servers before 2.11 know no such question, and leave it without an answer.
  private static func askPause(
    _ call: NatsCall, _ stream: String, _ consumer: String, _ question: Value?
  ) throws(CommandFailure) -> Value {
    let server = try call.withJetStream { jetStream throws(NATSError) in jetStream.connection.info }
    if let version = ProgramVersion(in: server.version), version < ProgramVersion(2, 11) {
      throw .failed(
        "\(server.serverName) is nats-server \(server.version), and consumers pause from 2.11 on",
        advice: "run a newer one: helm upgrade … --set container.image.tag=2.11.4")
    }
    return try call.ask("CONSUMER.PAUSE.\(stream).\(consumer)", question)
  }

  @Sendable private static func stepDown(_ call: NatsCall) throws(CommandFailure) -> Value {
    let (stream, consumer) = try call.consumerNames()
    return try LeaderMove(
      info: "CONSUMER.INFO.\(stream).\(consumer)", request: "CONSUMER.LEADER.STEPDOWN.\(stream).\(consumer)",
      of: "consumer \(consumer) of \(stream)"
    ).run(call)
  }
}

extension NatsCall {
  /// The first two words, as the names of a stream and of a consumer.
  func consumerNames() throws(CommandFailure) -> (stream: String, consumer: String) {
    let stream = try name(Names.checkStream)
    let consumer = words.positional(1)?.string ?? ""
    try checked { () throws(NATSError) in try Names.checkConsumer(consumer) }
    return (stream, consumer)
  }

  /// All consumers of the stream that the call names, by name.
  func consumers() throws(CommandFailure) -> [Value] {
    let stream = try name(Names.checkStream)
    let pages = try withJetStream { jetStream throws(NATSError) in
      try jetStream.pages("CONSUMER.LIST.\(stream)", limit: limit(atMost: .seconds(30)))
    }
    var consumers: [Value] = []
    for page in pages { consumers += try reply(page).entries["consumers"]?.elements ?? [] }
    func title(_ consumer: Value) -> String { consumer.entries["name"]?.asText?.string ?? "" }
    return consumers.sorted { title($0) < title($1) }
  }
}

/// `consumer report`: a line for each consumer of a stream.
enum ConsumerReport {
  static func row(_ consumer: Value) -> Value {
    let entries = consumer.entries
    return .map(
      entries.picked([
        ("name", "name", .null), ("mode", "", entries[path: "config.deliver_subject"].isNull ? "pull" : "push"),
        ("ack_policy", "config.ack_policy", .null), ("ack_wait", "config.ack_wait", .null),
        ("num_ack_pending", "num_ack_pending", 0), ("num_redelivered", "num_redelivered", 0),
        ("num_pending", "num_pending", 0), ("ack_floor", "ack_floor.stream_seq", 0),
        ("leader", "cluster.leader", .null),
        ("replicas", "", .list(StreamReport.replicas(entries["cluster"]?.entries ?? ValueMap()))),
      ]))
  }

  static let table = ValueTable(
    "Consumers", none: "no consumers",
    [
      ("Consumer", "name"), ("Mode", "mode"), ("Ack Policy", "ack_policy"), ("Ack Wait", "ack_wait"),
      ("Ack Pending", "num_ack_pending"), ("Redelivered", "num_redelivered"), ("Unprocessed", "num_pending"),
      ("Ack Floor", "ack_floor"), ("Replicas", "replicas"),
    ])
}
