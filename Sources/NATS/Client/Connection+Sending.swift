extension Connection {
  /// Publishes a message. It leaves within a moment, together with others; `flush` waits until the server has it.
  ///
  /// While the connection is away up to `options.reconnectBuffer` bytes are kept for its return; what was being handed to the
  /// system when it broke is lost, as NATS promises at most once. `limit` is used only if too much waits to be sent already.
  public func publish(
    _ subject: String, _ payload: [UInt8] = [], reply: String? = nil, headers: Headers? = nil,
    limit: @autoclosure () -> Limit = .within(.seconds(10))
  ) throws(NATSError) {
    try Names.checkPublishSubject(subject)
    if let reply { try Names.checkPublishSubject(reply) }
    let head = try headers?.encoded()
    lock.lock()
    defer { lock.unlock() }
    try queue(subject, payload, reply: reply, head: head, limit: limit())
    try sendSoon(limit: limit())
  }

  /// As `publish`, for one of several: all of them leave with `sendQueued`, and by themselves a little later. One that there
  /// is no room for within `limit` is not published: `timedOut` or `outgoingBufferFull`.
  package func enqueue(
    _ subject: String, _ payload: [UInt8], reply: String?, headers: Headers?, limit: Limit
  ) throws(NATSError) {
    let head = try headers?.encoded()
    lock.lock()
    defer { lock.unlock() }
    try queue(subject, payload, reply: reply, head: head, limit: limit)
    wakeSender()
  }

  /// Sends what waits on the caller's own thread.
  package func sendQueued(limit: Limit) throws(NATSError) {
    lock.lock()
    defer { lock.unlock() }
    if !outgoing.isEmpty { try sendNow(limit: limit) }
  }

  /// A lone message leaves on the caller's thread, which is quickest, and so does a chunk that is full. The second in a row
  /// wakes the sending thread, which then sends many at once. The caller holds the lock.
  private func sendSoon(limit: @autoclosure () -> Limit) throws(NATSError) {
    // Whoever is sending sees to it that this is sent as well.
    if isSending { return }
    let isFull = outgoing.count >= Self.chunkSize
    guard isFull || senderSleeps, case .connected = state else { return }
    let isAlone = lastSend.duration(to: .now) > .microseconds(20)
    if isFull || isAlone { try sendNow(limit: limit()) } else { wakeSender() }
  }

  /// Appends a publish to what waits to be sent. The caller holds the lock.
  func queue(
    _ subject: String, _ payload: [UInt8], reply: String?, head: [UInt8]?, limit: @autoclosure () -> Limit
  ) throws(NATSError) {
    let size = payload.count + (head?.count ?? 0)
    if size > serverInfo.maxPayload {
      throw .payloadTooLarge(server: currentServer, bytes: size, limit: serverInfo.maxPayload)
    }
    if head != nil, !serverInfo.supportsHeaders { throw .headersUnsupported(server: currentServer) }
    if !hasRoom { try makeRoom(for: size, limit: limit()) }
    outgoing.appendPublish(subject: subject, reply: reply, headers: head, payload: payload)
  }

  private var hasRoom: Bool {
    if case .connected = state { outgoing.count < Self.sendBound } else { false }
  }

  private func makeRoom(for size: Int, limit: Limit) throws(NATSError) {
    while !hasRoom {
      switch state {
      case .closed(let reason): throw reason
      case .away:
        if outgoing.count + size > options.reconnectBuffer {
          throw .outgoingBufferFull(server: currentServer, limit: options.reconnectBuffer)
        }
        return
      case .connected:
        let pause = try limit.nextPause(.sending, server: currentServer)
        wakeSender()
        roomWaiters += 1
        changed.wait(for: pause)
        roomWaiters -= 1
      }
    }
  }

  /// The caller holds the lock.
  func wakeSender() {
    guard senderSleeps else { return }
    senderSleeps = false
    work.wakeOne()
  }

  /// Sends what waits on the caller's own thread, which saves a request the change of threads. If another thread is sending
  /// already, the sending thread comes after it. The caller holds the lock, which is let go while sending.
  func sendNow(limit: Limit) throws(NATSError) {
    if isSending { return wakeSender() }
    guard case .connected = state else { return }
    try sendOnce(limit: limit)
  }

  /// Takes everything that waits and sends it. A broken socket is not the sender's to report: the reader sees it as well.
  func sendOnce(limit: Limit?) throws(NATSError) {
    guard let socket, !isSending else { return }
    isSending = true
    if underway.isEmpty {
      swap(&outgoing, &underway)
      sentPings = pings.count
      if roomWaiters > 0 { changed.wakeAll() }
    }
    // A part that is not sent goes first the next time. If the connection is lost meanwhile it is nobody's any more: on
    // another one it would begin amid a line.
    let chunk = underway
    var failure: NATSError?
    lock.unlock()
    do throws(NATSError) {
      try socket.send(chunk, .sending, limit: limit)
    } catch {
      failure = error
    }
    lock.lock()
    isSending = false
    lastSend = .now
    if case .connectionLost = failure {
      socket.shutDown()
      failure = nil
      chunk.removeAll()
    }
    if roomWaiters > 0 { changed.wakeAll() }
    if !outgoing.isEmpty || !underway.isEmpty { wakeSender() }
    if let failure { throw failure }
  }

  /// The sending thread's life. What comes in a row is given a moment to become more, and a longer one as long as it grows so
  /// quickly that a chunk is soon full: a system call for every few messages would keep it and the server busy with nothing else.
  func sendUntilClosed() {
    lock.lock()
    defer { lock.unlock() }
    let first = Duration.microseconds(100)
    var pause = first
    var seen = 0
    while true {
      switch state {
      case .closed: return
      case .connected where !isSending && !(outgoing.isEmpty && underway.isEmpty):
        let count = outgoing.count
        // Less than there was: somebody has sent a chunk meanwhile.
        let isRow = pause == first || count < seen || count - seen >= Self.chunkSize / 8
        if count < Self.chunkSize, isRow {
          seen = count
          work.wait(for: pause)
          pause = min(pause * 2, .milliseconds(1))
          continue
        }
        // Without a limit nothing is thrown: a broken socket ends the sending.
        try? sendOnce(limit: nil)
      default:
        senderSleeps = true
        work.wait()
        senderSleeps = false
      }
      pause = first
    }
  }
}

/// A PING on its way, and what became of it. Guarded by the connection's lock.
package final class Ping: @unchecked Sendable {
  let sentAt = ContinuousClock.now
  var outcome: Result<Duration, NATSError>?
}

extension Connection {
  /// Waits until the server has read everything that was published before.
  public func flush(limit: Limit) throws(NATSError) { _ = try roundTrip(limit: limit) }

  /// As `flush`, for what was published on `subject` from `begin` on: throws `permissionDenied` if the server says that it
  /// refused that.
  ///
  /// - Parameter subject: nil stands for all subjects.
  public func flush(
    publishedOn subject: String?, since begin: ContinuousClock.Instant, limit: Limit
  ) throws(NATSError) {
    try flush(limit: limit)
    if let refusal = refusal(ofPublishingOn: subject, since: begin) { throw refusal }
  }

  /// What the server said if it refused something that was published on `subject`, or on any, from `begin` on. Nobody else
  /// hears of it: a message that is refused stays without an answer.
  public func refusal(ofPublishingOn subject: String?, since begin: ContinuousClock.Instant) -> NATSError? {
    let refusals = lock.whileLocked { publishRefusals }
    let last = subject.map { subject in refusals[subject] } ?? refusals.values.max { $0.at < $1.at }
    return last.flatMap { $0.at >= begin ? $0.refusal : nil }
  }

  /// The time from a PING to its PONG, behind everything that waits to be sent.
  public func roundTrip(limit: Limit) throws(NATSError) -> Duration {
    let ping = Ping()
    lock.lock()
    defer { lock.unlock() }
    if case .closed(let reason) = state { throw reason }
    pings.append(ping)
    outgoing.append(line: "PING")
    try sendNow(limit: limit)
    while true {
      if let outcome = ping.outcome { return try outcome.get() }
      changed.wait(for: try limit.nextPause(.flushing, server: currentServer))
    }
  }

  /// Asks the server to tell when it has read all that was published before, without waiting for that. The question leaves
  /// with `sendQueued`; `answer(to:)` says what became of it.
  package func mark() -> Ping {
    lock.lock()
    defer { lock.unlock() }
    let ping = Ping()
    if case .closed(let reason) = state {
      ping.outcome = .failure(reason)
      return ping
    }
    pings.append(ping)
    outgoing.append(line: "PING")
    wakeSender()
    return ping
  }

  /// When the server answered, or why it never will; nil as long as neither is known.
  package func answer(to ping: Ping) -> Result<ContinuousClock.Instant, NATSError>? {
    lock.whileLocked { ping.outcome.map { outcome in outcome.map { ping.sentAt + $0 } } }
  }

  /// Asks the server for a sign of life; nobody waits for it. The caller holds the lock.
  func sendKeepAlive() {
    pings.append(Ping())
    outgoing.append(line: "PING")
    wakeSender()
  }

  /// A PONG answers the oldest PING. The caller holds the lock.
  func receivePong() {
    guard !pings.isEmpty else { return }
    let ping = pings.removeFirst()
    sentPings = max(0, sentPings - 1)
    ping.outcome = .success(ping.sentAt.duration(to: .now))
    changed.wakeAll()
  }
}
