import Interpreter

/// `stream report`: a line for each stream.
enum StreamReport {
  static func row(_ stream: Value) -> ValueMap {
    let configuration = stream.entries["config"]?.entries ?? ValueMap()
    let state = stream.entries["state"]?.entries ?? ValueMap()
    let cluster = stream.entries["cluster"]?.entries ?? ValueMap()
    let lost = state["lost"]?.entries["msgs"]?.elements?.count ?? 0
    return ValueMap([
      ("name", .string(stream.streamName)), ("storage", configuration["storage"] ?? .null),
      ("cluster", cluster["name"] ?? .null), ("placement", configuration["placement"] ?? .null),
      ("consumers", state["consumer_count"] ?? 0), ("messages", state["messages"] ?? 0),
      ("bytes", state["bytes"] ?? .size(SizeValue(bytes: 0))), ("lost", .int(Int64(lost))),
      ("deleted", state["num_deleted"] ?? 0), ("leader", cluster["leader"] ?? .null),
      ("replicas", .list(replicas(cluster))),
    ])
  }

  /// The leader and the others, by name.
  static func replicas(_ cluster: ValueMap) -> [Value] {
    var replicas = cluster["replicas"]?.elements ?? []
    if let leader = cluster["leader"]?.asText?.string, !leader.isEmpty {
      replicas.append(["name": .string(leader), "current": true, "leader": true])
    }
    func name(_ replica: Value) -> String { replica.entries["name"]?.asText?.string ?? "" }
    return replicas.sorted { name($0) < name($1) }
  }

  /// `c1-0, c1-1*, c1-2!`: who leads, and who is away.
  static func marked(_ replicas: [Value]) -> String {
    replicas.map { replica in
      let entries = replica.entries
      var mark = ""
      if case .bool(true)? = entries["leader"] { mark = "*" }
      if case .bool(true)? = entries["offline"] { mark = "!" }
      return (entries["name"]?.asText?.string ?? "") + mark
    }.joined(separator: ", ")
  }

  static func table(_ rows: [ValueMap]) -> String {
    if rows.isEmpty { return "no streams" }
    let lines = rows.map { row -> [String] in
      func count(_ key: String) -> String { ServerTables.grouped(row[key]?.amount ?? 0) }
      func text(_ key: String) -> String { row[key]?.asText?.masked ?? "" }
      return [
        text("name"), text("storage"), text("cluster"), count("consumers"), count("messages"),
        ServerTables.size(row["bytes"]?.amount ?? 0), count("lost"), count("deleted"),
        marked(row["replicas"]?.elements ?? []),
      ]
    }
    return Table(
      title: "Streams",
      header: ["Stream", "Storage", "Cluster", "Consumers", "Messages", "Bytes", "Lost", "Deleted", "Replicas"],
      rows: lines, alignments: [.left, .left, .left, .right, .right, .right, .right, .right, .left]
    ).text
  }
}
