import Interpreter
import NATS

/// Making and changing streams, as `stream`, `kv` and `object` do it.
extension NatsCall {
  /// How long a stream may wait for JetStream to have a leader before it is made. Elections after the loss of a region took
  /// up to 6.5 s, after a start on a slow disk up to 35.
  static let readiness = Duration.seconds(60)

  /// Makes a stream; one that is there and just like it stays as it is.
  func makeStream(_ name: String, _ configuration: ValueMap) throws(CommandFailure) -> Value {
    guard RelativeTimes.areIn(configuration) else {
      return try changeStream("STREAM.CREATE.\(name)", name, configuration)
    }
    let present = (try? ask("STREAM.INFO.\(name)"))?.entries["config"]?.entries
    return try changeStream("STREAM.CREATE.\(name)", name, RelativeTimes.settled(configuration, like: present))
  }

  /// Lays `changes` over a stream's configuration.
  func editStream(_ name: String, _ changes: ValueMap) throws(CommandFailure) -> Value {
    let current = try ask("STREAM.INFO.\(name)").entries["config"]?.entries ?? ValueMap()
    let changes = RelativeTimes.settled(changes, like: nil)
    let made = try changeStream("STREAM.UPDATE.\(name)", name, current.merged(with: changes))
    try Promises.check(changes, before: current, after: made.entries["config"]?.entries ?? ValueMap(), of: name)
    return made
  }

  private func changeStream(
    _ api: String, _ name: String, _ configuration: ValueMap
  ) throws(CommandFailure) -> Value {
    let answer = try withJetStream { jetStream throws(NATSError) in
      try jetStream.requestWhenReady(
        api, NatsReply.document(.map(configuration)), limit: limit(atMost: NatsCall.readiness), inFlight: limitInFlight)
    }
    let change = try reply(answer)
    guard change.entries["config"] != nil else { throw notMade(name, configuration, change) }
    return NatsCall.streamInfo(try led(name, change))
  }

  /// Servers answer the create of a stream that none of them has room for as the removal of what they began with, a success.
  private func notMade(_ name: String, _ configuration: ValueMap, _ answer: Value) -> CommandFailure {
    let wantsMemory = configuration["storage"]?.asText?.string == "memory"
    return CommandFailure(
      .failed, "JetStream did not make \(name): it answers without a configuration", said: Text(answer.shown()),
      advice: (wantsMemory
        ? "the servers may have no memory storage: try --storage file" : "see what servers have room for")
        + "; first take away what is left of it: nats stream rm \(name) --force")
  }

  /// The reply to a change, with the state and the cluster as they are once the stream has a leader: right after a create
  /// the reply may name none, and the next publish would find nobody.
  private func led(_ name: String, _ change: Value) throws(CommandFailure) -> Value {
    guard let cluster = change.entries["cluster"]?.entries else { return change }
    if let leader = cluster["leader"]?.asText?.string, !leader.isEmpty { return change }
    let info = try withJetStream { jetStream throws(NATSError) in
      try jetStream.waitForLeader(ofStream: name, limit: limit())
    }
    return .map(change.entries.merged(with: try reply(info).entries))
  }

  /// What a reply says about a stream, without what it says about itself.
  static func streamInfo(_ reply: Value) -> Value {
    var entries = reply.entries
    // Total, offset and limit are of the page that a long list of subjects would come in.
    for key in ["type", "total", "offset", "limit"] { entries[key] = nil }
    return .map(entries)
  }

  /// Shows lines, or the value as JSON where `--json` is given, if the call is a statement.
  func present(_ value: Value, _ text: @autoclosure () -> String) -> Value {
    if words.isGiven("--json") {
      show(NatsReply.plain(value).json(indented: true).masked)
    } else {
      show(text())
    }
    return value
  }
}

extension Flag {
  static let json = Flag("--json", .toggle, "as JSON, not as a table", aliases: ["-j"])
  static let force = Flag("--force", .toggle, "without asking back, as always here", aliases: ["-f"])
}
