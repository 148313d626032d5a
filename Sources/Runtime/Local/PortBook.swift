import SandboxSystem
import Synchronization
import ValuesAndCommands

/// Which local port stands for which port of which pod. A port is promised when it is first spoken of, which may be long
/// before its pod exists: gateways name the servers of clusters that come later.
final class PortBook: Sendable {
  private struct Promise: Codable {
    let address: PodAddress
    var port: UInt16
    /// A running server listens on it or was told of it: it can no longer be chosen anew without a word.
    var isKnown: Bool
  }

  private struct State {
    var promises: [PodAddress: Promise] = [:]
    /// Kept free of other nbx of this user, see `PortPromises`.
    var claimed: Set<UInt16> = []
    var isLoaded = false
    var isChanged = false
    var allocator: PortAllocator?
  }

  private let folders: SandboxFolders
  private let registry: PortRegistry
  /// Its client port is 4222 where that is free.
  private let firstSeed: (cluster: String, pod: String)?
  private let state = Mutex(State())

  init(_ folders: SandboxFolders, firstCluster: String?, registry: PortRegistry = PortRegistry()) {
    self.folders = folders
    self.registry = registry
    firstSeed = firstCluster.map { ($0, PortBook.firstSeed(of: $0)) }
  }

  /// Looks ports up for a while; what is promised meanwhile is on disk when this returns.
  ///
  /// - Parameter body: is given the look-up. It must not wait for anything.
  func lookingUp<Result>(
    _ body: ((PodAddress) throws(CommandFailure) -> UInt16) throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    try state.withLock { state throws(CommandFailure) in
      load(&state)
      do throws(CommandFailure) {
        let result = try body { address throws(CommandFailure) in try port(of: address, in: &state) }
        try save(&state)
        return result
      } catch {
        try save(&state)
        throw error
      }
    }
  }

  /// The port that was promised to an address; nil if none was.
  func promised(_ address: PodAddress) -> UInt16? {
    state.withLock { state in
      load(&state)
      return state.promises[address]?.port
    }
  }

  /// Chooses ports anew that a stranger has taken since they were promised. A server that was just killed may hold its
  /// port a moment longer than its process seems to live, so a port that was in use gets that moment.
  ///
  /// - Throws: if a running server was told of the port, or the pod has had it before.
  func makeSureOf(_ addresses: [PodAddress], _ limits: CallLimits) throws(CommandFailure) {
    let end = ContinuousClock.now + .milliseconds(500)
    while let (address, port) = try firstTaken(of: addresses) {
      guard .now < end else {
        // Its region has streams and clients: the port is to be had back, not another one to be chosen.
        throw CommandFailure(
          .failed, "port \(port) is taken by \(listener(at: port)), and \(address.pod) needs it (\(address.port))",
          advice: PortBook.freeing(port) + ", then run this again: \(address.cluster) keeps its ports and its streams")
      }
      try limits.pause(10, "waiting for port \(port) of \(address.pod)")
    }
  }

  /// The first port that is taken and cannot be chosen anew; the others are forgotten, to be promised again.
  private func firstTaken(of addresses: [PodAddress]) throws(CommandFailure) -> (PodAddress, UInt16)? {
    try state.withLock { state throws(CommandFailure) in
      load(&state)
      for address in addresses {
        guard let promise = state.promises[address], !isOurs(promise.port, in: &state) else { continue }
        if promise.isKnown || promise.port == fixedPort(of: address) { return (address, promise.port) }
        giveBack(promise.port, in: &state)
        state.promises[address] = nil
        state.isChanged = true
      }
      try save(&state)
      return nil
    }
  }

  /// A server runs now with a configuration in which these stand.
  func becameKnown(_ addresses: some Sequence<PodAddress>) throws(CommandFailure) {
    try state.withLock { state throws(CommandFailure) in
      load(&state)
      for address in addresses where state.promises[address]?.isKnown == false {
        state.promises[address]?.isKnown = true
        state.isChanged = true
      }
      try save(&state)
    }
  }

  /// Takes promises back for good.
  func forget(where isGone: (PodAddress) -> Bool) throws(CommandFailure) {
    try state.withLock { state throws(CommandFailure) in
      load(&state)
      for promise in state.promises.values where isGone(promise.address) {
        giveBack(promise.port, in: &state)
        state.promises[promise.address] = nil
        state.isChanged = true
      }
      state.allocator = nil
      try save(&state)
    }
  }

  /// Another nbx may change the sandbox from here on: the next use reads all of it again.
  func letGo() {
    state.withLock { state in
      for port in state.claimed { PortAllocator.giveBack(port) }
      state = State()
    }
  }

  /// Free, and not promised meanwhile to a server of another sandbox that is about to start.
  private func isOurs(_ port: UInt16, in state: inout State) -> Bool {
    guard LocalPlatform.isFree(port) else { return false }
    guard !state.claimed.contains(port) else { return true }
    guard PortPromises.promise(port) else { return false }
    state.claimed.insert(port)
    return true
  }

  private func giveBack(_ port: UInt16, in state: inout State) {
    if state.claimed.remove(port) != nil { PortAllocator.giveBack(port) }
  }

  private func port(of address: PodAddress, in state: inout State) throws(CommandFailure) -> UInt16 {
    let fixed = fixedPort(of: address)
    if let promise = state.promises[address] {
      // What was asked for since then holds, as long as nobody was told another one.
      if fixed == nil || fixed == promise.port || promise.isKnown { return promise.port }
      giveBack(promise.port, in: &state)
      state.promises[address] = nil
    }
    let port: UInt16
    if let fixed {
      port = try take(fixed, for: address, in: &state)
    } else {
      port = try anyPort(for: address, in: &state)
    }
    state.claimed.insert(port)
    state.promises[address] = Promise(address: address, port: port, isKnown: false)
    state.isChanged = true
    return port
  }

  private func anyPort(for address: PodAddress, in state: inout State) throws(CommandFailure) -> UInt16 {
    var allocator =
      state.allocator
      ?? PortAllocator(
        promised: Set(state.promises.values.map(\.port)).union(portsKeptFree), sandbox: folders.root,
        registry: registry)
    let isFirst = address.port == .client && address.pod == firstSeed?.pod && address.cluster == firstSeed?.cluster
    let port = try onThisMachine { () throws(MachineError) in try allocator.take(preferring: isFirst ? 4222 : nil) }
    state.allocator = allocator
    return port
  }

  // MARK: Ports that were asked for

  private func take(_ port: UInt16, for address: PodAddress, in state: inout State) throws(CommandFailure) -> UInt16 {
    if let other = state.promises.values.first(where: { $0.port == port }) {
      throw CommandFailure(
        .failed, "port \(port) is to be that of \(address.pod), and \(other.address.pod) has it",
        advice: "choose another port for \(address.cluster), as port=\(PortBook.another(than: port))")
    }
    let wish = "port \(port), where clients are to reach \(address.cluster),"
    let choice = "choose another, as port=\(PortBook.another(than: port))"
    if let keeper = registry.kept(besides: folders.root)[port] {
      let home = SandboxFolders(root: keeper.sandbox).home
      throw CommandFailure(
        .failed, "\(wish) is kept by the sandbox in \(home)\(keeper.isOurs ? "" : ", another user's")",
        advice: choice + (keeper.isOurs ? "; see what that sandbox is: NBX_HOME=\(home) nbx status" : ""))
    }
    guard isOurs(port, in: &state) else {
      throw CommandFailure(
        .failed, "\(wish) is taken by \(listener(at: port))",
        advice: PortBook.freeing(port) + ", then run this again; or \(choice)")
    }
    return port
  }

  /// Who is known to have a port.
  private func listener(at port: UInt16) -> String {
    guard let keeper = registry.kept(besides: folders.root)[port] else { return "another program" }
    return "the sandbox in \(SandboxFolders(root: keeper.sandbox).home)"
  }

  private static func freeing(_ port: UInt16) -> String {
    #if canImport(Darwin)
      "see what listens on 127.0.0.1:\(port) (lsof -nP -iTCP:\(port) -sTCP:LISTEN) and end it"
    #else
      "see what listens on 127.0.0.1:\(port) (ss -ltnp 'sport = :\(port)') and end it"
    #endif
  }

  private static func another(than port: UInt16) -> Int { port < 64000 ? Int(port) + 1000 : Int(port) - 1000 }

  /// The port that the region's record asks for; nil if any will do.
  private func fixedPort(of address: PodAddress) -> UInt16? {
    guard address.port == .client, address.pod == PortBook.firstSeed(of: address.cluster) else { return nil }
    return clientPort(of: address.cluster)
  }

  private static func firstSeed(of cluster: String) -> String { "\(ReleaseNames.seeds(of: cluster))-0" }

  private func clientPort(of region: String) -> UInt16? {
    guard case .state(let record) = StateFile.read(folders.regionRecord(region), as: RegionRecord.self) else {
      return nil
    }
    return record.clientPort
  }

  /// Those that were asked for, and some behind them: regions that follow may not have their records yet.
  private var portsKeptFree: Set<UInt16> {
    Set(StateFile.names(in: folders.regions).compactMap(clientPort).flatMap { $0...($0 &+ min(31, .max - $0)) })
  }

  /// Only under the sandbox's lock, so that nobody else writes it after that.
  private func load(_ state: inout State) {
    guard !state.isLoaded else { return }
    state.isLoaded = true
    switch StateFile.read(folders.ports, as: [Promise].self) {
    case .state(let promises):
      for promise in promises { state.promises[promise.address] = promise }
    case .missing, .damaged: rebuild(&state)
    }
    // Also where an earlier nbx kept none, or the system has cleared them away.
    keep(state)
  }

  /// From what the pods themselves know; the rest is promised anew, and configurations that name it change.
  private func rebuild(_ state: inout State) {
    for region in StateFile.names(in: folders.regions) {
      for key in PodRecord.keys(in: folders, region: region) {
        guard case .state(let record) = StateFile.read(folders.podRecord(key), as: PodRecord.self) else { continue }
        for (name, port) in record.ports {
          guard let kind = PodPort(rawValue: name) else { continue }
          state.promises[key.address(kind)] = Promise(address: key.address(kind), port: port, isKnown: true)
        }
      }
    }
    if !state.promises.isEmpty { state.isChanged = true }
  }

  private func save(_ state: inout State) throws(CommandFailure) {
    guard state.isChanged else { return }
    let promises = state.promises.values.sorted { $0.address.sortingKey < $1.address.sortingKey }
    try onThisMachine { () throws(MachineError) in
      if promises.isEmpty {
        try Folders.remove(folders.ports)
      } else {
        try StateFile.write(promises, to: folders.ports)
      }
    }
    state.isChanged = false
    keep(state)
  }

  /// Lets other sandboxes know.
  private func keep(_ state: State) {
    registry.keep(state.promises.values.map(\.port), for: folders.root)
  }
}

extension PodAddress {
  fileprivate var sortingKey: String { "\(cluster)/\(namespace)/\(pod)/\(port.rawValue)" }
}
