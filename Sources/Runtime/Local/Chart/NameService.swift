import SandboxSystem
import ValuesAndCommands

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
    for (name, number) in release.ports.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      podPorts[number] = name
    }
    self.podPorts = podPorts
  }

  /// - Throws: for a name that no cluster of this run can have, and a port that no pod listens on.
  func meaning(of host: Text, port: Int) throws(CommandFailure) -> Meaning {
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
  private func pods(behindNode name: String, _ host: Text, port: Int) throws(CommandFailure) -> [PodAddress] {
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
      throw CommandFailure(
        .misused, "\(host.masked) passes on no port \(port)",
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

  private func unknownName(_ host: Text) -> CommandFailure {
    let all = clusters.joined(separator: ", ")
    let example = clusters.first ?? release.identity.cluster
    let seeds = ReleaseNames.seeds(of: example)
    return CommandFailure(
      .misused, "\(host.masked) is the name of no server in the clusters \(all)",
      advice: "there are nodes (k3d-\(example)-agent-0, and so server-0, agent-1 and serverlb), pods "
        + "(\(seeds)-0.\(seeds)-headless), services (\(seeds)), each with -CLUSTER behind the "
        + "service for another cluster's (xr-js-nats-headless-\(clusters.last ?? example)), and addresses")
  }

  private func unknownPort(_ port: Int, _ host: Text) -> CommandFailure {
    let known = podPorts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.rawValue)" }.joined(separator: ", ")
    return CommandFailure(
      .misused, "no pod listens on port \(port), which \(host.masked) is asked for", advice: "there are \(known)")
  }
}

extension String {
  /// Without the dot that ends a name which is looked up nowhere else.
  fileprivate var trimmingDot: Substring { hasSuffix(".") ? dropLast() : self[...] }
}

/// Names as Kubernetes' DNS has them: `[POD.]SERVICE[.NAMESPACE[.svc[.DOMAIN]]]`, and services that linkerd mirrors from
/// cluster `T` with `-T` behind their name.
extension NameService {
  /// Nil if no cluster of this run can have the name.
  func kubernetesPods(_ name: String) -> Pods? {
    let labels = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard labels.allSatisfy({ !$0.isEmpty }) else { return nil }
    if labels.count > 1, isHeadless(labels[1]) {
      guard let service = service(labels[1], in: release.identity.cluster),
        let ordinal = ordinal(of: labels[0], in: service.statefulSet),
        let namespace = namespace(labels.dropFirst(2))
      else { return nil }
      return Pods(
        cluster: service.cluster, namespace: namespace, statefulSet: service.statefulSet, ordinal: ordinal)
    }
    // A pod has a name only behind its headless service: `c1-nats-0` alone is nobody's.
    guard !isPodName(labels[0]), let service = service(labels[0], in: release.identity.cluster),
      let namespace = namespace(labels.dropFirst())
    else { return nil }
    return Pods(cluster: service.cluster, namespace: namespace, statefulSet: service.statefulSet, ordinal: nil)
  }

  /// The StatefulSet behind a service, as seen from `cluster`.
  private func service(_ name: String, in cluster: String) -> (cluster: String, statefulSet: String)? {
    if cluster == release.identity.cluster, [release.statefulSet, release.headlessService].contains(name) {
      return (cluster, release.statefulSet)
    }
    // Of the clusters `eu` and `nats-eu`, `nats-eu` is in the second one the service of its own seeds.
    if ReleaseNames.all(of: cluster).contains(name) { return (cluster, name) }
    let headless = "-headless"
    if name.hasSuffix(headless) {
      let statefulSet = String(name.dropLast(headless.count))
      return isStatefulSet(statefulSet) ? (cluster, statefulSet) : nil
    }
    // The longest first: of the clusters `c1` and `my-c1`, `xr-js-nats-my-c1` means the second.
    for other in clusters.sorted(by: { $0.utf8.count > $1.utf8.count }) where name.hasSuffix("-" + other) {
      let mirrored = String(name.dropLast(other.utf8.count + 1))
      if other != cluster, let service = service(mirrored, in: other) { return service }
      // The one service that has a cluster's name behind its own at home.
      if mirrored == NameService.stretched { return (other, mirrored) }
    }
    guard isStatefulSet(name), !isHeadless(name), !name.hasPrefix(NameService.stretched + "-") else { return nil }
    return (cluster, name)
  }

  /// The release whose servers are one NATS cluster across all clusters: besides `xr-js-nats` it has, in each cluster
  /// `C`, a service `xr-js-nats-C`.
  private static let stretched = "xr-js-nats"

  /// The chart puts `nats` into every name that it makes.
  private func isStatefulSet(_ name: String) -> Bool {
    name == release.statefulSet || (name.contains("nats") && !name.hasPrefix("-"))
  }

  private func isHeadless(_ service: String) -> Bool {
    service == release.headlessService || service.hasSuffix("-headless") || service.contains("-headless-")
  }

  private func isPodName(_ name: String) -> Bool {
    guard name != release.statefulSet, !isService(name), let dash = name.lastIndex(of: "-") else { return false }
    let statefulSet = String(name[..<dash])
    return isStatefulSet(statefulSet) && ordinal(of: name, in: statefulSet) != nil
  }

  /// Whether it ends as a pod's name does only because a cluster's name ends so: `nats-1`, `xr-js-nats-eu-1`.
  private func isService(_ name: String) -> Bool {
    ReleaseNames.all(of: release.identity.cluster).contains(name)
      || clusters.contains { Int($0) == nil && name.hasSuffix("-\($0)") }
  }

  private func ordinal(of pod: String, in statefulSet: String) -> Int? {
    guard pod.hasPrefix(statefulSet + "-") else { return nil }
    let digits = pod.dropFirst(statefulSet.count + 1)
    guard let ordinal = Int(digits), String(ordinal) == digits, ordinal >= 0 else { return nil }
    return ordinal
  }

  /// The release's own if nothing follows the service; nil if what follows is no namespace.
  private func namespace(_ labels: ArraySlice<String>) -> String? {
    guard let namespace = labels.first else { return release.identity.namespace }
    let rest = labels.dropFirst()
    guard let first = rest.first else { return namespace }
    let domain = rest.dropFirst().joined(separator: ".")
    let isKnown = domain.isEmpty || domain == "cluster.local" || domain == release.clusterDomain.lowercased()
    return first == "svc" && isKnown ? namespace : nil
  }
}
