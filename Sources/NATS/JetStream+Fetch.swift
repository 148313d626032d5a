extension JetStream {
  /// A message that a consumer has handed out.
  public struct Fetched: Sendable {
    public var message: StoredMessage
    /// How often it was handed out, this time included.
    public var deliveries: UInt64
    /// How many messages the consumer has behind it.
    public var pending: UInt64
    /// Where the word goes that it is done.
    var reply: String
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

  /// Asks a pull consumer for up to `count` messages, and gives those that came within `wait`.
  ///
  /// - Parameter each: is called with each message as it comes.
  public func fetch(
    _ count: Int, from consumer: String, of stream: String, wait: Duration, limit: WaitLimit,
    each: (Fetched) throws(NATSError) -> Void = { _ in }
  ) throws(NATSError) -> [Fetched] {
    try Names.checkStream(stream)
    try Names.checkConsumer(consumer)
    let subscription = try connection.subscribe("\(connection.options.inboxPrefix).\(UniqueID.next())")
    defer { subscription.unsubscribe() }
    let api = "\(prefix).CONSUMER.MSG.NEXT.\(stream).\(consumer)"
    let limit = limit.atMost(wait)
    // The server gives up a little sooner, so that no message is on its way when nobody waits for it any more.
    let expires = max(wait.nanoseconds - 20_000_000, 1_000_000)
    try connection.publish(
      api, JSONValue.object(["batch": .int(Int64(count)), "expires": .int(expires)]).bytes, reply: subscription.subject,
      limit: limit)
    var fetched: [Fetched] = []
    while fetched.count < count {
      let message: Message?
      do throws(NATSError) {
        message = try subscription.next(limit: limit)
      } catch {
        guard case .timedOut = error else { throw error }
        break
      }
      guard let message else { throw .connectionClosed(server: connection.server) }
      if let status = message.headers?.status {
        if try ends(status, message.headers?.statusText ?? "", api) { break }
        continue
      }
      guard let reply = message.reply, let delivered = DeliveredMessage(reply: reply) else { continue }
      let one = Fetched(
        message: StoredMessage(
          subject: message.subject, sequence: delivered.streamSequence, time: delivered.time,
          headers: message.headers ?? Headers(), payload: message.payload),
        deliveries: delivered.deliveries, pending: delivered.pending, reply: reply)
      fetched.append(one)
      try each(one)
    }
    return fetched
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

  /// Tells the consumer about a message, and waits until it has taken note. One that wants to know nothing is told nothing.
  public func tell(_ verdict: Verdict, about fetched: Fetched, limit: WaitLimit) throws(NATSError) {
    do throws(NATSError) {
      _ = try connection.request(fetched.reply, Array(verdict.rawValue.utf8), limit: limit)
    } catch {
      guard case .noResponders = error else { throw error }
    }
  }
}
