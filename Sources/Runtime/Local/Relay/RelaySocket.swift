import Machine
import SandboxSystem

/// TCP over 127.0.0.1 as the relay needs it: nothing waits, and small messages leave at once.
enum RelaySocket {
  enum Beginning {
    case connected(Int32)
    /// It is writable once that is decided, see `TCPSocket.problem`.
    case connecting(Int32)
    case failed
  }

  /// A socket that listens.
  ///
  /// - Throws: `.system`.
  static func listening(on port: UInt16) throws(ProcessError) -> Int32 {
    let number = TCPSocket.open()
    guard number >= 0 else { throw .system(call: "socket", errno: errno) }
    TCPSocket.reuseAddress(number)
    let refusal = SocketAddress.loopback(port).bind(number)
    guard refusal == 0, listen(number, 1024) == 0 else {
      let problem = refusal == 0 ? errno : refusal
      close(number)
      throw .system(call: "bind", errno: problem)
    }
    return number
  }

  /// Whoever has connected, and from which port; nil with the reason in `errno`.
  static func accepted(_ listener: Int32) -> (number: Int32, port: UInt16)? {
    guard let accepted = TCPSocket.accept(listener) else { return nil }
    TCPSocket.disableNagle(accepted.number)
    return accepted
  }

  static func connecting(to port: UInt16) -> Beginning {
    let number = TCPSocket.open()
    guard number >= 0 else { return .failed }
    TCPSocket.disableNagle(number)
    switch SocketAddress.loopback(port).connect(number) {
    case 0: return .connected(number)
    case EINPROGRESS: return .connecting(number)
    default:
      close(number)
      return .failed
    }
  }

  /// Sends several pieces together, as far as there is room, and raises no SIGPIPE. As `send(2)`.
  static func send(_ number: Int32, _ pieces: UnsafeMutableBufferPointer<iovec>) -> Int {
    var message = msghdr()
    message.msg_iov = pieces.baseAddress
    message.msg_iovlen = numericCast(pieces.count)
    return sendmsg(number, &message, TCPSocket.sendFlags)
  }

  /// Tells the other end that nothing more comes.
  static func finish(_ number: Int32) { shutdown(number, Int32(SHUT_WR)) }

  /// When it is closed, the other end is told that the connection is lost.
  static func resetWhenClosed(_ number: Int32) {
    var none = linger(l_onoff: 1, l_linger: 0)
    setsockopt(number, SOL_SOCKET, SO_LINGER, &none, socklen_t(MemoryLayout<linger>.size))
  }
}
