import Interpreter
import NATS

/// One question to every server that a call selects, such as after its connections.
///
/// The servers are counted first: so it is known whose answer is missing. A report is given without those, and never passes
/// for whole.
enum ServerSurvey {
  /// A server's answer; its `server` and `cluster` are told by name.
  struct Answer {
    let server: ServerAnswer
    let data: ValueMap
  }

  /// How long a server that was there a moment ago may take for an answer.
  private static let patience = Duration.seconds(5)

  static func ask(
    _ question: ServerPing.Question, _ body: Value = [:], _ call: NatsCall
  ) throws(CommandFailure) -> [Answer] {
    let (servers, absent) = try NatsSubcommand.selection(call)
    let ids = Set(servers.map(\.id))
    let replies = try call.withConnection { connection throws(NATSError) in
      try Self.replies(connection, question, NatsReply.document(body), ids, call)
    }
    var byID: [String: Value] = [:]
    for reply in replies {
      let value = NatsReply.value(reply)
      if let id = value.entries["server"]?.entries["id"]?.asText?.string { byID[id] = value }
    }
    var answers: [Answer] = []
    var silent = absent
    for server in servers.sorted(by: { $0.name < $1.name }) {
      guard let reply = byID[server.id] else {
        silent.append(server.name)
        continue
      }
      if let refusal = reply.entries["error"]?.entries["description"]?.asText?.string {
        throw CommandFailure(.failed, "\(server.name) refuses: \(refusal)")
      }
      answers.append(Answer(server: server, data: reply.entries["data"]?.entries ?? ValueMap()))
    }
    guard !answers.isEmpty || silent.isEmpty else {
      throw CommandFailure(
        .failed, "no answer from \(silent.joined(separator: ", "))", advice: "see which servers run: nbx status",
        details: FailureDetails("timed-out"))
    }
    if !silent.isEmpty {
      call.warn("no answer from \(silent.joined(separator: ", ")): what follows is without them; see nbx status")
    }
    return answers
  }

  /// The answers until those of all `ids` are there.
  private static func replies(
    _ connection: Connection, _ question: ServerPing.Question, _ body: [UInt8], _ ids: Set<String>, _ call: NatsCall
  ) throws(NATSError) -> [Value] {
    let inbox = connection.newInbox()
    let subscription = try connection.subscribe(inbox)
    defer { subscription.unsubscribe() }
    try connection.publish(question.subject, body, reply: inbox, limit: call.limit())
    let limit = call.limit(atMost: patience)
    var missing = ids
    var replies: [Value] = []
    while !missing.isEmpty {
      let message: Message?
      do throws(NATSError) {
        message = try subscription.next(limit: limit)
      } catch {
        guard case .timedOut = error, call.call.deadline > .now else { throw error }
        return replies
      }
      guard let message, let reply = try? Value.json(message.payload) else { continue }
      if let id = reply.entries["server"]?.entries["id"]?.asText?.string { missing.remove(id) }
      replies.append(reply)
    }
    return replies
  }
}
