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

/// Whether somebody listens on a port of 127.0.0.1. Asked by connecting: trying to bind it could take the port from a
/// server at the very moment when it wants it.
enum ListenProbe {
  static func isListening(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, LocalPlatform.streamSocket, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    if LocalPlatform.connectSocket(descriptor, to: &address) { return true }
    guard errno == EINPROGRESS else { return false }
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&entry, 1, 100) == 1 else { return false }
    var failure: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0
  }
}

extension LocalPlatform {
  fileprivate static func connectSocket(_ socket: Int32, to address: inout sockaddr_in) -> Bool {
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        #if canImport(Glibc)
          // With _GNU_SOURCE the parameter is a union of pointers to every kind of address.
          connect(socket, __CONST_SOCKADDR_ARG(__sockaddr__: generic), size) == 0
        #else
          connect(socket, generic, size) == 0
        #endif
      }
    }
  }
}
