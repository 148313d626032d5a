import Interpreter

extension LocalTarget {
  /// The ports here of the pods that a name means in Kubernetes, as far as those run; nil for addresses and for names that
  /// no pod has.
  public func addresses(
    ofHost host: String, port: Int, from cluster: Cluster
  ) throws(CommandFailure) -> [(host: String, port: Int)]? {
    guard NameService.mayBePods(host) else { return nil }
    let releases = sandbox.releases(of: cluster.name)
    let replicas = releases.map(\.replicas).max() ?? 0
    var stopped: PodAddress?
    for release in releases where replicas > 0 {
      let names = NameService(clusters: sandbox.knownClusters, of: release.asNamed(replicas: replicas))
      guard case .pods(let pods)? = try? names.meaning(of: Text(host), port: port) else { continue }
      let known = pods.compactMap { address in
        sandbox.pods(of: address.cluster, namespace: address.namespace).first { $0.name == address.pod }
          .map { (pod: $0, port: address.port) }
      }
      let ports = known.compactMap { $0.pod.isAlive ? $0.pod.record.port($0.port) : nil }
      if !ports.isEmpty { return ports.map { ("127.0.0.1", Int($0)) } }
      if !known.isEmpty { stopped = pods.first }
    }
    guard let stopped else { return nil }
    throw CommandFailure(
      .failed, "no server behind \(host) runs, or none that listens for \(stopped.port.rawValue)",
      advice: "see what runs: nbx status; pods of cluster \(cluster.name): kubectl get pods -n \(stopped.namespace)")
  }
}

extension ReleaseRecord {
  /// As far as the name service asks: whose names they are.
  fileprivate func asNamed(replicas: Int) -> RenderedRelease {
    RenderedRelease(
      identity: identity, statefulSet: statefulSet, headlessService: "\(statefulSet)-headless",
      clusterDomain: "cluster.local", imageTag: nil, replicas: replicas, pods: [])
  }
}
