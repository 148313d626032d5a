import Interpreter
import NATS

/// `kv …`: what is done to whole buckets, and `del`, which takes away a key or a bucket.
extension NatsSubcommand {
  static let buckets: [NatsSubcommand] = [
    deletion("kv del", "Takes a key away, and leaves a marker; without a key the bucket with all that it holds"),
    deletion("kv rm", "The same as `kv del`"),
    NatsSubcommand(
      CommandForm(
        "kv ls", "Every bucket; or the keys of a bucket", positionals: [Positional("BUCKET", optional: true)],
        flags: [
          Flag("--names", .toggle, "the buckets' names alone", aliases: ["-n"]),
          Flag("--verbose", .toggle, "what is known of each key", aliases: ["-v"]),
          Flag("--display-value", .toggle, "with --verbose: what the key holds, too"),
        ] + Flag.ofConnection, example: "nats kv ls settings --verbose"), as: .jetStream, run: list),
    status("kv status", "A bucket's settings, its size, its leader and replicas"),
    status("kv info", "The same as `kv status`"),
    NatsSubcommand(
      CommandForm(
        "kv compact", "Takes away what deleted keys have left behind", positionals: [bucket],
        flags: [.force, Flag("--older-than", .duration, "markers that are younger stay; 30m if not given")]
          + Flag.ofConnection, example: "nats kv compact settings --force"),
      as: .jetStream, changesSomething: true, run: compact),
  ]

  private static func deletion(_ path: String, _ summary: String) -> NatsSubcommand {
    NatsSubcommand(
      CommandForm(
        path, summary, positionals: [bucket, Positional("KEY", optional: true)],
        flags: [.force, onlyAt] + Flag.ofConnection, example: "nats \(path) settings color --force"),
      as: .jetStream, changesSomething: true, run: delete)
  }

  private static func status(_ path: String, _ summary: String) -> NatsSubcommand {
    NatsSubcommand(
      CommandForm(
        path, summary, positionals: [bucket], flags: [.json] + Flag.ofConnection, example: "nats \(path) settings"),
      as: .jetStream, run: status)
  }

  @Sendable private static func delete(_ call: NatsCall) throws(CommandFailure) -> Value {
    guard call.words.positional(1) == nil else {
      return try call.write { bucket, key, limit throws(NATSError) in
        try bucket.delete(key, revision: call.words.integer("--revision").map { UInt64(clamping: $0) }, limit: limit)
      }
    }
    let name = try call.name(Names.checkBucket)
    _ = try call.withBucket(mayRepeat: false) { bucket throws(NATSError) in
      try bucket.named { () throws(NATSError) in
        try bucket.jetStream.request("STREAM.DELETE.\(bucket.stream)", limit: call.limit(atMost: NatsCall.patience))
      }
    }
    call.show("bucket \(name) is taken away")
    return ["bucket": .string(name)]
  }

  @Sendable private static func status(_ call: NatsCall) throws(CommandFailure) -> Value {
    let answer = try call.withBucket { bucket throws(NATSError) in
      try bucket.named { () throws(NATSError) in
        try bucket.jetStream.requestWhenReady(
          "STREAM.INFO.\(bucket.stream)", limit: call.limit(atMost: NatsCall.patience))
      }
    }
    let status = KeyValueText.bucket(try call.reply(answer))
    return call.present(status, NatsDetails.text(status))
  }

  @Sendable private static func list(_ call: NatsCall) throws(CommandFailure) -> Value {
    guard call.words.positional(0) == nil else { return try keys(call) }
    guard call.words.has("--names") else {
      let listing = try call.streams(named: KeyValue.streamPrefix)
      let buckets = listing.streams.map(KeyValueText.bucket)
      call.show(listing.annotated(KeyValueText.table(buckets)))
      return .list(buckets)
    }
    let names = try call.streamNames(named: KeyValue.streamPrefix).map { $0.dropFirst(KeyValue.streamPrefix.count) }
    call.show(names.isEmpty ? "no buckets" : names.joined(separator: "\n"))
    return .list(names.map { .string(String($0)) })
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
