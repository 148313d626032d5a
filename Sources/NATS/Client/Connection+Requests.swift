extension Connection {
  /// When the collection of many answers ends. The deadline of the call's limit always holds as well.
  public struct AnswerCount: Sendable {
    /// Ends as soon as so many have come.
    public var expected: Int?
    /// Ends when no further answer came for so long; counted from the first answer on.
    public var quiet: Duration?
    /// Ends with the first answer of which this is true.
    public var last: (@Sendable (Message) -> Bool)?
    /// Asks anew whenever no answer at all came for so long: whoever would answer may not be there yet, as a leader that is
    /// still to be chosen.
    public var again: Duration?

    /// With none of them, answers are collected until the limit ends.
    public init(
      expected: Int? = nil, quiet: Duration? = nil, last: (@Sendable (Message) -> Bool)? = nil, again: Duration? = nil
    ) {
      self.expected = expected
      self.quiet = quiet
      self.last = last
      self.again = again
    }
  }

  /// Asks on `subject` and waits for one answer.
  ///
  /// Throws `noResponders` at once if nobody listens, `timedOut`, `cancelled`, and `connectionLost` if the connection breaks
  /// before the answer came; then nobody knows whether the question arrived.
  public func request(
    _ subject: String, _ payload: [UInt8] = [], headers: Headers? = nil, limit: Limit
  ) throws(NATSError) -> Message {
    let (token, mailbox) = try ask(subject, payload, headers: headers, answers: 16, limit: limit)
    defer { forget(token) }
    guard let answer = try mailbox.next(.answer(subject: subject), server: server, limit: limit) else {
      throw .connectionClosed(server: server)
    }
    if answer.saysNoResponders { throw .noResponders(server: server, subject: subject) }
    return answer
  }

  /// Asks on `subject` and collects answers until `until` is met or the deadline comes, which is no error if at least one
  /// came. Throws `noResponders` if nobody listens.
  public func requestMany(
    _ subject: String, _ payload: [UInt8] = [], headers: Headers? = nil, until: AnswerCount, limit: Limit
  ) throws(NATSError) -> [Message] {
    let (token, mailbox) = try ask(subject, payload, headers: headers, answers: 1 << 20, limit: limit)
    defer { forget(token) }
    var answers: [Message] = []
    let server = server
    while answers.count < until.expected ?? .max {
      let patience = answers.isEmpty ? until.again : until.quiet
      do throws(NATSError) {
        let next = try mailbox.next(
          .answer(subject: subject), server: server, limit: patience.map(limit.atMost) ?? limit)
        guard let next else { break }
        if answers.isEmpty, next.saysNoResponders { throw .noResponders(server: server, subject: subject) }
        answers.append(next)
        if until.last?(next) == true { break }
      } catch {
        if case .cancelled = error { throw error }
        if case .timedOut = error, answers.isEmpty, until.again != nil, !limit.isOver {
          try publish(subject, payload, reply: inbox + String(token), headers: headers, limit: limit)
          continue
        }
        // What came before the connection was lost is there all the same.
        guard !answers.isEmpty else { throw error }
        break
      }
    }
    return answers
  }

  /// Sends a question; its answers come to the mailbox until `forget` is called with the token. With `atOnce` it leaves on the
  /// caller's thread, else together with what comes after it.
  func ask(
    _ subject: String, _ payload: [UInt8], headers: Headers?, answers: Int, atOnce: Bool = true, limit: Limit
  ) throws(NATSError) -> (token: Int, mailbox: Mailbox) {
    try Names.checkPublishSubject(subject)
    let head = try headers?.encoded()
    let mailbox = Mailbox(messages: answers, bytes: 128 << 20)
    lock.lock()
    defer { lock.unlock() }
    if let inboxRefusal { throw inboxRefusal }
    lastID += 1
    let token = lastID
    try queue(subject, payload, reply: inbox + String(token), head: head, limit: limit)
    requests[token] = PendingRequest(subject: subject, mailbox: mailbox)
    guard atOnce else {
      wakeSender()
      return (token, mailbox)
    }
    do {
      try sendNow(limit: limit)
    } catch {
      requests.removeValue(forKey: token)
      throw error
    }
    return (token, mailbox)
  }

  func forget(_ token: Int) {
    lock.lock()
    defer { lock.unlock() }
    requests.removeValue(forKey: token)
  }
}

/// Where messages wait for whoever takes them: of a subscription, or of a request.
final class Mailbox: @unchecked Sendable {
  private let lock = Lock()
  private let changed: Condition
  private let limit: (messages: Int, bytes: Int)

  // Two stacks make a queue: what arrives is put on one, and turned over when the other is empty.
  private var arrived: [Message] = []
  private var ready: [Message] = []
  private var waitingBytes = 0
  private var waiters = 0
  /// The least that any of those who wait wants to be woken for.
  private var wanted = Int.max
  private var end: End?
  private var droppedCount = 0

  /// Why no more will come.
  enum End {
    case finished
    case failed(NATSError)
  }

  init(messages: Int, bytes: Int) {
    limit = (messages, bytes)
    changed = Condition(lock)
  }

  /// How many messages found no room.
  var dropped: Int { lock.whileLocked { droppedCount } }

  var count: Int { lock.whileLocked { arrived.count + ready.count } }

  func deliver(_ messages: ArraySlice<(subscription: Int, message: Message)>) {
    lock.lock()
    defer { lock.unlock() }
    for entry in messages { put(entry.message) }
    if waiters > 0, arrived.count + ready.count >= wanted { changed.wakeAll() }
  }

  func deliver(_ message: Message) {
    lock.lock()
    defer { lock.unlock() }
    put(message)
    if waiters > 0, arrived.count + ready.count >= wanted { changed.wakeAll() }
  }

  private func put(_ message: Message) {
    guard end == nil else { return }
    // One message always finds room, however large: else it could never be taken.
    let waiting = arrived.count + ready.count
    guard waiting == 0 || (waiting < limit.messages && waitingBytes + message.size <= limit.bytes) else {
      droppedCount += 1
      return
    }
    waitingBytes += message.size
    arrived.append(message)
  }

  /// Nothing more will come. What waits may still be taken.
  func close(_ reason: End) {
    lock.whileLocked { if end == nil { end = reason } }
    changed.wakeAll()
  }

  /// The next message; nil once the mailbox is finished and empty.
  func next(
    _ activity: @autoclosure () -> NATSError.Activity, server: @autoclosure () -> Endpoint, limit: Limit
  ) throws(NATSError) -> Message? {
    lock.lock()
    defer { lock.unlock() }
    if let message = take() { return message }
    return try waitForMore(1, activity(), server: server(), limit: limit) ? take() : nil
  }

  /// All that waits, once it is `least` messages: fewer at the end of the limit, none once the mailbox is finished and empty.
  func nextBatch(
    atLeast least: Int, _ activity: @autoclosure () -> NATSError.Activity, server: @autoclosure () -> Endpoint,
    limit: Limit
  ) throws(NATSError) -> [Message] {
    lock.lock()
    defer { lock.unlock() }
    if arrived.count + ready.count < least {
      do throws(NATSError) {
        guard try waitForMore(least, activity(), server: server(), limit: limit) else { return [] }
      } catch {
        guard case .timedOut = error, !(arrived.isEmpty && ready.isEmpty) else { throw error }
      }
    }
    var batch: [Message] = []
    if ready.isEmpty {
      swap(&batch, &arrived)
    } else {
      batch = ready.reversed() + arrived
      ready.removeAll(keepingCapacity: true)
      arrived.removeAll(keepingCapacity: true)
    }
    waitingBytes = 0
    return batch
  }

  /// Waits until there are `least` messages, or the last ones; false if there are none. The caller holds the lock.
  private func waitForMore(
    _ least: Int, _ activity: NATSError.Activity, server: Endpoint, limit: Limit
  ) throws(NATSError) -> Bool {
    while arrived.count + ready.count < least {
      if let end {
        if !(arrived.isEmpty && ready.isEmpty) { return true }
        guard case .failed(let error) = end else { return false }
        throw error
      }
      let pause = try limit.nextPause(activity, server: server)
      waiters += 1
      wanted = min(wanted, least)
      changed.wait(for: pause)
      waiters -= 1
      if waiters == 0 { wanted = .max }
    }
    return true
  }

  private func take() -> Message? {
    if ready.isEmpty {
      guard !arrived.isEmpty else { return nil }
      swap(&ready, &arrived)
      ready.reverse()
    }
    let message = ready.removeLast()
    waitingBytes -= message.size
    return message
  }
}
