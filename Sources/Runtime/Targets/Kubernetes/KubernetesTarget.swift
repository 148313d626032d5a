import Interpreter

/// Clusters of Kubernetes, reached through kubectl, helm and linkerd: those that k3d makes here, or any that exist.
public struct KubernetesTarget: Target {
  public let name: String
  /// The kube context of each cluster whose context is not the usual one.
  let contexts: [String: String]
  let environment: [String: String]
  /// The run's clusters, where they are known.
  let clusters: [String]
  let addresses = AddressBook()

  /// - Parameters:
  ///   - name: `k3d` or `kube`.
  ///   - contexts: kube contexts by cluster, from `--context c1=…`.
  ///   - clusters: the run's.
  ///   - environment: what the programs get to see.
  public init(name: String, contexts: [String: String], clusters: [String] = [], environment: [String: String]) {
    self.name = name
    self.contexts = contexts
    self.clusters = clusters
    self.environment = environment
  }

  public let isKubernetes = true
  /// Whether nbx made the clusters.
  var isOurs: Bool { name == "k3d" }

  public var commands: [any Command] {
    programs + [KubernetesRegionCommand(target: self), KubernetesLinkCommand(target: self)]
  }

  private var programs: [ProgramCommand] {
    ProgramCommand.kubernetes(isOurs ? .ours : .foreign) { [environment] in environment }
  }

  /// The command that runs a program of that name as the target does.
  func program(_ name: String) -> ProgramCommand {
    programs.first { $0.name == name } ?? .exec { [environment] in environment }
  }

  /// A cluster's context is k3d's name for it; where clusters exist already it is the cluster's own name. `--context`
  /// says otherwise.
  static func context(of cluster: String, on target: String, _ contexts: [String: String]) -> String {
    contexts[cluster] ?? (target == "kube" ? cluster : "k3d-\(cluster)")
  }

  public func cluster(named cluster: String, index: Int) -> Cluster {
    Cluster(name: cluster, index: index, context: Self.context(of: cluster, on: name, contexts))
  }

  public func existingClusters() -> [String] {
    guard isOurs else { return contexts.keys.sorted() }
    return (try? K3dRegions(target: self, call: question()).clusters().map(\.name)) ?? []
  }

  public func clientAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    if let known = addresses.known(cluster.name) { return [known] }
    let found = isOurs ? try hostPort(of: cluster) : try loadBalancer(of: cluster)
    addresses.remember(found, of: cluster.name)
    return [found]
  }

  public func status(of clusters: [String]) -> TargetStatus { KubernetesStatus(target: self).status(of: clusters) }

  /// A call for a program that is asked something, within a time that nobody minds.
  func question(within limit: Duration = .seconds(10)) -> Invocation { Invocation(words: [], deadline: .now + limit) }
}
