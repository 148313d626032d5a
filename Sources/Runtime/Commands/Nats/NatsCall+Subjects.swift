import Interpreter
import Lexer
import NATS

extension NatsCall {
  /// As long as one try to publish: where JetStream itself is lost, there is no time to wait for it.
  private static let lookup = Duration.milliseconds(250)

  /// Whether JetStream says that no stream takes the subject; false if one does, and if nobody says anything in time.
  func isUntaken(_ subject: String, by jetStream: JetStream) -> Bool {
    let question = NatsReply.document(["subject": .string(subject)])
    guard let answer = try? jetStream.request("STREAM.NAMES", question, limit: limit(atMost: Self.lookup)),
      let page = try? reply(answer).entries
    else { return false }
    return page["total"]?.amount == 0 && (page["streams"]?.elements ?? []).isEmpty
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

/// Nobody takes a subject while its stream has no leader, and nobody ever does if it is misspelt: JetStream knows its
/// streams in either case.
final class UntakenSubject {
  private let subject: String
  private let call: NatsCall
  /// When JetStream is asked: not at once, since a leader is soon there in most cases, and again if it said nothing.
  private var nextLook = ContinuousClock.now + NatsCall.patience

  /// The server by which JetStream said that no stream takes it.
  private var server: Endpoint?

  init(_ subject: String, of call: NatsCall) { (self.subject, self.call) = (subject, call) }

  /// Throws `error`, which says that nobody listened, once it is certain that nobody will.
  func look(_ error: NATSError, _ jetStream: JetStream) throws(NATSError) {
    guard nextLook <= .now else { return }
    if call.isUntaken(subject, by: jetStream) {
      server = jetStream.connection.server
      throw error
    }
    nextLook = .now + .seconds(1)
  }

  /// What the call fails with: `error`, unless it is certain why nobody listened.
  func explanation(of error: CommandFailure) -> CommandFailure {
    guard let server else { return error }
    return CommandFailure(
      .failed, "no stream takes \(subject)", advice: call.nearestSubject(to: subject), server: server.description,
      details: error.details)
  }
}
