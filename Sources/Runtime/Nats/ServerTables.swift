import SandboxSystem
import ValuesAndCommands

/// The two tables of `nats server list`: all servers, then their clusters.
package enum ServerTables {
  static func text(_ answers: [ServerAnswer]) -> String {
    let clusters = clusterTable(answers)
    return serverTable(answers).text + (clusters.map { "\n\n" + $0.text } ?? "")
  }

  private static func serverTable(_ answers: [ServerAnswer]) -> Table {
    func sum(_ key: String) -> Int64 { answers.reduce(0) { $0 + $1.amount(key) } }
    let clusters = Set(answers.map(\.cluster)).subtracting([""])
    return Table(
      title: "Server Overview",
      header: [
        "Name", "Cluster", "Host", "Version", "JS", "Conns", "Subs", "Routes", "GWs", "Mem", "CPU %", "Cores", "Slow",
        "Uptime", "RTT",
      ],
      rows: answers.map(row),
      totals: [
        "", "\(clusters.count)", "\(answers.count)", "", "\(answers.count(where: \.hasJetStream))",
        Figures.grouped(sum("connections")), Figures.grouped(sum("subscriptions")), "", "", Figures.size(sum("mem")),
        "", "",
        Figures.grouped(sum("slow_consumers")), "", "",
      ],
      alignments: [
        .left, .left, .left, .left, .left, .left, .left, .right, .right, .left, .left, .right, .left, .left, .left,
      ])
  }

  private static func row(_ answer: ServerAnswer) -> [String] {
    [
      answer.name, answer.cluster, answer.text("host"), answer.text("ver"), answer.hasJetStream ? "yes" : "no",
      Figures.grouped(answer.amount("connections")), Figures.grouped(answer.amount("subscriptions")),
      "\(answer.routes.count)",
      "\(answer.gateways.count)", Figures.size(answer.amount("mem")), "\(answer.amount("cpu"))",
      "\(answer.amount("cores"))",
      Figures.grouped(answer.amount("slow_consumers")), uptime(answer), rtt(answer),
    ]
  }

  /// Nil where no server is in a cluster.
  private static func clusterTable(_ answers: [ServerAnswer]) -> Table? {
    let names = Set(answers.map(\.cluster)).subtracting([""]).sorted()
    guard !names.isEmpty else { return nil }
    let rows = names.map { name -> [Int64] in
      let servers = answers.filter { $0.cluster == name }
      return [
        Int64(servers.count), servers.reduce(0) { $0 + Int64($1.gateways.count) },
        servers.reduce(0) { $0 + $1.incomingGateways }, servers.reduce(0) { $0 + $1.amount("connections") },
      ]
    }
    let totals = (0..<4).map { column in rows.reduce(0) { $0 + $1[column] } }
    return Table(
      title: "Cluster Overview",
      header: ["Cluster", "Node Count", "Outgoing Gateways", "Incoming Gateways", "Connections"],
      rows: zip(names, rows).map { [$0] + $1.map(Figures.grouped) }, totals: [""] + totals.map(Figures.grouped),
      alignments: [.left, .right, .right, .right, .right])
  }

  /// `5m1s`, `2h0m5s`, `1d3h0m9s`: from the largest unit down to seconds, none left out between.
  private static func uptime(_ answer: ServerAnswer) -> String {
    let seconds = answer.uptime.nanoseconds / 1_000_000_000
    let parts = [(seconds / 86400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
    let first = parts.firstIndex { $0.0 > 0 } ?? parts.count - 1
    return parts[first...].map { "\($0.0)\($0.1)" }.joined()
  }

  /// `3ms`; below a millisecond `412us`.
  static func rtt(_ answer: ServerAnswer) -> String {
    let microseconds = (answer.roundTrip.nanoseconds + 500) / 1000
    return microseconds < 1000 ? "\(microseconds)us" : "\((microseconds + 500) / 1000)ms"
  }
}

/// Maps as a table: which of their fields are its columns. Amounts stand at the right.
struct ValueTable {
  /// The columns' titles, and behind each the path of the field that stands in it. Behind a `+` at its end its sum stands
  /// below the table, a `|` says what stands for null.
  typealias Columns = [(String, String)]

  let title: String
  /// What is said where there are no rows.
  let none: String
  let columns: Columns

  init(_ title: String, none: String, _ columns: Columns) {
    self.title = title
    self.none = none
    self.columns = columns
  }

  /// What is a number without being an amount.
  private static let numbers: Set = ["cid", "rid", "port", "revision"]

  func text(_ rows: [Value]) -> String {
    guard !rows.isEmpty else { return none }
    let columns = self.columns.map { title, path in
      let parts = path.split(separator: "|")
      let isSummed = path.hasSuffix("+")
      let values = rows.map { $0.entries[path: String(isSummed ? parts[0].dropLast() : parts[0])] }
      return (title: title, path: parts[0], none: parts.dropFirst().first ?? "", isSummed: isSummed, values: values)
    }
    let totals = columns.map { column -> String in
      guard column.isSummed else { return "" }
      let sum = column.values.reduce(0) { $0 + $1.amount }
      let isSize = column.values.contains { if case .size = $0 { true } else { false } }
      return isSize ? Figures.size(sum) : Figures.grouped(sum)
    }
    return Table(
      title: title, header: columns.map(\.title),
      rows: rows.indices.map { row in
        columns.map { Self.cell($0.values[row], none: $0.none, isNumber: Self.numbers.contains(String($0.path))) }
      },
      totals: columns.contains { $0.isSummed } ? totals : nil,
      alignments: columns.map { $0.values.contains(where: Self.isAmount) ? .right : .left }
    ).text
  }

  private static func isAmount(_ value: Value) -> Bool {
    switch value {
    case .int, .float, .size, .duration: true
    default: false
    }
  }

  private static func cell(_ value: Value, none: Substring, isNumber: Bool) -> String {
    switch value {
    case .int(let number) where isNumber: "\(number)"
    case .null: String(none)
    case .size(let size): Figures.size(size.bytes)
    case .int(let number): Figures.grouped(number)
    case .bool(let bool): bool ? "yes" : "no"
    case .list(let replicas): replicas.map(marked).joined(separator: ", ")
    default: value.printed
    }
  }

  /// Of replicas: `c1-0`, `c1-1*` that leads, `c1-2!` that is away.
  private static func marked(_ replica: Value) -> String {
    let entries = replica.entries
    let marks = [("offline", "!"), ("leader", "*")].filter {
      if case .bool(true)? = entries[$0.0] { true } else { false }
    }
    return (entries["name"]?.printed ?? "") + (marks.first?.1 ?? "")
  }
}

/// A reply as lines for people: one for each leaf, named by its path, the values below each other.
enum NatsDetails {
  static func text(_ value: Value) -> String {
    let leaves = leaves(value, "")
    let width = leaves.map(\.name.count).max() ?? 0
    return leaves.map { leaf in
      leaf.name + String(repeating: " ", count: width - leaf.name.count + 2) + leaf.text
    }.joined(separator: "\n")
  }

  private static func leaves(_ value: Value, _ name: String) -> [(name: String, text: String)] {
    switch value {
    case .map(let map):
      return map.flatMap { leaves($0.1, name.isEmpty ? $0.0 : "\(name).\($0.0)") }
    case .list(let elements):
      let texts = elements.compactMap { $0.asText?.masked }
      if texts.count == elements.count { return [(name, texts.joined(separator: ", "))] }
      return elements.enumerated().flatMap { leaves($0.element, "\(name)[\($0.offset)]") }
    case .null: return [(name, "never")]
    default: return [(name, value.printed)]
    }
  }
}
