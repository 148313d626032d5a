import Interpreter

/// Rows about servers, sorted as the call says: a list of maps as a value, a table as a statement.
struct ServerReport {
  struct Column {
    let title: String
    let key: String
    /// Its sum stands below the table.
    let isSummed: Bool

    init(_ title: String, _ key: String, summed: Bool = false) {
      self.title = title
      self.key = key
      isSummed = summed
    }
  }

  let title: String
  let columns: [Column]
  /// What `--sort` takes; a hyphen there is an underscore in the key. The first is what is sorted by otherwise.
  let sorts: [String]

  /// Short words of the nats CLI for longer keys.
  private static let longerKeys = [
    "conns": "connections", "subs": "subscriptions", "msgs": "messages", "file": "storage", "mem": "memory",
    "api": "api.total", "err": "api.errors", "mbytes": "bytes",
  ]

  var flags: [Flag] {
    [
      Flag("--sort", .choice(sorts), "by what; by \(sorts[0]) if not given"),
      Flag("--reverse", .toggle, "the other way round"),
      Flag("--top", .integer, "only so many rows, the first ones"), .json,
    ]
  }

  /// The rows in their order; those that are alike stay as they came.
  func finished(_ rows: [ValueMap], _ call: NatsCall) throws(CommandFailure) -> Value {
    let choice = call.words.string("--sort") ?? sorts[0]
    let key = Self.longerKeys[choice] ?? String(choice.map { $0 == "-" ? "_" : $0 })
    var sorted = rows.enumerated().sorted { a, b in
      let (left, right) = (a.element[path: key], b.element[path: key])
      if Self.precedes(left, right) { return true }
      return !Self.precedes(right, left) && a.offset < b.offset
    }.map(\.element)
    if call.words.has("--reverse") { sorted.reverse() }
    if let top = call.words.integer("--top") {
      guard top > 0 else { throw CommandFailure(.misused, "`--top` takes 1 or more, not \(top)") }
      sorted = Array(sorted.prefix(Int(clamping: top)))
    }
    return call.present(.list(sorted.map(Value.map)), text(sorted))
  }

  /// Texts from A to Z, times and numbers of connections from the least on, amounts from the largest on.
  private static func precedes(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.string(let a), .string(let b)): a < b
    case (.time(let a), .time(let b)): a.nanoseconds < b.nanoseconds
    case (.duration(let a), .duration(let b)): a > b
    case (.null, _): false
    case (_, .null): true
    default: a.amount > b.amount
    }
  }

  private func text(_ rows: [ValueMap]) -> String {
    guard !rows.isEmpty else { return "\(title): none" }
    let isAmount = columns.map { column in
      rows.contains { row in
        switch row[path: column.key] {
        case .int, .float, .size, .duration: true
        default: false
        }
      }
    }
    let totals = columns.map { column -> String in
      guard column.isSummed else { return "" }
      let values = rows.map { $0[path: column.key] }
      let sum = values.reduce(0) { $0 + $1.amount }
      let isSize = values.contains { if case .size = $0 { true } else { false } }
      return isSize ? ServerTables.size(sum) : ServerTables.grouped(sum)
    }
    return Table(
      title: title, header: columns.map(\.title),
      rows: rows.map { row in columns.map { Self.cell(row[path: $0.key], isNumber: Self.numbers.contains($0.key)) } },
      totals: columns.contains { $0.isSummed } ? totals : nil, alignments: isAmount.map { $0 ? .right : .left }
    ).text
  }

  /// What is a number without being an amount.
  private static let numbers: Set = ["cid", "rid", "port"]

  private static func cell(_ value: Value, isNumber: Bool) -> String {
    switch value {
    case .int(let number) where isNumber: "\(number)"
    case .null: ""
    case .size(let size): ServerTables.size(size.bytes)
    case .int(let number): ServerTables.grouped(number)
    case .bool(let bool): bool ? "yes" : "no"
    default: value.printed
    }
  }
}

extension ValueMap {
  /// The value at the end of a path of keys, as `api.total`; null where it leads nowhere.
  subscript(path path: String) -> Value {
    path.split(separator: ".").reduce(Value.map(self)) { $0.entries[String($1)] ?? .null }
  }

  /// These entries before the others'; a key that both have keeps this value.
  func followed(by others: ValueMap) -> ValueMap {
    var all = self
    for (key, value) in others where all[key] == nil { all[key] = value }
    return all
  }
}
