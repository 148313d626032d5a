import Interpreter

/// What a host name in a release's configuration means: the same pods as in Kubernetes, whether they run already or not.
struct NameService: Sendable {
  enum Meaning: Equatable, Sendable {
    /// In the order of their ordinals; never empty.
    case pods([PodAddress])
    /// An address of this machine or of another: it stays as it is.
    case asWritten
  }

  /// Some pods of a StatefulSet.
  struct Pods: Equatable {
    let cluster: String
    let namespace: String
    let statefulSet: String
    /// Nil: all of them.
    let ordinal: Int?
  }

  let clusters: [String]
  let release: RenderedRelease
  private let podPorts: [Int: PodPort]

  /// - Parameter release: the release that asks: its namespace, its cluster and its replicas are assumed where a name
  ///   leaves them open.
  init(clusters: [String], of release: RenderedRelease) {
    self.clusters = clusters
    self.release = release
    var podPorts: [Int: PodPort] = [
      4222: .client, 6222: .cluster, 7222: .gateway, 7422: .leafnodes, 8222: .monitor, 8080: .websocket,
      1883: .mqtt, 65432: .profiling,
    ]
    for (name, number) in (release.pods.first?.ports ?? [:]).sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      podPorts[number] = name
    }
    self.podPorts = podPorts
  }

  /// - Throws: for a name that no cluster of this run can have, and a port that no pod listens on.
  func meaning(of host: Text, port: Int) throws(ChartProblem) -> Meaning {
    let name = String(host.string.lowercased().trimmingDot)
    if Self.isAddress(name) { return .asWritten }
    if name.hasPrefix("k3d-") { return .pods(try pods(behindNode: name, host, port: port)) }
    guard let podPort = podPorts[port] else { throw unknownPort(port, host) }
    guard let pods = kubernetesPods(name) else { throw unknownName(host) }
    return .pods(addresses(pods, podPort))
  }

  private func addresses(_ pods: Pods, _ port: PodPort) -> [PodAddress] {
    (pods.ordinal.map { $0...$0 } ?? 0...(release.replicas - 1)).map { ordinal in
      PodAddress(
        cluster: pods.cluster, namespace: pods.namespace, pod: "\(pods.statefulSet)-\(ordinal)", port: port)
    }
  }

  /// A node of k3d passes on what the ingress has a TCP route for: gateways and clients.
  private func pods(behindNode name: String, _ host: Text, port: Int) throws(ChartProblem) -> [PodAddress] {
    let roles = ["server-0", "agent-0", "agent-1", "serverlb"]
    let found = clusters.first { cluster in roles.contains { name == "k3d-\(cluster)-\($0)" } }
    guard let cluster = found else { throw unknownName(host) }
    let namespace = release.identity.namespace
    switch port {
    case 7222:
      let gateways = ReleaseNames.gateways(of: cluster)
      return addresses(Pods(cluster: cluster, namespace: namespace, statefulSet: gateways, ordinal: nil), .gateway)
    case 4222:
      let seeds = ReleaseNames.seeds(of: cluster)
      return addresses(Pods(cluster: cluster, namespace: namespace, statefulSet: seeds, ordinal: nil), .client)
    default:
      throw ChartProblem(
        "\(host.masked) passes on no port \(port)",
        advice: "a node has two: 7222 leads to the pods of \(ReleaseNames.gateways(of: cluster)), 4222 to those of "
          + ReleaseNames.seeds(of: cluster))
    }
  }

  /// Whether it is worth asking for; an address means itself.
  static func mayBePods(_ host: String) -> Bool { !isAddress(host.lowercased()) }

  /// Numbers with dots, anything with a colon, and this machine itself.
  private static func isAddress(_ name: String) -> Bool {
    if name == "localhost" || name.utf8.contains(UInt8(ascii: ":")) { return true }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }

  private func unknownName(_ host: Text) -> ChartProblem {
    let all = clusters.joined(separator: ", ")
    let example = clusters.first ?? release.identity.cluster
    let seeds = ReleaseNames.seeds(of: example)
    return ChartProblem(
      "\(host.masked) is the name of no server in the clusters \(all)",
      advice: "there are nodes (k3d-\(example)-agent-0, and so server-0, agent-1 and serverlb), pods "
        + "(\(seeds)-0.\(seeds)-headless), services (\(seeds)), each with -CLUSTER behind the "
        + "service for another cluster's (xr-js-nats-headless-\(clusters.last ?? example)), and addresses")
  }

  private func unknownPort(_ port: Int, _ host: Text) -> ChartProblem {
    let known = podPorts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.rawValue)" }.joined(separator: ", ")
    return ChartProblem(
      "no pod listens on port \(port), which \(host.masked) is asked for", advice: "there are \(known)")
  }
}

extension String {
  /// Without the dot that ends a name which is looked up nowhere else.
  fileprivate var trimmingDot: Substring { hasSuffix(".") ? dropLast() : self[...] }
}
