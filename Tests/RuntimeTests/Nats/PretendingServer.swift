import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A server that accepts every login and answers every question as it was told to.
final class PretendingServer: @unchecked Sendable {
  private(set) var port: UInt16 = 0
  private let listener: Int32
  /// By the question's subject; to one that it has no answer to it is silent.
  private let answer: @Sendable (String) -> String?
  private let lock = NSLock()
  private var isStopped = false

  /// Answers every question with the same text.
  convenience init(answer: String) throws { try self.init { _ in answer } }

  init(answering answer: @escaping @Sendable (String) -> String?) throws {
    self.answer = answer
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
    Thread.detachNewThread { [self] in
      while !stopped {
        guard isReadable(listener) else { continue }
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { continue }
        Thread.detachNewThread { [self] in serve(descriptor) }
      }
      close(listener)
    }
  }

  func stop() { lock.withLock { isStopped = true } }

  private var stopped: Bool { lock.withLock { isStopped } }

  private func isReadable(_ descriptor: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 20) > 0
  }

  private func serve(_ descriptor: Int32) {
    defer { close(descriptor) }
    say(
      #"INFO {"server_id":"P","server_name":"p","version":"2.11.4","headers":true,"max_payload":1048576}"#, descriptor)
    var rest = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    // The subscription under which answers to each inbox go, by what its subject begins with.
    var subscriptions: [(prefix: String, id: Substring)] = []
    while !stopped {
      guard isReadable(descriptor) else { continue }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { return }
      rest += String(decoding: buffer[..<count], as: UTF8.self)
      while let end = rest.range(of: "\r\n") {
        let words = rest[..<end.lowerBound].split(separator: " ")
        switch words.first {
        case "PING": say("PONG", descriptor)
        case "SUB": subscriptions.append((String(words[1].prefix { $0 != "*" }), words[words.count - 1]))
        case "PUB", "HPUB":
          let reply = words.first { $0.hasPrefix("_INBOX") } ?? ""
          let id = subscriptions.last { reply.hasPrefix($0.prefix) }?.id
          if let id, let answer = answer(String(words[1])) {
            say("MSG \(reply) \(id) \(answer.utf8.count)\r\n\(answer)", descriptor)
          }
        default: break
        }
        rest = String(rest[end.upperBound...])
      }
    }
  }

  private func say(_ line: String, _ descriptor: Int32) {
    let bytes = Array((line + "\r\n").utf8)
    _ = bytes.withUnsafeBytes { raw in write(descriptor, raw.baseAddress, raw.count) }
  }
}
