#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A host's address, ready for `connect`.
struct SocketAddress: Sendable {
  var family: Int32
  var bytes: [UInt8]
}

/// Looks up host names with `getaddrinfo`, which knows no deadline: so a name is looked up on a thread of its own.
enum Resolver {
  static func addresses(of server: Endpoint, limit: WaitLimit) throws(NATSError) -> [SocketAddress] {
    if case .success(let found) = lookUp(server, numericOnly: true) { return found }
    let result = LookUp()
    let status = Platform.startThread { result.finish(lookUp(server, numericOnly: false)) }
    if status != 0 { throw .cannotStartThread(errno: status) }
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
    server: Endpoint, limit: WaitLimit
  ) throws(NATSError) -> Result<[SocketAddress], Resolver.Failure> {
    lock.lock()
    defer { lock.unlock() }
    while true {
      if let result { return result }
      finished.wait(for: try limit.nextPause(.resolving, server: server))
    }
  }
}
