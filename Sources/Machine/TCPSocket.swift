/// TCP by the system's own calls, and all in which Linux and macOS differ about it.
package enum TCPSocket {
  /// Opens a socket that no child inherits and that waits for nothing; -1 with the reason in `errno`.
  package static func open(family: Int32 = AF_INET, isBlocking: Bool = false) -> Int32 {
    #if canImport(Darwin)
      let number = socket(family, SOCK_STREAM, 0)
      if number >= 0 { prepare(number, isBlocking: isBlocking) }
      return number
    #else
      let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      return socket(family, isBlocking ? kind : kind | Int32(SOCK_NONBLOCK.rawValue), 0)
    #endif
  }

  /// Whoever has connected to a socket that listens, and from which port; nil with the reason in `errno`.
  package static func accept(_ listener: Int32) -> (number: Int32, port: UInt16)? {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let number = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        #if canImport(Glibc)
          let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
          return accept4(listener, __SOCKADDR_ARG(__sockaddr__: generic), &size, flags)
        #elseif canImport(Musl)
          return accept4(listener, generic, &size, Int32(SOCK_NONBLOCK) | Int32(SOCK_CLOEXEC))
        #else
          return Darwin.accept(listener, generic, &size)
        #endif
      }
    }
    guard number >= 0 else { return nil }
    #if canImport(Darwin)
      prepare(number, isBlocking: false)
    #endif
    return (number, UInt16(bigEndian: address.sin_port))
  }

  /// The port of IPv4 that a socket is bound to.
  package static func port(of number: Int32) -> UInt16? {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        #if canImport(Glibc)
          getsockname(number, __SOCKADDR_ARG(__sockaddr__: generic), &size)
        #else
          getsockname(number, generic, &size)
        #endif
      }
    }
    return status == 0 ? UInt16(bigEndian: address.sin_port) : nil
  }

  /// Sends what there is room for, and raises no SIGPIPE. As `send(2)`: -1 with the reason in `errno`.
  package static func send(_ number: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      return Glibc.send(number, bytes.baseAddress, bytes.count, sendFlags)
    #elseif canImport(Musl)
      return Musl.send(number, bytes.baseAddress, bytes.count, sendFlags)
    #else
      return Darwin.send(number, bytes.baseAddress, bytes.count, sendFlags)
    #endif
  }

  /// The flags of `send` that keep a closed peer from killing the process with SIGPIPE.
  #if canImport(Darwin)
    package static let sendFlags: Int32 = 0
  #else
    package static let sendFlags = Int32(MSG_NOSIGNAL)
  #endif

  /// What became of a connection that was begun: 0, or why there is none.
  package static func problem(_ number: Int32) -> Int32 {
    var problem: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(number, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 ? problem : errno
  }

  /// Small messages leave at once: a request must not wait for the acknowledgement of the packet before it.
  package static func disableNagle(_ number: Int32) { set(number, Int32(IPPROTO_TCP), TCP_NODELAY) }

  /// Connections of an earlier listener that linger (TIME_WAIT) are no obstacle to listening.
  package static func reuseAddress(_ number: Int32) { set(number, SOL_SOCKET, SO_REUSEADDR) }

  private static func set(_ number: Int32, _ level: Int32, _ option: Int32) {
    var on: Int32 = 1
    setsockopt(number, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  #if canImport(Darwin)
    private static func prepare(_ number: Int32, isBlocking: Bool) {
      _ = fcntl(number, F_SETFD, FD_CLOEXEC)
      if !isBlocking { _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK) }
      set(number, SOL_SOCKET, SO_NOSIGPIPE)
    }
  #endif
}

/// Where a socket listens, or connects to.
package struct SocketAddress: Sendable {
  package let family: Int32
  /// A `sockaddr` of that family.
  private let bytes: [UInt8]

  package init(family: Int32, bytes: [UInt8]) {
    self.family = family
    self.bytes = bytes
  }

  /// A port of 127.0.0.1; 0 for one that is free.
  package static func loopback(_ port: UInt16) -> SocketAddress {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafeBytes(of: &address) { SocketAddress(family: AF_INET, bytes: Array($0)) }
  }

  /// Begins to connect. Returns the error number; at `EINPROGRESS` `poll(2)` tells when it is decided.
  package func connect(_ number: Int32) -> Int32 {
    with { pointer, size in
      #if canImport(Glibc)
        // With _GNU_SOURCE the parameter is a union of pointers to every kind of address.
        Glibc.connect(number, __CONST_SOCKADDR_ARG(__sockaddr__: pointer), size)
      #elseif canImport(Musl)
        Musl.connect(number, pointer, size)
      #else
        Darwin.connect(number, pointer, size)
      #endif
    }
  }

  /// Returns the error number, 0 when the socket is bound.
  package func bind(_ number: Int32) -> Int32 {
    with { pointer, size in
      #if canImport(Glibc)
        Glibc.bind(number, __CONST_SOCKADDR_ARG(__sockaddr__: pointer), size)
      #elseif canImport(Musl)
        Musl.bind(number, pointer, size)
      #else
        Darwin.bind(number, pointer, size)
      #endif
    }
  }

  private func with(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    bytes.withUnsafeBytes { raw in
      guard let start = raw.baseAddress else { return EINVAL }
      return call(start.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count)) == 0 ? 0 : errno
    }
  }
}
