import NATS
import Synchronization
import TestSupport

/// A limit of a wait, and a way to know that somebody waits.
final class Waiter: Sendable {
  private let asked = Mutex(0)

  /// A wait that may be told to stop looks at its limit every few milliseconds.
  var limit: Limit {
    var limit = Limit.within(patience, stop: StopSignal())
    limit.onWait = { [self] _ in asked.withLock { $0 += 1 } }
    return limit
  }

  /// Returns once a wait has looked at its limit so often that it is waiting for certain.
  func waits() { try? eventually { asked.withLock { $0 } > 20 } }
}

extension StopSignal {
  /// Asks to stop once so much time has gone by.
  static func after(_ duration: Duration) -> StopSignal {
    let stop = StopSignal()
    let thread = LaneThread.start {
      Pause.sleep(duration)
      stop.ask(.interrupt)
    }
    thread?.detach()
    return stop
  }
}
