import Machine

/// What differs between the systems for the servers of the local target.
package enum LocalPlatform {
  #if canImport(Glibc)
    /// The tmpfs that every user may write to.
    package static let memoryFolder: String? = "/dev/shm"
  #else
    /// There is no file system in memory without preparing one.
    static let memoryFolder: String? = nil
  #endif

  /// Whether a nats-server could listen there: it does so with SO_REUSEADDR, to which connections of an earlier server
  /// that linger (TIME_WAIT) are no obstacle, while one that listens is. Binding finds out; nobody can connect to us.
  package static func isFree(_ port: UInt16) -> Bool {
    guard let probe = OwnedDescriptor.aboveStandardStreams(TCPSocket.open()) else { return false }
    TCPSocket.reuseAddress(probe.number)
    return SocketAddress.loopback(port).bind(probe.number) == 0
  }

  /// Outgoing connections take their ports from here, so a server's port must lie elsewhere: it could be gone at any
  /// moment between two starts.
  package static func ephemeralPorts() -> ClosedRange<UInt16> {
    #if canImport(Glibc)
      let numbers = StateFile.text(of: "/proc/sys/net/ipv4/ip_local_port_range")?
        .split { $0 == "\t" || $0 == " " || $0 == "\n" }.compactMap { UInt16($0) }
      if let numbers, numbers.count == 2, numbers[0] <= numbers[1] { return numbers[0]...numbers[1] }
      return 32768...60999
    #else
      // IANA's range, which is macOS's `net.inet.ip.portrange` too.
      return 49152...65535
    #endif
  }

  /// Whether the folder lies in memory: the last file system mounted at it or above it is a tmpfs.
  package static func isInMemory(_ folder: String) -> Bool {
    guard let mounts = StateFile.text(of: "/proc/self/mounts") else { return false }
    var nearest = (length: 0, type: Substring())
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2 else { continue }
      let point = fields[1]
      let holdsFolder = point == "/" || folder == point || folder.hasPrefix(point + "/")
      if holdsFolder, point.utf8.count >= nearest.length { nearest = (point.utf8.count, fields[2]) }
    }
    return nearest.type == "tmpfs"
  }
}
