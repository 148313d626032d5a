import Foundation

@testable import NATS

#if canImport(Glibc)
  import Glibc
#endif

/// A server that says what a test wants, to each connection in turn: every connection gets the next script, the last one the
/// rest. It counts connections and keeps what it was told.
final class FakeServer: @unchecked Sendable {
  /// What happens on a connection.
  enum Step {
    case say(String)
    case bytes([UInt8])
    /// Goes on as a WebSocket, with this answer to the client's key in place of the right one.
    case upgrade(accept: String? = nil)
    /// Sends so many bytes of this letter, or as many as the client takes.
    case flood(Int, UInt8)
    /// Waits until the client has sent this text.
    case await(String)
    /// Does nothing until the server is stopped.
    case silence
  }

  static let info =
    "INFO {\"server_id\":\"FAKE\",\"server_name\":\"fake\",\"version\":\"2.11.4\",\"headers\":true,\"max_payload\":1048576}\r\n"

  /// An accepted login.
  static let greeting: [Step] = [.say(info), .await("PING\r\n"), .say("PONG\r\n")]

  let port: UInt16
  private let listener: Int32
  private let scripts: [[Step]]
  private let lock = NSLock()
  private var isStopped = false
  private var descriptors: [Int32] = []
  private var heard = ""

  init(_ scripts: [Step]...) throws {
    self.scripts = scripts
    #if canImport(Glibc)
      listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      listener = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, size) == 0 && getsockname(listener, generic, &size) == 0
      }
    }
    guard isBound, listen(listener, 16) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in acceptAll() }
  }

  /// Everything that clients have said so far.
  var transcript: String { lock.withLock { heard } }

  func stop() {
    lock.withLock {
      isStopped = true
      for descriptor in descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }

  private var stopped: Bool { lock.withLock { isStopped } }

  private func acceptAll() {
    var number = 0
    while !stopped {
      guard isReadable(listener) else { continue }
      let descriptor = accept(listener, nil, nil)
      guard descriptor >= 0 else { continue }
      lock.withLock { descriptors.append(descriptor) }
      let script = scripts[min(number, scripts.count - 1)]
      number += 1
      Thread.detachNewThread { [self] in
        play(script, on: descriptor)
        shutdown(descriptor, Int32(SHUT_RDWR))
        lock.withLock { descriptors.removeAll { $0 == descriptor } }
        close(descriptor)
      }
    }
    close(listener)
  }

  private func play(_ script: [Step], on descriptor: Int32) {
    for step in script {
      switch step {
      case .say(let text): if !send(Array(text.utf8), on: descriptor) { return }
      case .bytes(let bytes): if !send(bytes, on: descriptor) { return }
      case .upgrade(let accept):
        guard let request = words(until: "\r\n\r\n", on: descriptor) else { return }
        let key = request.components(separatedBy: "Sec-WebSocket-Key: ").last?.prefix { $0 != "\r\n" } ?? ""
        let answer = """
          HTTP/1.1 101 Switching Protocols\r
          Upgrade: websocket\r
          Connection: Upgrade\r
          Sec-WebSocket-Accept: \(accept ?? WebSocketHandshake.accepted(String(key)))\r
          \r

          """
        if !send(Array(answer.utf8), on: descriptor) { return }
      case .flood(let count, let letter):
        let part = [UInt8](repeating: letter, count: 64 << 10)
        for _ in 0..<(count / part.count) { if !send(part, on: descriptor) { return } }
      case .await(let text): if !hear(text, on: descriptor) { return }
      case .silence: while !stopped { _ = hear("\u{0}never", on: descriptor) }
      }
    }
  }

  private func send(_ bytes: [UInt8], on descriptor: Int32) -> Bool {
    #if canImport(Glibc)
      let flags = Int32(MSG_NOSIGNAL)
    #else
      let flags: Int32 = 0
    #endif
    var offset = 0
    while offset < bytes.count, !stopped {
      let count = bytes.withUnsafeBytes { raw in
        #if canImport(Glibc)
          return Glibc.send(descriptor, raw.baseAddress! + offset, raw.count - offset, flags)
        #else
          return Darwin.send(descriptor, raw.baseAddress! + offset, raw.count - offset, flags)
        #endif
      }
      if count <= 0 { return false }
      offset += count
    }
    return !stopped
  }

  /// Reads until `text` was said on this connection; false at its end.
  private func hear(_ text: String, on descriptor: Int32) -> Bool { words(until: text, on: descriptor) != nil }

  private func words(until text: String, on descriptor: Int32) -> String? {
    var words = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !stopped {
      guard isReadable(descriptor) else { continue }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { return nil }
      let part = String(decoding: buffer[..<count], as: UTF8.self)
      words += part
      lock.withLock { heard += part }
      if words.contains(text) { return words }
    }
    return nil
  }

  private func isReadable(_ descriptor: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 20) > 0
  }
}
