#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What differs between the systems for the servers of the local target.
enum LocalPlatform {
  #if canImport(Glibc)
    static let streamSocket = Int32(SOCK_STREAM.rawValue)
    /// The tmpfs that every user may write to.
    static let memoryFolder: String? = "/dev/shm"
  #else
    static let streamSocket = SOCK_STREAM
    /// There is no file system in memory without preparing one.
    static let memoryFolder: String? = nil
  #endif

  static func bindSocket(_ socket: Int32, to address: inout sockaddr_in) -> Bool {
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        #if canImport(Glibc)
          // With _GNU_SOURCE the parameter is a union of pointers to every kind of address.
          bind(socket, __CONST_SOCKADDR_ARG(__sockaddr__: generic), size) == 0
        #else
          bind(socket, generic, size) == 0
        #endif
      }
    }
  }

  /// Outgoing connections take their ports from here, so a server's port must lie elsewhere: it could be gone at any
  /// moment between two starts.
  static func ephemeralPorts() -> ClosedRange<UInt16> {
    #if canImport(Glibc)
      let numbers = textOfFile("/proc/sys/net/ipv4/ip_local_port_range")?
        .split { $0 == "\t" || $0 == " " || $0 == "\n" }.compactMap { UInt16($0) }
      if let numbers, numbers.count == 2, numbers[0] <= numbers[1] { return numbers[0]...numbers[1] }
      return 32768...60999
    #else
      // IANA's range, which is macOS's `net.inet.ip.portrange` too.
      return 49152...65535
    #endif
  }

  /// Whether the folder lies in memory: the last file system mounted at it or above it is a tmpfs.
  static func isInMemory(_ folder: String) -> Bool {
    guard let mounts = textOfFile("/proc/self/mounts") else { return false }
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

  private static func textOfFile(_ path: String) -> String? {
    guard let file = OwnedDescriptor.open(path, O_RDONLY) else { return nil }
    var all: [UInt8] = []
    while true {
      let part = [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
        count = max(0, read(file.number, buffer.baseAddress, buffer.count))
      }
      if part.isEmpty { return String(decoding: all, as: UTF8.self) }
      all += part
    }
  }
}
