import NATS
import Synchronization
import TestSupport

/// A limit of a wait, and a way to know that somebody waits.
final class Waiter: Sendable {
  private let asked = Mutex(0)

  /// A wait asks its limit every few milliseconds whether it is to go on.
  var limit: WaitLimit {
    .within(patience) { [self] in
      asked.withLock { $0 += 1 }
      return false
    }
  }

  /// Returns once a wait has looked at its limit so often that it is waiting for certain.
  func waits() { try? eventually { asked.withLock { $0 } > 20 } }
}
