import Interpreter

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Regions as a whole, any number of them at once.
extension Sandbox {
  /// The room that a new store in memory has to find: enough for an experiment's streams on all JetStream servers.
  private static let leastRoom: UInt64 = 512 << 20

  /// Makes the regions that are not there yet; starts nothing.
  ///
  /// - Parameters:
  ///   - store: nil for memory where there is room, else the disk.
  ///   - clientPorts: of the regions' first seeds, where that is not left to nbx.
  func create(
    _ names: [String], store: StoreLocation.Kind?, ports clientPorts: [String: UInt16], _ limits: CallLimits
  ) throws(CommandFailure) {
    for name in names where !SandboxNames.isLabel(name, longest: 32) {
      throw CommandFailure(
        .misused, "`\(name)` cannot name a region", advice: "take up to 32 small letters, digits and hyphens, as in c1")
    }
    try lock.take(limits)
    try during(names, limits) { () throws(CommandFailure) in
      for name in names {
        if case .state = StateFile.read(folders.regionRecord(name), as: RegionRecord.self) {
          if let port = clientPorts[name] { try keep(port, of: try existingRegion(name)) }
          continue
        }
        let region = region(name)
        let location = try chooseStore(store)
        if store == nil, location.kind == .disk {
          limits.say(Text("streams of \(name) lie on disk: \(location.reason)"))
        }
        try save(
          region
            ?? RegionRecord(
              name: name, wanted: .running,
              store: StoreRecord(folder: "\(location.path)/\(name)", kind: location.kind, reason: location.reason),
              namespaces: [], clientPort: clientPorts[name]))
      }
    }
  }

  /// Clients know where the first seed of a region that exists is: it does not move.
  private func keep(_ port: UInt16, of region: RegionRecord) throws(CommandFailure) {
    let seed = seeds(of: region).first { $0.ordinal == 0 }
    if let now = seed?.record.port(.client), now != port {
      throw CommandFailure(
        .failed,
        "clients reach \(region.name) at port \(now), not at \(port): it does not move while the region is there",
        advice: "leave the port out, or take the region away first: region delete \(region.name)")
    }
    try change(region.name) { $0.clientPort = port }
  }

  /// The servers where clients are meant to connect, in their order.
  private func seeds(of region: RegionRecord) -> [Pod] {
    pods(of: region.name).filter { $0.statefulSet == ReleaseNames.seeds(of: region.name) }
  }

  /// The ports at which clients reach the seeds, whether those run or not.
  func seedPorts(of region: RegionRecord) -> [UInt16] { seeds(of: region).compactMap { $0.record.port(.client) } }

  private func chooseStore(_ kind: StoreLocation.Kind?) throws(CommandFailure) -> StoreLocation {
    let location = try onThisMachine { () throws(MachineError) in
      try StoreLocation.choose(sandbox: folders.root, needing: Self.leastRoom, onDisk: kind == .disk)
    }
    if kind == .memory, location.kind != .memory {
      throw CommandFailure(
        .failed, "there is no store in memory: \(location.reason)", advice: "make room, or leave --store memory out")
    }
    return location
  }

  /// Starts what does not run, and wakes what is paused.
  func start(_ names: [String], _ limits: CallLimits) throws(CommandFailure) {
    for name in names { _ = try existingRegion(name) }
    try lock.take(limits)
    let started = try during(names, limits) { () throws(CommandFailure) in
      var started: [StartedPod] = []
      for name in names {
        // Those that a stop has told to end which was cut short itself: they are to be started, not to be counted.
        if try existingRegion(name).wanted == .stopped { try stop(pods(of: name), now: false, limits) }
        try change(name) { $0.wanted = .running }
        let region = try existingRegion(name)
        let pods = pods(of: name)
        let alive = pods.filter(\.isAlive)
        for pod in alive { _ = pod.record.process?.signal(SIGCONT) }
        started += alive.map { StartedPod(pod: $0, logStart: 0) }
        started += try startAgain(pods.filter { !$0.isAlive }, in: region, limits)
      }
      return started
    }
    try waitUntilListening(started, limits)
  }

  /// Stops every server; what they keep stays.
  func stop(_ names: [String], now: Bool, _ limits: CallLimits) throws(CommandFailure) {
    for name in names { _ = try existingRegion(name) }
    try lock.take(limits)
    try during(names, limits) { () throws(CommandFailure) in
      for name in names { try change(name) { $0.wanted = .stopped } }
      try stop(names.flatMap(pods(of:)), now: now, limits)
      try endIdleRelay()
    }
  }

  /// Lets the servers stand still, or go on.
  func pause(_ names: [String], _ isPaused: Bool, _ limits: CallLimits) throws(CommandFailure) {
    for name in names {
      let region = try existingRegion(name)
      if region.wanted == .stopped {
        throw CommandFailure(.failed, "region \(name) is stopped", advice: "start it first: region start \(name)")
      }
    }
    try lock.take(limits)
    try during(names, limits) { () throws(CommandFailure) in
      for name in names {
        try change(name) { $0.wanted = isPaused ? .paused : .running }
        for pod in pods(of: name) { _ = pod.record.process?.signal(isPaused ? SIGSTOP : SIGCONT) }
      }
      // A signal reaches a process of many threads after a moment.
      for process in names.flatMap(pods(of:)).compactMap(\.record.process) {
        while process.isAlive, process.isStopped != isPaused {
          try limits.pause(2, "\(isPaused ? "pausing" : "waking") \(names.joined(separator: ", "))")
        }
      }
    }
  }

  /// Takes the regions away with all that they keep, and what is left of those whose deletion was cut short.
  func delete(_ names: [String], now: Bool, _ limits: CallLimits) throws(CommandFailure) {
    // They become parts of paths.
    let asked = names.filter { SandboxNames.isLabel($0) }
    guard !asked.isEmpty, isAnythingThere else { return }
    try lock.take(limits)
    try during(asked, limits) { () throws(CommandFailure) in
      let names = asked.filter { region($0) != nil }
      // On a full disk this can't be noted, and deleting is what makes room.
      for name in names { try? change(name) { $0.wanted = .stopped } }
      try stop(names.flatMap(pods(of:)), now: now, limits)
      for name in names { try removeTraces(of: name, limits) }
      for name in asked { try onThisMachine { () throws(MachineError) in try Folders.remove(halfGone(name)) } }
      // Of the regions that are gone nothing is kept, whether that can be noted on a full disk or not.
      for name in asked { try? forgetLinks(of: name, limits) }
      try endIdleRelay()
      try ports.forget { asked.contains($0.cluster) }
      // Both go only if no other region has anything in them.
      rmdir(folders.regions)
      for parent in storeParents { Folders.removeIfEmpty(parent) }
    }
  }

  private func removeTraces(of name: String, _ limits: CallLimits) throws(CommandFailure) {
    for parent in storeParents {
      // Someone else's folder under our name holds no streams of ours: said and left, it keeps no region from going.
      do { try Folders.remove("\(parent)/\(name)") } catch { limits.say(Text("\(error)")) }
    }
    try onThisMachine { () throws(MachineError) in
      // Renamed first: half a region would still look like one.
      try Folders.remove(halfGone(name))
      guard rename(folders.region(name), halfGone(name)) == 0 else {
        throw .fileNotWritten(path: folders.region(name), errno: errno)
      }
    }
  }

  /// What a region is called while it is taken away.
  private func halfGone(_ name: String) -> String { "\(folders.regions)/.\(name).gone" }

  /// Regions, or what an nbx that was killed has left of them.
  private var isAnythingThere: Bool {
    Folders.isFolder(folders.regions) || storeParents.contains(where: Folders.isFolder)
      || access(folders.ports, F_OK) == 0 || Folders.isFolder(folders.relay)
  }

  /// Wherever a region's store may be, whatever its record says.
  private var storeParents: [String] {
    ["\(folders.root)/store"] + [StoreLocation.pathInMemory(ofSandbox: folders.root)].compactMap { $0 }
  }

  /// `running`, `paused`, `stopped`, or `degraded` if some of its servers are not as they should be.
  func stateName(of region: RegionRecord, _ states: [ServerState]) -> String {
    let expected: Set<ServerState> =
      switch region.wanted {
      case .running: [.running, .starting]
      case .paused: [.paused]
      case .stopped: [.stopped]
      }
    return states.allSatisfy(expected.contains) ? region.wanted.rawValue : "degraded"
  }

  /// Takes all the turns, always in the same order: two lanes cannot wait for each other.
  private func during<Result>(
    _ names: [String], _ limits: CallLimits, _ body: () throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    let names = Set(names).sorted()
    guard let first = names.first else { return try body() }
    return try turns.during([first], limits) { () throws(CommandFailure) in
      try during(Array(names.dropFirst()), limits, body)
    }
  }
}
