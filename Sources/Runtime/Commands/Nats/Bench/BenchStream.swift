import Interpreter
import NATS

/// The stream of a bench: which one, and how it is made if the call asks for that.
enum BenchStream {
  static let usualName = "benchstream"

  /// How `--create` makes it.
  static let placementFlags = [
    Flag("--create", .toggle, "makes it if it is not there"),
    Flag("--purge", .toggle, "takes away what is in it before"),
    Flag("--replicas", .integer, "on how many servers it is made; 1 if not given"),
    Flag("--storage", .choice(["file", "memory"]), "where its messages lie; in files if not given"),
    Flag("--max-bytes", .size, "how large it may become; without bound if not given", aliases: ["--maxbytes"]),
    Flag("--cluster", .text, "the NATS cluster that it is made in"),
    Flag("--tag", .text, "a tag that its servers have, as az:c1; repeated: all of them"),
  ]

  /// Makes it and empties it, as far as the flags say. One that is not there and is not to be made is a failure at once:
  /// publishes would be tried again until the limit.
  static func prepare(
    _ name: String, subjects: [String], _ call: NatsCall, more: Value = [:]
  ) throws(CommandFailure) {
    if call.words.has("--create") {
      var configuration = ValueMap()
      configuration["name"] = .string(name)
      configuration["subjects"] = .list(subjects.map(Value.string))
      configuration["num_replicas"] = .int(call.words.integer("--replicas") ?? 1)
      configuration["storage"] = .string(call.words.string("--storage") ?? "file")
      if let bytes = call.words.size("--max-bytes") { configuration["max_bytes"] = .int(bytes) }
      var placement = ValueMap()
      if let cluster = call.words.string("--cluster") { placement["cluster"] = .string(cluster) }
      let tags = call.words.all("--tag").map { Value.string($0.string) }
      if !tags.isEmpty { placement["tags"] = .list(tags) }
      if !placement.isEmpty { configuration["placement"] = .map(placement) }
      configuration = configuration.merged(with: more.entries)
      try make(name, configuration, call)
    } else {
      _ = try call.ask("STREAM.INFO.\(name)")
    }
    if call.words.has("--purge") { _ = try call.ask("STREAM.PURGE.\(name)") }
  }

  private static func make(_ name: String, _ configuration: ValueMap, _ call: NatsCall) throws(CommandFailure) {
    let limit = call.limit(atMost: .seconds(60))
    _ = try call.withJetStream { jetStream throws(NATSError) in
      do throws(NATSError) {
        _ = try jetStream.requestWhenReady(
          "STREAM.CREATE.\(name)", NatsReply.document(.map(configuration)), limit: limit)
      } catch {
        // 10058: it is there already, in another shape. As in the nats CLI that one serves as well.
        guard case .api(let refusal) = error, refusal.errorCode == 10058 else { throw error }
      }
      return try jetStream.waitForLeader(ofStream: name, limit: limit)
    }
    try checkShape(name, configuration, call)
  }

  /// The stream that is there has to be what the flags say, or the figures would be another stream's.
  private static func checkShape(
    _ name: String, _ wanted: ValueMap, _ call: NatsCall
  ) throws(CommandFailure) {
    let present = try call.ask("STREAM.INFO.\(name)").entries
    for (flag, key) in [
      ("--replicas", "num_replicas"), ("--storage", "storage"), ("--max-bytes", "max_bytes"),
      ("--cluster", "placement.cluster"), ("--tag", "placement.tags"),
    ] where call.words.isGiven(flag) {
      let (asked, found) = (wanted[path: key], present[path: "config.\(key)"])
      guard NatsReply.plain(asked).shown() != NatsReply.plain(found).shown() else { continue }
      throw CommandFailure(
        .failed, "\(name) is there already, with \(key) \(found.shown()) instead of \(asked.shown())",
        advice: "leave out \(flag); or take it away first: nats stream rm \(name) --force")
    }
  }

  /// What is published on the subject has to come to the stream that is measured.
  static func checkOwner(of subject: String, is name: String, _ call: NatsCall) throws(CommandFailure) {
    let owners = try call.streamNames(subject: subject)
    if let owner = owners.first, !owners.contains(name) { throw takenElsewhere(subject, by: owner, insteadOf: name) }
  }

  static func takenElsewhere(_ subject: String, by owner: String, insteadOf name: String) -> CommandFailure {
    CommandFailure(
      .failed, "\(owner) takes \(subject), not \(name)",
      advice: "measure that one: --stream \(owner); or publish on a subject of \(name): nats stream info \(name)")
  }
}

extension NatsCall {
  /// What JetStream's subjects begin with for this call's login.
  func jetStreamPrefix() throws(CommandFailure) -> String {
    try withJetStream { jetStream throws(NATSError) in jetStream.prefix }
  }
}
