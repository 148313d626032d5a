import SandboxSystem
import ValuesAndCommands

/// A helm release on one cluster: what `helm upgrade --install NAME nats/nats --namespace NAMESPACE` speaks of.
struct ReleaseIdentity: Hashable, Codable, Sendable {
  let cluster: String
  let namespace: String
  let name: String
}

/// A server as Kubernetes would run it. Its configuration is its release's, but for the variables of its own.
struct RenderedPod: Sendable {
  /// `c1-nats-0`
  let name: String
  let ordinal: Int
  /// The pod's name behind `config.serverNamePrefix`, unless merged over.
  let serverName: String
  let variables: ContainerVariables
}

/// What the chart makes of a release's values.
struct RenderedRelease: Sendable {
  let identity: ReleaseIdentity
  /// The name of the StatefulSet and of its Service: `c1-nats`.
  let statefulSet: String
  /// The Service by which each pod has a name of its own: `c1-nats-headless`.
  let headlessService: String
  /// What fully qualified names end in: `cluster.local`.
  let clusterDomain: String
  /// `container.image.tag`: the server's version, if the values or the chart's own version ask for one.
  let imageTag: String?
  let replicas: Int
  /// `nats.conf` as in Kubernetes: host names as the recipe wrote them, container ports, and what differs from pod to pod
  /// as variables. `LocalConfiguration` makes of it what runs here.
  let configuration: ValueMap
  /// The container ports that its pods listen on.
  let ports: [PodPort: Int]
  let pods: [RenderedPod]

  func key(of pod: RenderedPod) -> PodKey {
    PodKey(cluster: identity.cluster, namespace: identity.namespace, name: pod.name)
  }

  /// A server without JetStream whose accounts have it elsewhere hands on what its clients ask of it, until it reads its
  /// configuration anew: then it forgets the way, until it is started again (2.11.4, 2.11.10, 2.12.0, 2.15.1).
  var losesJetStreamByReload: Bool {
    guard !Self.isOn(configuration["jetstream"]) else { return false }
    let accounts = configuration["accounts"]?.entries ?? ValueMap()
    // With an operator, what an account has stands in its JWT.
    return configuration["operator"] != nil || accounts.contains { Self.isOn($0.1.entries["jetstream"]) }
  }

  /// JetStream's block as configurations have it: a map, or a word.
  private static func isOn(_ block: Value?) -> Bool {
    switch block {
    case nil, .null, .bool(false): false
    case .map(let map): if case .bool(false)? = map["enabled"] { false } else { true }
    case .some(let word): !["disabled", "disable", "false", "off"].contains(word.asText?.string ?? "")
    }
  }
}

/// A pod's port anywhere in the sandbox: the key under which the sandbox promises local ports, also for pods that do
/// not exist yet.
struct PodAddress: Hashable, Codable, Sendable {
  let cluster: String
  let namespace: String
  let pod: String
  let port: PodPort

  /// The address by which servers of other regions reach the same port; itself where they take the same.
  var fromElsewhere: PodAddress {
    PodAddress(cluster: cluster, namespace: namespace, pod: pod, port: port.relayed ?? port)
  }
}

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
    _ names: [String], _ change: (Value) throws(CommandFailure) -> Value
  ) throws(CommandFailure) -> ValueMap {
    guard let key = key(among: names), let value = self[key] else { return self }
    var changed = self
    changed[key] = try change(value)
    return changed
  }
}
