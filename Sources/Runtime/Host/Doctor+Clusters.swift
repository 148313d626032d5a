import Interpreter

/// Kubernetes itself: of the clusters that exist, and of those that k3d would make.
extension Doctor {
  /// More contexts than that are not asked unless they are named: each may belong to anybody, anywhere.
  private static let mostAsked = 6

  /// k3d tells by its version which Kubernetes it makes; a build of somebody's own may make another.
  func clusters(ofK3d version: ProgramVersion, _ output: [UInt8]) -> Finding? {
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("k3s version") }), let made = ProgramVersion(in: String(line)),
      made < Requirements.kubernetes
    else { return nil }
    return Finding(
      "k3d", .tooOld, "\(version), which makes clusters of Kubernetes \(made), and \(Doctor.wish)",
      advice: Requirements.k3d.installation)
  }

  private static let wish = "the newest linkerd asks for \(Requirements.kubernetes) or newer"

  /// The clusters of a run that exist, and whether they are new enough. Without `--context` nobody knows which of the
  /// kubeconfig's clusters are meant: then what is wrong with one of them is no more than a warning.
  func clusters(of target: any Target) -> [Finding] {
    guard let target = target as? KubernetesTarget else { return [] }
    let clusters: [(name: String, context: String)]
    if target.isOurs {
      clusters = target.runningK3dClusters(within: patience).map { ($0, target.cluster(named: $0, index: 0).context) }
    } else if !target.contexts.isEmpty {
      clusters = target.contexts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    } else {
      let names = KubeContexts.names(environment: environment, within: patience) ?? []
      clusters = names.prefix(Doctor.mostAsked).map { ($0, $0) }
    }
    let areMeant = target.isOurs || !target.contexts.isEmpty
    let versions = ClusterVersion.ask(clusters.map(\.context), environment: environment, within: patience)
    return zip(clusters, versions).map { cluster, version in
      finding("cluster \(cluster.name)", version, isMeant: areMeant, isOurs: target.isOurs)
    }
  }

  private func finding(_ what: String, _ answer: ClusterVersion, isMeant: Bool, isOurs: Bool) -> Finding {
    switch answer {
    case .unknown(let said):
      return Finding(what, .warning, "it does not tell which Kubernetes it runs: \(said)")
    case .version(let version) where version < Requirements.kubernetes:
      return Finding(
        what, isMeant ? .tooOld : .warning, "Kubernetes \(version), and \(Doctor.wish)",
        advice: [
          isOurs ? "make it anew with a newer k3d: nbx run cleanup, then install" : "upgrade the cluster",
          "or take an older linkerd: nbx run install linkerd_version=2025.4.4",
        ])
    case .version(let version): return Finding(what, .good, "Kubernetes \(version)")
    }
  }
}

extension KubernetesTarget {
  /// Those that nbx made: they share its network.
  fileprivate func runningK3dClusters(within patience: Duration) -> [String] {
    let all = (try? K3dRegions(target: self, call: question(within: patience)).clusters()) ?? []
    return all.filter { $0.network == K3dCommands.network && $0.state == .running }.map(\.name)
  }
}
