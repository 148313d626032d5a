/// A PING on its way, and what became of it. Guarded by the connection's lock.
final class Ping: @unchecked Sendable {
  let sentAt = ContinuousClock.now
  var outcome: Result<Duration, NATSError>?
}

extension Connection {
  /// Waits until the server has read everything that was published before.
  public func flush(limit: WaitLimit) throws(NATSError) { _ = try roundTrip(limit: limit) }

  /// As `flush`, for what was published on `subject` from `begin` on: throws `permissionDenied` if the server says that it
  /// refused that.
  ///
  /// - Parameter subject: nil stands for all subjects.
  public func flush(
    publishedOn subject: String?, since begin: ContinuousClock.Instant, limit: WaitLimit
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
  public func roundTrip(limit: WaitLimit) throws(NATSError) -> Duration {
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
