import Interpreter
import NATS

/// `during nats reply`: answers requests for the length of a block.
extension NatsSubcommand {
  static let responder: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "reply", "Answers requests on a subject while a block runs",
        positionals: [Positional("SUBJECT"), Positional("BODY", optional: true)],
        flags: [
          Flag("--echo", .toggle, "answers with what was asked, body and headers"),
          Flag("--queue", .text, "of all responders with this queue name one gets each request"),
          Flag("--sleep", .duration, "waits so long before each answer"),
          Flag("--header", .text, "a header, as 'Key: value'; repeated: several", aliases: ["-H"]),
        ] + Flag.ofConnection,
        document: "the answer's body; {{Request}} in body and headers is the question, {{Count}} its number, from 1",
        example: "during nats reply time.now '12:00' { nats request time.now '' }", goesOn: true),
      as: .jetStream, run: reply)
  ]

  @Sendable private static func reply(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkSubscribeSubject)
    guard let begun = call.call.begun else {
      throw CommandFailure(
        .misused, "`nats reply` goes on until it is ended", advice: "during nats reply \(subject) … { … }")
    }
    let isEcho = call.words.has("--echo")
    let template = try MessageWords(call)
    if isEcho, !template.isEmpty {
      throw CommandFailure(.misused, "`--echo` answers with the question, so it takes no body and no headers")
    }
    let pause = call.words.duration("--sleep")?.duration
    try call.withConnection(mayRepeat: false) { connection throws(NATSError) in
      let subscription = try connection.subscribe(subject, queue: call.words.string("--queue"))
      defer { subscription.unsubscribe() }
      // The server knows of the subscription before the block asks anything.
      try connection.flush(limit: call.limit(atMost: NatsCall.patience))
      begun()
      var count = 0
      while let question = try subscription.next(limit: call.limit()) {
        guard let inbox = question.reply else { continue }
        count += 1
        if let pause { try call.limit().sleep(pause, .answer(subject: subject), server: connection.server) }
        let answer = isEcho ? (question.payload, question.headers) : template.filled(count, answering: question)
        try connection.publish(inbox, answer.0, headers: answer.1, limit: call.limit())
      }
    }
    return .null
  }
}
