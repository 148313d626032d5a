import ValuesAndCommands

/// The targets that there are, by the names that `--target` and NBX_TARGET take.
package enum TargetKind: String, CaseIterable, Sendable {
  case local, k3d, kube
}

/// What there is on a target and how it is reached: for commands that need no more of it.
package protocol ClusterDirectory: Sendable {
  var name: String { get }
  /// The run's cluster of that name.
  func cluster(named name: String, index: Int) -> Cluster
  /// The clusters that exist there now.
  func existingClusters() -> [String]
  /// Where NATS clients reach the servers of a cluster, the seed servers first: host and port of each.
  func clientAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)]
  /// The same, but only those that an application is told of: the seed servers, as far as they can be told apart.
  func seedAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)]
  /// What stands for a host name of Kubernetes on this machine, as seen from a cluster; nil where names are looked up as
  /// they are.
  func addresses(
    ofHost host: String, port: Int, from cluster: Cluster
  ) throws(CommandFailure) -> [(host: String, port: Int)]?
  /// What runs there, for `nbx status`: in these clusters, or in all of them if none is named.
  func status(of clusters: [String]) -> TargetStatus
}

extension ClusterDirectory {
  package func status() -> TargetStatus { status(of: []) }

  package func seedAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    try clientAddresses(of: cluster)
  }

  package func addresses(
    ofHost host: String, port: Int, from cluster: Cluster
  ) throws(CommandFailure) -> [(host: String, port: Int)]? { nil }
}

/// Where recipes run: it says what the commands that touch clusters mean, and owns all that differs from other targets.
package protocol Target: ClusterDirectory {
  var isKubernetes: Bool { get }
  /// Whether nbx makes its clusters, and so knows which there are. Those of others are told of by `--context`.
  var ownsClusters: Bool { get }
  /// Whether what it needs is needed by those, too, who start nothing: who stops, deletes or asks what is there.
  var isNeededWhole: Bool { get }
  /// The commands whose meaning depends on the target: region, helm, kubectl, k3d, docker, linkerd.
  var commands: [any Command] { get }
  /// Why it can't be used on this machine; nil if nothing is missing.
  ///
  /// - Parameter announce: is told of what takes long.
  func missing(announce: @escaping (String) -> Void) -> CommandFailure?
  /// What this machine has of what it needs. Looking changes nothing.
  func findings(by doctor: Doctor) -> [Doctor.Finding]
  /// Lets other nbx change what is there, until this one does again; for a REPL between two lines. No command may run.
  func letGo()
}

extension Target {
  package func letGo() {}
}

/// What runs on a target.
package struct TargetStatus: Sendable {
  package struct Server: Sendable {
    package let name: String
    package let cluster: String
    /// `nats://host:port`
    package let url: String
    /// `http://host:port`
    package let monitorURL: String
    package let pid: Int32?
    /// `running`, `paused`, `stopped`, `crashed` or `starting`; by a fault `killed`, `frozen` or `disk full`.
    package let state: String
    package let version: String
    /// The helm release that it belongs to.
    package let release: String
    /// Where it listens on this machine, running or not, by the chart's names for its ports; empty where that is not
    /// known.
    package var ports: [String: UInt16]

    package init(
      name: String, cluster: String, url: String, monitorURL: String, pid: Int32?, state: String, version: String,
      release: String, ports: [String: UInt16] = [:]
    ) {
      self.name = name
      self.cluster = cluster
      self.url = url
      self.monitorURL = monitorURL
      self.pid = pid
      self.state = state
      self.version = version
      self.release = release
      self.ports = ports
    }
  }

  package struct Region: Sendable {
    package let name: String
    /// `running`, `paused`, `stopped`, or `degraded` if some of its servers are not as they should be.
    package let state: String

    package init(name: String, state: String) {
      self.name = name
      self.state = state
    }
  }

  package let regions: [Region]
  package let servers: [Server]
  /// What lies between the regions, each direction and network for itself; empty where nbx has no hand in it.
  package var links: [LinkState]
  /// What keeps the relay, which passes everything on between regions, from doing so.
  package enum RelayTrouble: Equatable, Sendable {
    /// It is not there, though it should be.
    case down
    /// Its process is stopped, as by SIGSTOP.
    case frozen(pid: Int32)
  }

  /// Nil where the relay runs, and where none is needed.
  package var relayTrouble: RelayTrouble?
  /// More lines worth knowing: where the stores lie, where the logs are, who holds the sandbox.
  package let notes: [String]

  package init(
    regions: [Region], servers: [Server], links: [LinkState] = [], relayTrouble: RelayTrouble? = nil, notes: [String]
  ) {
    self.regions = regions
    self.servers = servers
    self.links = links
    self.relayTrouble = relayTrouble
    self.notes = notes
  }
}
