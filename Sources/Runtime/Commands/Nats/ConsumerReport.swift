import Interpreter

/// `consumer report`: a line for each consumer of a stream.
enum ConsumerReport {
  static func row(_ consumer: Value) -> ValueMap {
    let entries = consumer.entries
    let configuration = entries["config"]?.entries ?? ValueMap()
    let cluster = entries["cluster"]?.entries ?? ValueMap()
    return ValueMap([
      ("name", entries["name"] ?? .null), ("mode", configuration["deliver_subject"] == nil ? "pull" : "push"),
      ("ack_policy", configuration["ack_policy"] ?? .null), ("ack_wait", configuration["ack_wait"] ?? .null),
      ("num_ack_pending", entries["num_ack_pending"] ?? 0), ("num_redelivered", entries["num_redelivered"] ?? 0),
      ("num_pending", entries["num_pending"] ?? 0),
      ("ack_floor", entries["ack_floor"]?.entries["stream_seq"] ?? 0), ("leader", cluster["leader"] ?? .null),
      ("replicas", .list(StreamReport.replicas(cluster))),
    ])
  }

  static func table(_ consumers: [Value]) -> String {
    if consumers.isEmpty { return "no consumers" }
    let lines = consumers.map(row).map { row -> [String] in
      func count(_ key: String) -> String { ServerTables.grouped(row[key]?.amount ?? 0) }
      func text(_ key: String) -> String { row[key]?.asText?.masked ?? "" }
      return [
        text("name"), text("mode"), text("ack_policy"), text("ack_wait"), count("num_ack_pending"),
        count("num_redelivered"), count("num_pending"), count("ack_floor"),
        StreamReport.marked(row["replicas"]?.elements ?? []),
      ]
    }
    return Table(
      title: "Consumers",
      header: [
        "Consumer", "Mode", "Ack Policy", "Ack Wait", "Ack Pending", "Redelivered", "Unprocessed", "Ack Floor",
        "Replicas",
      ], rows: lines, alignments: [.left, .left, .left, .right, .right, .right, .right, .right, .left]
    ).text
  }
}
