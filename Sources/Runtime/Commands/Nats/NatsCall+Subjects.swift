import Interpreter
import Lexer
import NATS

extension NatsCall {
  /// As long as one try to publish: where JetStream itself is lost, there is no time to wait for it.
  private static let lookup = Duration.milliseconds(250)

  /// The server by which JetStream says that no stream takes the subject; nil if one does, or if nobody says anything.
  func serverThatKnowsNoStream(taking subject: String) -> String? {
    let question = NatsReply.document(["subject": .string(subject)])
    let answer = try? withJetStream { jetStream throws(NATSError) in
      let bytes = try jetStream.request("STREAM.NAMES", question, limit: limit(atMost: Self.lookup))
      return (bytes: bytes, server: jetStream.connection.server.description)
    }
    guard let answer, let page = try? reply(answer.bytes).entries else { return nil }
    return page["total"]?.amount == 0 && (page["streams"]?.elements ?? []).isEmpty ? answer.server : nil
  }

  /// What to do about a subject that no stream takes: what is spelt much like it, and how to see the others. Where the
  /// streams can't be asked for, that is no reason to tell of anything else.
  func nearestSubject(to subject: String) -> String {
    let known = ((try? streams().streams) ?? []).flatMap { stream in
      (stream.entries["config"]?.entries["subjects"]?.elements ?? []).compactMap { $0.asText?.string }
    }
    if let nearest = nearestSpelling(to: subject, among: known) { return "did you mean \(nearest)?" }
    return "see which subjects streams take: nats stream ls; or make one: nats stream add NAME --subjects \(subject)"
  }
}
