#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
