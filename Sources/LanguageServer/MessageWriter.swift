import Interpreter
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes messages, each as a whole, from any thread.
final class MessageWriter: Sendable {
  private let descriptor: Int32
  private let isOpen = Mutex(true)

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Nothing is written any more once the client has gone.
  func write(_ message: Value) {
    let body = Array(message.json().string.utf8)
    let bytes = Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
    isOpen.withLock { isOpen in
      guard isOpen else { return }
      isOpen = writeAll(bytes)
    }
  }

  private func writeAll(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress! + done, $0.count - done) }
      if count < 0 {
        guard errno == EINTR || errno == EAGAIN else { return false }
        var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&poller, 1, 1000)
        continue
      }
      done += count
    }
    return true
  }

  func respond(to id: Value, _ result: Value) { write(["jsonrpc": "2.0", "id": id, "result": result]) }

  func respond(to id: Value, _ error: ResponseError) {
    write([
      "jsonrpc": "2.0", "id": id, "error": ["code": .int(Int64(error.code)), "message": .string(error.message)],
    ])
  }

  func request(_ method: String, id: String, _ parameters: Value) {
    write(["jsonrpc": "2.0", "id": .string(id), "method": .string(method), "params": parameters])
  }

  func notify(_ method: String, _ parameters: Value) {
    write(["jsonrpc": "2.0", "method": .string(method), "params": parameters])
  }
}

/// `write` by another name, since the method above hides it.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

/// Why a request has no result.
struct ResponseError: Error {
  let code: Int
  let message: String

  static let notInitialized = ResponseError(code: -32002, message: "the first request is `initialize`")
  static let shutDown = ResponseError(code: -32600, message: "the server is shut down; only `exit` may follow")
  static let parseError = ResponseError(code: -32700, message: "the message is no JSON")
  static let noRequest = ResponseError(code: -32600, message: "the message is neither a request nor a notification")

  static func unknownMethod(_ name: String) -> ResponseError {
    ResponseError(code: -32601, message: "there is no method `\(name)`")
  }
  static func failed(_ message: String) -> ResponseError { ResponseError(code: -32803, message: message) }
}
