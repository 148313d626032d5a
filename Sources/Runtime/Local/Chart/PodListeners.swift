import Interpreter

/// Where a configuration says that the server listens. The server reads keys whatever their case, and some by two names.
enum PodListeners {
  /// The blocks that listen, each by the names that the server knows it by.
  static let blocks: [(port: PodPort, keys: [String])] = [
    (.cluster, ["cluster"]), (.gateway, ["gateway"]), (.leafnodes, ["leafnodes", "leaf"]),
    (.websocket, ["websocket", "ws"]), (.mqtt, ["mqtt"]),
  ]
  static let monitorKeys = ["http", "http_port", "monitor_port", "https", "https_port"]
  static let profilingKeys = ["prof_port"]
  /// The keys that say on which address the server or a block of it listens.
  static let addressKeys = ["listen", "port", "host", "net", "addr"]

  static func ports(in configuration: ValueMap) -> [PodPort: Int] {
    var ports: [PodPort: Int] = [.client: listeningPort(configuration) ?? 4222]
    for (port, keys) in blocks {
      guard let key = configuration.key(among: keys), case .map(let block)? = configuration[key] else { continue }
      ports[port] = listeningPort(block)
    }
    ports[.monitor] = configuration.key(among: monitorKeys).flatMap { portNumber(configuration[$0]) }
    ports[.profiling] = configuration.key(among: profilingKeys).flatMap { portNumber(configuration[$0]) }
    return ports
  }

  /// Nil if it does not listen: without a port, or with 0.
  private static func listeningPort(_ block: ValueMap) -> Int? {
    if let key = block.key(among: ["listen"]), let port = portNumber(block[key]) { return port }
    return block.key(among: ["port"]).flatMap { portNumber(block[$0]) }
  }

  /// Of `8222`, `"127.0.0.1:8222"`, `"<< 8222 >>"`.
  private static func portNumber(_ value: Value?) -> Int? {
    guard let value else { return nil }
    if let port = ConfigurationText.wholeNumber(value) { return port == 0 ? nil : port }
    guard let text = value.asText?.string, let colon = text.lastIndex(of: ":") else { return nil }
    return Int(text[text.index(after: colon)...]).flatMap { $0 == 0 ? nil : $0 }
  }
}

extension ValueMap {
  /// The first of the map's keys that is one of `names`, whatever its case.
  func key(among names: [String]) -> String? { keys.first { names.contains($0.lowercased()) } }

  /// The map without the keys `names`, whatever their case, and with `entries` where the first of them stood, else last.
  func replacing(_ names: [String], by entries: [(String, Value)]) -> ValueMap {
    var all: [(String, Value)] = []
    var isDone = false
    for (key, value) in self {
      guard names.contains(key.lowercased()) else {
        all.append((key, value))
        continue
      }
      if !isDone { all += entries }
      isDone = true
    }
    return ValueMap(isDone ? all : all + entries)
  }

  /// The map with the value under one of the keys `names`, whatever its case, changed; as it is if there is none.
  func changing(
    _ names: [String], _ change: (Value) throws(ChartProblem) -> Value
  ) throws(ChartProblem) -> ValueMap {
    guard let key = key(among: names), let value = self[key] else { return self }
    var changed = self
    changed[key] = try change(value)
    return changed
  }
}
