import Interpreter
import NATS

/// `server cluster …`: the group that all JetStream servers form, which chooses their leader.
extension NatsSubcommand {
  static let metaGroup: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "server cluster peer-remove",
        "Takes a server out of JetStream's group that does not come back; what streams have on it is given up",
        positionals: [Positional("SERVER")],
        flags: [Flag("--force", .toggle, "also one that still runs", aliases: ["-f"])] + Flag.ofConnection,
        example: "nats server cluster peer-remove c3-js-nats-0"),
      as: .system, changesSomething: true, run: removeServer)
  ]

  /// How long the leader may take to answer; without a leader nobody does.
  private static let patience = Duration.seconds(1)

  /// What the leader of JetStream says of the group; nil without a leader.
  static func metaGroup(_ call: NatsCall) throws(CommandFailure) -> ValueMap? {
    let filter = Array(#"{"leader_only":true}"#.utf8)
    let answers = try call.withConnection { connection throws(NATSError) -> [ServerPing.Answer] in
      do throws(NATSError) {
        return try ServerPing(connection).ask(
          .jetStream, filter: filter, until: .init(expected: 1), limit: call.limit(atMost: patience))
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
      throw CommandFailure(
        .failed, "JetStream has no leader, and nobody else can take a server out of its group",
        advice: "start so many of its servers that more than half run, then run this again")
    }
    guard let member = MetaMember(wanted, of: group) else {
      throw CommandFailure(
        .failed, "\(wanted) is no member of JetStream's group",
        advice: "its members: \(MetaMember.names(of: group).joined(separator: ", "))")
    }
    guard member.isOffline || call.words.has("--force") else {
      throw CommandFailure(
        .failed, "\(wanted) runs: it would lose what streams have on it, and JetStream until its next start",
        advice: "stop it first, or add --force")
    }
    try remove(member, call)
    call.show("\(wanted) is no member of JetStream's group any more")
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
