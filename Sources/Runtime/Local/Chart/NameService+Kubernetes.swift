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
