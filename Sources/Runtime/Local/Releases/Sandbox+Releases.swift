import Interpreter

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What came of an upgrade.
struct UpgradeResult: Sendable {
  let release: ReleaseRecord
  let isNew: Bool
  /// Everything was as ordered: no process and no file was touched.
  let changedNothing: Bool
}

extension Sandbox {
  /// The chart's version where nobody asks for one: that of the facts about the supercluster.
  static let chartVersion = "1.3.7"

  /// Nil: there is none. A damaged one stands with no values, so that an upgrade makes it anew.
  func release(_ identity: ReleaseIdentity) -> ReleaseRecord? {
    switch StateFile.read(folders.release(identity), as: ReleaseRecord.self) {
    case .state(let record): return record
    case .missing: return nil
    case .damaged:
      let rendered = try? NatsChart.render(identity, values: ValueMap())
      return ReleaseRecord(
        identity: identity, chartVersion: Self.chartVersion, revision: 0, status: .failed, updated: 0, values: "{}",
        secrets: [], statefulSet: rendered?.statefulSet ?? identity.name, replicas: 0, appVersion: "")
    }
  }

  /// The releases of a region, all of them or those of one namespace.
  func releases(of region: String, namespace: String? = nil) -> [ReleaseRecord] {
    let namespaces = namespace.map { [$0] } ?? StateFile.names(in: folders.releases(region))
    return namespaces.flatMap { namespace in
      StateFile.names(in: folders.releases(region, namespace: namespace)).compactMap { file in
        guard file.hasSuffix(".json") else { return nil }
        return release(ReleaseIdentity(cluster: region, namespace: namespace, name: String(file.dropLast(5))))
      }
    }
  }

  /// Makes a release as ordered, new or not.
  ///
  /// - Parameters:
  ///   - waits: until all of its servers listen; else it returns when they have outlived their first moments.
  func upgrade(_ order: ReleaseOrder, waits: Bool, _ limits: CallLimits) throws(CommandFailure) -> UpgradeResult {
    let identity = order.identity
    try lock.take(limits)
    let scope = [identity.cluster, identity.namespace, identity.name]
    let (result, started) = try turns.during(scope, limits) { () throws(CommandFailure) in
      try upgradeInTurn(order, limits)
    }
    // Not while it is this lane's turn: whoever stops the region meanwhile need not wait for us.
    do {
      if waits {
        let all = pods(of: identity.cluster, namespace: identity.namespace, statefulSet: result.release.statefulSet)
        let rest = all.filter { pod in !started.contains { $0.pod.key == pod.key } }
        try waitUntilListening(started + rest.map { StartedPod(pod: $0, logStart: 0) }, limits)
      } else {
        try settle(started, limits)
      }
    } catch {
      var failed = result.release
      failed.status = .failed
      try save(failed)
      throw error
    }
    return result
  }

  private func upgradeInTurn(
    _ order: ReleaseOrder, _ limits: CallLimits
  ) throws(CommandFailure) -> (UpgradeResult, [StartedPod]) {
    let region = try runningRegion(order.identity.cluster)
    let plan = try plan(order, in: region, limits)
    // Also where everything is as ordered: the relay may have died.
    try startRelaying(for: plan.listeners, limits)
    let before = release(order.identity)
    var record =
      before
      ?? ReleaseRecord(
        identity: order.identity, chartVersion: order.chartVersion, revision: 0, status: .pending, updated: 0,
        values: "", secrets: [], statefulSet: plan.rendered.statefulSet, replicas: 0, appVersion: "")
    record.keep(order.values)
    let isSame = before.map {
      $0.status == .deployed && $0.values == record.values && $0.replicas == plan.rendered.replicas
        && $0.chartVersion == order.chartVersion
    }
    if plan.changesNothing, isSame == true {
      return (UpgradeResult(release: record, isNew: false, changedNothing: true), [])
    }
    record.chartVersion = order.chartVersion
    record.revision += 1
    record.status = .pending
    record.updated = StateFile.now
    record.statefulSet = plan.rendered.statefulSet
    record.replicas = plan.rendered.replicas
    record.appVersion = plan.rendered.imageTag ?? ServerBinary.pinnedVersion
    try save(record)
    let started: [StartedPod]
    do {
      started = try carryOut(plan, in: region, limits)
      try endRelaying(for: plan.formerListeners, limits)
    } catch {
      record.status = .failed
      try save(record)
      throw error
    }
    record.status = .deployed
    // What runs, which NBX_NATS_SERVER and the PATH may have decided.
    let pods = pods(of: region.name, namespace: order.identity.namespace, statefulSet: record.statefulSet)
    if let version = pods.first?.record.version { record.appVersion = version }
    try save(record)
    return (UpgradeResult(release: record, isNew: before == nil, changedNothing: false), started)
  }

  /// Takes a release away. Its streams stay, as the claims on its volumes do in Kubernetes, until its namespace or its
  /// region goes.
  func uninstall(_ identity: ReleaseIdentity, _ limits: CallLimits) throws(CommandFailure) {
    try lock.take(limits)
    let scope = [identity.cluster, identity.namespace, identity.name]
    try turns.during(scope, limits) { () throws(CommandFailure) in
      guard let release = release(identity) else { return }
      let pods = pods(of: identity.cluster, namespace: identity.namespace, statefulSet: release.statefulSet)
      try stop(pods, now: false, limits)
      try remove(pods, limits)
      try onThisMachine { () throws(MachineError) in try Folders.remove(folders.release(identity)) }
      rmdir(folders.releases(identity.cluster, namespace: identity.namespace))
    }
  }

  /// A region in which something can be started now.
  func runningRegion(_ name: String) throws(CommandFailure) -> RegionRecord {
    let region = try existingRegion(name)
    switch region.wanted {
    case .running: return region
    case .stopped:
      throw CommandFailure(.failed, "region \(name) is stopped", advice: "start it first: region start \(name)")
    case .paused:
      throw CommandFailure(.failed, "region \(name) is paused", advice: "wake it first: region resume \(name)")
    }
  }

  func save(_ release: ReleaseRecord) throws(CommandFailure) {
    let identity = release.identity
    try onThisMachine { () throws(MachineError) in
      try Folders.make(folders.releases(identity.cluster, namespace: identity.namespace))
      try StateFile.write(release, to: folders.release(identity))
    }
  }
}
