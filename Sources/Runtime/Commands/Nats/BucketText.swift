import Interpreter
import NATS

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
    var header = ["Key", "Revision", "Operation", "Created"]
    if withValue { header += ["Length", "Value"] }
    let rows = entries.map { entry -> [String] in
      let row = [
        entry.key, "\(entry.revision)", entry.operation.rawValue, TimeValue(nanoseconds: entry.created).text,
      ]
      return withValue ? row + ["\(entry.value.count)", excerpt(entry)] : row
    }
    return Table(
      title: title, header: header, rows: rows,
      alignments: [.left, .right, .left, .left] + (withValue ? [.right, .left] : [])
    ).text
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
    if objects.isEmpty { return "no objects" }
    let rows = objects.map { object in
      [
        object.name, ServerTables.size(Int64(clamping: object.size)), "\(object.chunks)",
        TimeValue(nanoseconds: object.modified).text, object.digest ?? "",
      ]
    }
    return Table(
      title: "Objects of \(objects[0].bucket)", header: ["Name", "Size", "Chunks", "Time", "Digest"], rows: rows,
      alignments: [.left, .right, .right, .left, .left]
    ).text
  }
}

/// Buckets and object stores: streams whose names begin alike.
struct BucketKind: Sendable {
  private let prefix: String
  private let title: String
  private let hasValues: Bool

  static let keyValue = BucketKind(prefix: KeyValue.streamPrefix, title: "Key-Value Buckets", hasValues: true)
  static let objects = BucketKind(prefix: ObjectStore.streamPrefix, title: "Object Stores", hasValues: false)

  /// What a stream's INFO says about the bucket that lies in it, in a bucket's words, with the INFO behind them.
  func value(_ info: Value) -> Value {
    let configuration = info.entries["config"]?.entries ?? ValueMap()
    let state = info.entries["state"]?.entries ?? ValueMap()
    var summary = ValueMap([
      ("bucket", .string(String(info.streamName.dropFirst(prefix.count)))),
      ("description", configuration["description"] ?? ""),
    ])
    if hasValues { summary["values"] = state["messages"] ?? 0 }
    summary["bytes"] = state["bytes"] ?? .size(SizeValue(bytes: 0))
    if hasValues { summary["history"] = configuration["max_msgs_per_subject"] ?? 1 }
    summary["ttl"] = configuration["max_age"] ?? .duration(DurationValue(nanoseconds: 0))
    summary["storage"] = configuration["storage"] ?? .null
    summary["replicas"] = configuration["num_replicas"] ?? 1
    if !hasValues { summary["sealed"] = configuration["sealed"] ?? false }
    summary["stream"] = .string(info.streamName)
    return .map(summary.merged(with: NatsCall.streamInfo(info).entries))
  }

  /// All of the account, or their names alone.
  func list(_ call: NatsCall) throws(CommandFailure) -> Value {
    if call.words.has("--names") {
      let names = try call.streamNames(named: prefix).map { String($0.dropFirst(prefix.count)) }
      call.show(names.isEmpty ? table([]) : names.joined(separator: "\n"))
      return .list(names.map(Value.string))
    }
    let listing = try call.streams(named: prefix)
    let buckets = listing.streams.map(value)
    call.show(listing.annotated(table(buckets)))
    return .list(buckets)
  }

  private func table(_ buckets: [Value]) -> String {
    if buckets.isEmpty { return "no buckets" }
    let values = hasValues ? ["Values"] : []
    let rows = buckets.map { bucket -> [String] in
      let entries = bucket.entries
      func text(_ key: String) -> String { entries[key]?.printed ?? "" }
      let size = [ServerTables.size(entries["bytes"]?.amount ?? 0)]
      return [text("bucket"), text("description"), text("created")] + size
        + values.map { _ in ServerTables.grouped(entries["values"]?.amount ?? 0) }
        + [entries["cluster"]?.entries["leader"]?.printed ?? ""]
    }
    return Table(
      title: title, header: ["Bucket", "Description", "Created", "Size"] + values + ["Leader"], rows: rows,
      alignments: [.left, .left, .left, .right] + values.map { _ in .right } + [.left]
    ).text
  }
}
