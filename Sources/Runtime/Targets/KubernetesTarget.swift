import Interpreter

/// Clusters of Kubernetes, reached through kubectl, helm and linkerd: those that k3d makes here, or any that exist.
public struct KubernetesTarget: Target {
  public let name: String
  /// The kube context of each cluster whose context is not k3d's.
  let contexts: [String: String]

  /// - Parameters:
  ///   - name: `k3d` or `kube`.
  ///   - contexts: kube contexts by cluster, from `--context c1=…`.
  public init(name: String, contexts: [String: String]) {
    self.name = name
    self.contexts = contexts
  }

  public let isKubernetes = true

  public var commands: [any Command] { ProgramCommand.kubernetes + [KubernetesRegionCommand(isOurs: name == "k3d")] }

  public func cluster(named name: String, index: Int) -> Cluster {
    Cluster(name: name, index: index, context: contexts[name] ?? (self.name == "k3d" ? "k3d-\(name)" : name))
  }

  public func existingClusters() -> [String] {
    guard name == "k3d" else { return contexts.keys.sorted() }
    var list = Subprocess("k3d", ["cluster", "list", "-o", "json"])
    list.deadline = .now + .seconds(5)
    guard let result = try? list.run(), result.succeeded, case .list(let clusters)? = try? Value.json(result.output)
    else {
      return []
    }
    return clusters.compactMap { cluster in
      guard case .map(let map) = cluster, case .string(let name)? = map["name"] else { return nil }
      return name
    }
  }

  public func clientAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    // facts.md: the host reaches the seeds of a cluster at port 4222 of its load balancer.
    [("127.0.0.1", 4222 + cluster.index)]
  }

  public func status() -> TargetStatus {
    TargetStatus(
      regions: existingClusters().map { TargetStatus.Region(name: $0, state: "exists") }, servers: [],
      notes: ["`kubectl get pods -n nats` shows the servers of a cluster"])
  }
}
