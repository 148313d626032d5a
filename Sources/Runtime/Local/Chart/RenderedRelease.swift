import Interpreter

/// A helm release on one cluster: what `helm upgrade --install NAME nats/nats --namespace NAMESPACE` speaks of.
struct ReleaseIdentity: Hashable, Codable, Sendable {
  let cluster: String
  let namespace: String
  let name: String
}

/// A port that a pod listens on, by the name that the chart gives it, and those at which the relay listens for it.
enum PodPort: String, Codable, CaseIterable, Sendable {
  case client = "nats"
  case cluster
  case gateway
  case monitor
  case leafnodes
  case websocket
  case mqtt
  case profiling
  // Where servers of other regions come in.
  case clusterRelay = "cluster-relay"
  case gatewayRelay = "gateway-relay"
  case leafnodesRelay = "leafnodes-relay"
  /// For leafnodes that speak WebSocket; clients take the server's own.
  case websocketRelay = "websocket-relay"

  /// The relay's port in front of this one; nil for one that the servers of other regions do not connect to, and for the
  /// relay's own.
  var relayed: PodPort? { Self.allCases.first { $0.behind == self } }

  /// The server's port behind one of the relay's; nil for the server's own.
  var behind: PodPort? {
    switch self {
    case .clusterRelay: .cluster
    case .gatewayRelay: .gateway
    case .leafnodesRelay: .leafnodes
    case .websocketRelay: .websocket
    default: nil
    }
  }

  /// What crosses regions over one of the relay's ports; nil for the server's own.
  var network: LinkNetwork? { behind.map { $0 == .cluster ? .routes : .gateways } }
}

/// A server as Kubernetes would run it: container ports, host names as the recipe wrote them.
struct RenderedPod: Sendable {
  /// `c1-nats-0`
  let name: String
  let ordinal: Int
  /// The pod's name behind `config.serverNamePrefix`, unless merged over.
  let serverName: String
  /// `nats.conf` as in Kubernetes. `LocalConfiguration` makes of it what runs here.
  let configuration: ValueMap
  /// The container ports that it listens on.
  let ports: [PodPort: Int]
}

extension RenderedPod {
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

/// What the chart makes of a release's values.
struct RenderedRelease: Sendable {
  let identity: ReleaseIdentity
  /// The name of the StatefulSet and of its Service: `c1-nats`.
  let statefulSet: String
  /// The Service by which each pod has a name of its own: `c1-nats-headless`.
  let headlessService: String
  /// What fully qualified names end in: `cluster.local`.
  let clusterDomain: String
  /// `container.image.tag`: the server's version, if the values ask for one.
  let imageTag: String?
  let replicas: Int
  let pods: [RenderedPod]
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
