import SandboxSystem
import ValuesAndCommands

/// How a region was meant to be, as its `region.json` keeps it.
struct RegionRecord: Codable, Sendable {
  enum Wanted: String, Codable, Sendable {
    case running, stopped, paused
  }

  let name: String
  var wanted: Wanted
  package var store: StoreRecord
  /// Namespaces that were made, beside `default`.
  var namespaces: [String]
  /// Where clients reach its first seed, if that was asked for; nil for wherever there is room.
  var clientPort: UInt16?
  /// When it was made, in seconds since 1970; nil where an earlier nbx has made it.
  var made: Double?
  /// The sandbox's folder when this was written: another one now, it was moved since.
  var root: String?

  /// `running`, `paused`, `stopped`, or `degraded` if some of its servers are not as they should be.
  func stateName(_ states: [ServerState]) -> String {
    let expected: Set<ServerState> =
      switch wanted {
      case .running: [.running, .starting]
      case .paused: [.paused]
      case .stopped: [.stopped]
      }
    return states.allSatisfy(expected.contains) ? wanted.rawValue : "degraded"
  }
}

/// Where a region's streams lie.
struct StoreRecord: Codable, Sendable {
  /// The region's own folder.
  var folder: String
  var kind: StoreLocation.Kind
  /// For people: why there.
  var reason: String
}

/// A helm release, as its file keeps it.
struct ReleaseRecord: Codable, Sendable {
  enum Status: String, Codable, Sendable {
    case deployed
    case failed
    /// An upgrade has begun; an nbx that was killed leaves it so.
    case pending = "pending-upgrade"
  }

  let identity: ReleaseIdentity
  /// `1.3.7`
  var chartVersion: String
  var revision: Int
  var status: Status
  /// Seconds since 1970.
  var updated: Double
  /// As JSON.
  var values: String
  /// Which strings of the values must not be seen.
  var secrets: [SecretPlace]
  var statefulSet: String
  var replicas: Int
  /// The version of the servers.
  var appVersion: String

  /// The values, secrets marked as such.
  var valueMap: ValueMap {
    guard case .map(let map)? = try? Value.json(Array(values.utf8)) else { return ValueMap() }
    guard case .map(let marked) = SecretPlace.mark(secrets, in: .map(map)) else { return map }
    return marked
  }

  mutating func keep(_ map: ValueMap) {
    values = Value.map(map).json(sizes: .quantity).string
    secrets = SecretPlace.all(in: .map(map))
  }
}

/// A string among values that is secret, and which of its bytes are.
struct SecretPlace: Codable, Equatable, Sendable {
  /// Keys and indices that lead to it.
  let path: [String]
  let hidden: [Range<Int>]

  static func all(in value: Value, at path: [String] = []) -> [SecretPlace] {
    switch value {
    case .map(let map): map.flatMap { all(in: $0.1, at: path + [$0.0]) }
    case .list(let list): list.enumerated().flatMap { all(in: $0.element, at: path + [String($0.offset)]) }
    default:
      value.asText.flatMap { $0.isSecret ? [SecretPlace(path: path, hidden: $0.hidden)] : nil } ?? []
    }
  }

  /// The same values with those places secret again.
  static func mark(_ places: [SecretPlace], in value: Value) -> Value {
    places.reduce(value) { mark($1, $1.path[...], in: $0) }
  }

  private static func mark(_ place: SecretPlace, _ path: ArraySlice<String>, in value: Value) -> Value {
    guard let key = path.first else {
      guard case .string(let string) = value else { return value }
      return .secret(Text(string, hidden: place.hidden))
    }
    switch value {
    case .map(var map):
      if let inner = map[key] { map[key] = mark(place, path.dropFirst(), in: inner) }
      return .map(map)
    case .list(var list):
      if let index = Int(key), list.indices.contains(index) {
        list[index] = mark(place, path.dropFirst(), in: list[index])
      }
      return .list(list)
    default: return value
    }
  }
}

/// What the sandbox knows of a pod, as its `pod.json` keeps it.
struct PodRecord: Codable, Sendable {
  let key: PodKey
  /// The helm release that it belongs to.
  var release: String
  /// What the server calls itself; nil where it goes by the pod's name.
  var serverName: String?
  /// As the values asked for it; nil stands for nbx's own choice.
  var imageTag: String?
  /// The version of the program that it was started with.
  var version: String
  /// Marks the configuration that the process has read, be it at its start or by a reload.
  var loaded: String
  /// Local ports by the chart's names for them.
  var ports: [String: UInt16]
  /// Where its streams lie.
  var store: String
  /// Nil from before a start until it is recorded: then the process is looked for.
  var process: ProcessIdentity?
  /// Seconds since 1970.
  var started: Double
  /// How often it was started again.
  var restarts: Int
  /// Whether `fault kill` has ended it, so that it is gone until somebody starts it.
  var isKilled: Bool?
  /// What was damaged in its store since it ran last, the latest at the end.
  var damage: [StoreDamage]?

  func port(_ port: PodPort) -> UInt16? { ports[port.rawValue] }

  /// The mark of a configuration's text.
  static func mark(of configuration: String) -> String { String(stableHash(configuration), radix: 16) }

  /// Every pod that has a folder, whether its record can be read or not.
  static func keys(in folders: SandboxFolders, region: String) -> [PodKey] {
    StateFile.names(in: folders.pods(region)).flatMap { namespace in
      StateFile.names(in: folders.pods(region, namespace: namespace)).map {
        PodKey(cluster: region, namespace: namespace, name: $0)
      }
    }
  }

  /// What stands in for a record that cannot be read: it asks to be written anew, and its process to be looked for.
  static func rebuilt(_ key: PodKey) -> PodRecord {
    PodRecord(
      key: key, release: "", imageTag: nil, version: "", loaded: "", ports: [:], store: "", process: nil, started: 0,
      restarts: 0)
  }

  /// Where the relay listens for a pod, given its ports.
  static func listeners(of key: PodKey, _ ports: [PodPort: UInt16]) -> [RelayOrders.Listener] {
    PodPort.allCases.compactMap { port in
      guard let network = port.network, let relay = ports[port], let target = port.behind.flatMap({ ports[$0] }) else {
        return nil
      }
      return RelayOrders.Listener(port: relay, target: target, region: key.cluster, network: network)
    }
  }
}

/// A pod and the process behind it, as they were found.
struct Pod: Sendable {
  package var record: PodRecord

  package var key: PodKey { record.key }
  var name: String { record.key.name }
  var serverName: String { record.serverName ?? name }
  /// Asking also takes away the remains of a server that this nbx started and that died.
  var isAlive: Bool { record.process.map { !$0.hasExited } ?? false }

  var statefulSet: String { key.statefulSet }
  var ordinal: Int { key.ordinal }

  /// The state to show, given what the region is meant to be.
  func state(in region: RegionRecord) -> ServerState {
    guard let process = record.process, isAlive else {
      return region.wanted == .stopped ? .stopped : record.isKilled == true ? .killed : .crashed
    }
    if process.isStopped { return region.wanted == .paused ? .paused : .frozen }
    if process.refusesWrites { return .full }
    guard let port = record.port(.client) else { return .running }
    return ListenProbe.isListening(port) ? .running : .starting
  }
}

/// What a server does.
enum ServerState: String, Sendable {
  case running, paused, stopped, crashed, starting
  /// Ended by `fault kill`.
  case killed
  /// It stands still in a region that does not.
  case frozen
  /// It runs, and its disk refuses what it writes.
  case full = "disk full"
}
