import Interpreter
import Synchronization

/// Everything that the local target keeps: regions, the releases in them, their pods, and the processes behind those.
///
/// What is read comes from the disk each time, so that another nbx sees the same. Whatever changes something takes the
/// sandbox's lock first, then its turn among the lanes of this nbx. An intention is on disk before it is acted on: an nbx
/// that is killed leaves nothing behind that the next one does not understand.
final class Sandbox: Sendable {
  let folders: SandboxFolders
  /// The environment that servers get.
  let environment: [String: String]
  let lock: SandboxLock
  let turns = Turns()
  let ports: PortBook
  let servers: ServerStock
  let relay: RelayKeeper
  private let runClusters: [String]
  private let regionRecords = Mutex(())

  /// - Parameters:
  ///   - home: nbx's home, see `Home`.
  ///   - clusters: the run's.
  ///   - purpose: what this nbx does, for others that wait for it.
  ///   - relay: the program of the relay between regions, see `RelayKeeper`; nil: they connect directly.
  init(home: String, clusters: [String], environment: [String: String], purpose: String, relay: String?) {
    folders = SandboxFolders(home: home)
    self.environment = environment
    runClusters = clusters
    lock = SandboxLock(folders, for: purpose)
    ports = PortBook(folders, firstCluster: clusters.first)
    servers = ServerStock(home: home, environment: environment)
    self.relay = RelayKeeper(folders, program: relay, environment: environment)
  }

  /// Lets other nbx change the sandbox until this one does again.
  func letGo() {
    ports.letGo()
    relay.letGo()
    lock.letGo()
  }

  /// The regions that exist, by name.
  var regionNames: [String] {
    StateFile.names(in: folders.regions).filter { Folders.isFolder(folders.region($0)) }
  }

  /// The clusters that host names may speak of: the run's, and those that exist beside them.
  var knownClusters: [String] {
    runClusters + regionNames.filter { !runClusters.contains($0) }
  }

  // MARK: Regions

  /// Nil: there is none. A record that cannot be read is made up from what else is there.
  func region(_ name: String) -> RegionRecord? {
    guard SandboxNames.isLabel(name), Folders.isFolder(folders.region(name)) else { return nil }
    if case .state(let record) = StateFile.read(folders.regionRecord(name), as: RegionRecord.self) { return record }
    let inMemory = StoreLocation.pathInMemory(ofSandbox: folders.root).map { "\($0)/\(name)" }
    let reason = "the region's record was damaged"
    if let inMemory, Folders.isFolder(inMemory) {
      return RegionRecord(
        name: name, wanted: .running, store: StoreRecord(folder: inMemory, kind: .memory, reason: reason),
        namespaces: [])
    }
    let onDisk = StoreRecord(folder: "\(folders.root)/store/\(name)", kind: .disk, reason: reason)
    return RegionRecord(name: name, wanted: .running, store: onDisk, namespaces: [])
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

  func save(_ region: RegionRecord) throws(CommandFailure) {
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

  // MARK: Pods

  /// Every pod of a region with its process, also where that was started by an nbx which could not record it any more.
  func pods(of region: String) -> [Pod] { pods(of: region) { _ in true } }

  private func pods(of region: String, where isMeant: (PodKey) -> Bool) -> [Pod] {
    var pods = PodRecord.keys(in: folders, region: region).filter(isMeant).map { key in
      if case .state(let record) = StateFile.read(folders.podRecord(key), as: PodRecord.self) {
        return Pod(record: record)
      }
      return Pod(record: .rebuilt(key))
    }
    let lost = pods.filter { $0.record.process == nil }.map(\.key)
    let found = ProcessSearch.find(lost, in: folders)
    for index in pods.indices where pods[index].record.process == nil {
      pods[index].record.process = found[pods[index].key]
    }
    return pods.sorted {
      ($0.key.namespace, $0.statefulSet, $0.ordinal) < ($1.key.namespace, $1.statefulSet, $1.ordinal)
    }
  }

  func pods(of region: String, namespace: String, statefulSet: String? = nil) -> [Pod] {
    pods(of: region) {
      $0.namespace == namespace && (statefulSet == nil || $0.statefulSet == statefulSet)
    }
  }

  func save(_ record: PodRecord) throws(CommandFailure) {
    try onThisMachine { () throws(MachineError) in try StateFile.write(record, to: folders.podRecord(record.key)) }
  }
}
