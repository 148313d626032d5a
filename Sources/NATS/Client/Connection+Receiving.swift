extension Connection {
  /// The reading thread's life: reads until the connection breaks, sets it up again, until it is closed.
  func readUntilClosed(_ first: Socket, _ firstParser: WireParser) {
    var (socket, parser) = (first, firstParser)
    while true {
      let reason = readUntilLost(socket, parser)
      guard let next = comeBack(after: reason) else { return }
      (socket, parser) = next
    }
  }

  private func readUntilLost(_ socket: Socket, _ parser: WireParser) -> NATSError {
    var lastWords: String?
    var messages: [(subscription: Int, message: Message)] = []
    messages.reserveCapacity(1024)
    do throws(NATSError) {
      while true {
        // What the handshake read beyond its PONG is already there.
        while let event = try parser.next() {
          if case .message(let subscription, let message) = event {
            messages.append((subscription, message))
            continue
          }
          // A PONG says that all before it has come: so it must be there to be taken.
          distribute(&messages)
          if case .error(let text) = event {
            lastWords = receiveError(text) ?? lastWords
          } else {
            try receive(event, parser)
          }
        }
        distribute(&messages)
        try receiveMore(socket, parser)
      }
    } catch {
      distribute(&messages)
      guard let lastWords, case .connectionLost(let server, _) = error else { return error }
      return Handshake.refusal(lastWords, server: server, login: options.credentials.login)
    }
  }

  private func receiveMore(_ socket: Socket, _ parser: WireParser) throws(NATSError) {
    var unansweredPings = 0
    let interval = max(options.pingInterval, .milliseconds(10))
    while true {
      while !socket.isReadable(within: interval) {
        // `poll` waits for at most a minute at a time, and an interval may be longer; asking more often does no harm.
        if unansweredPings == 2 { throw .connectionLost(server: socket.server, .silent) }
        unansweredPings += 1
        lock.whileLocked { sendKeepAlive() }
      }
      if try parser.buffer.receive(socket.read) != nil {
        parser.receivedAt = .now
        return
      }
    }
  }

  private func receive(_ event: WireEvent, _ parser: WireParser) throws(NATSError) {
    switch event {
    case .ping:
      lock.whileLocked {
        outgoing.append(line: "PONG")
        wakeSender()
      }
    case .pong: lock.whileLocked { receivePong() }
    case .info(let bytes):
      let info = try ServerInfo.decode(bytes, from: parser.server)
      lock.whileLocked { serverInfo = info }
    default: break
    }
  }

  /// Returns the text if it is the last that the server will say: it closes the connection after most errors.
  private func receiveError(_ text: String) -> String? {
    options.onEvent?(.serverError(server, text: text))
    guard text.lowercased().hasPrefix("permissions violation") else {
      return text.lowercased().hasPrefix("invalid subject") ? nil : text
    }
    // Such as: Permissions Violation for Publish to "orders.new"
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    guard parts.count > 2 else { return nil }
    let (isPublish, subject) = (parts[0].lowercased().contains("publish"), String(parts[1]))
    let refusal = NATSError.permissionDenied(server: server, text: text)
    let refused = lock.whileLocked {
      if isPublish {
        // However many subjects somebody tries, it is a bounded list.
        if publishRefusals.count == 1000 { publishRefusals = [:] }
        publishRefusals[subject] = (refusal, .now)
        return requests.values.filter { $0.subject == subject }.map(\.mailbox)
      }
      if subject.hasPrefix(inbox) {
        inboxRefusal = refusal
        return requests.values.map(\.mailbox)
      }
      return subscriptions.values.filter { $0.subject == subject }.map(\.mailbox)
    }
    for mailbox in refused { mailbox.close(.failed(refusal)) }
    return nil
  }
}

extension Connection {
  /// Subscribes to `subject`, which may hold `*` and `>`. Use `flush` to know that the server has taken note.
  public func subscribe(
    _ subject: String, queue: String? = nil, maximum: Int? = nil, bound: Subscription.Bound = .init()
  ) throws(NATSError) -> Subscription {
    try Names.checkSubscribeSubject(subject)
    if let queue { try Names.checkPublishSubject(queue) }
    lock.lock()
    defer { lock.unlock() }
    if case .closed(let reason) = state { throw reason }
    lastID += 1
    let subscription = Subscription(id: lastID, subject: subject, queue: queue, bound: bound, connection: self)
    subscription.maximum = maximum.map { max(1, $0) }
    subscriptions[lastID] = subscription
    tell(subscription.lines)
    return subscription
  }

  func unsubscribe(_ subscription: Subscription) {
    announceEnd(of: subscription)
    lock.whileLocked { _ = subscriptions.removeValue(forKey: subscription.id) }
    subscription.mailbox.close(.finished)
  }

  func unsubscribe(_ subscription: Subscription, after maximum: Int) {
    lock.lock()
    guard subscriptions[subscription.id] != nil else { return lock.unlock() }
    if subscription.received < maximum {
      subscription.maximum = maximum
      // The server counts from the beginning, too.
      tell(["UNSUB \(subscription.id) \(maximum)"])
      return lock.unlock()
    }
    lock.unlock()
    unsubscribe(subscription)
  }

  func announceEnd(of subscription: Subscription) {
    lock.whileLocked {
      if subscriptions[subscription.id] != nil { tell(["UNSUB \(subscription.id)"]) }
    }
  }

  /// Queues lines about subscriptions. While the connection is away there is nobody to tell: a new connection is told all of
  /// them anyway. The caller holds the lock.
  private func tell(_ lines: [String]) {
    guard case .connected = state else { return }
    for line in lines { outgoing.append(line: line) }
    wakeSender()
  }

  /// Hands out what was read, in order, and empties the list. Rows of one subscription are handed out at once.
  func distribute(_ messages: inout [(subscription: Int, message: Message)]) {
    var start = 0
    while start < messages.count {
      let id = messages[start].subscription
      if id == Self.inboxID {
        answer(messages[start].message)
        start += 1
        continue
      }
      var end = start + 1
      while end < messages.count, messages[end].subscription == id { end += 1 }
      deliver(messages[start..<end], to: id)
      start = end
    }
    messages.removeAll(keepingCapacity: true)
  }

  private func deliver(_ messages: ArraySlice<(subscription: Int, message: Message)>, to id: Int) {
    lock.lock()
    guard let subscription = subscriptions[id] else { return lock.unlock() }
    var messages = messages
    var isLast = false
    if let maximum = subscription.maximum {
      messages = messages.prefix(max(0, maximum - subscription.received))
      isLast = subscription.received + messages.count >= maximum
    }
    subscription.received += messages.count
    if isLast { subscriptions.removeValue(forKey: id) }
    lock.unlock()
    subscription.mailbox.deliver(messages)
    if isLast { subscription.mailbox.close(.finished) }
  }

  private func answer(_ message: Message) {
    guard let token = Int(message.subject.utf8.dropFirst(inbox.utf8.count)) else { return }
    lock.lock()
    let request = requests[token]
    lock.unlock()
    request?.mailbox.deliver(message)
  }
}

extension Int {
  /// A decimal number from UTF-8; nil for anything else. `Int(String)` would make a string of it first.
  package init?(_ digits: Substring.UTF8View) {
    self = 0
    guard !digits.isEmpty, digits.count < 19 else { return nil }
    for digit in digits {
      guard digit >= 48, digit <= 57 else { return nil }
      self = self * 10 + Int(digit - 48)
    }
  }
}

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
  public func next(limit: Limit) throws(NATSError) -> Message? {
    try mailbox.next(.message(subject: subject), server: connection.server, limit: limit)
  }

  /// All messages that wait, in the order of arrival, once there are `least` or the limit is over: quicker than `next` where
  /// many come. Empty: the subscription has ended and everything was taken. Throws as `next` does, if there is not even one.
  public func nextBatch(atLeast least: Int = 1, limit: Limit) throws(NATSError) -> [Message] {
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
