import Lexer
import SandboxSystem
import ValuesAndCommands

/// A key of a configuration: what stands behind it, and the flag that sets it.
struct Setting: Sendable {
  enum Kind: Sendable {
    case text, int, bool
    case duration, size, time
    case number(ClosedRange<Int64>)
    case choice([String])
    /// A map with keys of its own.
    case map(ConfigurationKeys)
    /// A map of texts, whose keys are the users' own.
    case notes
    /// Whatever it is, it goes to the server as it is.
    case any
  }

  let key: String
  let kind: Kind
  let isList: Bool
  let help: String
  /// The one that sets it and nothing else.
  private let flag: Flag?
  /// What to do instead of changing it, where servers take another value and change nothing.
  let insteadOfChange: String?

  init(
    _ key: String, _ kind: Kind, list: Bool = false, _ flag: String? = nil, _ help: String = "",
    aliases: [String] = [], offers: Offers? = nil, insteadOfChange: String? = nil
  ) {
    self.key = key
    self.kind = kind
    isList = list
    self.help = help
    self.insteadOfChange = insteadOfChange
    let flagKind: Flag.Kind =
      switch kind {
      case .bool: .toggle
      case .int: .integer
      case .number(let bounds): .number(bounds)
      case .duration: .duration
      case .size: .size
      case .choice(let choices): .choice(choices)
      default: .text
      }
    self.flag = flag.map { Flag($0, flagKind, help, aliases: aliases, offers: offers) }
  }

  /// Those that set it, or a part of it.
  var flags: [Flag] {
    if case .map(let keys) = kind, !isList { keys.flags } else { flag.map { [$0] } ?? [] }
  }

  /// What servers tell of it.
  fileprivate var field: Field {
    let one: Shape =
      switch kind {
      case .text, .choice: .text
      case .int, .number: .int
      case .bool: .bool
      case .duration: .duration
      case .size: .size
      case .time: .time
      case .map(let keys): keys.shape
      case .notes, .any: .anyMap
      }
    return Field(key, isList ? .list(one) : one, help, optional: key != "name")
  }

  /// What its flags make of it, if one of them is given.
  fileprivate func value(_ words: ParsedWords, over before: Value?) throws(CommandFailure) -> Value? {
    guard flags.contains(where: { words.isGiven($0.name) }) else { return nil }
    if case .map(let keys) = kind {
      var map = before?.entries ?? ValueMap()
      try keys.set(in: &map, words)
      return .map(map)
    }
    guard let name = flag?.name else { return nil }
    switch kind {
    case .bool: return .bool(words.has(name))
    case .int, .number: return words.integer(name).map(Value.int)
    case .duration: return words.duration(name).map(Value.duration)
    case .size: return words.size(name).map(Value.int)
    case .notes: return .map(try Setting.notes(words.all(name), over: before?.entries ?? ValueMap(), name))
    default:
      guard isList else { return words.text(name).map { Value($0) } }
      let parts = words.all(name).flatMap { StreamFlags.parts($0.string) }.filter { !$0.isEmpty }
      return parts.isEmpty ? nil : .list(parts.map(Value.string))
    }
  }

  private static func notes(_ given: [Text], over before: ValueMap, _ flag: String) throws(CommandFailure) -> ValueMap {
    var notes = before
    for word in given {
      let parts = word.string.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw .misused("`\(word.masked)` is no note: it has no =", advice: "write \(flag) owner=me")
      }
      notes[String(parts[0])] = .string(String(parts[1]))
    }
    return notes
  }
}

/// The keys of a configuration, and what stands behind them: flags, documents, answers and help are of this one list.
///
/// Servers pass over a key that they do not know, and take a duration for a number: a letter too many would be a setting
/// that nobody made.
struct ConfigurationKeys: Sendable {
  /// As messages name it: `a stream's configuration`.
  let name: String
  let settings: [Setting]
  /// The subject that the whole of it is sent to.
  let subject: String?
  let shape: Shape

  init(_ name: String, sentTo subject: String? = nil, _ settings: [Setting]) {
    self.name = name
    self.subject = subject
    self.settings = settings
    shape = .map(subject == nil ? "" : name, settings.map(\.field))
  }

  /// The flags that set one key each.
  var flags: [Flag] { settings.flatMap(\.flags) }
  /// Those of what can be changed.
  var flagsOfEdit: [Flag] { settings.filter { $0.insteadOfChange == nil }.flatMap(\.flags) }

  /// Sets what these flags say.
  func set(in configuration: inout ValueMap, _ words: ParsedWords) throws(CommandFailure) {
    for setting in settings {
      if let value = try setting.value(words, over: configuration[setting.key]) { configuration[setting.key] = value }
    }
    // What is published once more or under another subject has to go somewhere.
    guard let target = settings.first(where: { $0.key == "dest" })?.flags.first else { return }
    guard configuration["dest"] != nil else {
      throw .misused("\(name) needs a subject to go to", advice: "add \(target.name) SUBJECT")
    }
    configuration["src"] = configuration["src"] ?? ">"
  }

  func kind(of key: String) -> Setting.Kind? { settings.first { $0.key == key }?.kind }

  /// The map as servers read it: what is written as `1h`, `1Gi` or a time, as JSON has it, becomes one.
  ///
  /// - Parameter place: The file that the map is from.
  func read(_ map: ValueMap, from place: String? = nil) throws(CommandFailure) -> ValueMap {
    var read = ValueMap()
    for (key, value) in map {
      guard let kind = kind(of: key) else { throw failure("\(name) has no `\(key)`", place, advice: advice(key)) }
      read[key] = try self.value(value, key, kind, place)
    }
    return read
  }

  private func value(
    _ value: Value, _ key: String, _ kind: Setting.Kind, _ place: String?
  ) throws(CommandFailure) -> Value {
    switch (kind, value) {
    case (.any, _), (.notes, _): return value
    case (_, .list(let elements)):
      return .list(try elements.map { element throws(CommandFailure) in try self.value(element, key, kind, place) })
    case (.map(let keys), .map(let map)): return .map(try keys.read(map, from: place))
    case (.duration, .string(let text)):
      guard let duration = DurationValue(parsing: text) else { throw wrong(key, kind, value, place) }
      return .duration(duration)
    case (.size, .string(let text)):
      guard let size = SizeValue(parsing: text) else { throw wrong(key, kind, value, place) }
      return .size(size)
    // The text stays as it is: it may tell nanoseconds.
    case (.time, .string(let text)) where TimeValue(rfc3339: text) != nil: return value
    case (.duration, .duration), (.size, .size), (.time, .time): return value
    case (.time, .string), (.time, .int), (_, .duration), (_, .size), (_, .time):
      throw wrong(key, kind, value, place)
    default: return value
    }
  }

  private func advice(_ key: String) -> String {
    let whole = subject == nil ? [] : [ConfigurationKeys.stream, .consumer]
    if let owner = whole.first(where: { $0.kind(of: key) != nil }) { return "`\(key)` is in \(owner.name)" }
    let known = settings.map(\.key)
    if let nearest = nearestSpelling(to: key, among: known) { return "did you mean `\(nearest)`?" }
    let list = "one of: \(known.joined(separator: ", "))"
    return subject.map { "\(list); for a key of a newer server: nats request '\($0)' '{…}'" } ?? list
  }

  private func wrong(_ key: String, _ kind: Setting.Kind, _ value: Value, _ place: String?) -> CommandFailure {
    let (wanted, advice) =
      switch kind {
      case .duration: ("a duration", "as 30s; a number counts nanoseconds")
      case .size: ("a size", "as 2Gi; a number counts bytes")
      case .time: ("a time", "as 2026-11-22T12:00:00Z")
      case .text, .int, .number, .bool, .choice, .notes, .any:
        ("a plain number or text", "see how servers write it: `info --json`")
      case .map: ("a map", "see how servers write it: `info --json`")
      }
    return failure("`\(key)` of \(name) is \(wanted), not `\(value.printed)`", place, advice: advice)
  }

  private func failure(_ reason: String, _ place: String?, advice: String? = nil) -> CommandFailure {
    CommandFailure(.misused, Text((place.map { "\($0): " } ?? "") + reason), advice: advice)
  }
}

/// What nats-server reads, from 2.10 to 2.14.
extension ConfigurationKeys {
  static let stream = ConfigurationKeys(
    "a stream's configuration", sentTo: "$JS.API.STREAM.CREATE.NAME",
    [
      Setting("name", .text),
      Setting("description", .text, "--description", "what it is for"),
      Setting("subjects", .text, list: true, nil, "what it takes"),
      Setting("num_replicas", .int, "--replicas", "on how many servers it lies"),
      Setting("storage", .choice(["file", "memory"]), "--storage", "where messages lie"),
      Setting(
        "retention", .choice(["limits", "interest", "workqueue", "work", "workq"]), "--retention",
        "how long messages stay"),
      Setting("discard", .choice(["old", "new"]), "--discard", "which messages go when it is full"),
      Setting(
        "discard_new_per_subject", .bool, "--discard-per-subject",
        "also where one subject is full, the new message is refused"),
      Setting("compression", .choice(["none", "s2"]), "--compression", "how messages are packed"),
      Setting("max_msgs", .int, "--max-msgs", "at most so many messages; -1: no bound"),
      Setting("max_msgs_per_subject", .int, "--max-msgs-per-subject", "the same for each subject"),
      Setting("max_bytes", .size, "--max-bytes", "at most so large; -1: no bound"),
      Setting("max_msg_size", .size, "--max-msg-size", "at most so large a message; -1: no bound"),
      Setting("max_consumers", .int, "--max-consumers", "at most so many consumers; -1: no bound"),
      Setting("max_age", .duration, "--max-age", "messages go after so long; 0s: never"),
      Setting("duplicate_window", .duration, "--dupe-window", "how long it knows a message again by its Nats-Msg-Id"),
      Setting(
        "first_seq", .int, "--first-sequence", "the number of its first message",
        insteadOfChange:
          "take away the messages before it: nats stream purge NAME --seq 100; or make the stream anew"),
      Setting("no_ack", .bool, nil, "it does not confirm what it has stored"),
      Setting("allow_direct", .bool, "--allow-direct", "every replica answers reads, not the leader alone"),
      Setting("mirror_direct", .bool, "--allow-mirror-direct", "as a mirror it answers reads of its origin"),
      Setting("allow_rollup_hdrs", .bool, "--allow-rollup", "a message may take the place of all before it"),
      Setting("allow_msg_ttl", .bool, "--allow-msg-ttl", "a message may have a time to live of its own"),
      Setting(
        "subject_delete_marker_ttl", .duration, "--subject-del-markers-ttl",
        "how long a marker stands for a subject whose messages went by age"),
      Setting("allow_msg_counter", .bool, nil, "its messages count up"),
      Setting("allow_msg_schedules", .bool, nil, "a message may be due later"),
      Setting("allow_atomic", .bool, nil, "several messages may be stored all or none"),
      Setting("allow_batched", .bool, nil, "several messages may be stored at once"),
      Setting("deny_delete", .bool, "--deny-delete", "no message is deleted by hand"),
      Setting("deny_purge", .bool, "--deny-purge", "it can't be purged"),
      Setting("sealed", .bool, nil, "nothing comes to it and nothing goes"), Setting("persist_mode", .text),
      Setting("template_owner", .text), Setting("mirror", .map(origin), nil, "the stream that it is a copy of"),
      Setting("sources", .map(origin), list: true, nil, "the streams that it takes messages from"),
      placement,
      Setting(
        "subject_transform",
        .map(
          ConfigurationKeys(
            "a change of subjects",
            [
              Setting(
                "src", .text, "--transform-source", "which subjects are changed before they are stored; > if not given"),
              Setting("dest", .text, "--transform-destination", "into which subject, as orders.{{wildcard(1)}}"),
            ])), nil, "how subjects are changed before they are stored"),
      republish,
      Setting(
        "consumer_limits",
        .map(
          ConfigurationKeys(
            "`consumer_limits`",
            [
              Setting(
                "inactive_threshold", .duration, "--limit-consumer-inactive",
                "a consumer without clients goes after so long"),
              Setting(
                "max_ack_pending", .int, "--limit-consumer-max-pending",
                "how much of a consumer may wait for an acknowledgement"),
            ]))), metadata,
    ])

  private static let placementKeys = [
    Setting("cluster", .text, "--cluster", "the NATS cluster that it lies in"),
    Setting(
      "tags", .text, list: true, "--tag", "a tag that its servers have, as az:c1; repeated: all of them",
      aliases: ["--tags"]),
  ]
  private static let placement = Setting(
    "placement", .map(ConfigurationKeys("`placement`", placementKeys + [Setting("preferred", .text)])), nil,
    "where it lies")
  private static let republish = Setting(
    "republish",
    .map(
      ConfigurationKeys(
        "`republish`",
        [
          Setting(
            "src", .text, "--republish-source",
            "which of its subjects are published once more; > if only the target is given"),
          Setting("dest", .text, "--republish-destination", "under which subject that is"),
          Setting("headers_only", .bool, "--republish-headers", "without the messages' bodies"),
        ])), nil, "under which subjects its messages are published once more")
  private static let metadata = Setting(
    "metadata", .notes, "--metadata", "a note of one's own, as owner=me; repeated: several")

  static let consumer = ConfigurationKeys(
    "a consumer's configuration", sentTo: "$JS.API.CONSUMER.CREATE.STREAM.NAME",
    [
      Setting("name", .text), Setting("durable_name", .text, nil, "its name, if it stays when nobody uses it"),
      Setting("description", .text, "--description", "what it is for"),
      Setting("filter_subject", .text, nil, "only this subject"),
      Setting("filter_subjects", .text, list: true, nil, "only these subjects"),
      Setting("deliver_policy", .text, nil, "where it begins"), Setting("opt_start_seq", .int),
      Setting("opt_start_time", .time),
      Setting("ack_policy", .choice(["explicit", "none", "all"]), "--ack", "which messages must be acknowledged"),
      Setting("ack_wait", .duration, "--wait", "a message that is not acknowledged is handed out again after so long"),
      Setting("backoff", .duration, list: true, nil, "how long to wait before each further try"),
      Setting("max_deliver", .int, "--max-deliver", "how often a message is handed out at most; -1: no bound"),
      Setting("max_ack_pending", .int, "--max-pending", "how many may wait for an acknowledgement"),
      Setting("max_waiting", .int, "--max-waiting", "how many may ask at once"),
      Setting("replay_policy", .choice(["instant", "original"]), "--replay", "at once, or as quickly as they came"),
      Setting("inactive_threshold", .duration, "--inactive-threshold", "it goes when nobody used it for so long"),
      Setting("num_replicas", .int, "--replicas", "on how many servers its state lies; 0: as many as its stream"),
      Setting(
        "mem_storage", .bool, "--memory", "its state lies in memory",
        insteadOfChange: "take it away and make it anew: nats consumer rm, nats consumer add"),
      Setting("headers_only", .bool, "--headers-only", "hands out headers without bodies"),
      Setting("deliver_subject", .text, nil, "where its messages are sent to, unasked"),
      Setting(
        "deliver_group", .text, "--deliver-group", "of all who listen with this queue name one gets each message"),
      Setting("flow_control", .bool, "--flow-control", "with --target: waits while the receiver is behind"),
      Setting("idle_heartbeat", .duration, "--heartbeat", "with --target: says so when there is nothing"),
      Setting("rate_limit_bps", .int, "--bps", "with --target: at most so many bits a second"),
      Setting("sample_freq", .text, "--sample", "of how many percent of acknowledgements it tells, as 50%"),
      Setting("max_batch", .int, "--max-pull-batch", "how many may be asked for at once"),
      Setting("max_expires", .duration, "--max-pull-expire", "how long a question may wait"),
      Setting("max_bytes", .size, "--max-pull-bytes", "how much may be asked for at once"),
      Setting("pause_until", .time, nil, "hands out nothing until then"), Setting("priority_groups", .text, list: true),
      Setting("priority_policy", .text), Setting("priority_timeout", .duration), Setting("direct", .bool),
      Setting("sourcing", .bool), metadata,
    ])

  /// What a stream is a copy of, or takes messages from. `start` and `filter` are nbx's own, for `opt_start_seq` or
  /// `opt_start_time`, and for `filter_subject`.
  static let origin = ConfigurationKeys(
    "a mirror or a source",
    [
      Setting("name", .text), Setting("filter", .text), Setting("opt_start_seq", .int),
      Setting("filter_subject", .text),
      Setting("start", .any), Setting("opt_start_time", .time),
      Setting("subject_transforms", .map(transform), list: true),
      Setting("external", .map(ConfigurationKeys("`external`", [Setting("api", .text), Setting("deliver", .text)]))),
      Setting(
        "consumer",
        .map(ConfigurationKeys("`consumer`", [Setting("name", .text), Setting("deliver_subject", .text)]))),
    ])

  private static let transform = ConfigurationKeys(
    "a change of subjects", [Setting("src", .text), Setting("dest", .text)])

  // MARK: Buckets

  /// What `kv add` sets of a bucket's stream.
  static let bucket = ConfigurationKeys(
    "a bucket's configuration",
    [
      Setting(
        "max_msgs_per_subject", .number(1...64), "--history",
        "how many values of a key are kept, at most 64; 1 if not given"),
      Setting("max_msg_size", .size, "--max-value-size", "at most so large a value; -1: no bound"),
    ] + settings(ofStoring: "values") + [republish])

  /// What `object add` sets of a store's stream.
  static let objectStore = ConfigurationKeys("an object store's configuration", settings(ofStoring: "objects"))

  private static func settings(ofStoring what: String) -> [Setting] {
    [
      Setting("max_age", .duration, "--ttl", "\(what) go after so long; 0s: never"),
      Setting("num_replicas", .int, "--replicas", "on how many servers it lies"),
      Setting("max_bytes", .size, "--max-bucket-size", "at most so large; -1: no bound"),
      Setting("description", .text, "--description", "what it is for"),
      Setting("storage", .choice(["file", "memory"]), "--storage", "where \(what) lie"), placement, metadata,
    ]
  }

  /// What both have unless it is said otherwise.
  static let bucketDefaults: ValueMap = ValueMap([
    ("max_age", .duration(DurationValue(nanoseconds: 0))), ("max_bytes", -1), ("storage", "file"), ("num_replicas", 1),
    ("discard", "new"), ("allow_rollup_hdrs", true), ("allow_direct", true),
  ])

  // MARK: Others

  /// What `bench` sets of the stream that it makes.
  static let benchStream = ConfigurationKeys(
    "a bench's stream",
    [
      Setting("num_replicas", .int, "--replicas", "on how many servers it is made; 1 if not given"),
      Setting("storage", .choice(["file", "memory"]), "--storage", "where its messages lie; in files if not given"),
      Setting(
        "max_bytes", .size, "--max-bytes", "how large it may become; without bound if not given",
        aliases: ["--maxbytes"]), placement,
    ])

  /// Where the next leader is to be.
  static let leader = ConfigurationKeys(
    "a move",
    [
      Setting(
        "placement",
        .map(
          ConfigurationKeys(
            "`placement`",
            [Setting("preferred", .text, "--preferred", "the server that is to lead", offers: .servers)]
              + placementKeys)))
    ])
}
