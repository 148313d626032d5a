#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// TCP over 127.0.0.1 as the relay needs it: nothing waits, and small messages leave at once.
enum RelaySocket {
  enum Beginning {
    case connected(Int32)
    /// It is writable once that is decided, see `problem`.
    case connecting(Int32)
    case failed
  }

  /// A socket that listens.
  ///
  /// - Throws: `.system`.
  static func listening(on port: UInt16) throws(ProcessError) -> Int32 {
    let number = make()
    guard number >= 0 else { throw .system(call: "socket", errno: errno) }
    set(number, SOL_SOCKET, SO_REUSEADDR, 1)
    var address = loopback(port)
    guard LocalPlatform.bindSocket(number, to: &address), listen(number, 1024) == 0 else {
      let problem = errno
      close(number)
      throw .system(call: "bind", errno: problem)
    }
    return number
  }

  /// Whoever has connected, and from which port; nil with the reason in `errno`.
  static func accepted(_ listener: Int32) -> (number: Int32, port: UInt16)? {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let number = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        #if canImport(Glibc)
          let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
          return accept4(listener, __SOCKADDR_ARG(__sockaddr__: generic), &size, flags)
        #else
          return accept(listener, generic, &size)
        #endif
      }
    }
    guard number >= 0 else { return nil }
    prepare(number)
    return (number, UInt16(bigEndian: address.sin_port))
  }

  static func connecting(to port: UInt16) -> Beginning {
    let number = make()
    guard number >= 0 else { return .failed }
    prepare(number)
    var address = loopback(port)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        #if canImport(Glibc)
          connect(number, __CONST_SOCKADDR_ARG(__sockaddr__: generic), size)
        #else
          connect(number, generic, size)
        #endif
      }
    }
    if status == 0 { return .connected(number) }
    if errno == EINPROGRESS { return .connecting(number) }
    close(number)
    return .failed
  }

  /// What became of a connection that was begun: 0, or why there is none.
  static func problem(_ number: Int32) -> Int32 {
    var problem: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(number, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 ? problem : errno
  }

  /// Sends what there is room for, and raises no SIGPIPE. As `send(2)`.
  static func send(_ number: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      return Glibc.send(number, bytes.baseAddress, bytes.count, sendFlags)
    #else
      return Darwin.send(number, bytes.baseAddress, bytes.count, sendFlags)
    #endif
  }

  /// The same for several pieces that go out together.
  static func send(_ number: Int32, _ pieces: UnsafeMutableBufferPointer<iovec>) -> Int {
    var message = msghdr()
    message.msg_iov = pieces.baseAddress
    message.msg_iovlen = numericCast(pieces.count)
    return sendmsg(number, &message, sendFlags)
  }

  #if canImport(Glibc)
    private static let sendFlags = Int32(MSG_NOSIGNAL)
  #else
    /// The socket itself is told, see `prepare`.
    private static let sendFlags: Int32 = 0
  #endif

  /// Tells the other end that nothing more comes.
  static func finish(_ number: Int32) { shutdown(number, Int32(SHUT_WR)) }

  /// When it is closed, the other end is told that the connection is lost.
  static func resetWhenClosed(_ number: Int32) {
    var none = linger(l_onoff: 1, l_linger: 0)
    setsockopt(number, SOL_SOCKET, SO_LINGER, &none, socklen_t(MemoryLayout<linger>.size))
  }

  private static func make() -> Int32 {
    #if canImport(Glibc)
      let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      return socket(AF_INET, type, 0)
    #else
      let number = socket(AF_INET, SOCK_STREAM, 0)
      if number >= 0 { makeNonBlocking(number) }
      return number
    #endif
  }

  private static func prepare(_ number: Int32) {
    set(number, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    #if canImport(Darwin)
      makeNonBlocking(number)
      set(number, SOL_SOCKET, SO_NOSIGPIPE, 1)
    #endif
  }

  #if canImport(Darwin)
    private static func makeNonBlocking(_ number: Int32) {
      _ = fcntl(number, F_SETFD, FD_CLOEXEC)
      _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
    }
  #endif

  private static func set(_ number: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(number, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }
}
