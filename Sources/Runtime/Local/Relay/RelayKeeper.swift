import SandboxSystem
import Synchronization
import ValuesAndCommands

/// The process that is the relay, as `relay.json` keeps it.
struct RelayRecord: Codable, Sendable {
  /// Nil from before its start until it is recorded: then the process is looked for.
  var process: ProcessIdentity?
  /// The program that it was started with.
  let program: String
  /// Seconds since 1970.
  let started: Double
}

/// How the relay between regions is.
enum RelayState: Equatable, Sendable {
  /// No region is meant to run, or servers connect directly.
  case notNeeded
  case running(pid: Int32)
  /// Its process is stopped, as by SIGSTOP: nothing passes until it goes on, as `region start` lets it.
  case frozen(pid: Int32)
  /// It has died, or was killed: nothing passes between regions until `region start` or an install starts it anew.
  case dead
}

/// The relay between regions: a process of nbx's own, which outlives it as the servers do. What it is to do is on disk
/// before it is told, so that one that is started anew does the same.
///
/// Whoever changes something has the sandbox's lock. Looking needs none.
final class RelayKeeper: Sendable {
  private struct State {
    var orders = RelayOrders()
    var isLoaded = false
    /// False where they had to be made up from what else is there.
    var isOnDisk = false
  }

  private let store: RegionStore
  private let ports: PortBook
  private let folders: SandboxFolders
  /// Started as `PROGRAM relay FOLDER`; nil: servers of different regions connect directly.
  private let program: String?
  private let environment: [String: String]
  private let state = Mutex(State())

  /// How long the relay has to answer.
  private static let patience = Duration.seconds(2)
  /// In seconds: so old, a relay expects signals whatever it has said. Before that a SIGHUP may end it.
  private static let youth = 5.0
  /// How long it has to leave on its own.
  private static let grace = Duration.seconds(3)

  init(_ store: RegionStore, _ ports: PortBook, program: String?, environment: [String: String]) {
    self.store = store
    self.ports = ports
    folders = store.folders
    self.program = program
    self.environment = environment
  }

  /// Whether servers of different regions are to connect through a relay.
  var isUsed: Bool { program != nil }

  /// Another nbx may change the sandbox from here on: the next use reads all of it again.
  func letGo() { state.withLock { $0 = State() } }

  // MARK: Looking

  /// The relay, if it lives; also one that was started by an nbx which was killed before it could record it.
  var process: ProcessIdentity? { process(evenWithoutFolder: false) }

  /// - Parameter evenWithoutFolder: whether to look for one of which every trace has been taken away.
  private func process(evenWithoutFolder: Bool) -> ProcessIdentity? {
    if let record, let process = record.process { return process.hasExited ? nil : process }
    guard evenWithoutFolder || Folders.isFolder(folders.relay) else { return nil }
    return ProcessSearch.relay(of: folders)
  }

  private var record: RelayRecord? { kept(folders.relayRecord) }

  private func kept<State: Decodable>(_ path: String) -> State? {
    if case .state(let state) = StateFile.read(path, as: State.self) { state } else { nil }
  }

  /// What is on disk; nothing where that cannot be read.
  var ordersOnDisk: RelayOrders { kept(folders.relayOrders) ?? RelayOrders() }

  /// What the relay said last, whoever asked.
  var lastReport: RelayReport? { kept(folders.relayReport) }

  /// Asks the relay how it stands; nil if it does not say so in time.
  ///
  /// - Parameter generation: of the orders that are to hold by then, unless later ones do: lanes change links side by side.
  func ask(_ process: ProcessIdentity, after generation: Int = 0) -> RelayReport? {
    let end = ContinuousClock.now + Self.patience
    guard !process.isStopped else { return nil }
    while !mayBeTold {
      guard process.isAlive, .now < end else { return nil }
      poll(nil, 0, 2)
    }
    unlink(folders.relayReport)
    guard process.signal(SIGHUP) else { return nil }
    while process.isAlive, .now < end {
      if let report = lastReport, report.generation >= generation { return report }
      poll(nil, 0, 2)
    }
    return nil
  }

  /// Its first report says that it expects signals.
  private var mayBeTold: Bool {
    access(folders.relayReport, F_OK) == 0 || StateFile.now - (record?.started ?? 0) > Self.youth
  }

  // MARK: For people

  /// Whether the relay is there that servers of different regions need. Takes no lock.
  var condition: RelayState {
    if let process { return process.isStopped ? .frozen(pid: process.pid) : .running(pid: process.pid) }
    return ordersOnDisk.listeners.contains { store.isMeantToRun($0.region) } ? .dead : .notNeeded
  }

  var trouble: TargetStatus.RelayTrouble? {
    switch condition {
    case .notNeeded, .running: nil
    case .dead: .down
    case .frozen(let pid): .frozen(pid: pid)
    }
  }

  /// What is worth knowing of the relay beside the links, a line each.
  var notes: [String] {
    switch condition {
    case .notNeeded: return []
    case .dead:
      let region = store.regionNames.first(where: store.isMeantToRun) ?? ""
      return [
        "the relay between regions has ended, so that nothing passes between them; run: region start \(region)"
          + " (its log: \(folders.relayLog))"
      ]
    case .running(let pid), .frozen(let pid):
      let refused = lastReport?.refused ?? []
      return ["the relay between regions is process \(pid): \(folders.relayLog)"]
        + refused.map { refused in
          "the relay cannot listen on port \(refused.port): \(errorText(refused.reason)); "
            + "end what listens there, then run: link list"
        }
    }
  }

  /// Every direction between two regions that exist, over both networks, sorted; all of them, also those that are plain.
  /// Takes no lock, and asks the relay where it runs, for 2 s at most.
  func linkStates() -> [LinkState] {
    let shapes = ordersOnDisk.shapes
    let report = process.flatMap { ask($0) }
    let figures = report.map { Dictionary($0.links.map { ($0.link, $0) }, uniquingKeysWith: { first, _ in first }) }
    let regions = store.regionNames
    return regions.flatMap { from in
      regions.filter { $0 != from }.flatMap { to in
        LinkNetwork.allCases.map { network in
          let link = DirectedLink(from: from, to: to, over: network)
          // What the relay does not speak of nobody has used.
          let seen = figures.map { $0[link] ?? RelayReport.Figures(link: link, connections: 0, bytes: 0, held: 0) }
          return LinkState(
            link: link, shape: shapes[link] ?? LinkShape(), connections: seen?.connections, bytes: seen?.bytes,
            measured: seen?.delay)
        }
      }
    }
  }

  // MARK: Where it listens

  /// Where the relay listens for pods.
  func listeners(of pods: [PodRecord]) -> [RelayOrders.Listener] {
    pods.flatMap { pod in
      var known: [PodPort: UInt16] = [:]
      for port in PodPort.allCases {
        // Of a record that is lost the book of ports knows.
        known[port] = pod.port(port) ?? (pod.ports.isEmpty ? ports.promised(pod.key.address(port)) : nil)
      }
      return PodRecord.listeners(of: pod.key, known)
    }
  }

  /// Without the ports that the relay holds itself: those are taken, and by whom they should be.
  func withoutHeld(_ addresses: [PodAddress]) -> [PodAddress] {
    guard isUsed else { return addresses.filter { $0.port.network == nil } }
    let held = heldPorts
    return addresses.filter { $0.port.network == nil || !(ports.promised($0).map(held.contains) ?? false) }
  }

  /// None while it does not run.
  private var heldPorts: Set<UInt16> {
    guard process != nil else { return [] }
    return state.withLock { state in
      load(&state)
      return Set(state.orders.listeners.map(\.port))
    }
  }

  // MARK: Changing

  /// Has the relay listen at these ports, too, before anybody connects to them. It is started where it does not run, and
  /// told where it does.
  func listen(_ listeners: [RelayOrders.Listener], _ limits: CallLimits) throws(CommandFailure) {
    let isToBeTold = try state.withLock { state throws(CommandFailure) -> Bool? in
      load(&state)
      let isChanged = try change(&state) { orders in
        let ports = Set(listeners.map(\.port))
        orders.listeners.removeAll { ports.contains($0.port) }
        orders.listeners += listeners
      }
      if let process = process(evenWithoutFolder: true) {
        keep(process)
        if process.isStopped { _ = process.signal(SIGCONT) }
        return isChanged
      }
      guard let program, !state.orders.listeners.isEmpty else { return nil }
      try start(program)
      return false
    }
    guard let isToBeTold else { return }
    try waitUntilItMayBeTold(limits)
    if isToBeTold { tell() }
  }

  /// The relay listens no longer for pods that go. On a full disk this can't be noted, and what makes room is not to be kept
  /// from it: then it listens for nobody.
  func forget(_ listeners: [RelayOrders.Listener], _ limits: CallLimits) throws(CommandFailure) {
    let gone = Set(listeners.map(\.port))
    guard !gone.isEmpty else { return }
    try? forget(listeners: { gone.contains($0.port) }, limits)
    try endIfIdle()
  }

  /// Forgets what is set for the links from and to a region that goes, and that the relay listens for it.
  func forget(region: String, _ limits: CallLimits) throws(CommandFailure) {
    try forget(listeners: { $0.region == region }, links: { $0.from == region || $0.to == region }, limits)
  }

  private func forget(
    listeners isGone: (RelayOrders.Listener) -> Bool, links isForgotten: (DirectedLink) -> Bool = { _ in false },
    _ limits: CallLimits
  ) throws(CommandFailure) {
    let isChanged = try state.withLock { state throws(CommandFailure) in
      load(&state)
      return try change(&state) { orders in
        orders.listeners.removeAll(where: isGone)
        orders.links.removeAll { isForgotten($0.link) }
      }
    }
    guard isChanged, process != nil else { return }
    try waitUntilItMayBeTold(limits)
    tell()
  }

  /// Changes what is set, under the sandbox's lock. It returns when the relay says that it holds for every connection, or
  /// at once where no relay runs because no region does.
  ///
  /// - Parameter change: is given what is set, without links that are plain; what it leaves plain is forgotten.
  func changeLinks(
    _ limits: CallLimits, _ change: (inout [DirectedLink: LinkShape]) throws(CommandFailure) -> Void
  ) throws(CommandFailure) {
    try store.changing([], limits) { () throws(CommandFailure) in
      let generation = try changeOrders(change)
      // One that has died is started anew.
      if condition == .dead { try listen([], limits) }
      guard let process else {
        guard condition == .dead else { return }
        throw CommandFailure(
          .failed, "no relay runs between the regions, and this program starts none",
          advice: "nbx itself starts one: nbx run start")
      }
      guard ask(process, after: generation) != nil else {
        throw CommandFailure(
          .failed,
          "the relay between regions (process \(process.pid)) "
            + (process.isStopped ? "stands still" : "does not say that it has taken up what was set")
            + "; it is set all the same, and holds as soon as the relay goes on",
          advice: process.isStopped
            ? "let it go on: nbx run start, or region start \(store.regionNames.first ?? "")"
            : "see its log, \(folders.relayLog), and whether the disk is full; ended, it is started anew by "
              + "region start, with what was set")
      }
    }
  }

  /// - Returns: the generation of the orders that are on disk now.
  private func changeOrders(
    _ change: (inout [DirectedLink: LinkShape]) throws(CommandFailure) -> Void
  ) throws(CommandFailure) -> Int {
    try state.withLock { state throws(CommandFailure) in
      load(&state)
      let before = state.orders.shapes
      var links = before
      try change(&links)
      let changed = links.filter { before[$0.key] != $0.value && !$0.value.isPlain }
      try checkThatTheyAreRelayed(Set(changed.keys.flatMap { [$0.from, $0.to] }).sorted())
      _ = try self.change(&state) { orders in
        orders.links = links.filter { !$0.value.isPlain }.map { RelayOrders.Link(link: $0.key, shape: $0.value) }
      }
      return state.orders.generation
    }
  }

  /// Servers that an earlier nbx has installed go around the relay: what is set would change nothing.
  private func checkThatTheyAreRelayed(_ regions: [String]) throws(CommandFailure) {
    let direct = regions.filter { region in
      store.podRecords(of: region).contains { pod in
        PodPort.allCases.contains { port in
          guard port != .websocket, let relayed = port.relayed, pod.port(port) != nil else { return false }
          return pod.port(relayed) == nil
        }
      }
    }
    guard let first = direct.first else { return }
    throw CommandFailure(
      .failed,
      "servers of \(direct.joined(separator: ", ")) connect to other regions directly, as an earlier nbx has installed them",
      advice: "install them once more, which leads them through the relay: "
        + (["nbx run install"] + store.regionNames).joined(separator: " ") + "; or take \(first) away and make it anew")
  }

  /// Ends the relay once no region is meant to run whose servers others reach by it, and takes all of it away once there is
  /// no region any more.
  func endIfIdle() throws(CommandFailure) {
    try state.withLock { state throws(CommandFailure) in
      load(&state)
      guard !Set(state.orders.listeners.map(\.region)).contains(where: store.isMeantToRun) else { return }
      try endProcess()
      guard store.regionNames.isEmpty else { return }
      // While no other lane writes there.
      try onThisMachine { () throws(MachineError) in try Folders.remove(folders.relay) }
      state = State()
    }
  }

  private func endProcess() throws(CommandFailure) {
    if let process {
      _ = process.signal(SIGTERM)
      // What is paused hears nothing until it goes on.
      _ = process.signal(SIGCONT)
      if !process.waitForExit(until: .now + Self.grace) {
        _ = process.signal(SIGKILL)
        guard process.waitForExit(until: .now + Self.grace) else {
          throw CommandFailure(ProcessError.wouldNotEnd(program: "the relay between regions", pid: process.pid))
        }
      }
    }
    unlink(folders.relayRecord)
    unlink(folders.relayReport)
  }

  // MARK: Orders

  /// Only under the sandbox's lock, so that nobody else writes them after that. Where they are lost, so is what was set;
  /// where to listen is known from the pods.
  private func load(_ state: inout State) {
    guard !state.isLoaded else { return }
    state.isLoaded = true
    if let orders: RelayOrders = kept(folders.relayOrders) {
      state.orders = orders
      state.isOnDisk = true
    } else {
      state.orders = RelayOrders(
        listeners: listeners(of: store.regionNames.flatMap { store.podRecords(of: $0) }).sorted { $0.port < $1.port })
    }
  }

  /// - Returns: whether anything is different; then it is on disk.
  private func change(_ state: inout State, _ change: (inout RelayOrders) -> Void) throws(CommandFailure) -> Bool {
    let before = state.orders
    change(&state.orders)
    // The same orders give the same file.
    state.orders.listeners.sort { $0.port < $1.port }
    state.orders.links.sort { $0.link.sortingKey < $1.link.sortingKey }
    let isSame = state.orders.listeners == before.listeners && state.orders.shapes == before.shapes
    if isSame, state.isOnDisk || state.orders.listeners.isEmpty { return false }
    state.orders.generation += 1
    let orders = state.orders
    do {
      try onThisMachine { () throws(MachineError) in
        try Folders.make(folders.relay)
        try StateFile.write(orders, to: folders.relayOrders)
      }
    } catch {
      // What is on disk holds.
      state.isLoaded = false
      throw error
    }
    state.isOnDisk = true
    return true
  }

  // MARK: The process

  private func start(_ program: String) throws(CommandFailure) {
    var record = RelayRecord(process: nil, program: program, started: StateFile.now)
    try onThisMachine { () throws(MachineError) in
      try Folders.make(folders.relay)
      unlink(folders.relayReport)
      // From here on the process is looked for: the record says that there may be one.
      try StateFile.write(record, to: folders.relayRecord)
    }
    let daemon = Daemon(
      program, ["relay", folders.root], environment: environment, workingDirectory: folders.relay,
      log: folders.relayLog)
    do { record.process = try daemon.start() } catch { throw CommandFailure(error) }
    try onThisMachine { () throws(MachineError) in try StateFile.write(record, to: folders.relayRecord) }
  }

  /// Whose process had to be looked for is not looked for again.
  private func keep(_ process: ProcessIdentity) {
    let known = record
    guard known?.process == nil else { return }
    let found = RelayRecord(process: process, program: known?.program ?? program ?? "", started: known?.started ?? 0)
    try? StateFile.write(found, to: folders.relayRecord)
  }

  /// What it does by that shows in its report, for which nobody has to wait.
  private func tell() { _ = process?.signal(SIGHUP) }

  private func waitUntilItMayBeTold(_ limits: CallLimits) throws(CommandFailure) {
    while !mayBeTold {
      guard process != nil else { throw death }
      try limits.pause(2, "waiting for the relay between regions")
    }
  }

  private var death: CommandFailure {
    let lines = ServerLog(path: folders.relayLog).lastLines(10)
    return CommandFailure(
      .failed, "the relay between regions ended right after its start",
      said: lines.isEmpty ? nil : Text(lines.joined(separator: "\n")),
      advice: "run this again; its log is \(folders.relayLog)")
  }
}

extension RelayOrders {
  var shapes: [DirectedLink: LinkShape] {
    Dictionary(links.map { ($0.link, $0.shape) }, uniquingKeysWith: { _, last in last })
  }
}

extension DirectedLink {
  fileprivate var sortingKey: String { "\(from)/\(to)/\(network.rawValue)" }
}
