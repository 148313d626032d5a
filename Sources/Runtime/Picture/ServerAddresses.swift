import NATS

/// Where servers' configurations lead: to which server, or at least to which region.
struct ServerAddresses {
  enum Meaning: Equatable {
    case server(String)
    case region(String)
    /// Nothing is known that listens there.
    case nobody
    /// A name or an address that only a network can tell the meaning of.
    case unknown
  }

  /// By the port's name, then the number.
  private var servers: [PodPort: [UInt16: String]] = [:]
  private let regionOf: [String: String]
  private let regions: [String]

  /// - Parameter servers: in the order of the target's, with what they call themselves.
  init(_ status: TargetStatus, _ servers: [SuperclusterPicture.Server]) {
    for (known, server) in zip(status.servers, servers) {
      for (name, port) in known.ports {
        guard let kind = PodPort(rawValue: name) else { continue }
        // The relay's port leads to the server, too.
        self.servers[kind.behind ?? kind, default: [:]][port] = server.name
      }
    }
    regionOf = Dictionary(servers.map { ($0.name, $0.region) }, uniquingKeysWith: { first, _ in first })
    // Of two that end alike the longer one is meant.
    regions = status.regions.map(\.name).sorted { ($1.count, $0) < ($0.count, $1) }
  }

  func region(of server: String) -> String? { regionOf[server] }

  /// The server that another one in `region` calls so.
  func server(named name: String, seenFrom region: String) -> String? {
    [name, ServerRoll.name(name, in: region)].first { regionOf[$0] != nil }
  }

  /// What the picture calls whom a server calls so: itself or another one of its supercluster.
  func name(for name: String, seenBy server: String) -> String {
    region(of: server).flatMap { self.server(named: name, seenFrom: $0) } ?? name
  }

  /// - Parameters:
  ///   - address: `host:port`, as servers show what they are configured with.
  ///   - region: in which it is written.
  func meaning(of address: String, _ port: PodPort, in region: String) -> Meaning {
    guard let parts = try? URLParts("nats://\(address)"), let number = parts.port else { return .unknown }
    let host = parts.host
    if host == "127.0.0.1" || host == "localhost" {
      if let server = servers[port]?[number] { return .server(server) }
      return servers.isEmpty ? .unknown : .nobody
    }
    // In Kubernetes: the node of another cluster, a service that is mirrored from there, and what has neither mark here.
    if let named = regions.first(where: { host.hasPrefix("k3d-\($0)-") }) { return .region(named) }
    let labels = host.split(separator: ".")
    if let named = regions.first(where: { name in labels.prefix(2).contains { $0.hasSuffix("-\(name)") } }) {
      return .region(named)
    }
    let isOwn = labels.count < 3 && labels.first?.contains { $0.isLetter } == true || labels.contains("svc")
    return isOwn ? .region(region) : .unknown
  }

  /// The region that an address leads to, as far as it is known.
  func region(of address: String, _ port: PodPort, in region: String) -> String? {
    switch meaning(of: address, port, in: region) {
    case .server(let server): regionOf[server]
    case .region(let region): region
    case .nobody, .unknown: nil
    }
  }
}
