import Foundation
import Testing

/// Threads for tests that wait: for a program's end, a server's start, a screen.
///
/// Swift's own pool has as many threads as there are cores, and a test that waits holds one of them: on two cores two
/// such tests keep all the others from running. These threads may wait.
public final class WaitingThreads: TaskExecutor, @unchecked Sendable {
  /// For all tests. Twice as many use two cores no better, and have more servers at once compete for them.
  public static let shared = WaitingThreads(6, modest: true)

  private let condition = NSCondition()
  private var jobs: [UnownedJob] = []

  /// - Parameter modest: whether they, and the programs that they start, leave the processors to others that want them.
  public init(_ count: Int, modest: Bool = false) {
    for _ in 0..<count {
      let thread = Thread {
        if modest { Self.stepBack() }
        self.work()
      }
      // A thread that is not the first has 512 KiB by default on some systems: too little for what nests deeply.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    condition.withLock {
      jobs.append(job)
      condition.signal()
    }
  }

  /// Of the suites that take turns and last as long as the whole run, none should wait for a processor behind all others.
  private static func stepBack() {
    #if os(Linux)
      // On Linux, this thread; elsewhere it would be the whole process. Half the weight of the others: a machine that is
      // busy with other things leaves less to those that step back further.
      _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 4)
    #endif
  }

  /// What came last goes first: so a test that has begun comes to its end, and a suite whose tests take turns goes on,
  /// before another one begins.
  private func work() {
    while true {
      condition.lock()
      while jobs.isEmpty { condition.wait() }
      let job = jobs.removeLast()
      condition.unlock()
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}

/// Runs a suite's tests, and those of the suites within it, on `WaitingThreads`.
public struct WaitingThreadsTrait: SuiteTrait, TestScoping {
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing tests: @Sendable () async throws -> Void
  ) async throws {
    // What the tests' runner starts within inherits it.
    try await withTaskExecutorPreference(WaitingThreads.shared) { try await tests() }
  }
}

extension Trait where Self == WaitingThreadsTrait {
  /// The suite's tests may wait without holding up those of other suites.
  public static var mayWait: Self { WaitingThreadsTrait() }
}
