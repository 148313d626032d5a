import Interpreter

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A pod whose server was started, and where its log stood before.
struct StartedPod: Sendable {
  var pod: Pod
  let logStart: Int
}

extension Sandbox {
  /// Starts a server and returns at once. Its configuration is on disk already.
  func spawn(
    _ record: PodRecord, _ server: ServerStock.Server, in region: RegionRecord
  ) throws(CommandFailure) -> StartedPod {
    var record = record
    let configuration = folders.configuration(record.key)
    guard let text = StateFile.text(of: configuration) else {
      throw CommandFailure(
        .failed, "the configuration of \(record.key.name) is missing: \(configuration)",
        advice: "write it anew: run the recipe that installs \(record.key.cluster) again")
    }
    try makeStore(of: record, in: region)
    record.loaded = PodRecord.mark(of: text)
    record.version = server.version
    record.process = nil
    record.started = StateFile.now
    // From here on the process is looked for: the record says that there may be one.
    try save(record)
    let log = ServerLog(path: folders.log(record.key))
    let logStart = log.size
    let daemon = Daemon(
      server.path, ["-c", configuration, "-l", log.path], environment: serverEnvironment,
      workingDirectory: folders.pod(record.key), log: log.path)
    do { record.process = try daemon.start() } catch { throw CommandFailure(error) }
    try save(record)
    return StartedPod(pod: Pod(record: record), logStart: logStart)
  }

  /// Starts pods that ran before, as they were: all of them, before any is waited for.
  func startAgain(
    _ pods: [Pod], in region: RegionRecord, _ limits: CallLimits
  ) throws(CommandFailure) -> [StartedPod] {
    var started: [StartedPod] = []
    var failures: [CommandFailure] = []
    do { try makeSureOf(relayPorts: pods, limits) } catch { failures.append(error) }
    // Before any of them dials.
    try startRelaying(for: listeners(of: pods), limits)
    for pod in pods {
      try limits.check("starting \(pod.name)")
      do {
        let own = PodPort.allCases.filter { $0.network == nil && pod.record.port($0) != nil }
        try ports.makeSureOf(own.map(pod.key.address), limits)
        var record = pod.record
        if record.started > 0 { record.restarts += 1 }
        let server = try servers.server(record.imageTag, limits)
        started.append(try spawn(record, server, in: region))
      } catch {
        failures.append(error)
      }
    }
    if let failure = failures.first { throw failure.among(failures.count) }
    return started
  }

  private func makeSureOf(relayPorts pods: [Pod], _ limits: CallLimits) throws(CommandFailure) {
    let addresses = pods.flatMap { pod in
      PodPort.allCases.filter { $0.network != nil && pod.record.port($0) != nil }.map(pod.key.address)
    }
    try ports.makeSureOf(withoutHeld(addresses), limits)
  }

  /// In memory a store is gone after a restart of the machine: its folder is made again.
  private func makeStore(of record: PodRecord, in region: RegionRecord) throws(CommandFailure) {
    guard !record.store.isEmpty, !Folders.isFolder(record.store) else { return }
    if region.store.kind == .memory {
      let location = try onThisMachine { () throws(MachineError) in
        try StoreLocation.choose(sandbox: folders.root, needing: 0, onDisk: false)
      }
      guard region.store.folder.hasPrefix(location.path + "/") else {
        throw CommandFailure(
          .failed, "the store of \(region.name) in memory cannot be made again: \(location.reason)",
          advice: "run region delete \(region.name), and install it anew")
      }
    }
    try onThisMachine { () throws(MachineError) in try Folders.make(record.store) }
  }

  /// Thirty-six servers share the machine: with fewer threads and an eager collector they start as fast and take less.
  private var serverEnvironment: [String: String] {
    let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    return environment.merging(["GOMAXPROCS": String(min(2, cores)), "GOGC": "50"]) { theirs, _ in theirs }
  }

  // MARK: Waiting

  /// How long servers may take until they are ready or dead. One that logs elsewhere, as its values say, says neither.
  private static let longestSettling = Duration.seconds(5)

  /// Looks whether the servers outlive their first moments: what they cannot do shows before they say that they are ready,
  /// as that a port is taken, or that a folder cannot be written.
  func settle(_ started: [StartedPod], _ limits: CallLimits) throws(CommandFailure) {
    let end = ContinuousClock.now + Self.longestSettling
    var open = started
    while !open.isEmpty, .now < end {
      try fail(ifDead: started)
      open.removeAll { pod in
        ServerLog(path: folders.log(pod.pod.key)).text(from: pod.logStart).contains("Server is ready")
      }
      if !open.isEmpty { try limits.pause(5, "starting \(open[0].pod.name)") }
    }
    try fail(ifDead: started)
  }

  /// Waits until every server takes connections.
  ///
  /// - Parameter mayEnd: a server that ends before it listens is no failure.
  func waitUntilListening(
    _ started: [StartedPod], mayEnd: Bool = false, _ limits: CallLimits
  ) throws(CommandFailure) {
    var open = started
    var pause: Int32 = 5
    while true {
      if mayEnd { open.removeAll { !$0.pod.isAlive } } else { try fail(ifDead: open) }
      open.removeAll { pod in pod.pod.record.port(.client).map(ListenProbe.isListening) ?? true }
      guard let first = open.first else { return }
      try limits.pause(
        pause, "waiting for \(first.pod.name) to listen\(open.count > 1 ? ", and \(open.count - 1) more" : "")")
      pause = min(pause + 5, 50)
    }
  }

  func fail(ifDead started: [StartedPod]) throws(CommandFailure) {
    let dead = started.filter { $0.pod.record.process?.hasExited ?? true }
    guard let first = dead.first else { return }
    throw death(of: first).among(dead.count)
  }

  private func death(of pod: StartedPod) -> CommandFailure {
    let key = pod.pod.key
    let lines = ServerLog(path: folders.log(key)).lastLines(10, from: pod.logStart)
    return CommandFailure(
      .failed, "the server \(key.name) of \(key.cluster) ended right after its start",
      said: lines.isEmpty ? nil : Text(lines.joined(separator: "\n")),
      advice: "mend the values and run this again; its configuration is \(folders.configuration(key)),"
        + " its log \(folders.log(key))")
  }
}

extension CommandFailure {
  /// The first of several failures of the same kind.
  func among(_ count: Int) -> CommandFailure {
    guard count > 1 else { return self }
    var failure = self
    failure.reason.append("; and \(count - 1) more")
    return failure
  }
}
