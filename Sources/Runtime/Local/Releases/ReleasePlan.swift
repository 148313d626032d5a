import Interpreter

/// What an upgrade asks for.
struct ReleaseOrder: Sendable {
  let identity: ReleaseIdentity
  let values: ValueMap
  let chartVersion: String
  /// A number of servers that differs from that of the values (`kubectl scale`).
  var scaledTo: Int?
}

/// A pod as it shall be.
struct PlannedPod: Sendable {
  let key: PodKey
  let serverName: String
  let release: String
  let imageTag: String?
  let configuration: String
  let ports: [PodPort: UInt16]
  let store: String
  /// Every address whose port stands in the configuration.
  let mentioned: Set<PodAddress>
  /// Whether clients of the server would be without JetStream once it has read its configuration anew.
  let losesByReload: Bool

  var mark: String { PodRecord.mark(of: configuration) }
}

/// What has to be done so that a release is as ordered.
struct ReleasePlan: Sendable {
  let order: ReleaseOrder
  let rendered: RenderedRelease
  /// Does not run, or does not exist.
  var toStart: [(planned: PlannedPod, present: Pod?)] = []
  /// Runs with another configuration: it is asked to read the new one.
  var toReload: [(planned: PlannedPod, present: Pod)] = []
  /// Runs with another version, another store, or a configuration for which it has to be started anew.
  var toRestart: [(planned: PlannedPod, present: Pod)] = []
  /// Runs with another configuration, and goes on with it: the new one is for its next start.
  var toWrite: [PlannedPod] = []
  /// Runs as ordered.
  var asOrdered: [Pod] = []
  /// More than ordered.
  var surplus: [Pod] = []
  /// What the relay has to listen for, so that other regions reach the release; none where there is no relay.
  var listeners: [RelayOrders.Listener] = []
  /// What it has listened for by then, and need not any more once the release is as ordered.
  var formerListeners: [RelayOrders.Listener] = []

  var changesNothing: Bool {
    toStart.isEmpty && toReload.isEmpty && toRestart.isEmpty && toWrite.isEmpty && surplus.isEmpty
  }
}

extension Sandbox {
  /// Renders the order and compares it with what is there. Ports that it speaks of are promised by that.
  func plan(
    _ order: ReleaseOrder, in region: RegionRecord, _ limits: CallLimits
  ) throws(CommandFailure) -> ReleasePlan {
    let change = try inTermsOfTheChart { () throws(ChartProblem) in
      try ConfigurationChange(values: order.values, chartVersion: order.chartVersion)
    }
    let rendered = try inTermsOfTheChart { () throws(ChartProblem) in
      var values = order.values
      if let scale = order.scaledTo {
        let cluster: Value = ["cluster": ["replicas": .int(Int64(scale))]]
        values = values.merged(with: ValueMap([("config", cluster)]))
      }
      return try NatsChart.render(order.identity, values: values)
    }
    let identity = order.identity
    let present = pods(of: region.name, namespace: identity.namespace, statefulSet: rendered.statefulSet)
    let byName = Dictionary(present.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var plan = ReleasePlan(order: order, rendered: rendered)

    let idle = rendered.pods.filter { byName[$0.name]?.isAlive != true }
    try ports.makeSureOf(
      withoutHeld(idle.flatMap { pod in listeningPorts(of: pod).map { key(pod, identity).address($0) } }), limits)
    for planned in try planned(rendered, in: region) {
      plan.listeners += PodRecord.listeners(of: planned.key, planned.ports)
      guard let pod = byName[planned.key.name], pod.isAlive else {
        plan.toStart.append((planned, byName[planned.key.name]))
        continue
      }
      let text = StateFile.text(of: folders.configuration(planned.key))
      if !pod.record.version.isEmpty, pod.record.imageTag != planned.imageTag || pod.record.store != planned.store {
        plan.toRestart.append((planned, pod))
      } else if order.scaledTo != nil || (pod.record.loaded == planned.mark && text == planned.configuration) {
        plan.asOrdered.append(pod)
      } else {
        // Whose record is lost, only nobody knows of what it has read.
        let isUnchanged = text == planned.configuration && pod.record.loaded.isEmpty
        switch change {
        case .waits where text == planned.configuration: plan.asOrdered.append(pod)
        case .waits: plan.toWrite.append(planned)
        case .reloads where !planned.losesByReload, .restarts where isUnchanged && !planned.losesByReload:
          plan.toReload.append((planned, pod))
        case .reloads, .restarts: plan.toRestart.append((planned, pod))
        }
      }
    }
    let kept = Set(plan.listeners.map(\.port))
    plan.formerListeners = listeners(of: present).filter { !kept.contains($0.port) }
    let names = Set(rendered.pods.map(\.name))
    plan.surplus = present.filter { !names.contains($0.name) }
    return plan
  }

  private func key(_ pod: RenderedPod, _ identity: ReleaseIdentity) -> PodKey {
    PodKey(cluster: identity.cluster, namespace: identity.namespace, name: pod.name)
  }

  /// The pod's own, and those of the relay for them.
  private func listeningPorts(of pod: RenderedPod) -> [PodPort] {
    PodPort.allCases.filter { port in
      pod.ports[port] != nil || relay.isUsed && port.behind.map { pod.ports[$0] != nil } == true
    }
  }

  private func planned(_ release: RenderedRelease, in region: RegionRecord) throws(CommandFailure) -> [PlannedPod] {
    let clusters = knownClusters
    return try ports.lookingUp { lookUp throws(CommandFailure) in
      var all: [PlannedPod] = []
      for pod in release.pods {
        let key = key(pod, release.identity)
        var own: [PodPort: UInt16] = [:]
        for port in listeningPorts(of: pod) { own[port] = try lookUp(key.address(port)) }
        let store = "\(region.store.folder)/\(key.namespace)/\(key.name)"
        var mentioned = Set(own.keys.map(key.address))
        let text = try inTermsOfTheChart { () throws(ChartProblem) in
          try LocalConfiguration.text(
            for: pod, of: release, clusters: clusters, storeFolder: store, podFolder: folders.pod(key),
            isRelayed: relay.isUsed
          ) { address throws(ChartProblem) in
            mentioned.insert(address)
            do throws(CommandFailure) { return Int(try lookUp(address)) } catch {
              throw ChartProblem(error.reason.masked, advice: error.advice)
            }
          }
        }
        // Ahead of the rest, so that a value of the recipe's own wins.
        let configuration = ServerLog.limits + text
        all.append(
          PlannedPod(
            key: key, serverName: pod.serverName, release: release.identity.name, imageTag: release.imageTag,
            configuration: configuration, ports: own, store: store, mentioned: mentioned,
            losesByReload: pod.losesJetStreamByReload))
      }
      return all
    }
  }

  private func inTermsOfTheChart<Result>(
    _ body: () throws(ChartProblem) -> Result
  ) throws(CommandFailure) -> Result {
    do { return try body() } catch { throw CommandFailure(.misused, error.message, advice: error.advice) }
  }
}
