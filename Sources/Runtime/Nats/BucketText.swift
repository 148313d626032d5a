import NATS
import SandboxSystem
import ValuesAndCommands

/// Entries and buckets as recipes get them, and as people see them.
enum KeyValueText {
  static func value(_ entry: KeyValueEntry, withValue: Bool = true) -> Value {
    var entries = ValueMap([("bucket", .string(entry.bucket)), ("key", .string(entry.key))])
    if withValue {
      let (text, encoding) = MessageValue.text(of: entry.value)
      entries["value"] = .string(text)
      if let encoding { entries["encoding"] = .string(encoding) }
    }
    entries["revision"] = .int(Int64(clamping: entry.revision))
    entries["created"] = .time(TimeValue(nanoseconds: entry.created))
    entries["operation"] = .string(entry.operation.rawValue)
    if let delta = entry.delta { entries["delta"] = .int(Int64(clamping: delta)) }
    return .map(entries)
  }

  /// `[2026-11-22T11:01:50.123Z] PUT settings > color = red (revision 4)`
  static func line(_ entry: KeyValueEntry) -> String {
    let time = TimeValue(nanoseconds: entry.created).text
    let value = entry.operation == .put ? " = \(MessageValue.text(of: entry.value).text)" : ""
    return "[\(time)] \(entry.operation.rawValue) \(entry.bucket) > \(entry.key)\(value) (revision \(entry.revision))"
  }

  static func table(_ entries: [KeyValueEntry], withValue: Bool, title: String) -> String {
    let rows = entries.map { entry in
      Value.map(
        value(entry, withValue: false).entries.followed(
          by: ValueMap([("length", .int(Int64(entry.value.count))), ("value", .string(excerpt(entry)))])))
    }
    let columns = [("Key", "key"), ("Revision", "revision"), ("Operation", "operation"), ("Created", "created")]
    let more = withValue ? [("Length", "length"), ("Value", "value")] : []
    return ValueTable(title, none: "no keys", columns + more).text(rows)
  }

  private static func excerpt(_ entry: KeyValueEntry) -> String {
    let line = MessageValue.text(of: entry.value).text.prefix { !$0.isNewline }
    return line.count > 40 ? line.prefix(39) + "…" : String(line)
  }
}

/// Objects and their stores as recipes get them, and as people see them.
enum ObjectText {
  static func value(_ info: ObjectInfo) -> Value {
    var entries = ValueMap([
      ("name", .string(info.name)), ("bucket", .string(info.bucket)), ("nuid", .string(info.nuid)),
      ("size", .size(SizeValue(bytes: Int64(clamping: info.size)))), ("chunks", .int(Int64(info.chunks))),
      ("digest", info.digest.map(Value.string) ?? .null), ("mtime", .time(TimeValue(nanoseconds: info.modified))),
    ])
    if let description = info.description { entries["description"] = .string(description) }
    if let headers = info.headers {
      let fields = headers.sorted { $0.key < $1.key }.flatMap { header in header.value.map { (header.key, $0) } }
      entries["headers"] = MessageValue.headers(fields.map { (name: $0.0, value: $0.1) })
    }
    if let size = info.options?.maxChunkSize {
      entries["options"] = ["max_chunk_size": .size(SizeValue(bytes: Int64(size)))]
    }
    if info.isDeleted { entries["deleted"] = true }
    return .map(entries)
  }

  static func table(_ objects: [ObjectInfo]) -> String {
    ValueTable(
      "Objects of \(objects.first?.bucket ?? "")", none: "no objects",
      [("Name", "name"), ("Size", "size"), ("Chunks", "chunks"), ("Time", "mtime"), ("Digest", "digest")]
    ).text(objects.map(value))
  }
}

/// Buckets and object stores: streams whose names begin alike.
struct BucketKind: Sendable {
  private let prefix: String
  private let table: ValueTable
  private let hasValues: Bool

  static let keyValue = BucketKind(
    prefix: KeyValue.streamPrefix,
    table: ValueTable(
      "Key-Value Buckets", none: "no buckets",
      [
        ("Bucket", "bucket"), ("Description", "description"), ("Created", "created"), ("Size", "bytes"),
        ("Values", "values"),
        ("Leader", "cluster.leader"),
      ]), hasValues: true)
  static let objects = BucketKind(
    prefix: ObjectStore.streamPrefix,
    table: ValueTable(
      "Object Stores", none: "no buckets",
      [
        ("Bucket", "bucket"), ("Description", "description"), ("Created", "created"), ("Size", "bytes"),
        ("Leader", "cluster.leader"),
      ]), hasValues: false)

  /// What a stream's INFO says about the bucket that lies in it, in a bucket's words, with the INFO behind them.
  func value(_ info: Value) -> Value {
    let own: [(String, String, Value)] =
      hasValues
      ? [("values", "state.messages", 0), ("history", "config.max_msgs_per_subject", 1)]
      : [("sealed", "config.sealed", false)]
    let summary = info.entries.picked(
      [
        ("bucket", "", .string(String(info.streamName.dropFirst(prefix.count)))),
        ("description", "config.description", ""), ("bytes", "state.bytes", .size(SizeValue(bytes: 0))),
        ("ttl", "config.max_age", .duration(DurationValue(nanoseconds: 0))), ("storage", "config.storage", .null),
        ("replicas", "config.num_replicas", 1),
      ] + own + [("stream", "config.name", "")])
    return .map(summary.merged(with: NatsCall.streamInfo(info).entries))
  }

  /// All of the account, or their names alone.
  func list(_ call: NatsCall) throws(CommandFailure) -> Value {
    if call.words.has("--names") {
      let names = try call.streamNames(named: prefix).map { String($0.dropFirst(prefix.count)) }
      call.show(names.isEmpty ? table.none : names.joined(separator: "\n"))
      return .list(names.map(Value.string))
    }
    let listing = try call.streams(named: prefix)
    let buckets = listing.streams.map(value)
    call.show(listing.annotated(table.text(buckets)))
    return .list(buckets)
  }

  /// What is known of the one that the call names.
  func info(_ call: NatsCall) throws(CommandFailure) -> Value {
    let status = value(try call.reply(try ask("INFO", call)))
    return call.present(status)
  }

  /// Takes it away.
  func delete(_ call: NatsCall) throws(CommandFailure) -> Value {
    _ = try ask("DELETE", call)
    let name = try call.name(Names.checkBucket)
    call.show("bucket \(name) is taken away")
    return ["bucket": .string(name)]
  }

  private func ask(_ what: String, _ call: NatsCall) throws(CommandFailure) -> [UInt8] {
    let name = try call.name(Names.checkBucket)
    let (api, limit) = ("STREAM.\(what).\(prefix)\(name)", call.limit(atMost: NatsCall.patience))
    return try call.withJetStream(mayRepeat: what == "INFO") { jetStream throws(NATSError) in
      try NATSError.naming(bucket: name) { () throws(NATSError) in
        try what == "INFO" ? jetStream.requestWhenReady(api, limit: limit) : jetStream.request(api, limit: limit)
      }
    }
  }
}
