import Interpreter

/// What one server says of itself in answer to `$SYS.REQ.SERVER.PING`.
struct ServerAnswer: Sendable {
  /// The server's own fields, its statistics under `statsz`, and the round trip as `rtt`. What servers leave out when it is
  /// empty is there: `cluster`, `jetstream`, and under `statsz` `routes` and `gateways`.
  let value: Value
  let name: String
  let cluster: String
  let id: String
  let tags: [String]
  let roundTrip: DurationValue

  /// - Parameter reply: `{"server": …, "statsz": …}`, with times and sizes as values.
  init(_ reply: Value, roundTrip: DurationValue) {
    var server = reply.entries["server"]?.entries ?? ValueMap()
    var statistics = reply.entries["statsz"]?.entries ?? ValueMap()
    for (key, empty) in [("name", Value.string("")), ("cluster", .string("")), ("jetstream", .bool(false))]
    where server[key] == nil { server[key] = empty }
    for key in ["routes", "gateways"] where statistics[key] == nil { statistics[key] = .list([]) }
    server["statsz"] = .map(statistics)
    server["rtt"] = .duration(roundTrip)
    value = .map(server)
    name = server["name"]?.asText?.string ?? ""
    cluster = server["cluster"]?.asText?.string ?? ""
    id = server["id"]?.asText?.string ?? ""
    tags = (server["tags"]?.elements ?? []).compactMap { $0.asText?.string }
    self.roundTrip = roundTrip
  }

  func text(_ key: String) -> String { value.entries[key]?.asText?.string ?? "" }
  var hasJetStream: Bool { if case .bool(true) = value.entries["jetstream"] { true } else { false } }
  var statistics: ValueMap { value.entries["statsz"]?.entries ?? ValueMap() }
  /// A number among the statistics.
  func amount(_ key: String) -> Int64 { statistics[key]?.amount ?? 0 }
  var gateways: [Value] { statistics["gateways"]?.elements ?? [] }
  var routes: [Value] { statistics["routes"]?.elements ?? [] }
  var incomingGateways: Int64 { gateways.reduce(0) { $0 + ($1.entries["inbound_connections"]?.amount ?? 0) } }

  /// From its start to its answer, by its own clock.
  var uptime: DurationValue {
    guard case .time(let now) = value.entries["time"], case .time(let start) = statistics["start"] else {
      return DurationValue(nanoseconds: 0)
    }
    return DurationValue(nanoseconds: max(0, now.nanoseconds - start.nanoseconds))
  }
}

/// The columns by which servers are sorted: texts and `rtt` from the least on, amounts from the largest on.
enum ServerOrder: String, CaseIterable {
  case name, cluster, host, version, conns, subs, routes, gws, mem, cpu, slow, uptime, rtt

  /// Servers that are alike in the column are in the order of their names.
  func sorted(_ answers: [ServerAnswer]) -> [ServerAnswer] {
    let byName = answers.sorted { $0.name < $1.name }
    switch self {
    case .name: return byName
    case .cluster: return stable(byName) { $0.cluster < $1.cluster }
    case .host: return stable(byName) { $0.text("host") < $1.text("host") }
    case .version: return stable(byName) { $0.text("ver") < $1.text("ver") }
    case .rtt: return stable(byName) { $0.roundTrip < $1.roundTrip }
    case .uptime: return stable(byName) { $0.uptime > $1.uptime }
    case .routes: return stable(byName) { $0.routes.count > $1.routes.count }
    case .gws: return stable(byName) { $0.gateways.count > $1.gateways.count }
    case .conns: return byAmount("connections", byName)
    case .subs: return byAmount("subscriptions", byName)
    case .mem: return byAmount("mem", byName)
    case .cpu: return byAmount("cpu", byName)
    case .slow: return byAmount("slow_consumers", byName)
    }
  }

  private func byAmount(_ key: String, _ answers: [ServerAnswer]) -> [ServerAnswer] {
    stable(answers) { $0.amount(key) > $1.amount(key) }
  }

  private func stable(
    _ answers: [ServerAnswer], _ isBefore: (ServerAnswer, ServerAnswer) -> Bool
  ) -> [ServerAnswer] {
    answers.enumerated().sorted { a, b in
      isBefore(a.element, b.element) || (!isBefore(b.element, a.element) && a.offset < b.offset)
    }.map(\.element)
  }
}
