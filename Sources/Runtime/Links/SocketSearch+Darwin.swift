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
