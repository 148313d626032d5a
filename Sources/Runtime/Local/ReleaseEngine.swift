import SandboxSystem
import ValuesAndCommands

/// What came of an upgrade.
struct UpgradeResult: Sendable {
  let release: ReleaseRecord
  let isNew: Bool
  /// Everything was as ordered: no process and no file was touched.
  let changedNothing: Bool
}

/// Makes releases as they are ordered, and does to their pods and namespaces what helm and kubectl ask for.
struct ReleaseEngine: Sendable {
  let pods: PodSupervisor

  var store: RegionStore { pods.store }

  // MARK: Releases

  /// Makes a release as ordered, new or not.
  ///
  /// - Parameters:
  ///   - waits: until all of its servers listen; else it returns when they have outlived their first moments.
  func upgrade(_ order: ReleaseOrder, waits: Bool, _ limits: CallLimits) throws(CommandFailure) -> UpgradeResult {
    let (result, started) = try store.changing([order.identity.scope], limits) { () throws(CommandFailure) in
      try upgradeInTurn(order, limits)
    }
    // Not while it is this lane's turn: whoever stops the region meanwhile need not wait for us.
    do {
      if waits {
        let rest = pods.pods(of: result.release).filter { pod in !started.contains { $0.pod.key == pod.key } }
        try pods.waitUntilListening(started + rest.map { StartedPod(pod: $0) }, limits)
      } else {
        try pods.settle(started, limits)
      }
    } catch {
      try fail(result.release)
      throw error
    }
    return result
  }

  private func fail(_ release: ReleaseRecord) throws(CommandFailure) {
    var failed = release
    failed.status = .failed
    try store.save(failed)
  }

  private func upgradeInTurn(
    _ order: ReleaseOrder, _ limits: CallLimits
  ) throws(CommandFailure) -> (UpgradeResult, [StartedPod]) {
    let region = try store.runningRegion(order.identity.cluster)
    let planned = try plan(order, in: region, limits)
    // Also where everything is as ordered: the relay may have died.
    try pods.relay.listen(planned.plan.listeners, limits)
    let before = store.release(order.identity)
    var record =
      before
      ?? ReleaseRecord(
        identity: order.identity, chartVersion: order.chartVersion, revision: 0, status: .pending, updated: 0,
        values: "", secrets: [], statefulSet: planned.rendered.statefulSet, replicas: 0, appVersion: "")
    record.keep(order.values)
    let isSame = before.map {
      $0.status == .deployed && $0.values == record.values && $0.replicas == planned.rendered.replicas
        && $0.chartVersion == order.chartVersion
    }
    if planned.plan.changesNothing, isSame == true {
      return (UpgradeResult(release: record, isNew: false, changedNothing: true), [])
    }
    record.chartVersion = order.chartVersion
    record.revision += 1
    record.status = .pending
    record.updated = StateFile.now
    record.statefulSet = planned.rendered.statefulSet
    record.replicas = planned.rendered.replicas
    record.appVersion = planned.rendered.imageTag ?? ServerBinary.pinnedVersion
    try store.save(record)
    let started: [StartedPod]
    do throws(CommandFailure) {
      started = try carryOut(planned, in: region, limits)
      let kept = Set(planned.plan.listeners.map(\.port))
      try pods.relay.forget(planned.listeners.filter { !kept.contains($0.port) }, limits)
    } catch {
      try fail(record)
      throw error
    }
    record.status = .deployed
    // What runs, which NBX_NATS_SERVER and the PATH may have decided.
    if let version = pods.pods(of: record).first?.record.version { record.appVersion = version }
    try store.save(record)
    return (UpgradeResult(release: record, isNew: before == nil, changedNothing: false), started)
  }

  /// Takes a release away. Its streams stay, as the claims on its volumes do in Kubernetes, until its namespace or its
  /// region goes.
  func uninstall(_ identity: ReleaseIdentity, _ limits: CallLimits) throws(CommandFailure) {
    try store.changing([identity.scope], limits) { () throws(CommandFailure) in
      guard let release = store.release(identity) else { return }
      try pods.remove(pods.pods(of: release), limits)
      try store.remove(identity)
    }
  }

  /// Sets the number of a StatefulSet's servers; the next upgrade sets it as the values say.
  func scale(_ release: ReleaseRecord, to replicas: Int, _ limits: CallLimits) throws(CommandFailure) {
    let started = try store.changing([release.identity.scope], limits) { () throws(CommandFailure) in
      let region = try store.runningRegion(release.identity.cluster)
      var started: [StartedPod] = []
      // The chart knows no release of no servers.
      if replicas == 0 {
        try pods.remove(pods.pods(of: release), limits)
      } else {
        let order = ReleaseOrder(
          identity: release.identity, values: release.valueMap, chartVersion: release.chartVersion, scaledTo: replicas)
        let planned = try plan(order, in: region, limits)
        try pods.relay.listen(planned.plan.listeners, limits)
        started = try carryOut(planned, in: region, limits)
      }
      var record = release
      record.replicas = replicas
      try store.save(record)
      return started
    }
    try pods.settle(started, limits)
  }

  // MARK: Planning

  private struct Planned {
    let plan: ReleasePlan
    let rendered: RenderedRelease
    /// What the relay has listened for by then.
    let listeners: [RelayOrders.Listener]
  }

  /// Renders the order and compares it with what is there. Ports that it speaks of are promised by that.
  private func plan(
    _ order: ReleaseOrder, in region: RegionRecord, _ limits: CallLimits
  ) throws(CommandFailure) -> Planned {
    let planner = try ReleasePlanner(
      order,
      at: ReleasePlanner.Place(
        folders: store.folders, store: region.store.folder, clusters: store.knownClusters,
        isRelayed: pods.relay.isUsed))
    let found = pods.pods(
      of: region.name, namespace: order.identity.namespace, statefulSet: planner.rendered.statefulSet)
    let present = found.map { pod in
      PresentPod(
        pod: pod, isAlive: pod.isAlive, configuration: StateFile.text(of: store.folders.configuration(pod.key)))
    }
    try pods.ports.makeSureOf(pods.relay.withoutHeld(planner.idleAddresses(present)), limits)
    let plan = try pods.ports.lookingUp { port throws(CommandFailure) in try planner.plan(present, port: port) }
    return Planned(plan: plan, rendered: planner.rendered, listeners: pods.relay.listeners(of: found.map(\.record)))
  }

  // MARK: Carrying a plan out

  /// Surplus pods go, missing ones are started all at once, changed ones read their new configuration, or are restarted one
  /// after the other: where the chart does so, and where a reload will not do.
  ///
  /// - Returns: the pods that were started and not waited for.
  private func carryOut(
    _ planned: Planned, in region: RegionRecord, _ limits: CallLimits
  ) throws(CommandFailure) -> [StartedPod] {
    let (plan, release) = (planned.plan, planned.rendered)
    try pods.remove(plan.surplus, limits)
    guard !plan.changesNothing else { return [] }
    let server = try pods.servers.server(release.imageTag, limits)

    var started: [StartedPod] = []
    do throws(CommandFailure) {
      // All of them, before any is waited for.
      for (planned, present) in plan.toStart {
        try limits.check("starting \(planned.key.name)")
        started.append(try start(planned, of: release, instead: present, server, in: region))
      }
    } catch {
      if !started.isEmpty { try? pods.ports.becameKnown(plan.mentioned) }
      throw error
    }
    // Once for all of them: while many servers boot, every turn at the book of ports takes long.
    if !started.isEmpty { try pods.ports.becameKnown(plan.mentioned) }
    // A restart must not end in a configuration that does not work.
    for planned in plan.toRestart.map(\.planned) + plan.toWrite { try check(planned, server, limits) }
    if started.isEmpty { try pods.ports.becameKnown(plan.mentioned) }
    for planned in plan.toWrite { try write(planned) }
    let toRestart = plan.toRestart + (try reload(plan.toReload, of: release, server, limits))
    let anew = Dictionary(uniqueKeysWithValues: toRestart.map { ($0.present.key, $0.planned) })
    try pods.restartInTurn(toRestart.map(\.present), after: started, limits) { pod throws(CommandFailure) in
      guard let planned = anew[pod.key] else { return [] }
      return [try start(planned, of: release, instead: pod, server, in: region)]
    }
    return started
  }

  /// Writes the pod's files and starts its server; returns at once.
  private func start(
    _ planned: PlannedPod, of release: RenderedRelease, instead present: Pod?, _ server: ServerStock.Server,
    in region: RegionRecord
  ) throws(CommandFailure) -> StartedPod {
    try write(planned)
    let record = planned.laid(over: present?.record ?? .rebuilt(planned.key), of: release)
    return try pods.spawn(record, server, in: region)
  }

  private func write(_ planned: PlannedPod) throws(CommandFailure) {
    try onThisMachine { () throws(MachineError) in try Folders.make(store.folders.pod(planned.key)) }
    try put(planned.configuration, at: store.folders.configuration(planned.key))
  }

  private func put(_ text: String, at path: String) throws(CommandFailure) {
    try onThisMachine { () throws(MachineError) in try AtomicFile.write(Array(text.utf8), to: path) }
  }

  /// Has the servers read their new configuration.
  ///
  /// - Returns: those that go on with the old one, as a reload cannot change what was changed; their files are the old
  ///   ones again.
  private func reload(
    _ changed: [(planned: PlannedPod, present: Pod)], of release: RenderedRelease, _ server: ServerStock.Server,
    _ limits: CallLimits
  ) throws(CommandFailure) -> [(planned: PlannedPod, present: Pod)] {
    // Before it listens a server does not expect the signal, and ends by it. One that ends by itself, as its old
    // configuration does not work, counts among those that refuse: it is started with the new one.
    try pods.waitUntilListening(
      changed.filter { !($0.present.record.process?.isStopped ?? true) }.map { StartedPod(pod: $0.present) },
      mayEnd: true, limits)
    var asked: [(planned: PlannedPod, reload: ServerReload, old: String?)] = []
    for (planned, present) in changed {
      let old = StateFile.text(of: store.folders.configuration(planned.key))
      try write(planned)
      let log = ServerLog(path: store.folders.log(planned.key))
      asked.append((planned, ServerReload(pod: present, log: log), old))
    }
    let answers = try ServerReload.wait(for: asked.map(\.reload), limits)
    var refused: [(planned: PlannedPod, present: Pod)] = []
    for (answer, (planned, reload, old)) in zip(answers, asked) {
      guard answer == .accepted else {
        refused.append((planned, reload.pod))
        if let old { try put(old, at: store.folders.configuration(planned.key)) }
        continue
      }
      var record = planned.laid(over: reload.pod.record, of: release)
      record.loaded = planned.mark
      try store.save(record)
    }
    for (planned, _) in refused { try check(planned, server, limits) }
    return refused
  }

  /// Has the program look at a configuration that a server refused: a restart with it may not work either.
  private func check(
    _ planned: PlannedPod, _ server: ServerStock.Server, _ limits: CallLimits
  ) throws(CommandFailure) {
    let path = store.folders.configuration(planned.key) + ".new"
    try put(planned.configuration, at: path)
    defer { try? Folders.remove(path) }
    var program = Subprocess(server.path, ["-t", "-c", path])
    program.environment = pods.environment
    program.workingDirectory = store.folders.pod(planned.key)
    program.limit = limits.limit
    let result: ProgramResult
    do { result = try program.run() } catch { throw CommandFailure(error) }
    guard !result.succeeded else { return }
    try limits.check("checking the configuration of \(planned.key.name)")
    let said = String(decoding: result.errorOutput + result.output, as: UTF8.self)
    throw CommandFailure(
      .failed, "nats-server refuses the new configuration of \(planned.key.name); its servers go on with the old one",
      said: Text(said), advice: "mend the values and run this again")
  }

  // MARK: What kubectl does to pods and namespaces

  func createNamespace(_ namespace: String, in region: String, _ limits: CallLimits) throws(CommandFailure) {
    try store.changing([], limits) { () throws(CommandFailure) in
      try store.change(region) { region in
        if !region.namespaces.contains(namespace) { region.namespaces.append(namespace) }
      }
    }
  }

  /// Takes a namespace away with its releases, its pods and their streams.
  func deleteNamespace(_ namespace: String, in region: String, _ limits: CallLimits) throws(CommandFailure) {
    try store.changing([[region, namespace]], limits) { () throws(CommandFailure) in
      let record = try store.existingRegion(region)
      try pods.remove(pods.pods(of: region, namespace: namespace), limits)
      try onThisMachine { () throws(MachineError) in
        try Folders.remove(store.folders.releases(region, namespace: namespace))
        try Folders.remove(store.folders.pods(region, namespace: namespace))
        try Folders.remove("\(record.store.folder)/\(namespace)")
      }
      try store.change(region) { $0.namespaces.removeAll { $0 == namespace } }
    }
  }

  /// Ends pods and starts them again as new processes, as their StatefulSet would.
  func deletePods(_ chosen: [Pod], now: Bool, in region: String, _ limits: CallLimits) throws(CommandFailure) {
    let started = try inTurns(of: chosen, region, limits) { found, record throws(CommandFailure) in
      try pods.stop(found, now: now, limits)
      return try pods.startAgain(found, in: record, limits)
    }
    try pods.settle(started, limits)
  }

  /// Restarts pods as they are, one after the other.
  func restart(_ chosen: [Pod], in region: String, _ limits: CallLimits) throws(CommandFailure) {
    try inTurns(of: chosen, region, limits) { found, record throws(CommandFailure) in
      try pods.restartInTurn(found, limits) { pod throws(CommandFailure) in
        try pods.startAgain([pod], in: record, limits)
      }
    }
  }

  /// Does something to pods while it is their releases' turn; they are looked at anew when it is.
  private func inTurns<Result>(
    of chosen: [Pod], _ region: String, _ limits: CallLimits,
    _ body: ([Pod], RegionRecord) throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    let namespace = chosen.first?.key.namespace ?? "default"
    let releases = Set(chosen.map(\.record.release))
    // Pods of several releases: the whole namespace's turn.
    let scope = [region, namespace] + (releases.count == 1 ? Array(releases) : [])
    return try store.changing([scope], limits) { () throws(CommandFailure) in
      let record = try store.runningRegion(region)
      let keys = Set(chosen.map(\.key))
      return try body(pods.pods(of: region, namespace: namespace).filter { keys.contains($0.key) }, record)
    }
  }
}

extension ReleaseIdentity {
  /// What a change of the release is in the way of, see `RegionStore.changing`.
  fileprivate var scope: [String] { [cluster, namespace, name] }
}

extension PlannedPod {
  /// The record with what was planned in it.
  fileprivate func laid(over record: PodRecord, of release: RenderedRelease) -> PodRecord {
    var record = record
    record.release = release.identity.name
    record.serverName = serverName
    record.imageTag = release.imageTag
    record.ports = Dictionary(uniqueKeysWithValues: ports.map { ($0.key.rawValue, $0.value) })
    record.store = store
    return record
  }
}
