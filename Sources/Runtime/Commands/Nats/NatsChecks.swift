import Interpreter
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

  /// How long the leader may take to answer; without a leader nobody does.
  private static let patience = Duration.seconds(1)

  @Sendable private static func checkMeta(_ call: NatsCall) throws(CommandFailure) -> Value {
    let filter = Array(#"{"leader_only":true}"#.utf8)
    let answers: [ServerPing.Answer]
    answers = try call.withConnection { connection throws(NATSError) in
      do throws(NATSError) {
        return try ServerPing(connection).ask(
          .jetStream, filter: filter, until: .init(expected: 1), limit: call.limit(atMost: patience))
      } catch .timedOut {
        return []
      }
    }
    // Servers answer more than they are asked for, so only an answer that knows the followers is the leader's.
    let groups = try answers.map { answer throws(CommandFailure) in
      try call.reply(answer.bytes).entries["data"]?.entries["meta_cluster"] ?? .null
    }
    guard
      let meta = groups.first(where: {
        !($0.entries["replicas"]?.elements ?? []).isEmpty || $0.entries["cluster_size"]?.amount == 1
      })
    else {
      throw CommandFailure(
        .failed, "JetStream has no leader",
        advice: "it takes some seconds after a start; wait-for nats server check meta")
    }
    let followers = meta.entries["replicas"]?.elements ?? []
    let behind = followers.filter { !$0.isCurrentPeer }.map { $0.entries["name"]?.printed ?? "?" }
    // Not the leader's `cluster_size`: one that had just started when it came to lead takes the servers that it knew then
    // for all, and goes on saying so when all follow it.
    let size = Int64(followers.count + 1)
    if let expected = call.words.integer("--expect"), size != expected {
      throw CommandFailure(.failed, "JetStream has \(size) servers instead of \(expected)")
    }
    if !behind.isEmpty {
      throw CommandFailure(
        .failed, "\(behind.count) of \(size) JetStream servers are not current",
        said: Text(behind.joined(separator: ", ")))
    }
    call.show("JetStream has \(size) servers, led by \(meta.entries["leader"]?.printed ?? "?"); all are current")
    return meta
  }
}

extension Value {
  /// Whether a follower of JetStream's leader is there and up to date.
  fileprivate var isCurrentPeer: Bool {
    if case .bool(true)? = entries["offline"] { return false }
    if case .bool(true)? = entries["current"] { return true }
    return false
  }
}
