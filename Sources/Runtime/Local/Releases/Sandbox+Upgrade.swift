import Interpreter

/// Makes a release as it was ordered.
extension Sandbox {
  /// Does what the plan says: surplus pods go, missing ones are started all at once, changed ones read their new
  /// configuration, or are restarted one after the other: where the chart does so, and where a reload will not do.
  ///
  /// - Returns: the pods that were started and not waited for.
  func carryOut(
    _ plan: ReleasePlan, in region: RegionRecord, _ limits: CallLimits
  ) throws(CommandFailure) -> [StartedPod] {
    try stop(plan.surplus, now: false, limits)
    try remove(plan.surplus, limits)
    let server = plan.changesNothing ? nil : try servers.server(plan.rendered.imageTag, limits)
    guard let server else { return [] }

    let started = try start(plan.toStart, server, in: region, limits)
    // A restart must not end in a configuration that does not work.
    for planned in plan.toRestart.map(\.planned) + plan.toWrite { try check(planned, server, limits) }
    for planned in plan.toWrite { try write(planned) }
    var toRestart = plan.toRestart
    if !plan.toReload.isEmpty { toRestart += try reload(plan.toReload, server, limits) }
    let anew = Dictionary(uniqueKeysWithValues: toRestart.map { ($0.present.key, $0.planned) })
    try restartInTurn(toRestart.map(\.present), after: started, limits) { pod throws(CommandFailure) in
      guard let planned = anew[pod.key] else { return [] }
      let restarted = try start(planned, instead: pod, server, in: region)
      try ports.becameKnown(planned.mentioned)
      return [restarted]
    }
    return started
  }

  /// Starts the servers of pods, all of them before any is waited for.
  private func start(
    _ pods: [(planned: PlannedPod, present: Pod?)], _ server: ServerStock.Server, in region: RegionRecord,
    _ limits: CallLimits
  ) throws(CommandFailure) -> [StartedPod] {
    var started: [StartedPod] = []
    var mentioned: Set<PodAddress> = []
    do throws(CommandFailure) {
      for (planned, present) in pods {
        try limits.check("starting \(planned.key.name)")
        started.append(try start(planned, instead: present, server, in: region))
        mentioned.formUnion(planned.mentioned)
      }
    } catch {
      try? ports.becameKnown(mentioned)
      throw error
    }
    // Once for all of them: while many servers boot, every turn at the book of ports takes long.
    try ports.becameKnown(mentioned)
    return started
  }

  /// Writes the pod's files and starts its server; returns at once. The ports in its configuration are known from then on.
  private func start(
    _ planned: PlannedPod, instead present: Pod?, _ server: ServerStock.Server, in region: RegionRecord
  ) throws(CommandFailure) -> StartedPod {
    try write(planned)
    var record = present?.record ?? .rebuilt(planned.key)
    if record.started > 0 { record.restarts += 1 }
    return try spawn(planned.laid(over: record), server, in: region)
  }

  private func write(_ planned: PlannedPod) throws(CommandFailure) {
    try onThisMachine { () throws(MachineError) in try Folders.make(folders.pod(planned.key)) }
    try put(planned.configuration, at: folders.configuration(planned.key))
  }

  private func put(_ text: String, at path: String) throws(CommandFailure) {
    try onThisMachine { () throws(MachineError) in try AtomicFile.write(Array(text.utf8), to: path) }
  }

  // MARK: Reloading

  /// Has the servers read their new configuration.
  ///
  /// - Returns: those that go on with the old one, as a reload cannot change what was changed; their files are the old
  ///   ones again.
  private func reload(
    _ pods: [(planned: PlannedPod, present: Pod)], _ server: ServerStock.Server, _ limits: CallLimits
  ) throws(CommandFailure) -> [(planned: PlannedPod, present: Pod)] {
    // Before it listens a server does not expect the signal, and ends by it. One that ends by itself, as its old
    // configuration does not work, counts among those that refuse: it is started with the new one.
    try waitUntilListening(
      pods.filter { !($0.present.record.process?.isStopped ?? true) }.map { StartedPod(pod: $0.present, logStart: 0) },
      mayEnd: true, limits)
    var asked: [(planned: PlannedPod, reload: ServerReload, old: String?)] = []
    for (planned, present) in pods {
      let old = StateFile.text(of: folders.configuration(planned.key))
      try write(planned)
      let log = ServerLog(path: folders.log(planned.key))
      asked.append((planned, ServerReload(pod: present, log: log), old))
    }
    let answers = try ServerReload.wait(for: asked.map(\.reload), limits)
    var refused: [(planned: PlannedPod, present: Pod)] = []
    for (index, answer) in answers.enumerated() {
      let (planned, reload, old) = asked[index]
      guard answer == .accepted else {
        refused.append((planned, reload.pod))
        if let old { try put(old, at: folders.configuration(planned.key)) }
        continue
      }
      var record = planned.laid(over: reload.pod.record)
      record.loaded = planned.mark
      try save(record)
      try ports.becameKnown(planned.mentioned)
    }
    for (planned, _) in refused { try check(planned, server, limits) }
    return refused
  }

  /// Has the program look at a configuration that a server refused: a restart with it may not work either.
  private func check(
    _ planned: PlannedPod, _ server: ServerStock.Server, _ limits: CallLimits
  ) throws(CommandFailure) {
    let path = folders.configuration(planned.key) + ".new"
    try put(planned.configuration, at: path)
    defer { try? Folders.remove(path) }
    var program = Subprocess(server.path, ["-t", "-c", path])
    program.environment = environment
    program.workingDirectory = folders.pod(planned.key)
    program.limit = limits.limit
    let result: ProgramResult
    do { result = try program.run() } catch { throw CommandFailure(error) }
    guard !result.succeeded else { return }
    let said = String(decoding: result.errorOutput + result.output, as: UTF8.self)
    throw CommandFailure(
      .failed, "nats-server refuses the new configuration of \(planned.key.name); its servers go on with the old one",
      said: Text(said), advice: "mend the values and run this again")
  }

  // MARK: Rolling restarts

  /// The same for pods that stay as they are.
  func restart(_ pods: [Pod], in region: RegionRecord, _ limits: CallLimits) throws(CommandFailure) {
    try restartInTurn(pods, after: [], limits) { pod throws(CommandFailure) in
      try startAgain([pod], in: region, limits)
    }
  }
}

extension PlannedPod {
  /// The record with what was planned in it.
  func laid(over record: PodRecord) -> PodRecord {
    var record = record
    record.release = release
    record.serverName = serverName
    record.imageTag = imageTag
    record.ports = Dictionary(uniqueKeysWithValues: ports.map { ($0.key.rawValue, $0.value) })
    record.store = store
    return record
  }
}
