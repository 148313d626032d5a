import Interpreter
import Lexer
import NATS

/// `server check …`: fails where something is not as it should be, so that a recipe can wait for it.
extension NatsSubcommand {
  static let checks: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "server check meta", "Whether JetStream has a leader and all its servers follow",
        flags: [Flag("--expect", .integer, "how many JetStream servers there must be")] + Flag.ofConnection,
        example: "nats server check meta --expect 18"), as: .system, run: checkMeta)
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
      throw CommandFailure(
        .failed, "JetStream has \(counted(size, "server")) instead of \(expected)",
        advice: size > expected ? goneForGood : nil)
    }
    if !behind.isEmpty {
      throw CommandFailure(
        .failed,
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
        .jetStream, until: .init(quiet: .milliseconds(300)), limit: call.limit(atMost: NatsCall.patience))
    }
    let servers = try answers.map { answer throws(CommandFailure) in try call.reply(answer.bytes).entries }
    let storing = servers.filter { if case .bool(true) = $0[path: "data.disabled"] { false } else { true } }
    guard !storing.isEmpty else {
      return CommandFailure(
        .failed, "no server has JetStream, so it has no leader",
        advice: "give some of them JetStream, by config.jetstream.enabled: true; nats server list shows which have it",
        details: FailureDetails("no-group"))
    }
    guard storing.contains(where: { !$0[path: "data.meta_cluster"].entries.isEmpty }) else {
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
