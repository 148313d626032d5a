import NATS
import SandboxSystem
import ValuesAndCommands

/// `stream …`: what is done now and then, such as moving a leader or making a copy.
extension NatsSubcommand {
  static let streamCare: [NatsSubcommand] = [
    sub(
      "stream report", "Every stream with its consumers, its size, what it lost, and its replicas; * leads, ! is away",
      flags: [.json], gives: .list(Gives.streamRow), example: "nats stream report", run: report),
    sub(
      "stream subjects", "How many messages a stream has of each subject", streamName,
      Positional("FILTER", optional: true, help: "which subjects; all if not given"), flags: [.json], gives: .anyMap,
      example: "nats stream subjects ORDERS 'orders.*'", run: subjects),
    sub(
      "stream rmm", "Takes one message away", streamName, Positional("SEQ", as: .positive, help: "its sequence"),
      flags: [.force], gives: Gives.map("stream text; seq int"),
      example: "nats stream rmm ORDERS 12 --force", changes: true, run: removeMessage),
    sub(
      "stream copy", "Makes a stream configured as another one, without its messages", streamName, Positional("NEW"),
      flags: StreamFlags.all + [.json], document: "what differs, over which flags are laid", gives: Gives.stream,
      example: "nats stream copy ORDERS RETURNS --subjects 'returns.>'", changes: true, run: copy),
    sub(
      "stream seal", "Closes a stream for good: nothing comes to it and nothing goes", streamName, flags: [.force],
      gives: Gives.stream, example: "nats stream seal ORDERS --force", changes: true, run: seal),
    sub(
      "stream cluster step-down", "Lets another server lead a stream, and waits until it does", streamName,
      flags: ConfigurationKeys.leader.flags, gives: Gives.leaderMove,
      example: "nats stream cluster step-down ORDERS --preferred c2-xr-js-nats-0", changes: true, run: stepDown),
    sub(
      "stream cluster peer-remove", "Takes a server out of a stream's replicas; JetStream finds another one",
      streamName, Positional("SERVER", offers: .servers),
      flags: [Flag("--force", .toggle, "also its only one, with all messages", aliases: ["-f"])],
      gives: Gives.map("stream text; peer text; lost bool: whether it was the only one"),
      example: "nats stream cluster peer-remove ORDERS c2-xr-js-nats-0 --force", changes: true, run: removePeer),
    sub(
      "stream get", "A stored message: by its sequence, or the last of a subject", stream,
      Positional("SEQ", as: .positive, optional: true, help: "its sequence"),
      flags: [Flag("--last-for", .text, "the last message of this subject", aliases: ["-S"]), .json],
      gives: Gives.storedMessage, example: "nats stream get ORDERS --last-for orders.new",
      needsOneOf: ["SEQ", "--last-for"], run: get),
  ]

  @Sendable private static func report(_ call: NatsCall) throws(CommandFailure) -> Value {
    let listing = try call.streams()
    let rows = listing.streams.map(StreamReport.row)
    return call.present(.list(rows), listing.annotated(StreamReport.table.text(rows)))
  }

  @Sendable private static func subjects(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let filter = call.words.positional(1)?.string ?? ">"
    try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(filter) }
    var all: [(String, Value)] = []
    while true {
      let page = try call.ask(
        "STREAM.INFO.\(name)", ["subjects_filter": .string(filter), "offset": .int(Int64(all.count))])
      let found = page.entries["state"]?.entries["subjects"]?.entries ?? ValueMap()
      all += Array(found)
      if found.isEmpty || all.count >= page.entries["total"]?.amount ?? 0 { break }
    }
    let counts = ValueMap(all.sorted { $0.0 < $1.0 })
    return call.present(.map(counts), counts.isEmpty ? "no messages" : NatsDetails.text(.map(counts)))
  }

  @Sendable private static func removeMessage(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let sequence = Int64(call.words.positional(1)?.string ?? "") ?? 0
    try call.tell("STREAM.MSG.DELETE.\(name)", ["seq": .int(sequence)])
    call.show("message \(sequence) of \(name) is taken away")
    return ["stream": .string(name), "seq": .int(sequence)]
  }

  @Sendable private static func copy(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let new = call.words.positional(1)?.string ?? ""
    try call.checked { () throws(NATSError) in try Names.checkStream(new) }
    guard new != name else {
      throw .misused("a copy of \(name) needs a name of its own", advice: "nats stream copy \(name) \(name)_COPY")
    }
    let changes = try StreamFlags.configuration(call, name: new)
    let original = try call.ask("STREAM.INFO.\(name)").entries["config"]?.entries ?? ValueMap()
    let made = try call.makeStream(new, original.merged(with: changes))
    return call.present(made)
  }

  @Sendable private static func seal(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let sealed = try call.editStream(name, ValueMap([("sealed", true)]))
    call.show("stream \(name) is sealed")
    return sealed
  }

  @Sendable private static func stepDown(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    return try LeaderMove(info: "STREAM.INFO.\(name)", request: "STREAM.LEADER.STEPDOWN.\(name)", of: "stream \(name)")
      .run(call)
  }

  @Sendable private static func removePeer(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let peer = call.words.positional(1)?.string ?? ""
    let isOnlyPeer = try isOnlyPeer(peer, of: name, call)
    if isOnlyPeer, !call.words.has("--force") {
      throw .misused(
        "\(peer) is the only server that holds stream \(name): all its messages would be lost",
        advice: "give it more replicas first: nats stream edit \(name) --replicas 3; or lose them: --force")
    }
    try call.tell("STREAM.PEER.REMOVE.\(name)", ["peer": .string(peer)])
    call.show("\(peer) holds stream \(name) no longer\(isOnlyPeer ? "; its messages are lost" : "")")
    return ["stream": .string(name), "peer": .string(peer), "lost": .bool(isOnlyPeer)]
  }

  private static func isOnlyPeer(_ peer: String, of name: String, _ call: NatsCall) throws(CommandFailure) -> Bool {
    let cluster = try call.ask("STREAM.INFO.\(name)").entries["cluster"]?.entries ?? ValueMap()
    return (cluster["replicas"]?.elements ?? []).isEmpty && cluster["leader"]?.asText?.string == peer
  }
}

/// `stream get`: a message as a stream has stored it.
extension NatsSubcommand {
  /// Asks the stream's leader, never a replica or a mirror: so what was acknowledged before is seen.
  @Sendable private static func get(_ call: NatsCall) throws(CommandFailure) -> Value {
    let stream = try call.name(Names.checkStream)
    let reply = try call.ask("STREAM.MSG.GET.\(stream)", .map(try question(call, stream)))
    let message = reply.entries["message"]?.entries ?? ValueMap()
    var entries = ValueMap()
    for key in ["subject", "seq", "time"] { entries[key] = message[key] }
    MessageValue.set(decoded(message["data"]), in: &entries)
    entries["headers"] = MessageValue.headers(MessageValue.fields(in: decoded(message["hdrs"])))
    let value = Value.map(entries)
    return call.present(value)
  }

  private static func question(_ call: NatsCall, _ stream: String) throws(CommandFailure) -> ValueMap {
    var question = ValueMap()
    switch (call.words.positional(1)?.string, call.words.string("--last-for")) {
    case (let sequence?, nil):
      question["seq"] = .int(Int64(sequence) ?? 0)
    case (nil, let subject?):
      try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(subject) }
      question["last_by_subj"] = .string(subject)
    default:
      throw .misused(
        "`nats stream get` needs either a sequence or --last-for",
        advice: "nats stream get \(stream) 1, nats stream get \(stream) --last-for orders.new")
    }
    return question
  }

  private static func decoded(_ base64: Value?) -> [UInt8] {
    base64?.asText.flatMap { Coding.bytes(base64: $0.string) } ?? []
  }
}

/// Letting another server lead a stream or a consumer, and the wait until it does.
struct LeaderMove {
  /// The requests of JetStream's interface that tell of it and that ask for it.
  let info: String
  let request: String
  /// What is led, for messages: `stream ORDERS`.
  let subject: String

  init(info: String, request: String, of subject: String) {
    self.info = info
    self.request = request
    self.subject = subject
  }

  func run(_ call: NatsCall) throws(CommandFailure) -> Value {
    let before = leader(try call.ask(info))
    let preferred = call.words.string("--preferred")
    if let preferred, before == preferred {
      return shown(["leader": .string(preferred), "previous": .string(preferred)], call)
    }
    var wish = ValueMap()
    try ConfigurationKeys.leader.set(in: &wish, call.words)
    try call.tell(request, wish.isEmpty ? nil : .map(wish))
    let now = try newLeader(after: before, call)
    return shown(["leader": .string(now), "previous": .string(before)], call)
  }

  private func shown(_ value: Value, _ call: NatsCall) -> Value {
    call.show("\(subject) is led by \(value.entries["leader"]?.printed ?? "nobody")")
    return value
  }

  private func newLeader(after before: String, _ call: NatsCall) throws(CommandFailure) -> String {
    // Elections took up to 6.5 s where a leader had gone without a word.
    let limit = call.limit(atMost: .seconds(20))
    while true {
      let now = leader(try call.ask(info))
      if !now.isEmpty, now != before { return now }
      guard !limit.isOver else {
        throw .failed(
          now.isEmpty ? "\(subject) has no leader yet" : "\(subject) is still led by \(now)",
          advice: "see which servers hold it, and whether they are current: nats stream info")
      }
      Pause.sleep(.milliseconds(20))
    }
  }

  private func leader(_ info: Value) -> String {
    info.entries["cluster"]?.entries["leader"]?.asText?.string ?? ""
  }
}
