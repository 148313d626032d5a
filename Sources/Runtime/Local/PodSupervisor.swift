import NATS
import SandboxSystem
import ValuesAndCommands

/// A pod whose server was started, and where its log stood before.
struct StartedPod: Sendable {
  var pod: Pod
  var logStart = 0
}

/// The processes behind the pods, which outlive nbx: finds them again, starts them, waits for them, stops them.
///
/// Whoever changes something has the sandbox's lock and its turn, see `RegionStore`. Looking needs neither.
final class PodSupervisor: Sendable {
  let store: RegionStore
  let ports: PortBook
  let relay: RelayKeeper
  /// The environment that servers get.
  let environment: [String: String]
  let servers: ServerStock

  private var folders: SandboxFolders { store.folders }

  /// - Parameter relay: the program of the relay between regions, see `RelayKeeper`; nil: they connect directly.
  init(_ store: RegionStore, firstCluster: String?, environment: [String: String], relay: String?) {
    self.store = store
    self.environment = environment
    ports = PortBook(store.folders, firstCluster: firstCluster)
    servers = ServerStock(home: store.folders.home, environment: environment)
    self.relay = RelayKeeper(store, ports, program: relay, environment: environment)
  }

  /// Lets other nbx change the sandbox until this one does again.
  func letGo() {
    ports.letGo()
    relay.letGo()
    store.letGo()
  }

  // MARK: Finding

  /// Every pod of a region with its process, also where that was started by an nbx which could not record it any more.
  func pods(of region: String) -> [Pod] { pods(of: region) { _ in true } }

  func pods(of region: String, namespace: String, statefulSet: String? = nil) -> [Pod] {
    pods(of: region) { $0.namespace == namespace && (statefulSet == nil || $0.statefulSet == statefulSet) }
  }

  func pods(of release: ReleaseRecord) -> [Pod] {
    let identity = release.identity
    return pods(of: identity.cluster, namespace: identity.namespace, statefulSet: release.statefulSet)
  }

  private func pods(of region: String, where isMeant: (PodKey) -> Bool) -> [Pod] {
    var records = store.podRecords(of: region, where: isMeant)
    let lost = records.filter { $0.process == nil }.map(\.key)
    let found = ProcessSearch.find(lost, in: folders)
    for index in records.indices where records[index].process == nil {
      records[index].process = found[records[index].key]
    }
    return records.map { Pod(record: $0) }
  }

  // MARK: Starting

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
    if record.started > 0 { record.restarts += 1 }
    record.loaded = PodRecord.mark(of: text)
    record.version = server.version
    record.process = nil
    record.started = StateFile.now
    record.isKilled = nil
    // What it runs with from here on is its store, be it as it should be or not.
    StoreDamage.settle(&record)
    // From here on the process is looked for: the record says that there may be one.
    try store.save(record)
    let log = ServerLog(path: folders.log(record.key))
    let logStart = log.size
    let daemon = Daemon(
      server.path, ["-c", configuration, "-l", log.path], environment: serverEnvironment,
      workingDirectory: folders.pod(record.key), log: log.path)
    do { record.process = try daemon.start() } catch { throw CommandFailure(error) }
    try store.save(record)
    return StartedPod(pod: Pod(record: record), logStart: logStart)
  }

  /// Starts pods that ran before, as they were: all of them, before any is waited for.
  func startAgain(
    _ pods: [Pod], in region: RegionRecord, _ limits: CallLimits
  ) throws(CommandFailure) -> [StartedPod] {
    var started: [StartedPod] = []
    var failures: [CommandFailure] = []
    func addresses(_ pod: Pod, ofRelay: Bool) -> [PodAddress] {
      PodPort.allCases.filter { ($0.network != nil) == ofRelay && pod.record.port($0) != nil }.map(pod.key.address)
    }
    do throws(CommandFailure) {
      try ports.makeSureOf(relay.withoutHeld(pods.flatMap { addresses($0, ofRelay: true) }), limits)
    } catch { failures.append(error) }
    // Before any of them dials.
    try relay.listen(relay.listeners(of: pods.map(\.record)), limits)
    for pod in pods {
      try limits.check("starting \(pod.name)")
      do throws(CommandFailure) {
        try ports.makeSureOf(addresses(pod, ofRelay: false), limits)
        started.append(try spawn(pod.record, try servers.server(pod.record.imageTag, limits), in: region))
      } catch { failures.append(error) }
    }
    if let failure = failures.first { throw failure.among(failures.count) }
    return started
  }

  /// In memory a store is gone after a restart of the machine, too: its folder is made again.
  private func makeStore(of record: PodRecord, in region: RegionRecord) throws(CommandFailure) {
    guard !record.store.isEmpty, !Folders.isFolder(record.store) else { return }
    if let parent = StoreLocation.parentInMemory(of: region.store.folder),
      let fault = StoreLocation.make(parent)
    {
      throw CommandFailure(
        .failed, "the store of \(region.name) in memory cannot be made: \(fault)",
        advice: "run region delete \(region.name), and install it anew")
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

  private func fail(ifDead started: [StartedPod]) throws(CommandFailure) {
    let dead = started.filter { $0.pod.record.process?.hasExited ?? true }
    guard let first = dead.first else { return }
    let key = first.pod.key
    let lines = ServerLog(path: folders.log(key)).lastLines(10, from: first.logStart)
    throw CommandFailure(
      .failed, "the server \(key.name) of \(key.cluster) ended right after its start",
      said: lines.isEmpty ? nil : Text(lines.joined(separator: "\n")),
      advice: "mend the values and run this again; its configuration is \(folders.configuration(key)),"
        + " its log \(folders.log(key))"
    ).among(dead.count)
  }

  // MARK: Stopping

  /// How long a server has to leave on its own.
  private static let grace = Duration.seconds(10)

  /// Ends the servers, all at once, and waits until they are gone: an interrupt does not cut that short, as what a server
  /// was told is not taken back, and whoever starts it again would take the dying for the living.
  ///
  /// - Parameter now: without asking them first.
  func stop(_ pods: [Pod], now: Bool = false, _ limits: CallLimits) throws(CommandFailure) {
    // Asking takes away the remains of those that died meanwhile.
    var left = pods.filter { $0.record.process?.hasExited == false }
    for pod in left {
      _ = pod.record.process?.signal(now ? SIGKILL : SIGTERM)
      // What is paused hears nothing until it goes on.
      if !now { _ = pod.record.process?.signal(SIGCONT) }
    }
    var killed = now
    var next = ContinuousClock.now + Self.grace
    while true {
      left.removeAll { $0.record.process?.hasExited ?? true }
      guard let first = left.first else { return }
      if .now > next {
        if killed, let process = first.record.process {
          throw CommandFailure(ProcessError.wouldNotEnd(program: first.name, pid: process.pid))
        }
        for pod in left { _ = pod.record.process?.signal(SIGKILL) }
        killed = true
        next = .now + Self.grace
      }
      try limits.pause(
        5, "stopping \(first.name)\(left.count > 1 ? " and \(left.count - 1) more" : "")", givingUpFrom: .kill)
    }
  }

  /// Lets servers stand still, or go on, and waits until they do.
  func hold(_ pods: [Pod], _ isHeld: Bool, _ limits: CallLimits) throws(CommandFailure) {
    for pod in pods { _ = pod.record.process?.signal(isHeld ? SIGSTOP : SIGCONT) }
    // A signal reaches a process of many threads after a moment.
    for pod in pods {
      while let process = pod.record.process, process.isAlive, process.isStopped != isHeld {
        try limits.pause(2, "\(isHeld ? "pausing" : "waking") \(pod.name)")
      }
    }
  }

  /// Stops pods and takes them away; their streams stay, as a claim on a volume does.
  func remove(_ pods: [Pod], _ limits: CallLimits) throws(CommandFailure) {
    try stop(pods, limits)
    let listeners = relay.listeners(of: pods.map(\.record))
    try onThisMachine { () throws(MachineError) in
      for pod in pods { try Folders.remove(folders.pod(pod.key)) }
    }
    for key in pods.map(\.key) { rmdir(folders.pods(key.cluster, namespace: key.namespace)) }
    try relay.forget(listeners, limits)
  }

  // MARK: Rolling restarts

  /// Restarts pods as a StatefulSet does it: one after the other, the last first, each when the servers before it are
  /// ready.
  ///
  /// It is what keeps streams: JetStream's servers choose a leader by majority, and new ones that have not met the leader
  /// before it is restarted may choose one among themselves that knows of no stream.
  ///
  /// - Parameters:
  ///   - started: servers of the same StatefulSet that were started just now, and have to be ready before the first restart.
  ///   - startAnew: starts the server of a pod that has been stopped.
  func restartInTurn(
    _ pods: [Pod], after started: [StartedPod] = [], _ limits: CallLimits,
    startAnew: (Pod) throws(CommandFailure) -> [StartedPod]
  ) throws(CommandFailure) {
    let inTurn = pods.sorted { $0.ordinal > $1.ordinal }
    // Where JetStream has no leader already, since too many servers are gone or stopped, nobody gets ready.
    let awaitsReadiness = inTurn.contains { reasonUnready($0) == nil }
    var before = started
    for pod in inTurn {
      if awaitsReadiness { try waitUntilReady(before, limits) }
      try limits.check("restarting \(pod.name)")
      try stop([pod], limits)
      before = try startAnew(pod)
      try waitUntilListening(before, limits)
    }
  }

  /// Waits until servers with JetStream have met its leader.
  private func waitUntilReady(_ started: [StartedPod], _ limits: CallLimits) throws(CommandFailure) {
    for server in started {
      try waitUntilListening([server], limits)
      while let reason = reasonUnready(server.pod) {
        try fail(ifDead: [server])
        try limits.pause(100, "waiting for \(server.pod.name) to be ready (\(reason))")
      }
    }
  }

  /// Why a server is not ready: it has not met JetStream's leader, or lags behind it. The chart's startup probe asks for
  /// that and for each stream; servers before 2.11 know no other question, and answer that one.
  ///
  /// - Returns: nil where it is ready, has no JetStream, or has no monitoring port.
  private func reasonUnready(_ pod: Pod) -> String? {
    guard let port = pod.record.port(.monitor) else { return nil }
    let monitoring = Monitoring(Endpoint(host: "127.0.0.1", port: port))
    do throws(NATSError) {
      let answer = try monitoring.get(.health, query: "js-meta-only=true", limit: .within(.seconds(2)))
      // Any other status is that of a port that takes no plain HTTP.
      guard answer.status == 503 else { return nil }
      guard case .map(let health)? = try? Value.json(answer.body), let reason = health["error"]?.asText else {
        return "unavailable"
      }
      return reason.string
    } catch {
      return "\(error)"
    }
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
