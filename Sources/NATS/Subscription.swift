/// Interest in a subject. Messages wait here until they are taken with `next`.
///
///     let orders = try connection.subscribe("orders.>")
///     while let message = try orders.next(limit: .within(.seconds(30))) { … }
public final class Subscription: @unchecked Sendable {
  public let subject: String
  /// Of all subscribers with the same queue name, each message goes to one.
  public let queue: String?

  let id: Int
  let mailbox: Mailbox
  /// Held until the subscription or the connection ends: `next` may be called after either.
  let connection: Connection

  // Guarded by the connection's lock.
  var received = 0
  var maximum: Int?
  var lastLoss: NATSError?

  init(id: Int, subject: String, queue: String?, bound: Bound, connection: Connection) {
    self.id = id
    self.subject = subject
    self.queue = queue
    self.connection = connection
    mailbox = Mailbox(messages: bound.messages, bytes: bound.bytes)
  }

  /// How much may wait in a subscription, payloads and headers. What comes beyond it is dropped and counted.
  public struct Bound: Sendable {
    public var messages: Int
    public var bytes: Int

    public init(messages: Int = 1 << 20, bytes: Int = 128 << 20) {
      self.messages = messages
      self.bytes = bytes
    }
  }

  /// How many messages were dropped because too many waited.
  public var dropped: Int { mailbox.dropped }

  /// Why messages may be missing, if the connection was lost since: a server cuts off who is too slow for what comes, and
  /// what is published until the connection is back comes to nobody.
  public var gap: NATSError? { connection.lock.whileLocked { lastLoss } }

  /// How many messages wait to be taken.
  public var waiting: Int { mailbox.count }

  /// The next message, in the order of arrival. nil: the subscription has ended and everything was taken.
  ///
  /// Throws `timedOut`, `cancelled`, `permissionDenied` and, when the connection was closed, `connectionClosed`.
  /// While the connection is away it waits on: the subscription comes back with it.
  public func next(limit: WaitLimit) throws(NATSError) -> Message? {
    try mailbox.next(.message(subject: subject), server: connection.server, limit: limit)
  }

  /// All messages that wait, in the order of arrival, once there are `least` or the limit is over: quicker than `next` where
  /// many come. Empty: the subscription has ended and everything was taken. Throws as `next` does, if there is not even one.
  public func nextBatch(atLeast least: Int = 1, limit: WaitLimit) throws(NATSError) -> [Message] {
    try mailbox.nextBatch(
      atLeast: max(1, least), .message(subject: subject), server: connection.server, limit: limit)
  }

  /// Ends the interest. What has arrived may still be taken.
  public func unsubscribe() { connection.unsubscribe(self) }

  /// Ends the interest after `maximum` messages in all, counted from the beginning.
  public func unsubscribe(after maximum: Int) { connection.unsubscribe(self, after: maximum) }

  /// What makes the subscription known to a server, also after a reconnect.
  var lines: [String] {
    let name = queue.map { " \($0)" } ?? ""
    let subscribe = "SUB \(subject)\(name) \(id)"
    guard let maximum else { return [subscribe] }
    return [subscribe, "UNSUB \(id) \(max(1, maximum - received))"]
  }
}
