extension Connection {
  /// When the collection of many answers ends. The deadline of the call's limit always holds as well.
  public struct AnswerCount: Sendable {
    /// Ends as soon as so many have come.
    public var expected: Int?
    /// Ends when no further answer came for so long; counted from the first answer on.
    public var quiet: Duration?

    public init(expected: Int? = nil, quiet: Duration? = nil) {
      self.expected = expected
      self.quiet = quiet
    }
  }

  /// Asks on `subject` and waits for one answer.
  ///
  /// Throws `noResponders` at once if nobody listens, `timedOut`, `cancelled`, and `connectionLost` if the connection breaks
  /// before the answer came; then nobody knows whether the question arrived.
  public func request(
    _ subject: String, _ payload: [UInt8] = [], headers: Headers? = nil, limit: WaitLimit
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
    _ subject: String, _ payload: [UInt8] = [], headers: Headers? = nil, until: AnswerCount, limit: WaitLimit
  ) throws(NATSError) -> [Message] {
    let (token, mailbox) = try ask(subject, payload, headers: headers, answers: 1 << 20, limit: limit)
    defer { forget(token) }
    var answers: [Message] = []
    let server = server
    while answers.count < until.expected ?? .max {
      let quiet = answers.isEmpty ? nil : until.quiet
      do throws(NATSError) {
        let next = try mailbox.next(
          .answer(subject: subject), server: server, limit: quiet.map(limit.atMost) ?? limit)
        guard let next else { break }
        if answers.isEmpty, next.saysNoResponders { throw .noResponders(server: server, subject: subject) }
        answers.append(next)
      } catch {
        if case .cancelled = error { throw error }
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
    _ subject: String, _ payload: [UInt8], headers: Headers?, answers: Int, atOnce: Bool = true, limit: WaitLimit
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
