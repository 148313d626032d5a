/// A stream's word that it has stored a message.
public struct PublishAcknowledgement: Sendable, Equatable, Decodable {
  public var stream: String
  /// The message's sequence in the stream.
  public var sequence: UInt64
  /// The stream had a message of this identifier already; this is that one's sequence.
  public var isDuplicate: Bool
  public var domain: String?

  private enum CodingKeys: String, CodingKey {
    case stream, domain
    case sequence = "seq"
    case isDuplicate = "duplicate"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    stream = try values.decode(String.self, forKey: .stream)
    sequence = try values.decode(UInt64.self, forKey: .sequence)
    isDuplicate = try values.decodeIfPresent(Bool.self, forKey: .isDuplicate) ?? false
    domain = try values.decodeIfPresent(String.self, forKey: .domain)
  }
}

extension JetStream {
  /// Publishes a message into whichever stream takes its subject, and waits until that has stored it.
  ///
  /// A try that is not answered within `tryFor` (250 ms, which a healthy cluster needs a hundredth of), finds no responder or
  /// loses its connection is repeated until the deadline. As every try carries the same `Nats-Msg-Id`, the stream keeps one.
  ///
  /// - Parameters:
  ///   - messageID: the identifier by which the stream knows a repetition; nil makes one.
  /// - Throws: `api` if the stream refuses, `timedOut` with the number of tries and the last failure.
  public func publish(
    _ subject: String, _ payload: [UInt8] = [], messageID: String? = nil, headers: Headers = Headers(),
    tryFor: Duration = .milliseconds(250), limit: WaitLimit
  ) throws(NATSError) -> PublishAcknowledgement {
    var headers = headers
    if messageID != nil || headers["Nats-Msg-Id"] == nil { headers["Nats-Msg-Id"] = messageID ?? UniqueID.next() }
    var tries = 0
    var last: String?
    var pause = Duration.milliseconds(10)
    while true {
      tries += 1
      do throws(NATSError) {
        let answer = try connection.request(subject, payload, headers: headers, limit: limit.atMost(tryFor))
        try throwRefusal(in: answer.payload, subject: subject)
        return try decode(answer.payload, subject: subject)
      } catch {
        switch error {
        case .timedOut: last = "no answer within \(tryFor)"
        case .noResponders: last = "nobody listens there"
        case .connectionLost: last = "the connection was lost"
        default: throw error
        }
      }
      let activity = NATSError.Activity.acknowledgement(subject: subject, tries: tries, last: last)
      try limit.sleep(pause, activity, server: connection.server)
      pause = min(pause * 2, .milliseconds(100))
    }
  }
}
