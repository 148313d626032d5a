import Interpreter
import NATS

/// `kv …`: key-value buckets and what they hold.
extension NatsSubcommand {
  static let keyValues: [NatsSubcommand] =
    [
      NatsSubcommand(
        CommandForm(
          "kv add", "Makes a bucket; one that is there and just like it stays as it is", positionals: [bucket],
          flags: KeyValueFlags.all + Flag.ofConnection,
          example: "nats kv add settings --replicas 3 --history 5 --cluster c1 --tag az:c1"),
        as: .jetStream, changesSomething: true, run: add),
      NatsSubcommand(
        CommandForm(
          "kv put", "Puts a value under a key", positionals: [bucket, key, value],
          flags: [timeToLive] + Flag.ofConnection,
          document: "the value", example: "nats kv put settings color red"),
        as: .jetStream, changesSomething: true, run: put),
      NatsSubcommand(
        CommandForm(
          "kv create", "Puts a value under a key that holds none", positionals: [bucket, key, value],
          flags: [timeToLive] + Flag.ofConnection, document: "the value", example: "nats kv create settings color red"),
        as: .jetStream, changesSomething: true, run: create),
      NatsSubcommand(
        CommandForm(
          "kv update", "Puts a value under a key if that is still at a revision",
          positionals: [bucket, key, value, Positional("REVISION", optional: true)],
          flags: [timeToLive] + Flag.ofConnection, document: "the value; then the word behind the key is the revision",
          example: "nats kv update settings color blue 4"),
        as: .jetStream, changesSomething: true, run: update),
      NatsSubcommand(
        CommandForm(
          "kv get", "What a key holds: as the leader knows it, which has seen all that was acknowledged",
          positionals: [bucket, key],
          flags: [
            Flag("--revision", .integer, "what it held at this revision"), Flag("--raw", .toggle, "the value alone"),
            Flag("--direct", .toggle, "from the nearest replica, which may be a moment behind and needs no leader"),
          ] + Flag.ofConnection, example: "nats kv get settings color --raw"), as: .jetStream, run: get),
      NatsSubcommand(
        CommandForm(
          "kv history", "All that a bucket keeps of a key, the oldest first", positionals: [bucket, key],
          flags: Flag.ofConnection, example: "nats kv history settings color"), as: .jetStream, run: history),
      NatsSubcommand(
        CommandForm(
          "kv watch", "Entries as they are and as they come",
          positionals: [bucket, Positional("KEY", optional: true)],
          flags: [
            Flag("--count", .integer, "until so many have come"),
            Flag("--wait", .duration, "not longer than this; what came until then is the value"),
            Flag("--history", .toggle, "begins with all that the bucket keeps"),
            Flag("--updates-only", .toggle, "begins with what comes next"),
          ] + Flag.ofConnection, example: "nats kv watch settings 'color.>' --count 3 --wait 10s",
          needsOneOf: ["--count", "--wait"]),
        as: .jetStream, run: watch),
      NatsSubcommand(
        CommandForm(
          "kv revert", "Puts back what a key held at a revision",
          positionals: [bucket, key, Positional("REVISION")], flags: [.force] + Flag.ofConnection,
          example: "nats kv revert settings color 3"), as: .jetStream, changesSomething: true, run: revert),
      NatsSubcommand(
        CommandForm(
          "kv purge", "Takes a key away with its history, and leaves a marker", positionals: [bucket, key],
          flags: [.force, onlyAt, timeToLive] + Flag.ofConnection, example: "nats kv purge settings color --force"),
        as: .jetStream, changesSomething: true, run: purge),
    ] + buckets

  static let bucket = Positional("BUCKET")
  static let key = Positional("KEY")
  static let onlyAt = Flag("--revision", .integer, "only if the key is still at this revision")
  private static let value = Positional("VALUE", optional: true)
  private static let timeToLive = Flag(
    "--ttl", .duration, "the entry goes after so long; the bucket must have --marker-ttl")

  @Sendable private static func add(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkBucket)
    let configuration = try KeyValueFlags.configuration(call, bucket: name)
    let made = KeyValueText.bucket(try call.makeStream(KeyValue.streamPrefix + name, configuration))
    call.show(NatsDetails.text(made))
    return made
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
    let revision = try call.revisionFlag()
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
    try call.checkCount()
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
