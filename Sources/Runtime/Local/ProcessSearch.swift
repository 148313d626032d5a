import SandboxSystem

/// Finds servers again, and the relay, that were started by an nbx that was killed before it could write down their pids.
enum ProcessSearch {
  /// The relay of a sandbox, which runs as `PROGRAM relay FOLDER`: no other process ends in these words.
  static func relay(of folders: SandboxFolders) -> ProcessIdentity? {
    let end = ["relay", folders.root].map { Array($0.utf8) }
    for pid in ProcessPlatform.pids {
      guard let words = ProcessPlatform.commandLine(of: pid), words.count > 2, Array(words.suffix(2)) == end,
        let identity = ProcessIdentity(pid: pid), identity.isAlive
      else { continue }
      return identity
    }
    return nil
  }

  /// The process of each pod that has one.
  static func find(_ keys: [PodKey], in folders: SandboxFolders) -> [PodKey: ProcessIdentity] {
    guard !keys.isEmpty else { return [:] }
    let wanted = Dictionary(keys.map { (Array(folders.configuration($0).utf8), $0) }, uniquingKeysWith: { $1 })
    var found: [PodKey: ProcessIdentity] = [:]
    for pid in ProcessPlatform.pids {
      guard let key = configuration(ofServer: pid).flatMap({ wanted[$0] }), let identity = ProcessIdentity(pid: pid),
        identity.isAlive
      else { continue }
      found[key] = identity
    }
    return found
  }

  /// Servers run as `nats-server -c CONFIGURATION …`: no other process names such a file in that way.
  static func configuration(ofServer pid: Int32) -> [UInt8]? {
    guard let words = ProcessPlatform.commandLine(of: pid), words.count > 2, words[1].elementsEqual("-c".utf8) else {
      return nil
    }
    return words[2]
  }
}
