import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A server of a test's own making: it accepts clients on a port of this machine that the system chose, and serves each on
/// a thread, until it is stopped.
public final class LoopbackServer: @unchecked Sendable {
  /// A client that is connected.
  public struct Client: Sendable {
    fileprivate let descriptor: Int32
    fileprivate let server: LoopbackServer

    /// False if the client is gone, or the server was stopped.
    @discardableResult
    public func send(_ bytes: some Collection<UInt8>) -> Bool {
      var rest = Array(bytes)[...]
      while !rest.isEmpty, !server.isStopped {
        let count = write(rest, to: descriptor)
        if count <= 0 { return false }
        rest = rest.dropFirst(count)
      }
      return !server.isStopped
    }

    /// What the client says next; nil at its end, or once the server was stopped.
    public func receive() -> [UInt8]? {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while !server.isStopped {
        guard isReadable(descriptor) else { continue }
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
      }
      return nil
    }
  }

  private let socket: ClosedPort
  private let lock = NSLock()
  private var hasStopped = false
  private var descriptors: [Int32] = []

  public var port: UInt16 { socket.number }

  /// - Parameter serve: is called for each client, with how many came before it; the connection ends when it returns.
  public init(_ serve: @escaping @Sendable (Client, Int) -> Void) throws {
    socket = try ClosedPort()
    guard listen(socket.descriptor, 16) == 0 else { throw TestServerError(description: "no server: errno \(errno)") }
    Thread.detachNewThread { [self] in acceptAll(serve) }
  }

  public func stop() {
    lock.withLock {
      hasStopped = true
      for descriptor in descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }

  fileprivate var isStopped: Bool { lock.withLock { hasStopped } }

  private func acceptAll(_ serve: @escaping @Sendable (Client, Int) -> Void) {
    var number = 0
    while !isStopped {
      guard isReadable(socket.descriptor) else { continue }
      let descriptor = accept(socket.descriptor, nil, nil)
      guard descriptor >= 0 else { continue }
      lock.withLock { descriptors.append(descriptor) }
      let before = number
      number += 1
      Thread.detachNewThread { [self] in
        serve(Client(descriptor: descriptor, server: self), before)
        shutdown(descriptor, Int32(SHUT_RDWR))
        lock.withLock { descriptors.removeAll { $0 == descriptor } }
        close(descriptor)
      }
    }
  }
}

/// Whether something can be read from it, looked at for 20 ms.
private func isReadable(_ descriptor: Int32) -> Bool {
  var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return poll(&entry, 1, 20) > 0
}

/// Sends as much as there is room for; a client that is gone ends nothing but its connection.
private func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int {
  #if canImport(Glibc)
    let flags = Int32(MSG_NOSIGNAL)
  #else
    let flags: Int32 = 0
  #endif
  return bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
}
