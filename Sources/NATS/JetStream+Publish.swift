extension JetStream {
  /// Publishes a message into whichever stream takes its subject, and waits until that has stored it.
  ///
  /// A try that is not answered within `tryFor` (250 ms, which a healthy cluster needs a hundredth of), finds no responder or
  /// loses its connection is repeated until the deadline, and so is one that the stream puts off. As every try carries the same `Nats-Msg-Id`, the stream keeps one.
  ///
  /// - Parameters:
  ///   - messageID: the identifier by which the stream knows a repetition; nil makes one.
  ///   - whereNobodyListens: is asked after each try that finds no stream which takes the subject, as while it has no leader;
  ///     what it throws ends the tries.
  /// - Throws: `api` if the stream refuses, `timedOut` with the number of tries and the last failure.
  public func publish(
    _ subject: String, _ payload: [UInt8] = [], messageID: String? = nil, headers: Headers = Headers(),
    tryFor: Duration = .milliseconds(250), limit: WaitLimit,
    whereNobodyListens: (NATSError) throws(NATSError) -> Void = { (_) throws(NATSError) in }
  ) throws(NATSError) -> PublishAcknowledgement {
    let headers = Self.identified(headers, messageID)
    // What is waited for is the stream's word, however many tries that takes.
    var ofTry = limit
    ofTry.onWait = nil
    var tries = 0
    var last: String?
    var pause = Duration.milliseconds(10)
    while true {
      tries += 1
      do throws(NATSError) {
        // While the connection is away every try would only add to what waits to be sent.
        try connection.waitUntilConnected(limit: limit)
        let answer = try connection.request(subject, payload, headers: headers, limit: ofTry.atMost(tryFor))
        return try acknowledgement(in: answer, subject: subject)
      } catch {
        guard let reason = error.passingReason else { throw error }
        if case .noResponders = error { try whereNobodyListens(error) }
        last = reason
      }
      let activity = NATSError.Activity.acknowledgement(subject: subject, tries: tries, last: last)
      try limit.sleep(pause, activity, server: connection.server)
      pause = min(pause * 2, .milliseconds(100))
    }
  }

  /// Publishes `count` messages with up to `inFlight` of them on the way at once, and returns what the stream said to each.
  ///
  /// A message that is not acknowledged at first is published again as `publish` does it; so it may end up behind later ones.
  ///
  /// - Parameters:
  ///   - message: makes the message of each number from 0 on.
  public func publishMany(
    _ count: Int, inFlight: Int = 200, tryFor: Duration = .milliseconds(250), limit: WaitLimit,
    message: (Int) -> (subject: String, payload: [UInt8])
  ) throws(NATSError) -> [PublishAcknowledgement] {
    var acknowledgements: [PublishAcknowledgement?] = Array(repeating: nil, count: count)
    let window = try PublishWindow(self, inFlight: inFlight, tryFor: tryFor, limit: limit) {
      acknowledgements[$0.number] = $0.acknowledgement
    }
    for number in 0..<count {
      let (subject, payload) = message(number)
      try window.publish(subject, payload)
    }
    try window.finish()
    return acknowledgements.compactMap { $0 }
  }

  /// What a stream said to a message that was published on `subject` with a reply subject of one's own.
  ///
  /// Throws `api` if it refused, and `noResponders` if no stream takes the subject.
  public func acknowledgement(in answer: Message, subject: String) throws(NATSError) -> PublishAcknowledgement {
    if answer.saysNoResponders { throw .noResponders(server: connection.server, subject: subject) }
    if let plain = PublishAcknowledgement(plain: answer.payload) { return plain }
    try throwRefusal(in: answer.payload, subject: subject)
    return try decode(answer.payload, subject: subject)
  }

  private static func identified(_ headers: Headers, _ messageID: String?) -> Headers {
    var headers = headers
    if messageID != nil || headers["Nats-Msg-Id"] == nil { headers["Nats-Msg-Id"] = messageID ?? UniqueID.nextInRow() }
    return headers
  }
}

extension NATSError {
  /// Why a try failed that is worth another one; nil if it is not.
  fileprivate var passingReason: String? {
    switch self {
    case .timedOut: "no answer in time"
    case .noResponders: "nobody listens there"
    case .connectionLost: "the connection was lost"
    // 10008: JetStream has no leader for now; 10158: an earlier try of this message is still on its way to the replicas,
    // for as long as too few of them are there.
    case .api(let refusal) where [10008, 10158].contains(refusal.errorCode): refusal.description
    default: nil
    }
  }
}
