/// A port that a pod listens on, by the name that the chart gives it, and those at which the relay listens for it.
package enum PodPort: String, Codable, CaseIterable, Sendable {
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
  package var relayed: PodPort? { Self.allCases.first { $0.behind == self } }

  /// The server's port behind one of the relay's; nil for the server's own.
  package var behind: PodPort? {
    switch self {
    case .clusterRelay: .cluster
    case .gatewayRelay: .gateway
    case .leafnodesRelay: .leafnodes
    case .websocketRelay: .websocket
    default: nil
    }
  }

  /// What crosses regions over one of the relay's ports; nil for the server's own.
  package var network: LinkNetwork? { behind.map { $0 == .cluster ? .routes : .gateways } }
}
