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

  /// What a stream's INFO says about the bucket that lies in it, in a bucket's words, with the INFO behind them.
  static func bucket(_ info: Value) -> Value {
    let configuration = info.entries["config"]?.entries ?? ValueMap()
    let state = info.entries["state"]?.entries ?? ValueMap()
    let summary = ValueMap([
      ("bucket", .string(String(info.streamName.dropFirst(KeyValue.streamPrefix.count)))),
      ("description", configuration["description"] ?? ""), ("values", state["messages"] ?? 0),
      ("bytes", state["bytes"] ?? .size(SizeValue(bytes: 0))),
      ("history", configuration["max_msgs_per_subject"] ?? 1),
      ("ttl", configuration["max_age"] ?? .duration(DurationValue(nanoseconds: 0))),
      ("storage", configuration["storage"] ?? .null), ("replicas", configuration["num_replicas"] ?? 1),
      ("stream", .string(info.streamName)),
    ])
    return .map(summary.merged(with: NatsCall.streamInfo(info).entries))
  }

  static func table(_ buckets: [Value]) -> String {
    if buckets.isEmpty { return "no buckets" }
    let rows = buckets.map { bucket -> [String] in
      let entries = bucket.entries
      return [
        entries["bucket"]?.printed ?? "", entries["description"]?.printed ?? "", entries["created"]?.printed ?? "",
        ServerTables.size(entries["bytes"]?.amount ?? 0), ServerTables.grouped(entries["values"]?.amount ?? 0),
        bucket.entries["cluster"]?.entries["leader"]?.printed ?? "",
      ]
    }
    return Table(
      title: "Key-Value Buckets", header: ["Bucket", "Description", "Created", "Size", "Values", "Leader"], rows: rows,
      alignments: [.left, .left, .left, .right, .right, .left]
    ).text
  }
}
