import Interpreter
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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

  init(_ folders: SandboxFolders, program: String?, environment: [String: String]) {
    self.folders = folders
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

  private var record: RelayRecord? {
    if case .state(let record) = StateFile.read(folders.relayRecord, as: RelayRecord.self) { record } else { nil }
  }

  /// What is on disk; nothing where that cannot be read.
  var ordersOnDisk: RelayOrders {
    if case .state(let orders) = StateFile.read(folders.relayOrders, as: RelayOrders.self) {
      orders
    } else {
      RelayOrders()
    }
  }

  /// What the relay said last, whoever asked.
  var lastReport: RelayReport? {
    if case .state(let report) = StateFile.read(folders.relayReport, as: RelayReport.self) { report } else { nil }
  }

  /// Asks the relay how it stands; nil if it does not say so in time.
  ///
  /// - Parameter generation: of the orders that are to hold by then; nil for whichever do.
  func ask(_ process: ProcessIdentity, after generation: Int? = nil) -> RelayReport? {
    let end = ContinuousClock.now + Self.patience
    guard !process.isStopped else { return nil }
    while !mayBeTold {
      guard process.isAlive, .now < end else { return nil }
      poll(nil, 0, 2)
    }
    unlink(folders.relayReport)
    guard process.signal(SIGHUP) else { return nil }
    while process.isAlive, .now < end {
      if let report = lastReport, generation == nil || report.generation == generation { return report }
      poll(nil, 0, 2)
    }
    return nil
  }

  /// Its first report says that it expects signals.
  private var mayBeTold: Bool {
    access(folders.relayReport, F_OK) == 0 || StateFile.now - (record?.started ?? 0) > Self.youth
  }

  // MARK: Changing

  /// The ports that the relay holds: none while it does not run.
  ///
  /// - Parameter rebuilt: where it would have to listen, as the pods know it; asked for where the orders are lost.
  func heldPorts(_ rebuilt: () -> [RelayOrders.Listener]) -> Set<UInt16> {
    guard process != nil else { return [] }
    return state.withLock { state in
      load(&state, rebuilt)
      return Set(state.orders.listeners.map(\.port))
    }
  }

  /// Has the relay listen at these ports, too, before anybody connects to them. It is started where it does not run, and
  /// told where it does.
  func listen(
    _ listeners: [RelayOrders.Listener], _ rebuilt: () -> [RelayOrders.Listener], _ limits: CallLimits
  ) throws(CommandFailure) {
    let isToBeTold = try state.withLock { state throws(CommandFailure) -> Bool? in
      load(&state, rebuilt)
      let isChanged = try change(&state) { orders in
        let ports = Set(listeners.map(\.port))
        orders.listeners.removeAll { ports.contains($0.port) }
        orders.listeners += listeners
      }
      if let process = process(evenWithoutFolder: true) {
        keep(process)
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

  /// Takes listeners away, and links.
  func forget(
    listeners isGone: (RelayOrders.Listener) -> Bool, links isForgotten: (DirectedLink) -> Bool = { _ in false },
    _ rebuilt: () -> [RelayOrders.Listener], _ limits: CallLimits
  ) throws(CommandFailure) {
    let isChanged = try state.withLock { state throws(CommandFailure) in
      load(&state, rebuilt)
      return try change(&state) { orders in
        orders.listeners.removeAll(where: isGone)
        orders.links.removeAll { isForgotten($0.link) }
      }
    }
    guard isChanged, process != nil else { return }
    try waitUntilItMayBeTold(limits)
    tell()
  }

  /// Changes what is set.
  ///
  /// - Returns: the generation of the orders that are on disk now.
  func changeLinks(
    _ rebuilt: () -> [RelayOrders.Listener],
    _ change: (inout [DirectedLink: LinkShape]) throws(CommandFailure) -> Void
  ) throws(CommandFailure) -> Int {
    try state.withLock { state throws(CommandFailure) in
      load(&state, rebuilt)
      var links = state.orders.shapes
      try change(&links)
      _ = try self.change(&state) { orders in
        orders.links = links.filter { !$0.value.isPlain }.map { RelayOrders.Link(link: $0.key, shape: $0.value) }
      }
      return state.orders.generation
    }
  }

  /// Ends the relay if nobody needs it, and takes all of it away once there is no region any more.
  ///
  /// - Parameters:
  ///   - isNeeded: whether the region of a listener is meant to run.
  ///   - isOver: whether the last region is gone.
  func endIfIdle(
    _ rebuilt: () -> [RelayOrders.Listener], isNeeded: (String) -> Bool, isOver: () -> Bool
  ) throws(CommandFailure) {
    try state.withLock { state throws(CommandFailure) in
      load(&state, rebuilt)
      guard !Set(state.orders.listeners.map(\.region)).contains(where: isNeeded) else { return }
      try endProcess()
      guard isOver() else { return }
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
  private func load(_ state: inout State, _ rebuilt: () -> [RelayOrders.Listener]) {
    guard !state.isLoaded else { return }
    state.isLoaded = true
    if case .state(let orders) = StateFile.read(folders.relayOrders, as: RelayOrders.self) {
      state.orders = orders
      state.isOnDisk = true
    } else {
      state.orders = RelayOrders(listeners: rebuilt().sorted { $0.port < $1.port })
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
