import Interpreter
import NATS

/// Letting another server lead a stream or a consumer, and the wait until it does.
struct LeaderMove {
  /// The requests of JetStream's interface that tell of it and that ask for it.
  let info: String
  let request: String
  /// What is led, for messages: `stream ORDERS`.
  let subject: String

  init(info: String, request: String, of subject: String) {
    self.info = info
    self.request = request
    self.subject = subject
  }

  func run(_ call: NatsCall) throws(CommandFailure) -> Value {
    let before = leader(try call.ask(info))
    let preferred = call.words.string("--preferred")
    if let preferred, before == preferred {
      return shown(["leader": .string(preferred), "previous": .string(preferred)], call)
    }
    var placement = ValueMap()
    StreamFlags.setPlacement(in: &placement, call)
    var wish = placement["placement"]?.entries ?? ValueMap()
    if let preferred { wish["preferred"] = .string(preferred) }
    let body = wish.isEmpty ? [] : NatsReply.document(["placement": .map(wish)])
    _ = try call.withJetStream(mayRepeat: false) { jetStream throws(NATSError) in
      try jetStream.request(request, body, limit: call.limit(atMost: NatsCall.patience))
    }
    let now = try newLeader(after: before, call)
    return shown(["leader": .string(now), "previous": .string(before)], call)
  }

  private func shown(_ value: Value, _ call: NatsCall) -> Value {
    call.show("\(subject) is led by \(value.entries["leader"]?.printed ?? "nobody")")
    return value
  }

  private func newLeader(after before: String, _ call: NatsCall) throws(CommandFailure) -> String {
    // Elections took up to 6.5 s where a leader had gone without a word.
    let limit = call.limit(atMost: .seconds(20))
    while true {
      let now = leader(try call.ask(info))
      if !now.isEmpty, now != before { return now }
      guard !limit.isOver else {
        throw CommandFailure(
          .failed, now.isEmpty ? "\(subject) has no leader yet" : "\(subject) is still led by \(now)",
          advice: "see which servers hold it, and whether they are current: nats stream info")
      }
      Pause.sleep(.milliseconds(20))
    }
  }

  private func leader(_ info: Value) -> String {
    info.entries["cluster"]?.entries["leader"]?.asText?.string ?? ""
  }
}
