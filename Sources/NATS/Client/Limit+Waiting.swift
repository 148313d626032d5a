// A limit is part of every call: whoever knows the one knows the other.
@_exported import Machine

extension Limit {
  /// How long to sleep before looking again. Throws once the wait is over.
  func nextPause(_ activity: NATSError.Activity, server: Endpoint) throws(NATSError) -> Duration {
    if isStopped { throw .cancelled(activity, server: server) }
    let left = left
    guard left > .zero else { throw .timedOut(activity, server: server) }
    onWait? { activity.progress }
    return stop == nil ? left : min(left, .milliseconds(10))
  }

  /// Sleeps for `duration`, or less if the limit ends before.
  public func sleep(_ duration: Duration, _ activity: NATSError.Activity, server: Endpoint) throws(NATSError) {
    let end = ContinuousClock.now + duration
    while true {
      let pause = try nextPause(activity, server: server)
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else { return }
      Pause.sleep(min(pause, left))
    }
  }
}
