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
}

/// A pod and the process behind it, as they were found.
struct Pod: Sendable {
  var record: PodRecord

  var key: PodKey { record.key }
  var name: String { record.key.name }
  var serverName: String { record.serverName ?? name }
  /// Asking also takes away the remains of a server that this nbx started and that died.
  var isAlive: Bool { record.process.map { !$0.hasExited } ?? false }

  var statefulSet: String { key.statefulSet }
  var ordinal: Int { key.name.split(separator: "-").last.flatMap { Int($0) } ?? 0 }

  /// The state to show, given what the region is meant to be.
  func state(in region: RegionRecord) -> ServerState {
    guard let process = record.process, isAlive else {
      return region.wanted == .stopped ? .stopped : .crashed
    }
    if process.isStopped { return .paused }
    guard let port = record.port(.client) else { return .running }
    return ListenProbe.isListening(port) ? .running : .starting
  }
}

/// What a server does.
enum ServerState: String, Sendable {
  case running, paused, stopped, crashed, starting
}
