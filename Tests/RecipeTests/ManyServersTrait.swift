import TestSupport
import Testing

/// Suites that start dozens of servers take turns: two such sandboxes at once are more than a small machine has room for,
/// and its servers lose sight of each other.
struct ManyServersTrait: SuiteTrait, TestScoping {
  private actor Turn {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
      guard isTaken else {
        isTaken = true
        return
      }
      await withCheckedContinuation { waiting.append($0) }
    }

    func passOn() {
      if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
    }
  }

  private static let turn = Turn()
  /// Theirs alone: they take the longest, and wait for no other test.
  private static let thread = WaitingThreads(1)

  func provideScope(
    for test: Test, testCase: Test.Case?, performing tests: @Sendable () async throws -> Void
  ) async throws {
    await Self.turn.take()
    do {
      try await withTaskExecutorPreference(Self.thread) { try await tests() }
    } catch {
      await Self.turn.passOn()
      throw error
    }
    await Self.turn.passOn()
  }
}

extension Trait where Self == ManyServersTrait {
  /// No other suite with this trait runs meanwhile.
  static var withManyServers: Self { ManyServersTrait() }
}
