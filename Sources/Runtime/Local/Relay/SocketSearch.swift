import SandboxSystem

#if canImport(Glibc)
  import Glibc
  import Machine

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
        guard let file = OwnedDescriptor.open(table, O_RDONLY) else { continue }
        for line in (Paths.rest(of: file.number) ?? []).split(separator: UInt8(ascii: "\n")).dropFirst() {
          note(line, wanted)
        }
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
  }
#endif

#if canImport(Glibc)
  import Glibc

  /// Asks the kernel for the numbers of sockets, by `sock_diag(7)`: that takes microseconds, where to read `/proc/net/tcp`
  /// takes longer with each connection of the machine, and with each that was closed within the last minute.
  struct SocketNumbers {
    enum Answer {
      case number(UInt64)
      /// There is no such connection any more.
      case none
      /// The kernel does not say.
      case unknown
    }

    private let link: OwnedDescriptor

    // Of <linux/netlink.h>, <linux/sock_diag.h> and <linux/inet_diag.h>, which the module of the system's library leaves
    // out.
    private static let netlink: Int32 = 16
    private static let socketDiagnosis: Int32 = 4
    private static let byFamily: UInt16 = 20
    private static let isRequest: UInt16 = 1
    private static let isError: UInt16 = 2
    private static let headSize = 16
    private static let questionSize = headSize + 56
    /// In an answer, behind its head.
    private static let numberOffset = headSize + 68

    /// Nil where the kernel cannot be asked.
    init?() {
      let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      guard let link = OwnedDescriptor.aboveStandardStreams(socket(Self.netlink, type, Self.socketDiagnosis)) else {
        return nil
      }
      self.link = link
    }

    /// The number of the asker's socket.
    func number(of peer: PeerPorts) -> Answer {
      withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) { buffer in
        guard let start = buffer.baseAddress else { return .unknown }
        write(peer, to: start)
        guard send(link.number, start, Self.questionSize, 0) == Self.questionSize else { return .unknown }
        // The kernel has answered before `send` returns.
        let count = recv(link.number, start, buffer.count, Int32(MSG_DONTWAIT))
        guard count >= Self.headSize + 4 else { return .unknown }
        let type = start.load(fromByteOffset: 4, as: UInt16.self)
        if type == Self.isError {
          return start.load(fromByteOffset: Self.headSize, as: Int32.self) == -ENOENT ? .none : .unknown
        }
        guard type == Self.byFamily, count >= Self.numberOffset + 4 else { return .unknown }
        let number = start.load(fromByteOffset: Self.numberOffset, as: UInt32.self)
        return number == 0 ? .none : .number(UInt64(number))
      }
    }

    private func write(_ peer: PeerPorts, to start: UnsafeMutableRawPointer) {
      memset(start, 0, Self.questionSize)
      start.storeBytes(of: UInt32(Self.questionSize), as: UInt32.self)
      start.storeBytes(of: Self.byFamily, toByteOffset: 4, as: UInt16.self)
      start.storeBytes(of: Self.isRequest, toByteOffset: 6, as: UInt16.self)
      let question = start + Self.headSize
      question.storeBytes(of: UInt8(AF_INET), as: UInt8.self)
      question.storeBytes(of: UInt8(IPPROTO_TCP), toByteOffset: 1, as: UInt8.self)
      let anyState = UInt32.max
      question.storeBytes(of: anyState, toByteOffset: 4, as: UInt32.self)
      // Ports and addresses are in the network's order: the asker's own, then those of the other end.
      question.storeBytes(of: peer.asker.bigEndian, toByteOffset: 8, as: UInt16.self)
      question.storeBytes(of: peer.relay.bigEndian, toByteOffset: 10, as: UInt16.self)
      let loopback = UInt32(0x7f00_0001).bigEndian
      question.storeBytes(of: loopback, toByteOffset: 12, as: UInt32.self)
      question.storeBytes(of: loopback, toByteOffset: 28, as: UInt32.self)
      // Behind the interface's number, where zero is any: no cookie that the kernel has given before.
      question.storeBytes(of: UInt64.max, toByteOffset: 48, as: UInt64.self)
    }
  }
#endif

#if canImport(Darwin)
  import Darwin

  /// Looks for the processes that hold the other ends of connections: `libproc` tells each process's sockets and their
  /// ports.
  struct SocketSearch {
    private(set) var found: [PeerPorts: String] = [:]
    /// Those whose processes are still to be found.
    private var left: Set<PeerPorts>

    var isOver: Bool { left.isEmpty }

    init(_ peers: [PeerPorts]) { left = Set(peers) }

    /// Looks through the descriptors of a server.
    mutating func look(at pid: pid_t, of region: String) {
      let size = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, nil, 0)
      guard size > 0 else { return }
      let stride = MemoryLayout<proc_fdinfo>.stride
      var descriptors = [proc_fdinfo](repeating: proc_fdinfo(), count: Int(size) / stride + 16)
      let filled = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, &descriptors, Int32(descriptors.count * stride))
      for descriptor in descriptors.prefix(max(0, Int(filled)) / stride)
      where !left.isEmpty && descriptor.proc_fdtype == UInt32(PROX_FDTYPE_SOCKET) {
        var facts = socket_fdinfo()
        let size = Int32(MemoryLayout<socket_fdinfo>.size)
        guard proc_pidfdinfo(pid, descriptor.proc_fd, PROC_PIDFDSOCKETINFO, &facts, size) == size,
          Int(facts.psi.soi_kind) == SOCKINFO_TCP
        else { continue }
        let ports = facts.psi.soi_proto.pri_tcp.tcpsi_ini
        let peer = PeerPorts(
          asker: UInt16(bigEndian: UInt16(truncatingIfNeeded: ports.insi_lport)),
          relay: UInt16(bigEndian: UInt16(truncatingIfNeeded: ports.insi_fport)))
        if left.remove(peer) != nil { found[peer] = region }
      }
    }
  }
#endif
