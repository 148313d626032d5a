import Machine

/// Whether somebody listens on a port of 127.0.0.1. Asked by connecting: trying to bind it could take the port from a
/// server at the very moment when it wants it.
enum ListenProbe {
  static func isListening(_ port: UInt16) -> Bool {
    let descriptor = TCPSocket.open()
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let problem = SocketAddress.loopback(port).connect(descriptor)
    guard problem == EINPROGRESS else { return problem == 0 }
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&entry, 1, 100) == 1 && TCPSocket.problem(descriptor) == 0
  }
}
