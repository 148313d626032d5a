extension JetStream {
  /// A message that a consumer has handed out.
  public struct Fetched: Sendable {
    public var message: StoredMessage
    /// How often it was handed out, this time included.
    public var deliveries: UInt64
    /// How many messages the consumer has behind it.
    public var pending: UInt64
    /// Where the word goes that it is done, until it is handed out again.
    public var reply: String
  }

  /// What a consumer has handed out, and why no more came, where that is not the end of the time.
  public struct Batch: Sendable {
    public var messages: [Fetched] = []
    public var problem: NATSError?
  }

  /// What a consumer is told about a message that it has handed out.
  public enum Verdict: String, Sendable {
    /// It is done.
    case acknowledge = "+ACK"
    /// Hand it out again.
    case refuse = "-NAK"
    /// Never hand it out again, though it is not done.
    case terminate = "+TERM"
  }

  /// Asks a pull consumer for up to `count` messages, and gives those that came within `wait`. What came is given whatever
  /// happens then: the consumer takes it for handed out.
  ///
  /// - Parameter each: is called with each message as it comes.
  public func fetch(
    _ count: Int, from consumer: String, of stream: String, wait: Duration, limit: WaitLimit,
    each: (Fetched) -> Void = { _ in }
  ) throws(NATSError) -> Batch {
    try Names.checkStream(stream)
    try Names.checkConsumer(consumer)
    let subscription = try connection.subscribe(connection.newInbox())
    defer { subscription.unsubscribe() }
    let api = "\(prefix).CONSUMER.MSG.NEXT.\(stream).\(consumer)"
    let limit = limit.atMost(wait)
    // The server gives up a little sooner, so that no message is on its way when nobody waits for it any more.
    let expires = max(wait.nanoseconds - 20_000_000, 1_000_000)
    let begun = ContinuousClock.now
    try connection.publish(
      api, JSONValue.object(["batch": .int(Int64(count)), "expires": .int(expires)]).bytes, reply: subscription.subject,
      limit: limit)
    var batch = Batch()
    while batch.messages.count < count {
      let message: Message?
      do throws(NATSError) {
        message = try subscription.next(limit: limit)
        guard let message else { throw .connectionClosed(server: connection.server) }
        if let status = message.headers?.status {
          if try ends(status, message.headers?.statusText ?? "", api) { break }
          continue
        }
      } catch .timedOut {
        if batch.messages.isEmpty, let refusal = connection.refusal(ofPublishingOn: api, since: begun) { throw refusal }
        break
      } catch {
        guard !batch.messages.isEmpty else { throw error }
        batch.problem = error
        break
      }
      guard let message, let reply = message.reply, let delivered = DeliveredMessage(reply: reply) else { continue }
      let one = Fetched(
        message: StoredMessage(
          subject: message.subject, sequence: delivered.streamSequence, time: delivered.time,
          headers: message.headers ?? Headers(), payload: message.payload),
        deliveries: delivered.deliveries, pending: delivered.pending, reply: reply)
      batch.messages.append(one)
      each(one)
    }
    return batch
  }

  /// Whether that is the end of what was asked for.
  private func ends(_ status: Int, _ text: String, _ api: String) throws(NATSError) -> Bool {
    switch status {
    case 100: false
    case 404, 408: true
    case 409 where text == "Batch Completed": true
    case 503: throw .noResponders(server: connection.server, subject: api)
    default:
      throw .api(
        APIError(code: status, errorCode: 0, description: text, subject: api, server: connection.server))
    }
  }

  /// Tells the consumer about a message that was handed out with that reply subject, and waits until it has taken note.
  ///
  /// Throws `noResponders` while the consumer has no leader, and always if it wants to know nothing.
  public func tell(_ verdict: Verdict, aboutReply reply: String, limit: WaitLimit) throws(NATSError) {
    _ = try connection.request(reply, Array(verdict.rawValue.utf8), limit: limit)
  }

  /// The place in its stream of the message that was handed out with that reply subject; nil if it is no such subject.
  public static func sequence(ofReply reply: String) -> UInt64? { DeliveredMessage(reply: reply)?.streamSequence }
}
