import SandboxSystem
import Synchronization
import ValuesAndCommands

/// Regions, and the releases and pods in them, as they stand on disk under nbx's home, and who may change them.
///
/// What is read comes from the disk each time, so that another nbx sees the same. An intention is on disk before it is
/// acted on: an nbx that is killed leaves nothing behind that the next one does not understand.
final class RegionStore: Sendable {
  private struct State {
    /// Kept from its first use to the end: all lanes of this nbx share it.
    var lock: FileLock?
    /// Whether somebody was told that we wait.
    var isTold = false
    /// What lanes of this nbx change at this moment, each as a path from the region down.
    var turns: [Int: [[String]]] = [:]
    /// What lanes wait to change, by the order in which they came.
    var waiting: [Int: [[String]]] = [:]
    var lastTurn = 0
  }

  package let folders: SandboxFolders
  private let runClusters: [String]
  private let purpose: String
  private let state = Mutex(State())
  private let regionRecords = Mutex(())

  /// - Parameters:
  ///   - home: nbx's home, see `Home`.
  ///   - clusters: the run's.
  ///   - purpose: what this nbx does, for others that wait for it: "nbx run recipes/install.nbx".
  init(home: String, clusters: [String], purpose: String) {
    folders = SandboxFolders(home: home)
    runClusters = clusters
    self.purpose = purpose
  }

  // MARK: Who may change something

  /// Changes something: neither another nbx nor another lane of this one changes the same meanwhile. Releases beside each
  /// other are changed at the same time.
  ///
  /// - Parameter scopes: what is changed, as paths from the region down: `["c1"]` is in the way of `["c1", "nats", "c1-js"]`.
  func changing<Result>(
    _ scopes: [[String]], _ limits: CallLimits, _ body: () throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    try takeLock(limits)
    let number = state.withLock { state in
      state.lastTurn += 1
      state.waiting[state.lastTurn] = scopes
      return state.lastTurn
    }
    defer {
      state.withLock { state in
        state.waiting[number] = nil
        state.turns[number] = nil
      }
    }
    while !takesTurn(number) {
      let what = scopes.first?.first ?? ""
      try limits.pause(5, "waiting for another part of the recipe that changes \(what)", givingUpFrom: .windDown)
    }
    return try body()
  }

  /// Who came first goes first: else whoever changes whole regions might wait for ever beside lanes that change releases.
  private func takesTurn(_ number: Int) -> Bool {
    state.withLock { state in
      guard let scopes = state.waiting[number] else { return true }
      let earlier = state.waiting.filter { $0.key < number }
      let isInTheWay = (Array(state.turns.values) + earlier.values).joined().contains { other in
        scopes.contains { scope in zip(scope, other).allSatisfy { $0 == $1 } }
      }
      guard !isInTheWay else { return false }
      state.waiting[number] = nil
      state.turns[number] = scopes
      return true
    }
  }

  /// Waits until no other nbx changes the sandbox; where this one does already it goes on at once.
  private func takeLock(_ limits: CallLimits) throws(CommandFailure) {
    var moved: [Text] = []
    // Whoever shows them may be slow, and every other lane would wait.
    defer { for text in moved { limits.say(text) } }
    while !(try tryLock(&moved)) {
      let isFirst = state.withLock { state in
        defer { state.isTold = true }
        return !state.isTold
      }
      let holder = FileLock.holder(of: folders.lock)
      if isFirst { limits.say(Text("waiting: \(holder) is changing the sandbox")) }
      do {
        try limits.pause(20, "waiting for the sandbox, which \(holder) holds", givingUpFrom: .windDown)
      } catch {
        var failure = error
        if failure.kind == .timedOut { failure.advice = "let it finish, or end it; then run this again" }
        throw failure
      }
    }
  }

  /// - Parameter moved: which regions have moved with the home.
  private func tryLock(_ moved: inout [Text]) throws(CommandFailure) -> Bool {
    try state.withLock { state throws(CommandFailure) in
      if state.lock != nil { return true }
      let lock = try onThisMachine { () throws(MachineError) in
        try Folders.make(folders.root)
        return try FileLock.tryAcquire(folders.lock, for: purpose)
      }
      guard let lock else { return false }
      do throws(CommandFailure) { try moveIn(&moved) } catch {
        lock.release()
        throw error
      }
      state.lock = lock
      return true
    }
  }

  /// Lets other nbx change the sandbox until this one does again.
  func letGo() {
    state.withLock { state in
      state.lock?.release()
      state.lock = nil
    }
  }

  /// Which other nbx changes the sandbox, for status; nil if none does.
  var otherHolder: String? {
    // An empty file was let go of; one that a killed nbx left behind is told apart by trying.
    guard state.withLock({ $0.lock == nil }), Paths.bytes(at: folders.lock)?.isEmpty == false else { return nil }
    guard let lock = try? FileLock.tryAcquire(folders.lock, for: "looking at its state") else {
      return FileLock.holder(of: folders.lock)
    }
    lock.release()
    return nil
  }

  // MARK: A home that was moved

  /// After nbx's home was moved, what is written in it of its old place is written anew: `start` would have servers keep
  /// their files there. Where streams in memory lie does not change, and processes are known by their ids and starts.
  private func moveIn(_ moved: inout [Text]) throws(CommandFailure) {
    for name in regionNames {
      guard case .state(var region) = StateFile.read(folders.regionRecord(name), as: RegionRecord.self),
        let root = region.root, root != folders.root
      else { continue }
      let before = SandboxFolders(root: root)
      // Reached another way, as by a mount.
      if areSame(before.regionRecord(name), folders.regionRecord(name)) { continue }
      if case .state(let other) = StateFile.read(before.regionRecord(name), as: RegionRecord.self),
        other.made == region.made
      {
        throw CommandFailure(
          .failed, "\(folders.home) is a copy of \(before.home), to which servers and streams of \(name) belong",
          advice: "work there: NBX_HOME=\(before.home); and take the copy away: rm -r \(folders.root)")
      }
      var isRunning = false
      for var pod in podRecords(of: name) {
        try moveIn(pod.key, from: before)
        pod.store = pod.store.moved(from: root, to: folders.root)
        try save(pod)
        if pod.process?.isAlive == true { isRunning = true }
      }
      region.store.folder = region.store.folder.moved(from: root, to: folders.root)
      try save(region)
      moved.append(
        Text(
          "\(name) has moved with nbx's home, from \(before.home)"
            + (isRunning
              ? "; its servers know the old place until they are started anew: region stop, region start" : "")
        ))
    }
  }

  private func areSame(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_ino == second.st_ino
      && first.st_dev == second.st_dev
  }

  private func moveIn(_ key: PodKey, from before: SandboxFolders) throws(CommandFailure) {
    let path = folders.configuration(key)
    guard let text = StateFile.text(of: path) else { return }
    func quoted(_ root: String) -> String { String(NatsConfigurationWriter.quoted("\(root)/").dropLast()) }
    let moved = text.replacing(quoted(before.root), with: quoted(folders.root))
    try onThisMachine { () throws(MachineError) in try AtomicFile.write(Array(moved.utf8), to: path) }
  }

  // MARK: Regions

  /// The regions that exist, by name.
  var regionNames: [String] {
    StateFile.names(in: folders.regions).filter { Folders.isFolder(folders.region($0)) }
  }

  /// The clusters that host names may speak of: the run's, and those that exist beside them.
  var knownClusters: [String] {
    runClusters + regionNames.filter { !runClusters.contains($0) }
  }

  /// Nil: there is none. A record that cannot be read is made up from what else is there.
  package func region(_ name: String) -> RegionRecord? {
    guard SandboxNames.isLabel(name), Folders.isFolder(folders.region(name)) else { return nil }
    if case .state(let record) = StateFile.read(folders.regionRecord(name), as: RegionRecord.self) { return record }
    let inMemory = StoreLocation.pathInMemory(ofSandbox: folders.root).map { "\($0)/\(name)" }
    let isInMemory = inMemory.map(Folders.isFolder) ?? false
    return RegionRecord(
      name: name, wanted: .running,
      store: StoreRecord(
        folder: isInMemory ? inMemory ?? "" : "\(folders.root)/store/\(name)", kind: isInMemory ? .memory : .disk,
        reason: "the region's record was damaged"),
      namespaces: [])
  }

  /// The region, for what needs it.
  ///
  /// - Throws: `.misused` where it does not exist.
  func existingRegion(_ name: String) throws(CommandFailure) -> RegionRecord {
    if let region = region(name) { return region }
    let others = regionNames
    let install = runClusters.isEmpty ? [name] : runClusters
    let known = others.isEmpty ? "there are none yet" : "there are: \(others.joined(separator: ", "))"
    throw CommandFailure(
      .misused, "there is no region \(name); \(known)",
      advice: "build everything first: \((["nbx run install"] + install).joined(separator: " "))"
        + "; or make the region alone: region create \(name)")
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

  /// Whether servers of the region are meant to be there.
  func isMeantToRun(_ region: String) -> Bool { self.region(region).map { $0.wanted != .stopped } ?? false }

  package func save(_ region: RegionRecord) throws(CommandFailure) {
    var region = region
    region.root = folders.root
    try onThisMachine { () throws(MachineError) in
      try Folders.make(folders.region(region.name))
      try StateFile.write(region, to: folders.regionRecord(region.name))
    }
  }

  /// Changes a region's record as one step, whatever other lanes do to it.
  func change(_ name: String, _ change: (inout RegionRecord) -> Void) throws(CommandFailure) {
    try regionRecords.withLock { _ throws(CommandFailure) in
      var region = try existingRegion(name)
      change(&region)
      try save(region)
    }
  }

  /// The namespaces of a region: those that were made, and those that releases live in.
  func namespaces(of region: RegionRecord) -> [String] {
    let used = StateFile.names(in: folders.releases(region.name)) + StateFile.names(in: folders.pods(region.name))
    return Set(["default"] + region.namespaces + used).sorted()
  }

  // MARK: Making and taking away

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
    try changing(names.map { [$0] }, limits) { () throws(CommandFailure) in
      for name in names {
        if case .state(let region) = StateFile.read(folders.regionRecord(name), as: RegionRecord.self) {
          if let port = clientPorts[name] { try keep(port, of: region) }
          continue
        }
        let location = try chooseStore(store)
        if store == nil, location.kind == .disk {
          limits.say(Text("streams of \(name) lie on disk: \(location.reason)"))
        }
        let new = RegionRecord(
          name: name, wanted: .running,
          store: StoreRecord(folder: "\(location.path)/\(name)", kind: location.kind, reason: location.reason),
          namespaces: [], clientPort: clientPorts[name], made: StateFile.now)
        try save(region(name) ?? new)
      }
    }
  }

  /// Clients know where the first seed of a region that exists is: it does not move.
  private func keep(_ port: UInt16, of region: RegionRecord) throws(CommandFailure) {
    let seed = seeds(of: region.name).first { $0.key.ordinal == 0 }
    if let now = seed?.port(.client), now != port {
      throw CommandFailure(
        .failed,
        "clients reach \(region.name) at port \(now), not at \(port): it does not move while the region is there",
        advice: "leave the port out, or take the region away first: region delete \(region.name)")
    }
    try change(region.name) { $0.clientPort = port }
  }

  /// The servers where clients are meant to connect, in their order.
  private func seeds(of region: String) -> [PodRecord] {
    podRecords(of: region).filter { $0.key.statefulSet == ReleaseNames.seeds(of: region) }
  }

  /// The ports at which clients reach the seeds, whether those run or not.
  func seedPorts(of region: String) -> [UInt16] { seeds(of: region).compactMap { $0.port(.client) } }

  private func chooseStore(_ kind: StoreLocation.Kind?) throws(CommandFailure) -> StoreLocation {
    let location = StoreLocation.choose(sandbox: folders.root, needing: Self.leastRoom, onDisk: kind == .disk)
    if kind == .memory, location.kind != .memory {
      throw CommandFailure(
        .failed, "there is no store in memory: \(location.reason)", advice: "make room, or leave --store memory out")
    }
    return location
  }

  /// Takes all away that a region keeps; no process has it any more.
  func remove(_ name: String, _ limits: CallLimits) throws(CommandFailure) {
    // One that was moved has its streams in memory where it had them before.
    let former = region(name).flatMap { StoreLocation.parentInMemory(of: $0.store.folder) }
    for parent in Set(storeParents + [former].compactMap { $0 }) {
      // Someone else's folder under our name holds no streams of ours: said and left, it keeps no region from going.
      do { try Folders.remove("\(parent)/\(name)") } catch { limits.say(Text("\(error)")) }
      Folders.removeIfEmpty(parent)
    }
    try onThisMachine { () throws(MachineError) in
      // Renamed first: half a region would still look like one.
      try Folders.remove(halfGone(name))
      guard rename(folders.region(name), halfGone(name)) == 0 else {
        throw .fileNotWritten(path: folders.region(name), errno: errno)
      }
    }
    try removeHalfGone(name)
  }

  /// Takes away what is left of a region whose deletion was cut short.
  func removeHalfGone(_ name: String) throws(CommandFailure) {
    try onThisMachine { () throws(MachineError) in try Folders.remove(halfGone(name)) }
    // These go only if no other region has anything in them.
    rmdir(folders.regions)
    for parent in storeParents { Folders.removeIfEmpty(parent) }
  }

  /// What a region is called while it is taken away.
  private func halfGone(_ name: String) -> String { "\(folders.regions)/.\(name).gone" }

  /// Regions, or what an nbx that was killed has left of them.
  var isAnythingThere: Bool {
    Folders.isFolder(folders.regions) || storeParents.contains(where: Folders.isFolder)
      || access(folders.ports, F_OK) == 0 || Folders.isFolder(folders.relay)
  }

  /// Wherever a region's store may be whose record says nothing.
  private var storeParents: [String] {
    ["\(folders.root)/store"] + [StoreLocation.pathInMemory(ofSandbox: folders.root)].compactMap { $0 }
  }

  // MARK: Pods

  /// What is known of every pod of a region, by namespace, StatefulSet and ordinal. Of one whose record cannot be read that
  /// is nothing but its name.
  func podRecords(of region: String, where isMeant: (PodKey) -> Bool = { _ in true }) -> [PodRecord] {
    PodRecord.keys(in: folders, region: region).filter(isMeant)
      .sorted { ($0.namespace, $0.statefulSet, $0.ordinal) < ($1.namespace, $1.statefulSet, $1.ordinal) }
      .map { key in
        if case .state(let record) = StateFile.read(folders.podRecord(key), as: PodRecord.self) { return record }
        return .rebuilt(key)
      }
  }

  func save(_ record: PodRecord) throws(CommandFailure) {
    try onThisMachine { () throws(MachineError) in try StateFile.write(record, to: folders.podRecord(record.key)) }
  }

  // MARK: Releases

  /// Nil: there is none. A damaged one stands with no values, so that an upgrade makes it anew.
  func release(_ identity: ReleaseIdentity) -> ReleaseRecord? {
    switch StateFile.read(folders.release(identity), as: ReleaseRecord.self) {
    case .state(let record): return record
    case .missing: return nil
    case .damaged:
      return ReleaseRecord(
        identity: identity, chartVersion: NatsChart.version, revision: 0, status: .failed, updated: 0, values: "{}",
        secrets: [], statefulSet: ReleaseNames.fullName(ofRelease: identity.name), replicas: 0, appVersion: "")
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

  func save(_ release: ReleaseRecord) throws(CommandFailure) {
    let identity = release.identity
    try onThisMachine { () throws(MachineError) in
      try Folders.make(folders.releases(identity.cluster, namespace: identity.namespace))
      try StateFile.write(release, to: folders.release(identity))
    }
  }

  func remove(_ release: ReleaseIdentity) throws(CommandFailure) {
    try onThisMachine { () throws(MachineError) in try Folders.remove(folders.release(release)) }
    rmdir(folders.releases(release.cluster, namespace: release.namespace))
  }
}

extension String {
  /// The path in a folder that was moved, if it lies in that.
  fileprivate func moved(from old: String, to new: String) -> String {
    hasPrefix(old + "/") ? new + dropFirst(old.count) : self
  }
}
