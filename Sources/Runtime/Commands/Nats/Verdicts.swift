import Interpreter
import NATS

/// What a consumer is told about messages that it has handed out, and of which of them it took no note: the others are not
/// lost for that, and those may be told of later.
struct Verdicts {
  let verdict: JetStream.Verdict
  /// Why the consumer took no note, by the messages' reply subjects.
  private(set) var problems: [String: NATSError] = [:]

  init(_ verdict: JetStream.Verdict) { self.verdict = verdict }

  /// Where the last word was not heard, the next one has less time: all of them are told once more in the end.
  private static let patienceInTrouble = Duration.milliseconds(250)

  mutating func tell(_ reply: String, over jetStream: JetStream, _ call: NatsCall) {
    let patience = problems.isEmpty ? NatsCall.patience : Self.patienceInTrouble
    tell(reply, over: jetStream, call.limit(atMost: patience))
  }

  /// Tells what was not heard again, as long as that may help: a consumer whose leader was lost has another one soon.
  mutating func tellAgain(over jetStream: JetStream, _ call: NatsCall) {
    let limit = call.limit(atMost: NatsCall.patience)
    let server = jetStream.connection.server
    while let (reply, _) = problems.first(where: { $0.value.isWorthTellingAgain }) {
      for reply in problems.keys.sorted() {
        guard !limit.hasPassed else { return }
        tell(reply, over: jetStream, limit.atMost(.seconds(1)))
      }
      guard (try? limit.sleep(.milliseconds(50), .answer(subject: reply), server: server)) != nil else { return }
    }
  }

  private mutating func tell(_ reply: String, over jetStream: JetStream, _ limit: Limit) {
    do throws(NATSError) {
      try jetStream.tell(verdict, aboutReply: reply, limit: limit)
      problems[reply] = nil
    } catch {
      problems[reply] = error
    }
  }

  /// Sets in a message's value whether it is acknowledged, by which subject that is done later, and what went wrong.
  func set(in entries: inout ValueMap, of reply: String, _ call: NatsCall) {
    entries["acknowledged"] = .bool(verdict == .acknowledge && problems[reply] == nil)
    entries["reply"] = .string(reply)
    if let problem = problems[reply] { entries["problem"] = Value(call.failure(problem).reason) }
  }

  /// Says of how many messages the consumer took no note.
  func warn(of count: Int, _ call: NatsCall) {
    guard let problem = problems.values.first else { return }
    call.warn(
      "of \(problems.count) of \(count) messages the consumer took no note: \(call.failure(problem).reason.masked);"
        + " tell it later: nats consumer ack")
  }
}

extension NATSError {
  /// The consumer may not have heard it, and may hear it the next time.
  fileprivate var isWorthTellingAgain: Bool {
    switch self {
    case .timedOut, .noResponders, .connectionLost: true
    default: false
    }
  }
}
