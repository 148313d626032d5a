#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Finds servers again, and the relay, that were started by an nbx that was killed before it could write down their pids.
enum ProcessSearch {
  /// The relay of a sandbox, which runs as `PROGRAM relay FOLDER`: no other process ends in these words.
  static func relay(of folders: SandboxFolders) -> ProcessIdentity? {
    let end = ["relay", folders.root].map { Array($0.utf8) }
    for pid in ProcessPlatform.pids {
      guard let words = ProcessPlatform.commandLine(of: pid), words.count > 2,
        words.suffix(2).elementsEqual(end, by: { $0.elementsEqual($1) }),
        let identity = ProcessIdentity(pid: pid), identity.isAlive
      else { continue }
      return identity
    }
    return nil
  }

  /// The process of each pod that has one.
  static func find(_ keys: [PodKey], in folders: SandboxFolders) -> [PodKey: ProcessIdentity] {
    guard !keys.isEmpty else { return [:] }
    #if canImport(Glibc)
      return findByCommandLine(keys, in: folders)
    #else
      return findByPidFile(keys, in: folders)
    #endif
  }

  #if canImport(Glibc)
    /// Servers run as `nats-server -c CONFIGURATION …`: no other process names that file in that way.
    private static func findByCommandLine(_ keys: [PodKey], in folders: SandboxFolders) -> [PodKey: ProcessIdentity] {
      let wanted = Dictionary(keys.map { (folders.configuration($0), $0) }, uniquingKeysWith: { first, _ in first })
      var found: [PodKey: ProcessIdentity] = [:]
      for pid in ProcessPlatform.pids {
        guard let words = ProcessPlatform.commandLine(of: pid), words.count > 2, words[1].elementsEqual("-c".utf8),
          let key = wanted[String(decoding: words[2], as: UTF8.self)]
        else { continue }
        if let identity = ProcessIdentity(pid: pid), identity.isAlive { found[key] = identity }
      }
      return found
    }
  #else
    /// The server writes its pid into a file; the pid may have gone to another program since, so its program is looked
    /// at too.
    private static func findByPidFile(_ keys: [PodKey], in folders: SandboxFolders) -> [PodKey: ProcessIdentity] {
      var found: [PodKey: ProcessIdentity] = [:]
      for key in keys {
        guard let text = StateFile.text(of: folders.pidFile(key)), let pid = Int32(text.filter(\.isNumber)) else {
          continue
        }
        var path = [CChar](repeating: 0, count: 4096)
        guard proc_pidpath(pid, &path, UInt32(path.count)) > 0 else { continue }
        let name = String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard name.hasSuffix("/nats-server"), let identity = ProcessIdentity(pid: pid), identity.isAlive else {
          continue
        }
        found[key] = identity
      }
      return found
    }
  #endif
}
