import Interpreter
import NATS

/// `stream …`: making, changing, showing and taking away streams.
extension NatsSubcommand {
  static let streams: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "stream add", "Makes a stream; one that is there and just like it stays as it is",
        positionals: [Positional("NAME")], flags: StreamFlags.all + Flag.ofConnection,
        document: "the stream's configuration, over which flags are laid",
        example: "nats stream add ORDERS --subjects 'orders.>' --replicas 3 --cluster xr-js"),
      as: .jetStream, changesSomething: true, run: add),
    NatsSubcommand(
      CommandForm(
        "stream edit", "Changes a stream in what the flags and the document say",
        positionals: [Positional("NAME")], flags: StreamFlags.all + Flag.ofConnection,
        document: "the parts of the configuration that change", example: "nats stream edit ORDERS --max-age 1h"),
      as: .jetStream, changesSomething: true, run: edit),
    NatsSubcommand(
      CommandForm(
        "stream info", "A stream's configuration, state, leader and replicas", positionals: [Positional("NAME")],
        flags: Flag.ofConnection, example: "nats stream info ORDERS"), as: .jetStream, run: info),
    NatsSubcommand(
      CommandForm(
        "stream ls", "Every stream of the account",
        flags: [
          Flag("--names", .toggle, "their names alone"),
          Flag("--subject", .text, "only streams that take this subject"),
        ] + Flag.ofConnection, example: "nats stream ls --names"), as: .jetStream, run: list),
    NatsSubcommand(
      CommandForm(
        "stream rm", "Takes a stream away with all that it holds", positionals: [Positional("NAME")],
        flags: [force] + Flag.ofConnection, example: "nats stream rm ORDERS --force"),
      as: .jetStream, changesSomething: true, run: remove),
    NatsSubcommand(
      CommandForm(
        "stream purge", "Takes away a stream's messages", positionals: [Positional("NAME")],
        flags: [force, Flag("--subject", .text, "only those of this subject")] + Flag.ofConnection,
        example: "nats stream purge ORDERS --force"), as: .jetStream, changesSomething: true, run: purge),
  ]

  private static let force = Flag("--force", .toggle, "without asking back, as always here", aliases: ["-f"])

  /// How long a stream may wait for JetStream to have a leader before it is made. Elections after the loss of a region took
  /// up to 6.5 s, after a start on a slow disk up to 35.
  private static let readiness = Duration.seconds(60)

  @Sendable private static func add(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let configuration = try StreamFlags.configuration(call, name: name)
    let answer = try call.withJetStream { jetStream throws(NATSError) in
      try jetStream.requestWhenReady(
        "STREAM.CREATE.\(name)", NatsReply.document(.map(configuration)), limit: call.limit(atMost: readiness))
    }
    return try shown(try led(name, try call.reply(answer), call), call)
  }

  @Sendable private static func edit(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let changes = try StreamFlags.configuration(call, name: name)
    let current = try call.ask("STREAM.INFO.\(name)").entries["config"]?.entries ?? ValueMap()
    let answer = try call.withJetStream { jetStream throws(NATSError) in
      try jetStream.requestWhenReady(
        "STREAM.UPDATE.\(name)", NatsReply.document(.map(current.merged(with: changes))),
        limit: call.limit(atMost: readiness))
    }
    return try shown(try led(name, try call.reply(answer), call), call)
  }

  /// The reply to a change, with the state and the cluster as they are once the stream has a leader: right after a create
  /// the reply may name none, and the next publish would find nobody.
  private static func led(_ name: String, _ reply: Value, _ call: NatsCall) throws(CommandFailure) -> Value {
    guard let cluster = reply.entries["cluster"]?.entries else { return reply }
    if let leader = cluster["leader"]?.asText?.string, !leader.isEmpty { return reply }
    let info = try call.withJetStream { jetStream throws(NATSError) in
      try jetStream.waitForLeader(ofStream: name, limit: call.limit())
    }
    return .map(reply.entries.merged(with: try call.reply(info).entries))
  }

  private static func shown(_ reply: Value, _ call: NatsCall) throws(CommandFailure) -> Value {
    var entries = reply.entries
    entries["type"] = nil
    // Of the page that a long list of subjects would come in.
    for key in ["total", "offset", "limit"] { entries[key] = nil }
    let value = Value.map(entries)
    call.show(NatsDetails.text(value))
    return value
  }

  @Sendable private static func info(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    return try shown(try call.ask("STREAM.INFO.\(name)"), call)
  }

  @Sendable private static func list(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = call.words.string("--subject")
    if let subject { try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(subject) } }
    let namesOnly = call.words.has("--names")
    let pages = try call.withJetStream { jetStream throws(NATSError) in
      try jetStream.pages(
        namesOnly ? "STREAM.NAMES" : "STREAM.LIST", subject: subject, limit: call.limit(atMost: .seconds(30)))
    }
    var streams: [Value] = []
    for page in pages { streams += try call.reply(page).entries["streams"]?.elements ?? [] }
    if namesOnly {
      let names = streams.compactMap { $0.asText?.string }.sorted()
      call.show(names.isEmpty ? "no streams" : names.joined(separator: "\n"))
      return .list(names.map(Value.string))
    }
    streams.sort { streamName($0) < streamName($1) }
    call.show(table(streams))
    return .list(streams)
  }

  private static func streamName(_ stream: Value) -> String {
    stream.entries["config"]?.entries["name"]?.asText?.string ?? ""
  }

  private static func table(_ streams: [Value]) -> String {
    if streams.isEmpty { return "no streams" }
    let rows = streams.map { stream -> [String] in
      let state = stream.entries["state"]?.entries ?? ValueMap()
      let cluster = stream.entries["cluster"]?.entries ?? ValueMap()
      return [
        streamName(stream), cluster["name"]?.asText?.string ?? "", cluster["leader"]?.asText?.string ?? "",
        ServerTables.grouped(state["messages"]?.amount ?? 0), ServerTables.size(state["bytes"]?.amount ?? 0),
        state["last_ts"]?.asText?.string ?? "never",
      ]
    }
    return Table(
      title: "Streams", header: ["Name", "Cluster", "Leader", "Messages", "Size", "Last Message"], rows: rows,
      alignments: [.left, .left, .left, .right, .right, .left]
    ).text
  }

  @Sendable private static func remove(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    // Asked again after a lost connection it could say that there is no such stream: because it was taken away.
    _ = try call.withJetStream(mayRepeat: false) { jetStream throws(NATSError) in
      try jetStream.request("STREAM.DELETE.\(name)", limit: call.limit(atMost: NatsCall.patience))
    }
    call.show("stream \(name) is taken away")
    return ["stream": .string(name)]
  }

  @Sendable private static func purge(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    var filter = ValueMap()
    if let subject = call.words.string("--subject") {
      try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(subject) }
      filter["filter"] = .string(subject)
    }
    let reply = try call.ask("STREAM.PURGE.\(name)", .map(filter))
    let count = reply.entries["purged"] ?? 0
    call.show("\(ServerTables.grouped(count.amount)) messages of \(name) are taken away")
    return ["stream": .string(name), "purged": count]
  }
}
