import Foundation
import TestSupport

/// A server that accepts every login and answers every question as it was told to.
final class PretendingServer: Sendable {
  private let server: LoopbackServer

  var port: UInt16 { server.port }

  /// Answers every question with the same text.
  convenience init(answer: String) throws { try self.init { _ in answer } }

  /// - Parameter answer: by the question's subject; to one that it has no answer to it is silent.
  convenience init(answering answer: @escaping @Sendable (String) -> String?) throws {
    try self.init(with: { subject in answer(subject).map(Answer.text) })
  }

  enum Answer {
    case text(String)
    /// What a server says in place of a message, as `404 No Messages`.
    case status(String)
    /// A message of a stream, with the subject by which it would be acknowledged.
    case delivered(String, reply: String)
  }

  init(with answer: @escaping @Sendable (String) -> Answer?) throws {
    server = try LoopbackServer { client, _ in PretendingServer.serve(client, answer) }
  }

  func stop() { server.stop() }

  private static func serve(_ client: LoopbackServer.Client, _ answer: (String) -> Answer?) {
    func say(_ line: String) { client.send("\(line)\r\n".utf8) }
    say(#"INFO {"server_id":"P","server_name":"p","version":"2.11.4","headers":true,"max_payload":1048576}"#)
    var rest = ""
    // The subscription under which answers to each inbox go, by what its subject begins with.
    var subscriptions: [(prefix: String, id: Substring)] = []
    while let bytes = client.receive() {
      rest += String(decoding: bytes, as: UTF8.self)
      while let end = rest.range(of: "\r\n") {
        let words = rest[..<end.lowerBound].split(separator: " ")
        switch words.first {
        case "PING": say("PONG")
        case "SUB": subscriptions.append((String(words[1].prefix { $0 != "*" }), words[words.count - 1]))
        case "PUB", "HPUB":
          let reply = words.first { $0.hasPrefix("_INBOX") } ?? ""
          let id = subscriptions.last { reply.hasPrefix($0.prefix) }?.id
          guard let id, let answer = answer(String(words[1])) else { break }
          switch answer {
          case .text(let text): say("MSG \(reply) \(id) \(text.utf8.count)\r\n\(text)")
          case .status(let status):
            let headers = "NATS/1.0 \(status)\r\n\r\n"
            say("HMSG \(reply) \(id) \(headers.utf8.count) \(headers.utf8.count)\r\n\(headers)")
          case .delivered(let text, let subject):
            say("MSG $KV.b.key \(id) \(subject) \(text.utf8.count)\r\n\(text)")
          }
        default: break
        }
        rest = String(rest[end.upperBound...])
      }
    }
  }
}
