import NATS
import ValuesAndCommands

/// `kv …`: key-value buckets and what they hold.
extension NatsSubcommand {
  static let keyValues: [NatsSubcommand] =
    [
      sub(
        "kv add", "Makes a bucket; one that is there and just like it stays as it is", Positional("BUCKET"),
        flags: KeyValueFlags.all, gives: Gives.bucket,
        example: "nats kv add settings --replicas 3 --history 5 --cluster c1 --tag az:c1", changes: true, run: add),
      sub(
        "kv put", "Puts a value under a key", bucket, key, value, flags: [timeToLive], document: "the value",
        gives: Gives.written, example: "nats kv put settings color red", changes: true, run: put),
      sub(
        "kv create", "Puts a value under a key that holds none", bucket, key, value, flags: [timeToLive],
        document: "the value", gives: Gives.written, example: "nats kv create settings color red", changes: true,
        run: create),
      sub(
        "kv update", "Puts a value under a key if that is still at a revision", bucket, key, value,
        Positional("REVISION", optional: true), flags: [timeToLive],
        document: "the value; then the word behind the key is the revision", gives: Gives.written,
        example: "nats kv update settings color blue 4", changes: true, run: update),
      sub(
        "kv get", "What a key holds: as the leader knows it, which has seen all that was acknowledged", bucket, key,
        flags: [
          Flag("--revision", .positive, "what it held at this revision"),
          Flag("--raw", .toggle, "the value alone", gives: .text),
          Flag("--direct", .toggle, "from the nearest replica, which may be a moment behind and needs no leader"),
        ], gives: Gives.entry, example: "nats kv get settings color --raw", run: get),
      sub(
        "kv history", "All that a bucket keeps of a key, the oldest first", bucket, key, gives: .list(Gives.entry),
        example: "nats kv history settings color", run: history),
      sub(
        "kv watch", "Entries as they are and as they come", bucket,
        Positional("KEY", optional: true, help: "a key, or several by * and >"),
        flags: [
          Flag("--count", .positive, "until so many have come"),
          Flag("--wait", .duration, "not longer than this; what came until then is the value"),
          Flag("--history", .toggle, "begins with all that the bucket keeps"),
          Flag("--updates-only", .toggle, "begins with what comes next"),
        ], gives: .list(Gives.entry), example: "nats kv watch settings 'color.>' --count 3 --wait 10s",
        needsOneOf: ["--count", "--wait"], run: watch),
      sub(
        "kv revert", "Puts back what a key held at a revision", bucket, key, Positional("REVISION"), flags: [.force],
        gives: Gives.written, example: "nats kv revert settings color 3", changes: true, run: revert),
      sub(
        "kv purge", "Takes a key away with its history, and leaves a marker", bucket, key,
        flags: [.force, onlyAt, timeToLive], gives: Gives.written, example: "nats kv purge settings color --force",
        changes: true, run: purge),
    ] + buckets

  static let bucket = Positional("BUCKET", offers: .buckets)
  static let key = Positional("KEY")
  static let onlyAt = Flag("--revision", .integer, "only if the key is still at this revision")
  private static let value = Positional("VALUE", optional: true)
  private static let timeToLive = Flag(
    "--ttl", .duration, "the entry goes after so long; the bucket must have --marker-ttl")

  @Sendable private static func add(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkBucket)
    let configuration = try KeyValueFlags.configuration(call, bucket: name)
    let made = BucketKind.keyValue.value(try call.makeStream(KeyValue.streamPrefix + name, configuration))
    return call.present(made)
  }

  @Sendable private static func put(_ call: NatsCall) throws(CommandFailure) -> Value {
    let value = try call.body(behind: 2)
    return try call.write { bucket, key, limit throws(NATSError) in
      try bucket.put(key, Array(value.utf8), timeToLive: call.words.duration("--ttl")?.duration, limit: limit)
    }
  }

  @Sendable private static func create(_ call: NatsCall) throws(CommandFailure) -> Value {
    let value = try call.body(behind: 2)
    return try call.write { bucket, key, limit throws(NATSError) in
      try bucket.create(key, Array(value.utf8), timeToLive: call.words.duration("--ttl")?.duration, limit: limit)
    }
  }

  @Sendable private static func update(_ call: NatsCall) throws(CommandFailure) -> Value {
    let isDocument = call.call.document != nil
    let value = isDocument ? try call.body(behind: 3) : call.words.positional(2)?.string ?? ""
    let revision = try call.revision(at: isDocument ? 2 : 3, isZeroAllowed: true)
    return try call.write { bucket, key, limit throws(NATSError) in
      try bucket.update(
        key, Array(value.utf8), revision: revision, timeToLive: call.words.duration("--ttl")?.duration, limit: limit)
    }
  }

  @Sendable private static func purge(_ call: NatsCall) throws(CommandFailure) -> Value {
    try call.write { bucket, key, limit throws(NATSError) in
      try bucket.purge(
        key, revision: call.words.integer("--revision").map { UInt64(clamping: $0) },
        timeToLive: call.words.duration("--ttl")?.duration, limit: limit)
    }
  }

  @Sendable private static func revert(_ call: NatsCall) throws(CommandFailure) -> Value {
    let revision = try call.revision(at: 2)
    let old = try call.found(try call.entry(revision: revision), revision: revision)
    return try call.write { bucket, key, limit throws(NATSError) in try bucket.put(key, old.value, limit: limit) }
  }

  @Sendable private static func get(_ call: NatsCall) throws(CommandFailure) -> Value {
    let revision = call.words.integer("--revision").map { UInt64($0) }
    let entry = try call.found(
      try call.entry(revision: revision, from: call.words.has("--direct") ? .anyReplica : .leader), revision: revision)
    let value = KeyValueText.value(entry)
    guard call.words.has("--raw") else {
      call.show(KeyValueText.line(entry))
      return value
    }
    let text = MessageValue.text(of: entry.value).text
    call.show(text)
    return .string(text)
  }

  @Sendable private static func history(_ call: NatsCall) throws(CommandFailure) -> Value {
    let key = try call.keyWord()
    let entries = try call.entries("entries of \(key)", atMost: .seconds(30)) {
      bucket, limit, entries throws(NATSError) in
      try bucket.entries(key, from: .history, limit: limit, into: &entries)
    }
    guard !entries.isEmpty else { throw call.missing(key) }
    call.show(KeyValueText.table(entries, withValue: true, title: "History of \(key)"))
    return .list(entries.map { KeyValueText.value($0) })
  }

  @Sendable private static func watch(_ call: NatsCall) throws(CommandFailure) -> Value {
    let pattern = call.words.positional(1)?.string ?? ">"
    try call.checked { () throws(NATSError) in try Names.checkKeyPattern(pattern) }
    let count = call.words.integer("--count").map { Int($0) }
    let wait = call.words.duration("--wait")
    let start: KeyValue.WatchStart =
      call.words.has("--updates-only") ? .updates : call.words.has("--history") ? .history : .current
    let entries = try call.gathering("entries of \(pattern)") { entries throws(CommandFailure) in
      try call.withBucket(mayRepeat: false) { bucket throws(NATSError) in
        let watcher = try bucket.watch(pattern, from: start, limit: call.limit(atMost: NatsCall.patience))
        defer { watcher.end() }
        let limit = call.limit(atMost: wait?.duration)
        while entries.count < count ?? .max {
          do throws(NATSError) {
            guard let entry = try watcher.next(limit: limit) else { break }
            entries.append(KeyValueText.value(entry))
            call.show(KeyValueText.line(entry))
          } catch .timedOut(let activity, let server) {
            guard wait != nil, call.call.deadline > .now else { throw .timedOut(activity, server: server) }
            break
          }
        }
      }
    }
    return .list(entries)
  }
}

/// `kv …`: what is done to whole buckets, and `del`, which takes away a key or a bucket.
extension NatsSubcommand {
  static let buckets: [NatsSubcommand] = [
    deletion("kv del", "Takes a key away, and leaves a marker; without a key the bucket with all that it holds"),
    deletion("kv rm", "The same as `kv del`"),
    sub(
      "kv ls", "Every bucket; or the keys of a bucket",
      Positional("BUCKET", optional: true, offers: .buckets, gives: .list(.text)),
      flags: [
        .names("the buckets' names alone"),
        Flag("--verbose", .toggle, "what is known of each key", aliases: ["-v"], gives: .unknown),
        Flag("--display-value", .toggle, "with --verbose: what the key holds, too", gives: .unknown),
      ], gives: .list(Gives.bucket), example: "nats kv ls settings --verbose", run: list),
    status("kv status", "A bucket's settings, its size, its leader and replicas"),
    status("kv info", "The same as `kv status`"),
    sub(
      "kv compact", "Takes away what deleted keys have left behind", bucket,
      flags: [.force, Flag("--older-than", .duration, "markers that are younger stay; 30m if not given")],
      gives: .list(.text), example: "nats kv compact settings --force", changes: true, run: compact),
  ]

  private static func deletion(_ path: String, _ summary: String) -> NatsSubcommand {
    sub(
      path, summary, bucket, Positional("KEY", optional: true, gives: Gives.written), flags: [.force, onlyAt],
      gives: Gives.map("bucket text"), example: "nats \(path) settings color --force", changes: true,
      run: delete)
  }

  private static func status(_ path: String, _ summary: String) -> NatsSubcommand {
    sub(
      path, summary, bucket, flags: [.json], gives: Gives.bucket, example: "nats \(path) settings",
      run: { call throws(CommandFailure) in try BucketKind.keyValue.info(call) })
  }

  @Sendable private static func delete(_ call: NatsCall) throws(CommandFailure) -> Value {
    guard call.words.positional(1) == nil else {
      return try call.write { bucket, key, limit throws(NATSError) in
        try bucket.delete(key, revision: call.words.integer("--revision").map { UInt64(clamping: $0) }, limit: limit)
      }
    }
    return try BucketKind.keyValue.delete(call)
  }

  @Sendable private static func list(_ call: NatsCall) throws(CommandFailure) -> Value {
    guard call.words.positional(0) == nil else { return try keys(call) }
    return try BucketKind.keyValue.list(call)
  }

  private static func keys(_ call: NatsCall) throws(CommandFailure) -> Value {
    let withValue = call.words.has("--display-value")
    let entries = try call.entries("keys", atMost: .seconds(60)) { bucket, limit, entries throws(NATSError) in
      try bucket.entries(headersOnly: !withValue, limit: limit, into: &entries)
    }.filter { $0.operation == .put }.sorted { $0.key < $1.key }
    guard call.words.has("--verbose") || withValue else {
      call.show(entries.isEmpty ? "no keys" : entries.map(\.key).joined(separator: "\n"))
      return .list(entries.map { .string($0.key) })
    }
    call.show(
      entries.isEmpty
        ? "no keys" : KeyValueText.table(entries, withValue: withValue, title: "Keys of \(entries[0].bucket)"))
    return .list(
      entries.map { entry in
        var entry = entry
        entry.delta = nil
        return KeyValueText.value(entry, withValue: withValue)
      })
  }

  @Sendable private static func compact(_ call: NatsCall) throws(CommandFailure) -> Value {
    let age = call.words.duration("--older-than")?.duration ?? .seconds(30 * 60)
    let gone = try call.withBucket { bucket throws(NATSError) in
      try bucket.compact(
        keepingMarkersYoungerThan: age, now: TimeValue.now.nanoseconds, limit: call.limit(atMost: .seconds(60)))
    }
    call.show(gone.isEmpty ? "nothing to take away" : "taken away: \(gone.joined(separator: ", "))")
    return .list(gone.map(Value.string))
  }
}

/// What the forms of `kv` have in common.
extension NatsCall {
  /// How long a write waits for a bucket that has no leader at the moment: longer than the election after the loss of a
  /// region takes, which took up to 6.5 s.
  private static let writePatience = Duration.seconds(10)

  func withBucket<Result>(
    mayRepeat: Bool = true, _ body: (KeyValue) throws(NATSError) -> Result
  ) throws(CommandFailure) -> Result {
    let name = try name(Names.checkBucket)
    return try withJetStream(mayRepeat: mayRepeat) { jetStream throws(NATSError) in
      try body(KeyValue(jetStream, bucket: name))
    }
  }

  /// The second word, as the name of a key.
  func keyWord() throws(CommandFailure) -> String {
    let key = words.positional(1)?.string ?? ""
    try checked { () throws(NATSError) in try Names.checkKey(key) }
    return key
  }

  /// Writes to the key that the call names. A write that was lost with its connection is repeated by the bucket itself.
  func write(
    _ body: (KeyValue, _ key: String, Limit) throws(NATSError) -> UInt64
  ) throws(CommandFailure) -> Value {
    let key = try keyWord()
    let revision = try withBucket(mayRepeat: false) { bucket throws(NATSError) in
      try body(bucket, key, limit(atMost: NatsCall.writePatience))
    }
    show("\(key) is at revision \(revision)")
    return [
      "bucket": .string(words.positional(0)?.string ?? ""), "key": .string(key),
      "revision": .int(Int64(clamping: revision)),
    ]
  }

  /// What a listing of the bucket gives, as far as it comes.
  func entries(
    _ what: String, atMost time: Duration,
    _ body: (KeyValue, Limit, inout [KeyValueEntry]) throws(NATSError) -> Void
  ) throws(CommandFailure) -> [KeyValueEntry] {
    func value(_ entry: KeyValueEntry) -> Value { KeyValueText.value(entry) }
    return try gathering(what, as: value) { entries throws(CommandFailure) in
      try withBucket { bucket throws(NATSError) in
        try body(bucket, limit(atMost: time), &entries)
      }
    }
  }

  func entry(
    revision: UInt64?, from: JetStream.ReadFrom = .leader
  ) throws(CommandFailure) -> KeyValueEntry? {
    let key = try keyWord()
    return try withBucket { bucket throws(NATSError) in
      try bucket.get(key, revision: revision, from: from, limit: limit(atMost: NatsCall.patience))
    }
  }

  /// The entry, if it is there and holds a value.
  func found(_ entry: KeyValueEntry?, revision: UInt64?) throws(CommandFailure) -> KeyValueEntry {
    let key = try keyWord()
    guard let entry else { throw missing(key, revision) }
    guard entry.operation != .put else { return entry }
    throw .failed(
      "key not found: \(key) was deleted, at revision \(entry.revision)",
      advice: "see what it held: nats kv history \(entry.bucket) \(key)", details: FailureDetails("not-found"))
  }

  func missing(_ key: String, _ revision: UInt64? = nil) -> CommandFailure {
    let bucket = words.positional(0)?.string ?? ""
    guard let revision else {
      return CommandFailure(
        .failed, "key not found: bucket \(bucket) has no \(key)", advice: "see which there are: nats kv ls \(bucket)",
        details: FailureDetails("not-found"))
    }
    return CommandFailure(
      .failed, "key not found: bucket \(bucket) has no \(key) of revision \(revision)",
      advice: "see which are kept: nats kv history \(bucket) \(key)", details: FailureDetails("not-found"))
  }

  /// The word at that place as a revision. 0 stands for a key that never was.
  func revision(at place: Int, isZeroAllowed: Bool = false) throws(CommandFailure) -> UInt64 {
    guard let word = words.positional(place)?.string else {
      throw .misused("`nats \(words.path)` needs a revision", advice: "for example: \(words.form.example)")
    }
    guard let revision = UInt64(word), isZeroAllowed || revision > 0 else {
      throw .misused(
        "`\(word)` is no revision: those are numbers from 1 on",
        advice: "nats kv get tells it, and what every write gives")
    }
    return revision
  }

}

/// How the flags of `kv add` make the configuration of a bucket's stream.
enum KeyValueFlags {
  static let all: [Flag] =
    ConfigurationKeys.bucket.flags + [
      Flag("--compress", .toggle, "values are packed"),
      Flag(
        "--marker-ttl", .duration, "keys may have a time to live of their own; so long a marker stands in their place"),
      Flag("--mirror", .text, "the bucket that it is a copy of"),
      Flag("--mirror-domain", .text, "the JetStream domain of that bucket"),
      Flag("--source", .text, "a bucket that it takes keys from; repeated: several", aliases: ["--sources"]),
    ]

  static func configuration(_ call: NatsCall, bucket: String) throws(CommandFailure) -> ValueMap {
    let words = call.words
    let ttl = words.duration("--ttl") ?? DurationValue(nanoseconds: 0)
    var configuration = ConfigurationKeys.bucketDefaults
    configuration["name"] = .string(KeyValue.streamPrefix + bucket)
    configuration["max_msgs_per_subject"] = 1
    configuration["max_msg_size"] = -1
    configuration["deny_delete"] = true
    configuration["duplicate_window"] = .duration(knownAgain(ttl))
    try ConfigurationKeys.bucket.set(in: &configuration, words)
    configuration["compression"] = words.has("--compress") ? "s2" : "none"
    if let marker = words.duration("--marker-ttl") {
      guard marker.nanoseconds >= 1_000_000_000 else {
        throw .misused("markers stand for a second or longer, not \(marker.text)")
      }
      configuration["allow_msg_ttl"] = true
      configuration["subject_delete_marker_ttl"] = .duration(marker)
    }
    try setOrigins(in: &configuration, bucket, call)
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
        throw .misused("a mirror has no other sources", advice: "leave out --mirror or --source")
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
