import Interpreter
import NATS

/// `server check connection`, `stream` and `jetstream`: as values what was looked at, as failures what is not as it should
/// be. Limits are those of the nats CLI by which it calls something critical.
extension NatsSubcommand {
  static let healthChecks: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "server check connection", "Whether a server can be reached, and how quickly",
        flags: [
          Flag("--connect-critical", .duration, "connecting takes no longer than this"),
          Flag("--rtt-critical", .duration, "a round trip takes no longer than this"),
          Flag("--req-critical", .duration, "a message to oneself takes no longer than this"),
        ] + Flag.ofConnection, example: "nats server check connection --rtt-critical 100ms"),
      as: .jetStream, run: checkConnection),
    NatsSubcommand(
      CommandForm(
        "server check stream", "Whether a stream has its leader and all its replicas are with it",
        positionals: [Positional("STREAM", optional: true)],
        flags: [
          Flag("--stream", .text, "the stream, where it is not the word behind the form"),
          Flag("--peer-expect", .integer, "on how many servers it must lie"),
          Flag("--peer-lag-critical", .integer, "no replica is so many operations behind"),
          Flag("--peer-seen-critical", .duration, "every replica was heard of within this"),
          Flag("--lag-critical", .integer, "it is not so many messages behind a mirror's or source's origin"),
          Flag("--seen-critical", .duration, "mirror and sources were heard of within this"),
          Flag("--msgs-critical", .integer, "it holds at least so many messages"),
        ] + Flag.ofConnection, example: "nats server check stream ORDERS --peer-expect 3"),
      as: .jetStream, run: checkStream),
    NatsSubcommand(
      CommandForm(
        "server check jetstream", "Whether the account has room for more in JetStream",
        flags: [
          Flag("--mem-critical", .integer, "memory is used to at most so many percent; 90 if not given"),
          Flag("--store-critical", .integer, "storage is used to at most so many percent; 90 if not given"),
          Flag("--streams-critical", .integer, "streams are used up to at most so many percent of what is allowed"),
          Flag("--consumers-critical", .integer, "consumers are used up to at most so many percent of what is allowed"),
        ] + Flag.ofConnection, example: "nats server check jetstream --store-critical 80"),
      as: .jetStream, run: checkJetStream),
  ]

  @Sendable private static func checkConnection(_ call: NatsCall) throws(CommandFailure) -> Value {
    let destination = try call.destination()
    let limit = call.limit(atMost: NatsCall.patience)
    var entries = ValueMap()
    var took: [(flag: String, what: String, took: Duration)] = []
    do throws(NATSError) {
      let start = ContinuousClock.now
      let connection = try Connection.connect(destination.options, limit: limit)
      defer { connection.close() }
      let connected = ContinuousClock.now
      took.append(("--connect-critical", "connecting", start.duration(to: connected)))
      took.append(("--rtt-critical", "a round trip", try connection.roundTrip(limit: limit)))
      took.append(("--req-critical", "a message to oneself", try echo(over: connection, limit)))
      entries["server"] = .string(connection.info.serverName)
      entries["url"] = .string(connection.server.url)
    } catch {
      throw call.failure(error, at: destination)
    }
    var problems: [String] = []
    for ((flag, what, duration), key) in zip(took, ["connect", "rtt", "request"]) {
      let value = DurationValue(duration)
      entries[key] = .duration(value)
      if let most = call.words.duration(flag), value > most {
        problems.append("\(what) took \(value.text), more than \(most.text)")
      }
    }
    return try verdict(.map(entries), problems, call, "\(entries["server"]?.printed ?? "the server") answers")
  }

  private static func echo(over connection: Connection, _ limit: Limit) throws(NATSError) -> Duration {
    let inbox = connection.newInbox()
    let subscription = try connection.subscribe(inbox)
    defer { subscription.unsubscribe() }
    try connection.flush(limit: limit)
    let start = ContinuousClock.now
    try connection.publish(inbox, limit: limit)
    guard let message = try subscription.next(limit: limit) else { throw .connectionClosed(server: connection.server) }
    return start.duration(to: message.receivedAt)
  }

  @Sendable private static func checkStream(_ call: NatsCall) throws(CommandFailure) -> Value {
    guard let name = call.words.string("--stream") ?? call.words.positional(0)?.string else {
      throw CommandFailure(
        .misused, "`nats server check stream` needs a stream", advice: "nats server check stream ORDERS")
    }
    try call.checked { () throws(NATSError) in try Names.checkStream(name) }
    let info = try call.ask("STREAM.INFO.\(name)").entries
    let replicas = info[path: "cluster.replicas"].elements ?? []
    var problems: [String] = []
    if info["cluster"] != nil, info[path: "cluster.leader"].asText?.string.isEmpty != false {
      problems.append("it has no leader")
    }
    for replica in replicas.map(\.entries) {
      let peer = replica["name"]?.printed ?? "?"
      if case .bool(true)? = replica["offline"] {
        problems.append("\(peer) is offline")
      } else if case .bool(true)? = replica["current"] {
      } else {
        problems.append("\(peer) is not current")
      }
      problems += lateness(
        replica, of: peer, behind: call.words.integer("--peer-lag-critical"),
        seen: call.words.duration("--peer-seen-critical"))
    }
    if let expected = call.words.integer("--peer-expect"), Int64(replicas.count) + 1 != expected {
      problems.append("it lies on \(replicas.count + 1) servers instead of \(expected)")
    }
    let origins = (info["mirror"].map { [$0] } ?? []) + (info["sources"]?.elements ?? [])
    for origin in origins.map(\.entries) {
      problems += lateness(
        origin, of: "its origin \(origin["name"]?.printed ?? "?")", behind: call.words.integer("--lag-critical"),
        seen: call.words.duration("--seen-critical"))
    }
    let messages = info[path: "state.messages"].amount
    if let least = call.words.integer("--msgs-critical"), messages < least {
      problems.append("it holds \(ServerTables.grouped(messages)) messages, fewer than \(ServerTables.grouped(least))")
    }
    let said = "\(name) is led by \(info[path: "cluster.leader"].asText?.string ?? "its server"); all is current"
    return try verdict(.map(info), problems.map { "\(name): \($0)" }, call, said)
  }

  /// What is late in an entry of a stream's INFO about one of its replicas or origins.
  private static func lateness(
    _ entry: ValueMap, of name: String, behind most: Int64?, seen longest: DurationValue?
  ) -> [String] {
    var problems: [String] = []
    if let most, let lag = entry["lag"]?.amount, lag >= most { problems.append("\(name) is \(lag) behind") }
    if let longest {
      if case .duration(let active)? = entry["active"] {
        if active > longest { problems.append("\(name) was last heard of \(active.text) ago") }
      } else {
        problems.append("\(name) was not heard of yet")
      }
    }
    return problems
  }

  @Sendable private static func checkJetStream(_ call: NatsCall) throws(CommandFailure) -> Value {
    let info = try call.ask("INFO").entries
    var problems: [String] = []
    for (key, limit, flag, usual) in [
      ("memory", "max_memory", "--mem-critical", Int64(90)), ("storage", "max_storage", "--store-critical", 90),
      ("streams", "max_streams", "--streams-critical", 100),
      ("consumers", "max_consumers", "--consumers-critical", 100),
    ] {
      let (used, most) = (info[key]?.amount ?? 0, info[path: "limits.\(limit)"].amount)
      // No limit, no share of it.
      guard most > 0 else { continue }
      let (share, critical) = (Double(used) * 100 / Double(most), call.words.integer(flag) ?? usual)
      if share > Double(critical) {
        let tenths = Int64(share * 10)
        problems.append("\(key) is used to \(tenths / 10).\(tenths % 10) %, more than \(critical) %")
      }
    }
    return try verdict(accountInfo(info), problems, call, "JetStream has room")
  }

  /// The value; a failure that names all problems if there are some.
  private static func verdict(
    _ value: Value, _ problems: [String], _ call: NatsCall, _ good: String
  ) throws(CommandFailure) -> Value {
    guard let first = problems.first else {
      call.show(good)
      return value
    }
    throw CommandFailure(
      .failed, first, said: problems.count > 1 ? Text(problems.dropFirst().joined(separator: "\n")) : nil)
  }
}
