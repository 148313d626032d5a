import Interpreter
import NATS

extension Invocation {
  /// How long the client library may wait for this call: until its deadline, or `duration` from now if that is sooner.
  ///
  /// - Parameter request: from which request to stop on the wait ends.
  func waitLimit(atMost duration: Duration? = nil, givingUpFrom request: StopSignal.Request = .windDown) -> WaitLimit {
    let limit = WaitLimit(deadline: deadline) { [stop] in stop.request >= request }
    return duration.map(limit.atMost) ?? limit
  }
}
