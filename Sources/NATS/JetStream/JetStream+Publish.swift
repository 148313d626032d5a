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
    tryFor: Duration = .milliseconds(250), limit: Limit,
    whereNobodyListens: (NATSError) throws(NATSError) -> Void = { (_) throws(NATSError) in }
  ) throws(NATSError) -> PublishAcknowledgement {
    let headers = Self.identified(headers, messageID)
    // What is waited for is the stream's word, however many tries that takes.
    var ofTry = limit
    ofTry.onWait = nil
    var tries = 0
    var last: NATSError.Miss?
    var pause = Duration.milliseconds(10)
    while true {
      tries += 1
      do throws(NATSError) {
        // While the connection is away every try would only add to what waits to be sent.
        try connection.waitUntilConnected(limit: limit)
        let answer = try connection.request(subject, payload, headers: headers, limit: ofTry.atMost(tryFor))
        return try acknowledgement(in: answer, subject: subject)
      } catch {
        guard let miss = error.miss else { throw error }
        if case .noResponders = error { try whereNobodyListens(error) }
        last = miss
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
    _ count: Int, inFlight: Int = 200, tryFor: Duration = .milliseconds(250), limit: Limit,
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
  package var miss: Miss? {
    switch self {
    case .timedOut: .noAnswer
    case .noResponders: .nobodyListens
    case .connectionLost: .connectionLost
    // 10008: JetStream has no leader for now; 10158: an earlier try of this message is still on its way to the replicas,
    // for as long as too few of them are there.
    case .api(let refusal) where [10008, 10158].contains(refusal.errorCode): .refused(refusal.description)
    default: nil
    }
  }
}

/// A stream's word that it has stored a message.
public struct PublishAcknowledgement: Sendable, Equatable, Decodable {
  /// The stream that has it.
  public var stream: String
  /// The message's sequence in the stream.
  public var sequence: UInt64
  /// The stream had a message of this identifier already; this is that one's sequence.
  public var isDuplicate: Bool
  /// The JetStream domain that the stream is in; nil for the default one.
  public var domain: String?

  private enum CodingKeys: String, CodingKey {
    case stream, domain
    case sequence = "seq"
    case isDuplicate = "duplicate"
  }

  /// Reads what the server sends.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    stream = try values.decode(String.self, forKey: .stream)
    sequence = try values.decode(UInt64.self, forKey: .sequence)
    isDuplicate = try values.decodeIfPresent(Bool.self, forKey: .isDuplicate) ?? false
    domain = try values.decodeIfPresent(String.self, forKey: .domain)
  }
}

extension PublishAcknowledgement {
  /// Reads an acknowledgement as servers write it; nil for anything else, be it a refusal or only unusual.
  init?(plain bytes: [UInt8]) {
    var stream: String?
    var sequence: UInt64?
    var isDuplicate = false
    var domain: String?
    let isPlain = PlainJSON.read(bytes) { object, name, value in
      switch (object, name, value) {
      case (nil, "stream", .text(let text)): stream = String(decoding: text, as: UTF8.self)
      case (nil, "seq", .number(let number)): sequence = number
      case (nil, "duplicate", .bool(let bool)): isDuplicate = bool
      case (nil, "domain", .text(let text)): domain = String(decoding: text, as: UTF8.self)
      default: return false
      }
      return true
    }
    guard isPlain, let stream, let sequence else { return nil }
    (self.stream, self.sequence, self.isDuplicate, self.domain) = (stream, sequence, isDuplicate, domain)
  }
}
