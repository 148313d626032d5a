import Interpreter

/// Real `nats-server` processes on this machine: no Docker, no Kubernetes.
public struct LocalTarget: Target {
  let sandbox: Sandbox

  /// - Parameters:
  ///   - home: nbx's home, see `Home`.
  ///   - clusters: the run's, in their order: host names in configurations may speak of them, and the first seed of the
  ///     first one gets port 4222 where that is free.
  ///   - environment: what servers and fetched programs get to see.
  ///   - purpose: what this nbx does, for another nbx that waits for it: `nbx run recipes/install.nbx`.
  ///   - relay: the program that is started as `PROGRAM relay FOLDER` to be the relay between regions, nbx itself; nil for
  ///     regions that connect directly, and whose links cannot be cut.
  public init(
    home: String, clusters: [String], environment: [String: String], purpose: String = "nbx", relay: String? = nil
  ) {
    sandbox = Sandbox(home: home, clusters: clusters, environment: environment, purpose: purpose, relay: relay)
  }

  public let name = TargetKind.local.rawValue
  public let isKubernetes = false
  public let ownsClusters = true
  public let isNeededWhole = false

  public var commands: [any Command] {
    [
      RegionCommand(sandbox: sandbox), LinkCommand(sandbox: sandbox), HelmCommand(sandbox: sandbox),
      KubectlCommand(sandbox: sandbox),
    ] + AbsentCommand.all
  }

  public func cluster(named name: String, index: Int) -> Cluster { Cluster(name: name, index: index) }

  public func existingClusters() -> [String] { sandbox.regionNames }

  public func letGo() { sandbox.letGo() }

  /// The seeds first, then the other servers of the region; only those that run.
  public func clientAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    let region = try sandbox.existingRegion(cluster.name)
    let pods = sandbox.pods(of: region.name).filter { $0.isAlive && $0.record.process?.isStopped == false }
    let seeds = pods.filter { $0.statefulSet == ReleaseNames.seeds(of: cluster.name) }
    let others = pods.filter { $0.statefulSet != ReleaseNames.seeds(of: cluster.name) }
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

  public func seedAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    let all = try clientAddresses(of: cluster)
    let seeds = Set(sandbox.seedPorts(of: try sandbox.existingRegion(cluster.name)).map(Int.init))
    let running = all.filter { seeds.contains($0.port) }
    return running.isEmpty ? all : running
  }

  public func status(of clusters: [String]) -> TargetStatus {
    var regions: [TargetStatus.Region] = []
    var servers: [TargetStatus.Server] = []
    var notes: [String] = []
    for name in sandbox.regionNames where clusters.isEmpty || clusters.contains(name) {
      guard let region = sandbox.region(name) else { continue }
      let pods = sandbox.pods(of: name)
      let states = pods.map { $0.state(in: region) }
      regions.append(TargetStatus.Region(name: name, state: sandbox.stateName(of: region, states)))
      servers += zip(pods, states).map(server)
      notes.append(
        "streams of \(name) lie \(region.store.kind == .memory ? "in memory" : "on disk"): \(region.store.folder)")
    }
    if !servers.isEmpty {
      notes.append("logs: \(sandbox.folders.regions)/REGION/pods/NAMESPACE/POD/server.log")
    }
    notes += sandbox.relayNotes
    if let holder = sandbox.lock.otherHolder { notes.append("\(holder), is changing the sandbox") }
    let shown = Set(regions.map(\.name))
    let links = sandbox.linkStates().filter { shown.contains($0.link.from) && shown.contains($0.link.to) }
    return TargetStatus(
      regions: regions, servers: servers, links: links, isRelayDown: sandbox.relayState == .dead, notes: notes)
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
