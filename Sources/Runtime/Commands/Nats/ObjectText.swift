import Interpreter
import NATS

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

  /// What a stream's INFO says about the store that lies in it, in a store's words, with the INFO behind them.
  static func bucket(_ info: Value) -> Value {
    let configuration = info.entries["config"]?.entries ?? ValueMap()
    let state = info.entries["state"]?.entries ?? ValueMap()
    let summary = ValueMap([
      ("bucket", .string(String(info.streamName.dropFirst(ObjectStore.streamPrefix.count)))),
      ("description", configuration["description"] ?? ""),
      ("bytes", state["bytes"] ?? .size(SizeValue(bytes: 0))),
      ("ttl", configuration["max_age"] ?? .duration(DurationValue(nanoseconds: 0))),
      ("storage", configuration["storage"] ?? .null), ("replicas", configuration["num_replicas"] ?? 1),
      ("sealed", configuration["sealed"] ?? false), ("stream", .string(info.streamName)),
    ])
    return .map(summary.merged(with: NatsCall.streamInfo(info).entries))
  }

  static func table(_ buckets: [Value]) -> String {
    if buckets.isEmpty { return "no buckets" }
    let rows = buckets.map { bucket -> [String] in
      let entries = bucket.entries
      return [
        entries["bucket"]?.printed ?? "", entries["description"]?.printed ?? "", entries["created"]?.printed ?? "",
        ServerTables.size(entries["bytes"]?.amount ?? 0), entries["cluster"]?.entries["leader"]?.printed ?? "",
      ]
    }
    return Table(
      title: "Object Stores", header: ["Bucket", "Description", "Created", "Size", "Leader"], rows: rows,
      alignments: [.left, .left, .left, .right, .left]
    ).text
  }
}
