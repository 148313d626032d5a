import Interpreter
import NATS

/// `stream …`: making, changing, showing and taking away streams.
extension NatsSubcommand {
  static let streams: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "stream add", "Makes a stream; one that is there and just like it stays as it is",
        positionals: [Positional("NAME")], flags: StreamFlags.all + [.json] + Flag.ofConnection,
        document: "the stream's configuration, over which flags are laid",
        example: "nats stream add ORDERS --subjects 'orders.>' --replicas 3 --cluster xr-js"),
      as: .jetStream, changesSomething: true, run: add),
    NatsSubcommand(
      CommandForm(
        "stream edit", "Changes a stream in what the flags and the document say",
        positionals: [Positional("NAME")],
        flags: StreamFlags.ofEdit + StreamFlags.removals.map(\.flag) + [.json] + Flag.ofConnection,
        document: "the parts of the configuration that change", example: "nats stream edit ORDERS --max-age 1h"),
      as: .jetStream, changesSomething: true, run: edit),
    NatsSubcommand(
      CommandForm(
        "stream info", "A stream's configuration, state, leader and replicas", positionals: [Positional("NAME")],
        flags: [.json] + Flag.ofConnection, example: "nats stream info ORDERS"), as: .jetStream, run: info),
    NatsSubcommand(
      CommandForm(
        "stream ls", "Every stream of the account",
        flags: [
          Flag("--names", .toggle, "their names alone, also of those that no server tells of now", aliases: ["-n"]),
          Flag("--subject", .text, "only streams that take this subject"), .json,
        ] + Flag.ofConnection, example: "nats stream ls --names"), as: .jetStream, run: list),
    NatsSubcommand(
      CommandForm(
        "stream rm", "Takes a stream away with all that it holds", positionals: [Positional("NAME")],
        flags: [.force] + Flag.ofConnection, example: "nats stream rm ORDERS --force"),
      as: .jetStream, changesSomething: true, run: remove),
    NatsSubcommand(
      CommandForm(
        "stream purge", "Takes away a stream's messages", positionals: [Positional("NAME")],
        flags: [
          .force, Flag("--subject", .text, "only those of this subject"),
          Flag("--keep", .integer, "all but the last so many"),
          Flag("--seq", .integer, "only those before this sequence"), .json,
        ] + Flag.ofConnection, example: "nats stream purge ORDERS --force"), as: .jetStream, changesSomething: true,
      run: purge),
  ]

  @Sendable private static func add(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let made = try call.makeStream(name, try StreamFlags.configuration(call, name: name))
    return call.present(made, NatsDetails.text(made))
  }

  @Sendable private static func edit(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let changed = try call.editStream(name, try StreamFlags.configuration(call, name: name))
    return call.present(changed, NatsDetails.text(changed))
  }

  @Sendable private static func info(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let info = NatsCall.streamInfo(try call.ask("STREAM.INFO.\(name)"))
    return call.present(info, NatsDetails.text(info))
  }

  @Sendable private static func list(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = call.words.string("--subject")
    if let subject { try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(subject) } }
    guard call.words.has("--names") else {
      let listing = try call.streams(subject: subject)
      return call.present(.list(listing.streams), listing.annotated(table(listing.streams)))
    }
    let names = try call.streamNames(subject: subject)
    return call.present(.list(names.map(Value.string)), names.isEmpty ? "no streams" : names.joined(separator: "\n"))
  }

  private static func table(_ streams: [Value]) -> String {
    if streams.isEmpty { return "no streams" }
    let rows = streams.map { stream -> [String] in
      let state = stream.entries["state"]?.entries ?? ValueMap()
      let cluster = stream.entries["cluster"]?.entries ?? ValueMap()
      return [
        stream.streamName, cluster["name"]?.asText?.string ?? "", cluster["leader"]?.asText?.string ?? "",
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
    try call.withJetStream(mayRepeat: false) { jetStream throws(NATSError) in
      try jetStream.removeStream(name, limit: call.limit(atMost: NatsCall.readiness))
    }
    call.show("stream \(name) is taken away")
    return ["stream": .string(name)]
  }

  @Sendable private static func purge(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let choice = try purgeChoice(call)
    // Nothing is before the first sequence. A server takes 1 for no bound at all, and would take away everything.
    let isNothing = choice["seq"]?.amount == 1
    let reply = try isNothing ? call.ask("STREAM.INFO.\(name)") : call.ask("STREAM.PURGE.\(name)", .map(choice))
    let count = reply.entries["purged"] ?? 0
    return call.present(
      ["stream": .string(name), "purged": count],
      "\(ServerTables.grouped(count.amount)) messages of \(name) are taken away")
  }

  /// Which messages go, if not all of them.
  private static func purgeChoice(_ call: NatsCall) throws(CommandFailure) -> ValueMap {
    var choice = ValueMap()
    if let subject = call.words.string("--subject") {
      try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(subject) }
      choice["filter"] = .string(subject)
    }
    // Of 0 a server thinks that it is not given, and takes away everything.
    for field in ["keep", "seq"] {
      guard let number = call.words.integer("--\(field)") else { continue }
      guard number > 0 else {
        throw CommandFailure(
          .misused, "`--\(field)` takes a number from 1 on, not \(number)", advice: "leave it out to take away all")
      }
      choice[field] = .int(number)
    }
    guard choice["keep"] == nil || choice["seq"] == nil else {
      throw CommandFailure(.misused, "`--keep` and `--seq` do not go together", advice: "leave one of them out")
    }
    return choice
  }
}
