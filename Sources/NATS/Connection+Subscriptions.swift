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
  init?(_ digits: Substring.UTF8View) {
    self = 0
    guard !digits.isEmpty, digits.count < 19 else { return nil }
    for digit in digits {
      guard digit >= 48, digit <= 57 else { return nil }
      self = self * 10 + Int(digit - 48)
    }
  }
}
