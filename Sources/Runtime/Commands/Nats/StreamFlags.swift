import Interpreter
import NATS

/// How the flags and the document of `stream add` and `stream edit` make a stream's configuration.
enum StreamFlags {
  static let all: [Flag] =
    [
      Flag("--subjects", .text, "what it takes, with commas between; repeated: all of them", aliases: ["--subject"]),
      Flag("--replicas", .integer, "on how many servers it lies"),
    ] + placement + [
      Flag(
        "--mirror", .text,
        "the stream that it is a copy of: its name, or JSON with name, start (a sequence, a time, or how long ago) and filter"
      ),
      Flag(
        "--source", .text, "a stream that it takes messages from, as --mirror; repeated: several",
        aliases: ["--sources"]),
      Flag("--config", .text, "a JSON file with its configuration, as `info --json` gives it"),
    ] + plain.map(\.flag) + [
      Flag("--ack", .toggle, "it confirms what it has stored"),
      Flag("--transform-source", .text, "which subjects are changed before they are stored; > if not given"),
      Flag("--transform-destination", .text, "into which subject, as orders.{{wildcard(1)}}"),
      Flag("--limit-consumer-inactive", .duration, "a consumer without clients goes after so long"),
      Flag("--limit-consumer-max-pending", .integer, "how much of a consumer may wait for an acknowledgement"),
    ] + republish + [metadata]

  /// Those of `stream edit`: without what a stream has from its beginning.
  static let ofEdit = all.filter { flag in
    !plain.contains { $0.flag.name == flag.name && ConfigurationKeys.fixedInStreams[$0.field] != nil }
  }

  /// Flags that set one field each.
  private static let plain: [(flag: Flag, field: String)] = [
    (Flag("--description", .text, "what it is for"), "description"),
    (Flag("--storage", .choice(["file", "memory"]), "where messages lie"), "storage"),
    (
      Flag("--retention", .choice(["limits", "interest", "workqueue", "work", "workq"]), "how long messages stay"),
      "retention"
    ),
    (Flag("--discard", .choice(["old", "new"]), "which messages go when it is full"), "discard"),
    (
      Flag("--discard-per-subject", .toggle, "also where one subject is full, the new message is refused"),
      "discard_new_per_subject"
    ),
    (Flag("--compression", .choice(["none", "s2"]), "how messages are packed"), "compression"),
    (Flag("--max-msgs", .integer, "at most so many messages; -1: no bound"), "max_msgs"),
    (Flag("--max-msgs-per-subject", .integer, "the same for each subject"), "max_msgs_per_subject"),
    (Flag("--max-bytes", .size, "at most so large; -1: no bound"), "max_bytes"),
    (Flag("--max-msg-size", .size, "at most so large a message; -1: no bound"), "max_msg_size"),
    (Flag("--max-consumers", .integer, "at most so many consumers; -1: no bound"), "max_consumers"),
    (Flag("--max-age", .duration, "messages go after so long; 0s: never"), "max_age"),
    (Flag("--dupe-window", .duration, "how long it knows a message again by its Nats-Msg-Id"), "duplicate_window"),
    (Flag("--first-sequence", .integer, "the number of its first message"), "first_seq"),
    (Flag("--allow-direct", .toggle, "every replica answers reads, not the leader alone"), "allow_direct"),
    (Flag("--allow-mirror-direct", .toggle, "as a mirror it answers reads of its origin"), "mirror_direct"),
    (Flag("--allow-rollup", .toggle, "a message may take the place of all before it"), "allow_rollup_hdrs"),
    (Flag("--allow-msg-ttl", .toggle, "a message may have a time to live of its own"), "allow_msg_ttl"),
    (
      Flag("--subject-del-markers-ttl", .duration, "how long a marker stands for a subject whose messages went by age"),
      "subject_delete_marker_ttl"
    ),
    (Flag("--deny-delete", .toggle, "no message is deleted by hand"), "deny_delete"),
    (Flag("--deny-purge", .toggle, "it can't be purged"), "deny_purge"),
  ]

  /// Flags of `stream edit` that take a part of the configuration away, and those that would set it.
  static let removals: [(flag: Flag, field: String, setters: [String])] = [
    (Flag("--no-mirror", .toggle, "it is a copy no more"), "mirror", ["--mirror"]),
    (
      Flag("--no-republish", .toggle, "its messages are published once more no longer"), "republish",
      ["--republish-source", "--republish-destination", "--republish-headers"]
    ),
    (
      Flag("--no-transform", .toggle, "its subjects are changed no longer"), "subject_transform",
      ["--transform-source", "--transform-destination"]
    ),
  ]

  /// The file, with the document over it, with the flags over both.
  static func configuration(_ call: NatsCall, name: String) throws(CommandFailure) -> ValueMap {
    var configuration = try base(call, .stream, of: name)
    configuration["name"] = .string(name)
    for (flag, field) in plain {
      if let value = value(of: flag, call.words) { configuration[field] = value }
    }
    if ["work", "workq"].contains(configuration["retention"]?.asText?.string) {
      configuration["retention"] = "workqueue"
    }
    if call.words.duration("--dupe-window")?.nanoseconds == 0 {
      call.warn("--dupe-window 0s is no window to servers: they take 2m, or --max-age where that is less")
    }
    if let replicas = call.words.integer("--replicas") { configuration["num_replicas"] = .int(replicas) }
    if call.words.isGiven("--ack") { configuration["no_ack"] = .bool(!call.words.has("--ack")) }
    try setSubjects(in: &configuration, call)
    try setOrigins(in: &configuration, call)
    try setTransform(in: &configuration, call)
    setConsumerLimits(in: &configuration, call)
    setPlacement(in: &configuration, call)
    try setRepublish(in: &configuration, call)
    try setMetadata(in: &configuration, call)
    for removal in removals where call.words.has(removal.flag.name) {
      if let setter = removal.setters.first(where: call.words.isGiven) {
        throw CommandFailure(
          .misused, "`\(removal.flag.name)` and `\(setter)` do not go together", advice: "leave one of them out")
      }
      configuration[removal.field] = .null
    }
    return configuration
  }

  private static func setSubjects(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    if call.words.isGiven("--subjects") {
      let subjects = try list("--subjects", call, Names.checkSubscribeSubject)
      configuration["subjects"] = .list(subjects.map(Value.string))
    }
    for subject in configuration["subjects"]?.elements ?? [] {
      let subject = subject.asText?.string ?? ""
      try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(subject) }
    }
  }

  private static func setTransform(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    let source = call.words.string("--transform-source")
    guard let destination = call.words.string("--transform-destination") else {
      guard source == nil else {
        throw CommandFailure(.misused, "a change of subjects needs a target", advice: "add --transform-destination")
      }
      return
    }
    configuration["subject_transform"] = ["src": .string(source ?? ">"), "dest": .string(destination)]
  }

  private static func setConsumerLimits(in configuration: inout ValueMap, _ call: NatsCall) {
    var limits = configuration["consumer_limits"]?.entries ?? ValueMap()
    if let inactive = call.words.duration("--limit-consumer-inactive") {
      limits["inactive_threshold"] = .duration(inactive)
    }
    if let pending = call.words.integer("--limit-consumer-max-pending") { limits["max_ack_pending"] = .int(pending) }
    if !limits.isEmpty { configuration["consumer_limits"] = .map(limits) }
  }
}
