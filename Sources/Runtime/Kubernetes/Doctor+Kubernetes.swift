import SandboxSystem
import ValuesAndCommands

extension KubernetesTarget {
  package func findings(by doctor: Doctor) -> [Doctor.Finding] {
    let programs = requirements.map { requirement in
      doctor.program(requirement) { version, output in
        requirement.program == Requirements.k3d.program ? doctor.clusters(ofK3d: version, output) : nil
      }
    }
    return programs + (ownsClusters ? doctor.docker : [doctor.contexts]) + doctor.clusters(of: self)
  }
}

/// Kubernetes itself, of the clusters that exist and of those that k3d would make; and Docker, in which it makes them.
extension Doctor {
  /// What three clusters take while nothing happens in them.
  private static let clusterCPUs: Int64 = 4
  private static let clusterMemory: Int64 = 12 << 30
  /// More contexts than that are not asked unless they are named: each may belong to anybody, anywhere.
  private static let mostAsked = 6

  /// k3d tells by its version which Kubernetes it makes; a build of somebody's own may make another.
  fileprivate func clusters(ofK3d version: ProgramVersion, _ output: [UInt8]) -> Finding? {
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
  fileprivate func clusters(of target: KubernetesTarget) -> [Finding] {
    let clusters: [(name: String, context: String)]
    if target.ownsClusters {
      clusters = target.runningK3dClusters(within: patience).map { ($0, target.cluster(named: $0, index: 0).context) }
    } else if !target.contexts.isEmpty {
      clusters = target.contexts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    } else {
      let names = KubeContexts.names(environment: environment, within: patience) ?? []
      clusters = names.prefix(Doctor.mostAsked).map { ($0, $0) }
    }
    let areMeant = target.ownsClusters || !target.contexts.isEmpty
    let versions = ClusterVersion.ask(clusters.map(\.context), environment: environment, within: patience)
    return zip(clusters, versions).map { cluster, version in
      finding("cluster \(cluster.name)", version, isMeant: areMeant, isOurs: target.ownsClusters)
    }
  }

  /// Clusters that exist are reached by the contexts of the kubeconfig.
  fileprivate var contexts: Finding {
    guard let names = KubeContexts.names(environment: environment, within: patience) else {
      return Finding("contexts", .missing, "kubectl tells none", advice: ["kubectl config get-contexts"])
    }
    guard !names.isEmpty else {
      return Finding(
        "contexts", .missing, "the kubeconfig has none, so that no cluster can be reached",
        advice: ["get the kubeconfig of your clusters, and say where it lies: export KUBECONFIG=…"])
    }
    let shown = names.prefix(6).joined(separator: ", ") + (names.count > 6 ? ", … \(names.count) in all" : "")
    return Finding("contexts", .good, shown)
  }

  // MARK: Docker

  /// The engine, what it has to give, and the ports that clients use.
  fileprivate var docker: [Finding] {
    let engine = DockerEngine(environment: environment, patience: patience)
    let state = engine.state()
    if state == .notInstalled { return [] }
    guard case .running(let version) = state else {
      let problem = state.problem
      return [Finding("engine", .broken, problem?.what ?? "", advice: problem?.advice ?? [])]
    }
    var findings = [Finding("engine", .good, "Docker \(version) answers")]
    if let resources = engine.resources() {
      findings.append(
        cpus(resources.cpus, least: Self.clusterCPUs, "three clusters", advice: Doctor.dockerRoom))
      findings.append(
        memory(resources.memory, least: Self.clusterMemory, "three clusters", advice: Doctor.dockerRoom))
    }
    return findings + [ports(engine), links(by: engine)]
  }

  /// What `link` needs is fetched by Docker when it is first asked for.
  private func links(by engine: DockerEngine) -> Finding {
    let place = engine.hasImage(LinkGrammar.k3dImage) ? "which is here" : "which the first `link` fetches"
    return Finding(
      "links", .good,
      "by tc and nft of \(LinkGrammar.k3dImage), \(place); they need the kernel's sch_netem and nf_tables")
  }

  private static let dockerRoom = [
    "macOS: Docker Desktop, Settings, Resources", "or take fewer clusters: nbx run recipes/install.nbx c1",
  ]

  private func ports(_ engine: DockerEngine) -> Finding {
    let ours = engine.publishedPorts()
    let taken = clientPorts.filter { ours[$0] == nil && !LocalPlatform.isFree($0) }
    guard taken.isEmpty else {
      return Finding(
        "ports", .warning, "taken by other programs: \(taken.map(String.init).joined(separator: ", "))",
        advice: ["end what listens there, or choose others: nbx run recipes/host-access.nbx port=14222"])
    }
    let states = clientPorts.map { port in "\(port) is \(ours[port].map { $0 + "'s" } ?? "free")" }
    return Finding("ports", .good, states.joined(separator: ", "))
  }

  // MARK: Clusters

  private func finding(_ what: String, _ answer: ClusterVersion, isMeant: Bool, isOurs: Bool) -> Finding {
    switch answer {
    case .unknown(let said):
      return Finding(what, isMeant ? .broken : .warning, "it does not tell which Kubernetes it runs: \(said)")
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
  fileprivate func runningK3dClusters(within patience: Duration) -> [String] {
    let all = (try? K3dRegions(target: self, call: question(within: patience)).clusters()) ?? []
    return all.filter { $0.state == .running }.map(\.name)
  }
}
