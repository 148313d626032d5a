extension Connection {
  /// Sets the connection up again, from the next endpoint on. nil: it was closed, or the rounds are used up.
  func comeBack(after reason: NATSError) -> (Socket, WireParser)? {
    guard goAway(reason) else { return nil }
    options.onEvent?(.lost(reason))
    var lastError = reason
    var round = 0
    var refusals = 0
    while options.reconnectRounds.map({ round < $0 }) ?? true {
      for _ in options.endpoints {
        if isClosed { return nil }
        do throws(NATSError) {
          let index = (lock.whileLocked { endpointIndex } + 1) % options.endpoints.count
          lock.whileLocked { endpointIndex = index }
          let limit = Limit.within(options.connectTime, stop: closing)
          let handshake = try Handshake(with: options.endpoints[index], options: options, limit: limit)
          guard resume(handshake) else { return nil }
          options.onEvent?(.reconnected(options.endpoints[index]))
          return (handshake.socket, handshake.parser)
        } catch {
          lastError = error
        }
      }
      // A login that was revoked or has expired does not come back by asking; one that servers have yet to learn of may.
      if case .authorizationFailed = lastError { refusals += 1 } else { refusals = 0 }
      if refusals == Self.refusalsInARow { break }
      pause(before: round)
      round += 1
    }
    end(lastError)
    return nil
  }

  private static let refusalsInARow = 5

  /// Waits while the connection is away. Throws `connectionClosed`, or why it was given up, if it will not come back.
  public func waitUntilConnected(limit: Limit) throws(NATSError) {
    lock.lock()
    defer { lock.unlock() }
    while true {
      switch state {
      case .connected: return
      case .closed(let reason): throw reason
      case .away: changed.wait(for: try limit.nextPause(.reconnecting, server: currentServer))
      }
    }
  }

  var isClosed: Bool {
    lock.whileLocked { if case .closed = state { true } else { false } }
  }

  /// What was sent and not answered is lost; what was not yet sent waits on. False if the connection is closed.
  private func goAway(_ reason: NATSError) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    if case .closed = state { return false }
    state = .away
    socket?.shutDown()
    socket = nil
    underway = ByteBuffer()
    for request in requests.values { request.mailbox.close(.failed(reason)) }
    requests = [:]
    for subscription in subscriptions.values { subscription.lastLoss = reason }
    for ping in pings.prefix(sentPings) { ping.outcome = .failure(reason) }
    pings.removeFirst(sentPings)
    sentPings = 0
    changed.wakeAll()
    return true
  }

  /// Tells the new server of every subscription, before all that waited. False if the connection was closed meanwhile.
  private func resume(_ handshake: Handshake) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    if case .closed = state { return false }
    let waiting = outgoing
    outgoing = ByteBuffer()
    outgoing.append(line: "SUB \(inbox)* \(Self.inboxID)")
    inboxRefusal = nil
    for subscription in subscriptions.values.sorted(by: { $0.id < $1.id }) {
      for line in subscription.lines { outgoing.append(line: line) }
    }
    outgoing.append(UnsafeRawBufferPointer(waiting.bytes))
    socket = handshake.socket
    serverInfo = handshake.info
    state = .connected
    // It may be that the sending thread never slept, or sleeps for another reason: it must look again in any case.
    senderSleeps = false
    work.wakeAll()
    changed.wakeAll()
    return true
  }

  /// Waits longer from round to round, 50 ms to 2 s, give or take a quarter: so that clients do not all come back at once.
  private func pause(before round: Int) {
    let milliseconds = min(2000, 50 << min(round, 6))
    let spread = Int.random(in: -milliseconds / 4...milliseconds / 4)
    let end = ContinuousClock.now + .milliseconds(milliseconds + spread)
    lock.lock()
    defer { lock.unlock() }
    while true {
      if case .closed = state { return }
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else { return }
      changed.wait(for: left)
    }
  }
}
