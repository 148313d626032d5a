import Synchronization

/// A command that goes on in a thread of its own, while a block runs.
final class CompanionCommand: Sendable {
  private struct State {
    var hasBegun = false
    var hasEnded = false
    var failure: CommandFailure?
  }

  private let stop: StopSignal
  private let thread: LaneThread
  private let state: SharedState

  private final class SharedState: Sendable {
    let state = Mutex(State())
  }

  /// Starts it; nil if the system has no more threads.
  ///
  /// - Parameter stop: what tells it to end.
  init?(_ given: GivenCommand, _ stop: StopSignal) {
    let shared = SharedState()
    var invocation = given.invocation
    invocation.begun = { shared.state.withLock { $0.hasBegun = true } }
    let thread = LaneThread.start { [invocation] in
      do throws(CommandFailure) {
        _ = try given.command.run(invocation)
        shared.state.withLock { $0.hasEnded = true }
      } catch {
        shared.state.withLock { state in
          state.hasEnded = true
          state.failure = error
        }
      }
    }
    guard let thread else { return nil }
    self.stop = stop
    self.thread = thread
    state = shared
  }

  /// Whether the block may begin: it said so, or is over already.
  var hasBegun: Bool { state.state.withLock { $0.hasBegun || $0.hasEnded } }

  var hasFailed: Bool { state.state.withLock { $0.failure != nil } }

  /// Ends it, and waits for that. Returns why it had failed before it was told to end.
  func end() -> CommandFailure? {
    let before = state.state.withLock { $0.failure }
    stop.ask(.interrupt)
    thread.join()
    return before
  }
}
