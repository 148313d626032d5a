import Foundation
import TestSupport

@testable import NATS

/// A server that says what a test wants, to each connection in turn: every connection gets the next script, the last one the
/// rest. It counts connections and keeps what it was told.
final class FakeServer: Sendable {
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

  private let server: LoopbackServer
  private let heard: Heard

  var port: UInt16 { server.port }

  init(_ scripts: [Step]...) throws {
    let heard = Heard()
    self.heard = heard
    server = try LoopbackServer { client, number in
      Play(client: client, heard: heard).play(scripts[min(number, scripts.count - 1)])
    }
  }

  /// Everything that clients have said so far.
  var transcript: String { heard.text }

  func stop() { server.stop() }
}

/// What a server was told.
private final class Heard: @unchecked Sendable {
  private let lock = NSLock()
  private var all = ""

  var text: String { lock.withLock { all } }
  func add(_ part: String) { lock.withLock { all += part } }
}

/// One connection's script.
private struct Play {
  let client: LoopbackServer.Client
  let heard: Heard

  func play(_ script: [FakeServer.Step]) {
    for step in script {
      switch step {
      case .say(let text): if !client.send(text.utf8) { return }
      case .bytes(let bytes): if !client.send(bytes) { return }
      case .upgrade(let accept):
        guard let request = words(until: "\r\n\r\n") else { return }
        let key = request.components(separatedBy: "Sec-WebSocket-Key: ").last?.prefix { $0 != "\r\n" } ?? ""
        let answer = """
          HTTP/1.1 101 Switching Protocols\r
          Upgrade: websocket\r
          Connection: Upgrade\r
          Sec-WebSocket-Accept: \(accept ?? WebSocketHandshake.accepted(String(key)))\r
          \r

          """
        if !client.send(answer.utf8) { return }
      case .flood(let count, let letter):
        let part = [UInt8](repeating: letter, count: 64 << 10)
        for _ in 0..<(count / part.count) { if !client.send(part) { return } }
      case .await(let text): if words(until: text) == nil { return }
      case .silence: _ = words(until: nil)
      }
    }
  }

  /// Reads until a text was said on this connection, or without one to its end; nil at that.
  private func words(until text: String?) -> String? {
    var words = ""
    while let bytes = client.receive() {
      let part = String(decoding: bytes, as: UTF8.self)
      words += part
      heard.add(part)
      if let text, words.contains(text) { return words }
    }
    return nil
  }
}
