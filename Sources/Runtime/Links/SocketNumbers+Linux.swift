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
