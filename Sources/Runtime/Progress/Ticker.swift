import Synchronization
import ValuesAndCommands

/// Calls something again and again from a thread of its own.
final class Ticker: Sendable {
  private let isStopped = Atomic<Bool>(false)
  private let thread: Mutex<LaneThread?>
  /// A byte in it ends a pause at once: a recipe that only prints is over long before. -1 where there is no room for a pipe.
  private let (wakeRead, wakeWrite): (Int32, Int32)

  init(every pause: Duration, _ body: @escaping @Sendable () -> Void) {
    thread = Mutex(nil)
    let ends = ProcessPlatform.makePipe()
    (wakeRead, wakeWrite) = (Self.aboveStandardStreams(ends?.read), Self.aboveStandardStreams(ends?.write))
    let started = LaneThread.start(isDeep: false) { [self] in
      while !isStopped.load(ordering: .relaxed) {
        var bell = pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0)
        poll(&bell, 1, pause.pollMilliseconds)
        if !isStopped.load(ordering: .relaxed) { body() }
      }
    }
    thread.withLock { $0 = started }
  }

  /// Where nbx was started without standard output, what it says is not to get into the pipe.
  private static func aboveStandardStreams(_ number: Int32?) -> Int32 {
    guard let number else { return -1 }
    defer { close(number) }
    return fcntl(number, F_DUPFD_CLOEXEC, 3)
  }

  /// Returns when the last call has ended. Not to be called from the body.
  func stop() {
    isStopped.store(true, ordering: .relaxed)
    let running = thread.withLock { thread -> LaneThread? in
      defer { thread = nil }
      return thread
    }
    guard let running else { return }
    var byte: UInt8 = 0
    _ = write(wakeWrite, &byte, 1)
    running.join()
    close(wakeRead)
    close(wakeWrite)
  }
}

/// What nbx waits for outside of a recipe's commands, said once it takes long: silence looks like a standstill.
package enum LongWait {
  /// Who waits longer wants to know what for.
  static let patience = Duration.seconds(2)
  private static let pause = Duration.milliseconds(50)

  /// Gives what `body` gives.
  ///
  /// - Parameters:
  ///   - what: goes on "waiting for".
  ///   - announce: is told, from another thread; nil for standard error.
  package static func told<Result, Problem: Error>(
    _ what: String, to announce: (@Sendable (String) -> Void)? = nil, _ body: () throws(Problem) -> Result
  ) throws(Problem) -> Result {
    let wait = Wait()
    // Not waited for: it ends soon after the body.
    LaneThread.start(isDeep: false) {
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
