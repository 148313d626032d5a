import SandboxSystem
import ValuesAndCommands

/// Real `nats-server` processes on this machine: no Docker, no Kubernetes.
package struct LocalTarget: Target {
  let releases: ReleaseEngine

  /// - Parameters:
  ///   - home: nbx's home, see `Home`.
  ///   - clusters: the run's, in their order: host names in configurations may speak of them, and the first seed of the
  ///     first one gets port 4222 where that is free.
  ///   - environment: what servers and fetched programs get to see.
  ///   - purpose: what this nbx does, for another nbx that waits for it: `nbx run recipes/install.nbx`.
  ///   - relay: the program that is started as `PROGRAM relay FOLDER` to be the relay between regions, nbx itself; nil for
  ///     regions that connect directly, and whose links cannot be cut.
  package init(
    home: String, clusters: [String], environment: [String: String], purpose: String = "nbx", relay: String? = nil
  ) {
    releases = ReleaseEngine(
      pods: PodSupervisor(
        RegionStore(home: home, clusters: clusters, purpose: purpose), firstCluster: clusters.first,
        environment: environment, relay: relay))
  }

  var pods: PodSupervisor { releases.pods }
  var store: RegionStore { releases.store }
  var relay: RelayKeeper { pods.relay }

  package let name = TargetKind.local.rawValue
  package let isKubernetes = false
  package let ownsClusters = true
  package let isNeededWhole = false

  package var commands: [any Command] {
    [
      RegionCommand(pods: pods), LinkCommand(store: store, relay: relay), FaultCommand(pods: pods),
      HelmCommand(releases: releases),
      KubectlCommand(releases: releases),
    ] + AbsentCommand.all
  }

  package func cluster(named name: String, index: Int) -> Cluster { Cluster(name: name, index: index) }

  package func existingClusters() -> [String] { store.regionNames }

  package func letGo() { pods.letGo() }

  /// The seeds first, then the other servers of the region; only those that run.
  package func clientAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    let region = try store.existingRegion(cluster.name)
    let running = pods.pods(of: region.name).filter { $0.isAlive && $0.record.process?.isStopped == false }
    let seeds = running.filter { $0.statefulSet == ReleaseNames.seeds(of: cluster.name) }
    let others = running.filter { $0.statefulSet != ReleaseNames.seeds(of: cluster.name) }
    let ports = (seeds + others).compactMap { $0.record.port(.client) }
    guard !ports.isEmpty else {
      throw CommandFailure(
        .failed, "no server of \(cluster.name) runs: the region is \(region.wanted.rawValue)",
        advice: region.wanted == .running
          ? "install servers: nbx run recipes/nats.nbx; or region start \(cluster.name) if they crashed"
          : "run: region \(region.wanted == .paused ? "resume" : "start") \(cluster.name)")
    }
    return ports.map { ("127.0.0.1", Int($0)) }
  }

  package func seedAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    let all = try clientAddresses(of: cluster)
    let seeds = Set(store.seedPorts(of: cluster.name).map(Int.init))
    let running = all.filter { seeds.contains($0.port) }
    return running.isEmpty ? all : running
  }

  /// The ports here of the pods that a name means in Kubernetes, as far as those run; nil for addresses and for names that
  /// no pod has.
  package func addresses(
    ofHost host: String, port: Int, from cluster: Cluster
  ) throws(CommandFailure) -> [(host: String, port: Int)]? {
    guard NameService.mayBePods(host) else { return nil }
    let releases = store.releases(of: cluster.name)
    let replicas = releases.map(\.replicas).max() ?? 0
    var stopped: PodAddress?
    for release in releases where replicas > 0 {
      let names = NameService(clusters: store.knownClusters, of: release.asNamed(replicas: replicas))
      guard case .pods(let meant)? = try? names.meaning(of: Text(host), port: port) else { continue }
      let known = meant.compactMap { address in
        pods.pods(of: address.cluster, namespace: address.namespace).first { $0.name == address.pod }
          .map { (pod: $0, port: address.port) }
      }
      let ports = known.compactMap { $0.pod.isAlive ? $0.pod.record.port($0.port) : nil }
      if !ports.isEmpty { return ports.map { ("127.0.0.1", Int($0)) } }
      if !known.isEmpty { stopped = meant.first }
    }
    guard let stopped else { return nil }
    throw CommandFailure(
      .failed, "no server behind \(host) runs, or none that listens for \(stopped.port.rawValue)",
      advice: "see what runs: nbx status; pods of cluster \(cluster.name): kubectl get pods -n \(stopped.namespace)")
  }

  package func status(of clusters: [String]) -> TargetStatus {
    var regions: [TargetStatus.Region] = []
    var servers: [TargetStatus.Server] = []
    var notes: [String] = []
    for name in store.regionNames where clusters.isEmpty || clusters.contains(name) {
      guard let region = store.region(name) else { continue }
      let pods = pods.pods(of: name)
      let states = pods.map { $0.state(in: region) }
      regions.append(TargetStatus.Region(name: name, state: region.stateName(states)))
      servers += zip(pods, states).map(server)
      notes.append(
        "streams of \(name) lie \(region.store.kind == .memory ? "in memory" : "on disk"): \(region.store.folder)")
    }
    if !servers.isEmpty {
      notes.append("logs: \(store.folders.regions)/REGION/pods/NAMESPACE/POD/server.log")
    }
    notes += relay.notes
    if let holder = store.otherHolder { notes.append("\(holder), is changing the sandbox") }
    let shown = Set(regions.map(\.name))
    let links = relay.linkStates().filter { shown.contains($0.link.from) && shown.contains($0.link.to) }
    return TargetStatus(
      regions: regions, servers: servers, links: links, relayTrouble: relay.trouble, notes: notes)
  }

  private func server(_ pod: Pod, _ state: ServerState) -> TargetStatus.Server {
    func url(_ scheme: String, _ port: PodPort) -> String {
      pod.record.port(port).map { "\(scheme)://127.0.0.1:\($0)" } ?? ""
    }
    return TargetStatus.Server(
      name: pod.serverName, cluster: pod.key.cluster, url: url("nats", .client), monitorURL: url("http", .monitor),
      pid: pod.isAlive ? pod.record.process?.pid : nil, state: state.rawValue, version: pod.record.version,
      release: pod.record.release, ports: pod.record.ports)
  }
}

extension ReleaseRecord {
  /// As far as the name service asks: whose names they are.
  fileprivate func asNamed(replicas: Int) -> RenderedRelease {
    RenderedRelease(
      identity: identity, statefulSet: statefulSet, headlessService: "\(statefulSet)-headless",
      clusterDomain: "cluster.local", imageTag: nil, replicas: replicas, configuration: ValueMap(),
      ports: [:], pods: [])
  }
}
