import Machine

/// A connected TCP socket, non-blocking; every wait is a `poll` with a limit. It closes with its last reference, so that
/// no thread can read or write a number that belongs to another file by now.
final class Socket: @unchecked Sendable {
  let server: Endpoint
  private let descriptor: Int32
  /// The frames around everything, once the server has agreed to them.
  private var webSocket: WebSocket?

  private init(descriptor: Int32, server: Endpoint) {
    self.descriptor = descriptor
    self.server = server
  }

  deinit { close(descriptor) }

  /// Connects to the first of the host's addresses that accepts.
  static func connect(to server: Endpoint, limit: Limit) throws(NATSError) -> Socket {
    var lastError = NATSError.unknownHost(server: server, reason: "it has no address")
    for address in try Resolver.addresses(of: server, limit: limit) {
      let descriptor = TCPSocket.open(family: address.family)
      guard descriptor >= 0 else {
        lastError = .cannotConnect(server: server, errno: errno)
        continue
      }
      let socket = Socket(descriptor: descriptor, server: server)
      let failure = try socket.connect(to: address, limit: limit)
      if failure == 0 {
        TCPSocket.disableNagle(descriptor)
        if case .webSocket(let path) = server.transport {
          try WebSocketHandshake.make(on: socket, path: path, limit: limit)
          socket.webSocket = WebSocket()
        }
        return socket
      }
      lastError = .cannotConnect(server: server, errno: failure)
    }
    throw lastError
  }

  /// Returns the error number, 0 when connected.
  private func connect(to address: SocketAddress, limit: Limit) throws(NATSError) -> Int32 {
    let status = address.connect(descriptor)
    guard status == EINPROGRESS || status == EINTR else { return status }
    try wait(for: Int16(POLLOUT), .connecting, limit: limit)
    return TCPSocket.problem(descriptor)
  }

  /// Waits until `events` are there, or the peer is gone.
  private func wait(for events: Int16, _ activity: NATSError.Activity, limit: Limit) throws(NATSError) {
    while try !isReady(events, within: limit.nextPause(activity, server: server)) {}
  }

  /// Waits for at most `duration`; false if nothing happened.
  private func isReady(_ events: Int16, within duration: Duration?) -> Bool {
    var entry = pollfd(fd: descriptor, events: events, revents: 0)
    return poll(&entry, 1, duration?.pollMilliseconds ?? -1) > 0
  }

  /// Waits for at most `duration` until there is something to read; the end of the connection counts as such.
  func isReadable(within duration: Duration) -> Bool { isReady(Int16(POLLIN), within: duration) }

  /// Waits until there is something to read; the end of the connection counts as such.
  func waitUntilReadable(_ activity: NATSError.Activity, limit: Limit) throws(NATSError) {
    try wait(for: Int16(POLLIN), activity, limit: limit)
  }

  /// Reads what is there: nil if nothing is, for now. Throws `connectionLost`, also at the end of the stream.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(NATSError) -> Int? {
    while true {
      let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      if count > 0 {
        guard let webSocket else { return count }
        return try webSocket.unwrap(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), from: self)
      }
      if count == 0, let webSocket { _ = try webSocket.unwrap(.init(start: nil, count: 0), from: self) }
      if count == 0 { throw .connectionLost(server: server, .closedByServer) }
      let number = errno
      if number == EAGAIN || number == EWOULDBLOCK { return nil }
      if number != EINTR { throw .connectionLost(server: server, .system(errno: number)) }
    }
  }

  /// Sends what the buffer holds, and takes it out as it leaves. Without a limit it waits until the socket is shut down.
  func send(_ buffer: ByteBuffer, _ activity: NATSError.Activity, limit: Limit?) throws(NATSError) {
    guard let webSocket else { return try sendRaw(buffer, activity, limit: limit) }
    try webSocket.send(buffer, on: self, activity, limit: limit)
  }

  /// As `send`, without frames.
  func sendRaw(_ buffer: ByteBuffer, _ activity: NATSError.Activity, limit: Limit?) throws(NATSError) {
    while !buffer.isEmpty {
      let count = TCPSocket.send(descriptor, UnsafeRawBufferPointer(buffer.bytes))
      let number = errno
      if count >= 0 {
        buffer.consume(count)
      } else if number == EAGAIN || number == EWOULDBLOCK {
        if let limit {
          try wait(for: Int16(POLLOUT), activity, limit: limit)
        } else {
          _ = isReady(Int16(POLLOUT), within: nil)
        }
      } else if number != EINTR {
        throw .connectionLost(server: server, .system(errno: number))
      }
    }
  }

  /// Sends what the system takes at once, without frames, and returns how much that was.
  func sendWithoutWaiting(_ bytes: [UInt8]) -> Int { max(0, bytes.withUnsafeBytes { TCPSocket.send(descriptor, $0) }) }

  /// What is there to read, up to `limit` bytes, and stays there: nil if nothing is, for now.
  func peek(_ limit: Int) throws(NATSError) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_PEEK))
    if count > 0 { return Array(bytes[..<count]) }
    if count == 0 { throw .connectionLost(server: server, .closedByServer) }
    let number = errno
    if [EAGAIN, EWOULDBLOCK, EINTR].contains(number) { return nil }
    throw .connectionLost(server: server, .system(errno: number))
  }

  /// Reads `count` bytes that `peek` has shown.
  func discard(_ count: Int) throws(NATSError) {
    var bytes = [UInt8](repeating: 0, count: count)
    var left = count
    while left > 0 {
      let taken = recv(descriptor, &bytes, left, 0)
      if taken > 0 { left -= taken } else if errno != EINTR { throw .connectionLost(server: server, .closedByServer) }
    }
  }

  /// Ends the connection both ways; whoever waits on this socket wakes up.
  func shutDown() {
    webSocket?.sayGoodbye(on: self)
    stop()
  }

  /// As `shutDown`, without a word.
  func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// Looks up host names with `getaddrinfo`, which knows no deadline: so a name is looked up on a thread of its own.
enum Resolver {
  static func addresses(of server: Endpoint, limit: Limit) throws(NATSError) -> [SocketAddress] {
    if case .success(let found) = lookUp(server, numericOnly: true) { return found }
    let result = LookUp()
    try Platform.startThread { result.finish(lookUp(server, numericOnly: false)) }
    switch try result.wait(server: server, limit: limit) {
    case .success(let found): return found
    case .failure(let failure): throw .unknownHost(server: server, reason: String(cString: gai_strerror(failure.code)))
    }
  }

  struct Failure: Error { var code: Int32 }

  private static func lookUp(_ server: Endpoint, numericOnly: Bool) -> Result<[SocketAddress], Failure> {
    var hints = Platform.addressHints(numericOnly: numericOnly)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(server.host, String(server.port), &hints, &list)
    guard status == 0 else { return .failure(Failure(code: status)) }
    defer { freeaddrinfo(list) }
    var found: [SocketAddress] = []
    var next = list
    while let entry = next?.pointee {
      if let address = entry.ai_addr {
        let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
        found.append(SocketAddress(family: entry.ai_family, bytes: Array(bytes)))
      }
      next = entry.ai_next
    }
    return .success(found)
  }
}

/// A look-up's result on its way from its thread to whoever still waits for it.
private final class LookUp: @unchecked Sendable {
  private let lock = Lock()
  private let finished: Condition
  private var result: Result<[SocketAddress], Resolver.Failure>?

  init() { finished = Condition(lock) }

  func finish(_ result: Result<[SocketAddress], Resolver.Failure>) {
    lock.whileLocked { self.result = result }
    finished.wakeAll()
  }

  func wait(
    server: Endpoint, limit: Limit
  ) throws(NATSError) -> Result<[SocketAddress], Resolver.Failure> {
    lock.lock()
    defer { lock.unlock() }
    while true {
      if let result { return result }
      finished.wait(for: try limit.nextPause(.resolving, server: server))
    }
  }
}

/// What differs between Linux and macOS, and is needed nowhere else.
enum Platform {
  /// What `getaddrinfo` is asked: TCP addresses, and with `numericOnly` no name service at all.
  static func addressHints(numericOnly: Bool) -> addrinfo {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    hints.ai_flags = numericOnly ? AI_NUMERICHOST : 0
    return hints
  }

  /// Starts a thread that nobody waits for.
  static func startThread(_ body: @escaping @Sendable () -> Void) throws(NATSError) {
    guard let thread = LaneThread.start(isDeep: false, body) else { throw .cannotStartThread(errno: errno) }
    thread.detach()
  }
}
