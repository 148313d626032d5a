#if canImport(Glibc)
  import Glibc

  /// Looks for the processes that hold the other ends of connections: by the sockets' numbers, which are those that the
  /// names of a process's descriptors have in `/proc/PID/fd`.
  struct SocketSearch {
    private(set) var found: [PeerPorts: String] = [:]
    /// Those whose processes are still to be found, by their sockets' numbers.
    private var left: [UInt64: PeerPorts] = [:]

    var isOver: Bool { left.isEmpty }

    /// - Parameter numbers: tells the sockets' numbers; nil has them looked up in `/proc/net/tcp`.
    init(_ peers: [PeerPorts], numbers: SocketNumbers? = SocketNumbers()) {
      var wanted: Set<PeerPorts> = []
      for peer in peers {
        switch numbers?.number(of: peer) ?? .unknown {
        case .number(let number): left[number] = peer
        case .none: break
        case .unknown: wanted.insert(peer)
        }
      }
      if !wanted.isEmpty { readTables(wanted) }
    }

    private mutating func readTables(_ wanted: Set<PeerPorts>) {
      // A socket for both kinds of addresses is in the second table, however it is used.
      for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        guard let bytes = Self.bytes(of: table) else { continue }
        for line in bytes.split(separator: UInt8(ascii: "\n")).dropFirst() { note(line, wanted) }
      }
    }

    /// A line of the table: number, local address, remote address, five more, and the socket's number.
    private mutating func note(_ line: ArraySlice<UInt8>, _ wanted: Set<PeerPorts>) {
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 10)
      guard fields.count > 9, let asker = Self.port(fields[1]), let relay = Self.port(fields[2]) else { return }
      let peer = PeerPorts(asker: asker, relay: relay)
      guard wanted.contains(peer), let socket = UInt64(String(decoding: fields[9], as: UTF8.self)), socket > 0 else {
        return
      }
      left[socket] = peer
    }

    /// That of `0100007F:1092`, where the address is 127.0.0.1 in the machine's own order of bytes.
    private static func port(_ address: ArraySlice<UInt8>) -> UInt16? {
      let parts = address.split(separator: UInt8(ascii: ":"))
      guard parts.count == 2, parts[0].suffix(8).elementsEqual("0100007F".utf8) else { return nil }
      return UInt16(String(decoding: parts[1], as: UTF8.self), radix: 16)
    }

    /// Looks through the descriptors of a server.
    mutating func look(at pid: pid_t, of region: String) {
      guard let listing = opendir("/proc/\(pid)/fd") else { return }
      defer { closedir(listing) }
      let folder = dirfd(listing)
      while !left.isEmpty, let entry = readdir(listing) {
        let socket = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
            Self.socket($0, in: folder)
          }
        }
        if let socket, let peer = left.removeValue(forKey: socket) { found[peer] = region }
      }
    }

    /// The number in `socket:[12345]`, where the link leads to.
    private static func socket(_ name: UnsafePointer<CChar>, in folder: Int32) -> UInt64? {
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
        guard let start = text.baseAddress else { return nil }
        let count = readlinkat(folder, name, start, text.count)
        guard count > 9 else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[..<count])
        guard bytes.starts(with: "socket:[".utf8) else { return nil }
        var number: UInt64 = 0
        for byte in bytes[8...] where byte != UInt8(ascii: "]") {
          number = number &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
        }
        return number
      }
    }

    /// Foundation takes the first short read for the end, and these tables say nothing of their size and give a page or less
    /// at a time.
    private static func bytes(of path: String) -> [UInt8]? {
      guard let file = OwnedDescriptor.open(path, O_RDONLY) else { return nil }
      var all: [UInt8] = []
      while true {
        let size = all.count
        all.append(contentsOf: repeatElement(0, count: 4096))
        let count = all.withUnsafeMutableBytes { read(file.number, $0.baseAddress.map { $0 + size }, 4096) }
        all.removeLast(4096 - max(0, count))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return all }
      }
    }
  }
#endif
