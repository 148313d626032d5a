import Interpreter

/// What one client, or all together, did and how long it took.
struct BenchFigures: Sendable {
  var messages = 0
  var bytes = 0
  /// From the first client's first message to the last one's last.
  var start: ContinuousClock.Instant
  var end: ContinuousClock.Instant
  var latency = LatencySketch()
  /// Messages that came and found no room, which only subscribers know of.
  var dropped: Int?

  init() {
    start = .now
    end = start
  }

  mutating func add(_ other: BenchFigures) {
    messages += other.messages
    bytes += other.bytes
    start = min(start, other.start)
    end = max(end, other.end)
    latency.add(other.latency)
    if let more = other.dropped { dropped = (dropped ?? 0) + more }
  }

  /// `clients`, `msgs`, `bytes`, `duration`, `rate` in messages a second, `throughput` in bytes a second; `latency` where it
  /// was measured, and `dropped` where something may be.
  func value(clients: Int) -> Value {
    let duration = DurationValue(start.duration(to: end))
    let seconds = Double(max(1, duration.nanoseconds)) / 1e9
    var entries = ValueMap()
    entries["clients"] = .int(Int64(clients))
    entries["msgs"] = .int(Int64(messages))
    entries["bytes"] = .size(SizeValue(bytes: Int64(bytes)))
    entries["duration"] = .duration(duration)
    entries["rate"] = .int(Int64(Double(messages) / seconds))
    entries["throughput"] = .size(SizeValue(bytes: Int64(Double(bytes) / seconds)))
    if latency.count > 0 { entries["latency"] = latency.value }
    if let dropped { entries["dropped"] = .int(Int64(dropped)) }
    return .map(entries)
  }
}

/// A bench's value as a table of one row.
enum BenchTable {
  static func text(_ value: Value, title: String) -> String {
    let entries = value.entries
    var columns: [(String, String)] = [
      ("Clients", entries["clients"]?.printed ?? ""), ("Messages", ServerTables.grouped(entries["msgs"]?.amount ?? 0)),
      ("Size", ServerTables.size(entries["bytes"]?.amount ?? 0)), ("Took", entries["duration"]?.printed ?? ""),
      ("Messages/s", ServerTables.grouped(entries["rate"]?.amount ?? 0)),
      ("Throughput", ServerTables.size(entries["throughput"]?.amount ?? 0) + "/s"),
    ]
    for (name, key) in [
      ("Min", "min"), ("P50", "p50"), ("P90", "p90"), ("P99", "p99"), ("P99.9", "p999"), ("Max", "max"),
    ] {
      if let quantile = entries["latency"]?.entries[key] { columns.append((name, quantile.printed)) }
    }
    if let dropped = entries["dropped"], dropped.amount > 0 { columns.append(("Dropped", dropped.printed)) }
    return Table(
      title: title, header: columns.map(\.0), rows: [columns.map(\.1)], alignments: columns.map { _ in .right }
    ).text
  }
}
