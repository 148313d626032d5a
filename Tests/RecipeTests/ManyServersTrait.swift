import TestSupport
import Testing

/// Suites that start dozens of servers take turns: two such sandboxes at once are more than a small machine has room for,
/// and its servers lose sight of each other. So do those of a dozen, among themselves.
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

  private let turn = Turn()
  /// Theirs alone: they take the longest, and wait for no other test.
  private let thread = WaitingThreads(1)

  fileprivate static let dozens = Self()
  fileprivate static let dozen = Self()

  func provideScope(
    for test: Test, testCase: Test.Case?, performing tests: @Sendable () async throws -> Void
  ) async throws {
    await turn.take()
    do {
      try await withTaskExecutorPreference(thread) { try await tests() }
    } catch {
      await turn.passOn()
      throw error
    }
    await turn.passOn()
  }
}

extension Trait where Self == ManyServersTrait {
  /// No other suite with this trait runs meanwhile.
  static var withManyServers: Self { .dozens }

  /// The suite has up to twelve servers; no other suite with this trait runs meanwhile.
  static var withADozenServers: Self { .dozen }
}
