import Interpreter
import NATS

/// How the flags of `kv add` make the configuration of a bucket's stream.
enum KeyValueFlags {
  static let all: [Flag] =
    [
      Flag("--history", .integer, "how many values of a key are kept, at most 64; 1 if not given"),
      Flag("--ttl", .duration, "values go after so long; 0s: never"),
      Flag("--replicas", .integer, "on how many servers it lies"),
      Flag("--max-value-size", .size, "at most so large a value; -1: no bound"),
      Flag("--max-bucket-size", .size, "at most so large; -1: no bound"),
      Flag("--description", .text, "what it is for"),
      Flag("--storage", .choice(["file", "memory"]), "where values lie"),
      Flag("--compress", .toggle, "values are packed"),
      Flag(
        "--marker-ttl", .duration, "keys may have a time to live of their own; so long a marker stands in their place"),
      Flag("--mirror", .text, "the bucket that it is a copy of"),
      Flag("--mirror-domain", .text, "the JetStream domain of that bucket"),
      Flag("--source", .text, "a bucket that it takes keys from; repeated: several", aliases: ["--sources"]),
    ] + StreamFlags.placement + StreamFlags.republish + [StreamFlags.metadata]

  static func configuration(_ call: NatsCall, bucket: String) throws(CommandFailure) -> ValueMap {
    let words = call.words
    let history = words.integer("--history") ?? 1
    guard (1...64).contains(history) else {
      throw CommandFailure(.misused, "a bucket keeps 1 to 64 values of a key, not \(history)", advice: "--history 5")
    }
    let ttl = words.duration("--ttl") ?? DurationValue(nanoseconds: 0)
    var configuration = ValueMap()
    configuration["name"] = .string(KeyValue.streamPrefix + bucket)
    configuration["max_msgs_per_subject"] = .int(history)
    configuration["max_age"] = .duration(ttl)
    configuration["max_bytes"] = .int(words.size("--max-bucket-size") ?? -1)
    configuration["max_msg_size"] = .int(words.size("--max-value-size") ?? -1)
    configuration["storage"] = .string(words.string("--storage") ?? "file")
    configuration["num_replicas"] = .int(words.integer("--replicas") ?? 1)
    configuration["discard"] = "new"
    configuration["allow_rollup_hdrs"] = true
    configuration["deny_delete"] = true
    configuration["allow_direct"] = true
    configuration["duplicate_window"] = .duration(knownAgain(ttl))
    configuration["compression"] = words.has("--compress") ? "s2" : "none"
    if let description = words.text("--description") { configuration["description"] = Value(description) }
    if let marker = words.duration("--marker-ttl") {
      guard marker.nanoseconds >= 1_000_000_000 else {
        throw CommandFailure(.misused, "markers stand for a second or longer, not \(marker.text)")
      }
      configuration["allow_msg_ttl"] = true
      configuration["subject_delete_marker_ttl"] = .duration(marker)
    }
    try setOrigins(in: &configuration, bucket, call)
    StreamFlags.setPlacement(in: &configuration, call)
    try StreamFlags.setRepublish(in: &configuration, call)
    try StreamFlags.setMetadata(in: &configuration, call)
    return configuration
  }

  /// How long a write is known again when it is repeated: never longer than it lives.
  private static func knownAgain(_ ttl: DurationValue) -> DurationValue {
    let usual = DurationValue(nanoseconds: 120_000_000_000)
    return ttl.nanoseconds > 0 && ttl < usual ? ttl : usual
  }

  /// A mirror has the subjects of its origin and none of its own; what comes from a source is given this bucket's subjects.
  private static func setOrigins(
    in configuration: inout ValueMap, _ bucket: String, _ call: NatsCall
  ) throws(CommandFailure) {
    let sources = try StreamFlags.list("--source", call, Names.checkBucket)
    if let mirror = call.words.string("--mirror") {
      guard sources.isEmpty else {
        throw CommandFailure(.misused, "a mirror has no other sources", advice: "leave out --mirror or --source")
      }
      try call.checked { () throws(NATSError) in try Names.checkBucket(mirror) }
      var origin = ValueMap([("name", .string(KeyValue.streamPrefix + mirror))])
      if let domain = call.words.string("--mirror-domain") {
        origin["external"] = ["api": .string("$JS.\(domain).API")]
      }
      configuration["mirror"] = .map(origin)
      configuration["mirror_direct"] = true
      return
    }
    configuration["subjects"] = [.string("$KV.\(bucket).>")]
    guard !sources.isEmpty else { return }
    configuration["sources"] = .list(
      sources.map { source in
        [
          "name": .string(KeyValue.streamPrefix + source),
          "subject_transforms": [["src": .string("$KV.\(source).>"), "dest": .string("$KV.\(bucket).>")]],
        ]
      })
  }
}
