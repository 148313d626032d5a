import Interpreter
import Synchronization

/// Calls something again and again from a thread of its own.
final class Ticker: Sendable {
  private let isStopped = Atomic<Bool>(false)
  private let thread: Mutex<LaneThread?>

  init(every pause: Duration, _ body: @escaping @Sendable () -> Void) {
    thread = Mutex(nil)
    let started = LaneThread.start { [self] in
      while !isStopped.load(ordering: .relaxed) {
        Pause.sleep(pause)
        if !isStopped.load(ordering: .relaxed) { body() }
      }
    }
    thread.withLock { $0 = started }
  }

  /// Returns when the last call has ended. Not to be called from the body.
  func stop() {
    isStopped.store(true, ordering: .relaxed)
    let running = thread.withLock { thread -> LaneThread? in
      defer { thread = nil }
      return thread
    }
    running?.join()
  }
}
