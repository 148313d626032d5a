import SandboxSystem
import ValuesAndCommands

/// What an upgrade asks for.
struct ReleaseOrder: Sendable {
  let identity: ReleaseIdentity
  let values: ValueMap
  let chartVersion: String
  /// A number of servers that differs from that of the values (`kubectl scale`).
  var scaledTo: Int?
}

/// A pod as it is found.
struct PresentPod: Sendable {
  let pod: Pod
  let isAlive: Bool
  /// What its `nats.conf` says; nil where there is none.
  let configuration: String?
}

/// A pod as it shall be.
struct PlannedPod: Sendable {
  let key: PodKey
  let serverName: String
  let configuration: String
  let ports: [PodPort: UInt16]
  let store: String

  var mark: String { PodRecord.mark(of: configuration) }
}

/// What has to be done so that a release is as ordered.
struct ReleasePlan: Sendable {
  /// Does not run, or does not exist.
  var toStart: [(planned: PlannedPod, present: Pod?)] = []
  /// Runs with another configuration: it is asked to read the new one.
  var toReload: [(planned: PlannedPod, present: Pod)] = []
  /// Runs with another version, another store, or a configuration for which it has to be started anew.
  var toRestart: [(planned: PlannedPod, present: Pod)] = []
  /// Runs with another configuration, and goes on with it: the new one is for its next start.
  var toWrite: [PlannedPod] = []
  /// More than ordered.
  var surplus: [Pod] = []
  /// What the relay has to listen for, so that other regions reach the release; none where there is no relay.
  var listeners: [RelayOrders.Listener] = []
  /// Every address whose port stands in the release's configurations.
  var mentioned: Set<PodAddress> = []

  var changesNothing: Bool {
    toStart.isEmpty && toReload.isEmpty && toRestart.isEmpty && toWrite.isEmpty && surplus.isEmpty
  }
}

/// Compares an order with what is there. It touches no process and no file: what is there it is given, and what has to be
/// done is for the `ReleaseEngine`.
struct ReleasePlanner {
  /// Where the release is to be.
  struct Place {
    let folders: SandboxFolders
    /// That of the region's streams.
    let store: String
    /// Those that host names may speak of.
    let clusters: [String]
    /// Whether servers of different regions connect through the relay.
    let isRelayed: Bool
  }

  let order: ReleaseOrder
  let rendered: RenderedRelease
  private let place: Place
  private let change: ConfigurationChange

  /// - Throws: `.misused` where the values are none that a server here can have.
  init(_ order: ReleaseOrder, at place: Place) throws(CommandFailure) {
    var values = order.values
    if let scale = order.scaledTo {
      let cluster: Value = ["cluster": ["replicas": .int(Int64(scale))]]
      values = values.merged(with: ValueMap([("config", cluster)]))
    }
    self.order = order
    self.place = place
    rendered = try NatsChart.render(order.identity, values: values, chartVersion: order.chartVersion)
    change = try ConfigurationChange(values: order.values, chartVersion: order.chartVersion)
  }

  /// Those of servers that do not run: whatever listens there is a stranger.
  func idleAddresses(_ present: [PresentPod]) -> [PodAddress] {
    let running = Set(present.filter(\.isAlive).map(\.pod.key))
    return rendered.pods.map(rendered.key).filter { !running.contains($0) }.flatMap { key in
      listeningPorts.map(key.address)
    }
  }

  /// - Parameters:
  ///   - present: the pods of the release's StatefulSet.
  ///   - port: the port that is promised to an address; all that are asked for stand in a configuration.
  func plan(
    _ present: [PresentPod], port: (PodAddress) throws(CommandFailure) -> UInt16
  ) throws(CommandFailure) -> ReleasePlan {
    let byKey = Dictionary(present.map { ($0.pod.key, $0) }, uniquingKeysWith: { first, _ in first })
    var plan = ReleasePlan()
    for planned in try pods({ address throws(CommandFailure) in
      plan.mentioned.insert(address)
      return try port(address)
    }) {
      plan.listeners += PodRecord.listeners(of: planned.key, planned.ports)
      add(planned, over: byKey[planned.key], to: &plan)
    }
    let names = Set(rendered.pods.map(\.name))
    plan.surplus = present.map(\.pod).filter { !names.contains($0.name) }
    return plan
  }

  private func add(_ planned: PlannedPod, over present: PresentPod?, to plan: inout ReleasePlan) {
    guard let present, present.isAlive else { return plan.toStart.append((planned, present?.pod)) }
    let (pod, record) = (present.pod, present.pod.record)
    let isSameText = present.configuration == planned.configuration
    if !record.version.isEmpty, record.imageTag != rendered.imageTag || record.store != planned.store {
      return plan.toRestart.append((planned, pod))
    }
    if order.scaledTo != nil || (record.loaded == planned.mark && isSameText) { return }
    // Whose record is lost, only nobody knows of what it has read.
    let isUnchanged = isSameText && record.loaded.isEmpty
    switch change {
    case .waits where isSameText: break
    case .waits: plan.toWrite.append(planned)
    case .reloads where !rendered.losesJetStreamByReload,
      .restarts where isUnchanged && !rendered.losesJetStreamByReload:
      plan.toReload.append((planned, pod))
    case .reloads, .restarts: plan.toRestart.append((planned, pod))
    }
  }

  /// The pods' own, and those of the relay for them.
  private var listeningPorts: [PodPort] {
    PodPort.allCases.filter { port in
      rendered.ports[port] != nil || place.isRelayed && port.behind.map { rendered.ports[$0] != nil } == true
    }
  }

  private func pods(
    _ port: (PodAddress) throws(CommandFailure) -> UInt16
  ) throws(CommandFailure) -> [PlannedPod] {
    var ports: [PodKey: [PodPort: UInt16]] = [:]
    for key in rendered.pods.map(rendered.key) {
      for kind in listeningPorts { ports[key, default: [:]][kind] = try port(key.address(kind)) }
    }
    func store(_ key: PodKey) -> String { "\(place.store)/\(key.namespace)/\(key.name)" }
    let texts = try LocalConfiguration.texts(
      of: rendered, clusters: place.clusters, isRelayed: place.isRelayed,
      places: { pod in
        let key = rendered.key(of: pod)
        return LocalConfiguration.Places(store: store(key), folder: place.folders.pod(key))
      }, port: { address throws(CommandFailure) in Int(try port(address)) })
    return zip(rendered.pods, texts).map { pod, text in
      let key = rendered.key(of: pod)
      // Ahead of the rest, so that a value of the recipe's own wins.
      return PlannedPod(
        key: key, serverName: pod.serverName, configuration: ServerLog.limits + text, ports: ports[key] ?? [:],
        store: store(key))
    }
  }
}
