import NATS
import SandboxSystem
import ValuesAndCommands

/// `stream …`: making, changing, showing and taking away streams.
extension NatsSubcommand {
  static let streams: [NatsSubcommand] = [
    sub(
      "stream add", "Makes a stream; one that is there and just like it stays as it is", newName,
      flags: StreamFlags.all + [.json], document: "the stream's configuration, over which flags are laid",
      gives: Gives.stream, example: "nats stream add ORDERS --subjects 'orders.>' --replicas 3 --cluster xr-js",
      changes: true, run: add),
    sub(
      "stream edit", "Changes a stream in what the flags and the document say", streamName,
      flags: StreamFlags.ofEdit + StreamFlags.removals.map(\.flag) + [.json],
      document: "the parts of the configuration that change", gives: Gives.stream,
      example: "nats stream edit ORDERS --max-age 1h", changes: true, run: edit),
    sub(
      "stream info", "A stream's configuration, state, leader and replicas", streamName, flags: [.json],
      gives: Gives.stream, example: "nats stream info ORDERS", run: info),
    sub(
      "stream ls", "Every stream of the account",
      flags: [
        .names("their names alone, also of those that no server tells of now"),
        Flag("--subject", .text, "only streams that take this subject"), .json,
      ], gives: .list(Gives.stream), example: "nats stream ls --names", run: list),
    sub(
      "stream rm", "Takes a stream away with all that it holds", streamName, flags: [.force],
      gives: Gives.map("stream text"), example: "nats stream rm ORDERS --force", changes: true, run: remove),
    sub(
      "stream purge", "Takes away a stream's messages", streamName,
      flags: [
        .force, Flag("--subject", .text, "only those of this subject"),
        Flag("--keep", .positive, "all but the last so many"),
        Flag("--seq", .positive, "only those before this sequence"), .json,
      ], gives: Gives.map("stream text; purged int: how many messages went"),
      example: "nats stream purge ORDERS --force", atMostOneOf: ["--keep", "--seq"], changes: true, run: purge),
  ]

  static let newName = Positional("NAME")
  static let streamName = Positional("NAME", offers: .streams)

  @Sendable private static func add(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let made = try call.makeStream(name, try StreamFlags.configuration(call, name: name))
    return call.present(made)
  }

  @Sendable private static func edit(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let asked = try StreamFlags.configuration(call, name: name)
    if asked.count == 1, call.call.document == nil {
      throw .misused(
        "`nats stream edit \(name)` says nothing that is to change", advice: "as --replicas 3, or with { … }")
    }
    let changed = try call.editStream(name, asked)
    return call.present(changed)
  }

  @Sendable private static func info(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let info = NatsCall.streamInfo(try call.ask("STREAM.INFO.\(name)"))
    return call.present(info)
  }

  @Sendable private static func list(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = call.words.string("--subject")
    if let subject { try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(subject) } }
    guard call.words.has("--names") else {
      let listing = try call.streams(subject: subject)
      return call.present(.list(listing.streams), listing.annotated(table.text(listing.streams)))
    }
    let names = try call.streamNames(subject: subject)
    return call.present(.list(names.map(Value.string)), names.isEmpty ? "no streams" : names.joined(separator: "\n"))
  }

  private static let table = ValueTable(
    "Streams", none: "no streams",
    [
      ("Name", "config.name"), ("Cluster", "cluster.name"), ("Leader", "cluster.leader"),
      ("Messages", "state.messages"),
      ("Size", "state.bytes"), ("Last Message", "state.last_ts|never"),
    ])

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
      "\(Figures.grouped(count.amount)) messages of \(name) are taken away")
  }

  /// Which messages go, if not all of them.
  private static func purgeChoice(_ call: NatsCall) throws(CommandFailure) -> ValueMap {
    var choice = ValueMap()
    if let subject = call.words.string("--subject") {
      try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(subject) }
      choice["filter"] = .string(subject)
    }
    // Of 0 a server thinks that it is not given, and takes away everything.
    for field in ["keep", "seq"] { choice[field] = call.words.integer("--\(field)").map(Value.int) }
    return choice
  }
}

/// The streams of the account, for the listings of streams, buckets and object buckets.
extension NatsCall {
  struct StreamListing {
    /// What all their names begin with.
    let prefix: String
    /// As their INFO says, by name. That of a silent one, if it is there at all, has an empty state.
    var streams: [Value] = []
    /// Names of streams that there are, but that no server tells of: those who have them are down, or far behind.
    var silent: [String] = []

    /// The table of the streams, and what it lacks.
    func annotated(_ table: String) -> String {
      guard !silent.isEmpty else { return table }
      let names = silent.map { $0.dropFirst(prefix.count) }.joined(separator: ", ")
      let note = "no server tells of \(names); see what is down: nbx status"
      return streams.isEmpty ? note : "\(table)\n\(note)"
    }
  }

  /// How long all pages of a listing may take.
  static let listing = Duration.seconds(30)
  /// How long the streams that a listing missed are waited for.
  private static let secondAsking = Duration.seconds(2)

  /// All streams of the account whose name `prefix` begins.
  ///
  /// JetStream's leader asks the leaders of the streams, and gives up on those that are silent for four seconds. Such a one
  /// may not have heard the question: right after a stream is made, the way to it may not be known everywhere. So it is
  /// asked for once more.
  func streams(named prefix: String = "", subject: String? = nil) throws(CommandFailure) -> StreamListing {
    var listing = StreamListing(prefix: prefix)
    var missed: Set<String> = []
    for page in try streamPages("STREAM.LIST", subject) {
      listing.streams += page["streams"]?.elements ?? []
      missed.formUnion((page["missing"]?.elements ?? []).compactMap { $0.asText?.string })
    }
    listing.streams.removeAll { !$0.streamName.hasPrefix(prefix) }
    try askAgain(missed.filter { $0.hasPrefix(prefix) }.sorted(), &listing)
    listing.streams.sort { $0.streamName < $1.streamName }
    return listing
  }

  private func askAgain(_ names: [String], _ listing: inout StreamListing) throws(CommandFailure) {
    guard !names.isEmpty else { return }
    let answers = try withJetStream { jetStream throws(NATSError) in
      try jetStream.requestEach(names.map { "STREAM.INFO.\($0)" }, limit: limit(atMost: NatsCall.secondAsking))
    }
    for (name, answer) in zip(names, answers) {
      switch answer {
      case .success(let info):
        // Of a stream whose servers are all down there may be an entry, with its configuration and an empty state.
        listing.streams.removeAll { $0.streamName == name }
        listing.streams.append(NatsCall.streamInfo(try reply(info)))
      // Taken away meanwhile.
      case .failure(.api(let refusal)) where refusal.errorCode == 10059: break
      case .failure: listing.silent.append(name)
      }
    }
  }

  /// The names of all streams, also of those that no server tells of. JetStream's leader knows them by itself.
  func streamNames(
    named prefix: String = "", subject: String? = nil, within patience: Duration = NatsCall.listing
  ) throws(CommandFailure) -> [String] {
    var names: [String] = []
    for page in try streamPages("STREAM.NAMES", subject, within: patience) {
      names += (page["streams"]?.elements ?? []).compactMap { $0.asText?.string }
    }
    return names.filter { $0.hasPrefix(prefix) }.sorted()
  }

  private func streamPages(
    _ api: String, _ subject: String?, within patience: Duration = NatsCall.listing
  ) throws(CommandFailure) -> [ValueMap] {
    let pages = try withJetStream { jetStream throws(NATSError) in
      try jetStream.pages(api, subject: subject, limit: limit(atMost: patience))
    }
    var maps: [ValueMap] = []
    for page in pages { maps.append(try reply(page).entries) }
    return maps
  }
}

extension Value {
  /// The name in a stream's INFO.
  var streamName: String { entries["config"]?.entries["name"]?.asText?.string ?? "" }
}

/// `stream report`: a line for each stream.
enum StreamReport {
  static func row(_ stream: Value) -> Value {
    let lost = stream.entries[path: "state.lost.msgs"].elements?.count ?? 0
    return .map(
      stream.entries.picked([
        ("name", "config.name", ""), ("storage", "config.storage", .null), ("cluster", "cluster.name", .null),
        ("placement", "config.placement", .null), ("consumers", "state.consumer_count", 0),
        ("messages", "state.messages", 0), ("bytes", "state.bytes", .size(SizeValue(bytes: 0))),
        ("lost", "", .int(Int64(lost))), ("deleted", "state.num_deleted", 0), ("leader", "cluster.leader", .null),
        ("replicas", "", .list(replicas(stream.entries["cluster"]?.entries ?? ValueMap()))),
      ]))
  }

  /// The leader and the others, by name.
  static func replicas(_ cluster: ValueMap) -> [Value] {
    var replicas = cluster["replicas"]?.elements ?? []
    if let leader = cluster["leader"]?.asText?.string, !leader.isEmpty {
      replicas.append(["name": .string(leader), "current": true, "leader": true])
    }
    func name(_ replica: Value) -> String { replica.entries["name"]?.asText?.string ?? "" }
    return replicas.sorted { name($0) < name($1) }
  }

  static let table = ValueTable(
    "Streams", none: "no streams",
    [
      ("Stream", "name"), ("Storage", "storage"), ("Cluster", "cluster"), ("Consumers", "consumers"),
      ("Messages", "messages"),
      ("Bytes", "bytes"), ("Lost", "lost"), ("Deleted", "deleted"), ("Replicas", "replicas"),
    ])
}
