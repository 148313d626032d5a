import Interpreter
import Synchronization

/// What nbx waits for outside of a recipe's commands, said once it takes long: silence looks like a standstill.
public enum LongWait {
  /// Who waits longer wants to know what for.
  static let patience = Duration.seconds(2)
  private static let pause = Duration.milliseconds(50)

  /// Gives what `body` gives.
  ///
  /// - Parameters:
  ///   - what: goes on "waiting for".
  ///   - announce: is told, from another thread; nil for standard error.
  public static func told<Result, Problem: Error>(
    _ what: String, to announce: (@Sendable (String) -> Void)? = nil, _ body: () throws(Problem) -> Result
  ) throws(Problem) -> Result {
    let wait = Wait()
    // Not waited for: it ends soon after the body.
    LaneThread.start {
      let end = ContinuousClock.now + patience
      while !wait.isOver.load(ordering: .relaxed) {
        guard .now < end else { return say("waiting for \(what)", announce) }
        Pause.sleep(pause)
      }
    }?.detach()
    defer { wait.isOver.store(true, ordering: .relaxed) }
    return try body()
  }

  private final class Wait: Sendable {
    let isOver = Atomic<Bool>(false)
  }

  private static func say(_ text: String, _ announce: (@Sendable (String) -> Void)?) {
    if let announce { return announce(text) }
    let terminal = Terminal.standardError
    terminal.write(terminal.style.quiet(text) + "\n")
  }
}
