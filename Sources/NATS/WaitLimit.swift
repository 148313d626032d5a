/// How long a call may wait: until a point in time, or until somebody no longer wants the answer.
///
///     let answer = try connection.request("time", limit: .within(.seconds(2)))
public struct WaitLimit: Sendable {
  /// When the wait ends as timed out.
  public var deadline: ContinuousClock.Instant

  /// Asked about every 10 ms while waiting; true ends the wait as cancelled. nil: the wait can't be cancelled.
  public var isCancelled: (@Sendable () -> Bool)?

  /// Hears again and again what is waited for.
  public var onWait: (@Sendable (NATSError.Activity) -> Void)?

  public init(
    deadline: ContinuousClock.Instant, isCancelled: (@Sendable () -> Bool)? = nil,
    onWait: (@Sendable (NATSError.Activity) -> Void)? = nil
  ) {
    self.deadline = deadline
    self.isCancelled = isCancelled
    self.onWait = onWait
  }

  /// A limit that ends the wait `duration` from now.
  public static func within(_ duration: Duration, isCancelled: (@Sendable () -> Bool)? = nil) -> WaitLimit {
    WaitLimit(deadline: .now + duration, isCancelled: isCancelled)
  }

  /// This limit, or `duration` from now if that is sooner.
  public func atMost(_ duration: Duration) -> WaitLimit {
    WaitLimit(deadline: min(deadline, .now + duration), isCancelled: isCancelled, onWait: onWait)
  }

  /// How long to sleep before looking again. Throws once the wait is over.
  func nextPause(_ activity: NATSError.Activity, server: Endpoint) throws(NATSError) -> Duration {
    if let isCancelled, isCancelled() { throw .cancelled(activity, server: server) }
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { throw .timedOut(activity, server: server) }
    onWait?(activity)
    return isCancelled == nil ? left : min(left, .milliseconds(10))
  }

  /// Sleeps for `duration`, or less if the limit ends before.
  public func sleep(_ duration: Duration, _ activity: NATSError.Activity, server: Endpoint) throws(NATSError) {
    let end = ContinuousClock.now + duration
    let lock = Lock()
    let never = Condition(lock)
    lock.lock()
    defer { lock.unlock() }
    while true {
      let pause = try nextPause(activity, server: server)
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else { return }
      never.wait(for: min(pause, left))
    }
  }
}

extension Duration {
  /// Whole milliseconds for `poll`, rounded up so that a wait does not spin at its end, and at most a minute.
  var pollMilliseconds: Int32 {
    let (seconds, attoseconds) = components
    guard seconds < 60 else { return 60_000 }
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  /// The duration in whole nanoseconds.
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
