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
  public func flush(
    publishedOn subject: String, since begin: ContinuousClock.Instant, limit: WaitLimit
  ) throws(NATSError) {
    try flush(limit: limit)
    if let last = lock.whileLocked({ publishRefusals[subject] }), last.at >= begin { throw last.refusal }
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
