import Lexer
import NATS
import SandboxSystem
import ValuesAndCommands

/// `server check …`: fails where something is not as it should be, so that a recipe can wait for it.
extension NatsSubcommand {
  static let checks: [NatsSubcommand] = [
    sub(
      "server check meta", "Whether JetStream has a leader and all its servers follow",
      flags: [Flag("--expect", .integer, "how many JetStream servers there must be")], gives: Gives.metaGroup,
      example: "nats server check meta --expect 18", as: .system, run: checkMeta),
    sub(
      "server cluster peer-remove",
      "Takes a server out of JetStream's group that does not come back; what streams have on it is given up",
      Positional("SERVER", help: "its name, or its id", offers: .servers),
      flags: [Flag("--force", .toggle, "also one that still runs", aliases: ["-f"])],
      gives: Gives.map("server text"), example: "nats server cluster peer-remove c3-js-nats-0", as: .system,
      changes: true, run: removeServer),
    sub(
      "server check connection", "Whether a server can be reached, and how quickly",
      flags: [
        Flag("--connect-critical", .duration, "connecting takes no longer than this"),
        Flag("--rtt-critical", .duration, "a round trip takes no longer than this"),
        Flag("--req-critical", .duration, "a message to oneself takes no longer than this"),
      ],
      gives: Gives.connection, example: "nats server check connection --rtt-critical 100ms", run: checkConnection),
    sub(
      "server check stream", "Whether a stream has its leader and all its replicas are with it",
      Positional("STREAM", optional: true, offers: .streams),
      flags: [
        Flag("--stream", .text, "the stream, where it is not the word behind the form", offers: .streams),
        Flag("--peer-expect", .integer, "on how many servers it must lie"),
        Flag("--peer-lag-critical", .integer, "no replica is so many operations behind"),
        Flag("--peer-seen-critical", .duration, "every replica was heard of within this"),
        Flag("--lag-critical", .integer, "it is not so many messages behind a mirror's or source's origin"),
        Flag("--seen-critical", .duration, "mirror and sources were heard of within this"),
        Flag("--msgs-critical", .integer, "it holds at least so many messages"),
      ], gives: Gives.stream, example: "nats server check stream ORDERS --peer-expect 3", run: checkStream),
    sub(
      "server check jetstream", "Whether the account has room for more in JetStream",
      flags: [
        Flag("--mem-critical", .integer, "memory is used to at most so many percent; 90 if not given"),
        Flag("--store-critical", .integer, "storage is used to at most so many percent; 90 if not given"),
        Flag("--streams-critical", .integer, "streams are used up to at most so many percent of what is allowed"),
        Flag("--consumers-critical", .integer, "consumers are used up to at most so many percent of what is allowed"),
      ], gives: Gives.accountUse, example: "nats server check jetstream --store-critical 80", run: checkJetStream),
    sub(
      "account info", "The connection, and what the account uses of JetStream and may use", flags: [.json],
      gives: Gives.account, example: "nats account info", run: info),
  ]

  @Sendable private static func checkMeta(_ call: NatsCall) throws(CommandFailure) -> Value {
    guard let meta = try metaGroup(call) else {
      throw try leaderless(call)
    }
    let followers = meta["replicas"]?.elements ?? []
    let behind = followers.filter { !$0.isCurrentPeer }.map { $0.entries["name"]?.printed ?? "?" }
    // Not the leader's `cluster_size`: one that had just started when it came to lead takes the servers that it knew then
    // for all, and goes on saying so when all follow it.
    let size = Int64(followers.count + 1)
    if let expected = call.words.integer("--expect"), size != expected {
      throw .failed(
        "JetStream has \(counted(size, "server")) instead of \(expected)", advice: size > expected ? goneForGood : nil)
    }
    if !behind.isEmpty {
      throw .failed(
        "\(behind.count) of \(counted(size, "JetStream server")) \(behind.count == 1 ? "is" : "are") not current",
        said: Text(behind.joined(separator: ", ")), advice: goneForGood)
    }
    let current = size == 1 ? "" : "; all are current"
    call.show("JetStream has \(counted(size, "server")), led by \(meta["leader"]?.printed ?? "?")\(current)")
    return .map(meta)
  }

  /// Why there is no leader: it may come, or there is no group that could have one, and no waiting helps.
  private static func leaderless(_ call: NatsCall) throws(CommandFailure) -> CommandFailure {
    let answers = try call.withConnection { connection throws(NATSError) in
      try ServerPing(connection).ask(
        .jetStream, until: .init(quiet: .milliseconds(300), last: { isOfGroup((try? .json($0.payload)) ?? .null) }),
        limit: call.limit(atMost: NatsCall.patience))
    }
    let servers = try answers.map { answer throws(CommandFailure) in try call.reply(answer.bytes) }
    let storing = servers.filter { if case .bool(true) = $0[path: "data.disabled"] { false } else { true } }
    guard !storing.isEmpty else {
      return CommandFailure(
        .failed, "no server has JetStream, so it has no leader",
        advice: "give some of them JetStream, by config.jetstream.enabled: true; nats server list shows which have it",
        details: FailureDetails("no-group"))
    }
    guard storing.contains(where: isOfGroup) else {
      let names = storing.map { $0[path: "server.name"].printed }.sorted().joined(separator: ", ")
      return CommandFailure(
        .failed, "JetStream is no group of servers here, so it has no leader: it is of \(names) alone",
        advice: "there is nothing to wait for; nats server check jetstream looks at such a server",
        details: FailureDetails("no-group"))
    }
    return CommandFailure(
      .failed, "JetStream has no leader",
      advice: "it takes some seconds after a start; wait-for nats server check meta",
      details: FailureDetails("no-leader"))
  }

  /// Whether a server's answer tells that it is one of a group, which has a leader, or will have one.
  @Sendable private static func isOfGroup(_ answer: Value) -> Bool {
    !answer[path: "data.meta_cluster"].entries.isEmpty
  }

  private static let goneForGood = "one that does not come back stays a member: nats server cluster peer-remove SERVER"
}

extension Value {
  /// Whether a follower of JetStream's leader is there and up to date.
  fileprivate var isCurrentPeer: Bool {
    if case .bool(true)? = entries["offline"] { return false }
    if case .bool(true)? = entries["current"] { return true }
    return false
  }
}

/// `server check connection`, `stream` and `jetstream`: as values what was looked at, as failures what is not as it should
/// be. Limits are those of the nats CLI by which it calls something critical.
extension NatsSubcommand {
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
      throw .misused("`nats server check stream` needs a stream", advice: "nats server check stream ORDERS")
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
      problems.append("it holds \(Figures.grouped(messages)) messages, fewer than \(Figures.grouped(least))")
    }
    let said = "\(name) is led by \(info[path: "cluster.leader"].asText?.string ?? "its server"); all is current"
    return try verdict(NatsCall.streamInfo(.map(info)), problems.map { "\(name): \($0)" }, call, said)
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
    throw .failed(first, said: problems.count > 1 ? Text(problems.dropFirst().joined(separator: "\n")) : nil)
  }
}

/// `server cluster …`: the group that all JetStream servers form, which chooses their leader.
extension NatsSubcommand {
  /// When a server that was taken out is a member again: the others pass over it for so long, as seen of 2.11.4.
  private static let comeback = "it has been started anew and five minutes are over"

  /// How long the leader may take to answer; without a leader nobody does.
  private static let patience = Duration.seconds(1)

  /// What the leader of JetStream says of the group; nil without a leader.
  static func metaGroup(_ call: NatsCall) throws(CommandFailure) -> ValueMap? {
    let filter = Array(#"{"leader_only":true}"#.utf8)
    let answers = try call.withConnection { connection throws(NATSError) -> [ServerPing.Answer] in
      do throws(NATSError) {
        return try ServerPing(connection).ask(
          .jetStream, filter: filter, until: .init(expected: 1, again: .milliseconds(100)),
          limit: call.limit(atMost: patience))
      } catch .timedOut {
        return []
      }
    }
    // Servers answer more than they are asked for, so only an answer that knows the followers is the leader's.
    let groups = try answers.map { answer throws(CommandFailure) in
      try call.reply(answer.bytes).entries["data"]?.entries["meta_cluster"]?.entries ?? ValueMap()
    }
    return groups.first { !($0["replicas"]?.elements ?? []).isEmpty || $0["cluster_size"]?.amount == 1 }
  }

  @Sendable private static func removeServer(_ call: NatsCall) throws(CommandFailure) -> Value {
    let wanted = call.words.positional(0)?.string ?? ""
    guard let group = try metaGroup(call) else {
      throw .failed(
        "JetStream has no leader, and nobody else can take a server out of its group",
        advice: "start so many of its servers that more than half run, then run this again")
    }
    guard let member = MetaMember(wanted, of: group) else {
      throw .failed(
        "\(wanted) is no member of JetStream's group",
        advice: "its members: \(MetaMember.names(of: group).joined(separator: ", "))")
    }
    guard member.isOffline || call.words.has("--force") else {
      throw .failed(
        "\(wanted) runs: it would lose what streams have on it, and JetStream until \(comeback)",
        advice: "stop it first, or add --force")
    }
    try remove(member, call)
    call.show(
      "\(wanted) is no member of JetStream's group any more"
        + (member.isOffline ? "" : ", until \(comeback): kubectl delete its pod, or nbx run stop and start"))
    return ["server": .string(wanted)]
  }

  /// Asks until it is no member any more: a leader that is to go itself leaves the others without one for a while.
  private static func remove(_ member: MetaMember, _ call: NatsCall) throws(CommandFailure) {
    let limit = call.limit(atMost: .seconds(60))
    while true {
      var problem: CommandFailure?
      if let group = try metaGroup(call) {
        guard MetaMember(member.id, of: group) != nil else { return }
        do throws(CommandFailure) {
          _ = try call.withJetStream { jetStream throws(NATSError) in
            try jetStream.request("SERVER.REMOVE", member.question, limit: call.limit(atMost: .seconds(2)))
          }
        } catch {
          problem = error
        }
      }
      guard !limit.isOver else {
        throw problem ?? CommandFailure(.timedOut, "JetStream has had no leader since \(member.id) was to leave")
      }
      Pause.sleep(.milliseconds(50))
    }
  }
}

/// A member of JetStream's group.
private struct MetaMember {
  let id: String
  let isOffline: Bool

  /// Nil: it is none.
  ///
  /// - Parameter wanted: its name or its id. One that the leader has not seen since its own start is known by its id
  ///   alone.
  init?(_ wanted: String, of group: ValueMap) {
    let leader = ValueMap([("name", group["leader"] ?? .null), ("peer", group["peer"] ?? .null)])
    let members = [leader] + (group["replicas"]?.elements?.map(\.entries) ?? [])
    let found = members.first { [$0["name"], $0["peer"]].contains { $0?.asText?.string == wanted } }
    guard let found, let id = found["peer"]?.asText?.string else { return nil }
    self.id = id
    isOffline = if case .bool(true)? = found["offline"] { true } else { false }
  }

  /// What the leader is asked by.
  var question: [UInt8] { NatsReply.document(["peer": "", "peer_id": .string(id)]) }

  static func names(of group: ValueMap) -> [String] {
    let followers = group["replicas"]?.elements?.compactMap { $0.entries["name"]?.asText?.string } ?? []
    return ([group["leader"]?.asText?.string].compactMap { $0 } + followers).sorted()
  }
}

/// `account info`: who this login is, and what it has in JetStream.
extension NatsSubcommand {
  /// The server, then JetStream's `INFO` under `jetstream`: null for an account that has none.
  @Sendable private static func info(_ call: NatsCall) throws(CommandFailure) -> Value {
    let user = try userInfo(call)
    var entries = try call.withConnection { connection throws(NATSError) in
      let info = connection.info
      var entries = ValueMap()
      entries["server"] = .string(info.serverName)
      entries["cluster"] = info.cluster.map(Value.string)
      entries["version"] = .string(info.version)
      entries["url"] = .string(connection.server.url)
      entries["client_id"] = info.clientID.map { .int(Int64(clamping: $0)) }
      entries["max_payload"] = .size(SizeValue(bytes: Int64(info.maxPayload)))
      let took = try connection.roundTrip(limit: call.limit(atMost: NatsCall.patience))
      entries["rtt"] = .duration(DurationValue(took))
      return entries
    }
    for key in ["user", "account", "permissions", "expires"] { if let value = user[key] { entries[key] = value } }
    entries["jetstream"] = try jetStream(call)
    let value = Value.map(entries)
    return call.present(value)
  }

  /// What the server says of the login; nothing if it is too old to tell.
  private static func userInfo(_ call: NatsCall) throws(CommandFailure) -> ValueMap {
    let answer = try call.withConnection { connection throws(NATSError) -> [UInt8]? in
      do throws(NATSError) {
        return try connection.request(
          "$SYS.REQ.USER.INFO", limit: call.limit(atMost: NatsCall.patience)
        ).payload
      } catch {
        guard case .noResponders = error else { throw error }
        return nil
      }
    }
    guard let answer else { return ValueMap() }
    return try call.reply(answer).entries["data"]?.entries ?? ValueMap()
  }

  private static func jetStream(_ call: NatsCall) throws(CommandFailure) -> Value {
    let answer = try call.withJetStream { jetStream throws(NATSError) -> [UInt8]? in
      do throws(NATSError) {
        return try jetStream.request("INFO", limit: call.limit(atMost: NatsCall.patience))
      } catch {
        switch error {
        // 10039: not enabled for the account; 10076: not enabled at all.
        case .api(let refusal) where [10039, 10076].contains(refusal.errorCode): return nil
        case .noResponders: return nil
        default: throw error
        }
      }
    }
    guard let answer else { return .null }
    return accountInfo(try call.reply(answer).entries)
  }

  /// An `INFO` without what only the protocol needs.
  static func accountInfo(_ info: ValueMap) -> Value {
    var info = info
    info["type"] = nil
    return .map(info)
  }
}
