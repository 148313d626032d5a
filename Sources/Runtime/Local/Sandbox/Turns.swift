import Interpreter
import Synchronization

/// Who works on what within this nbx: of two lanes that would change the same release, or a region and a release in it,
/// the second waits; releases beside each other are changed at the same time.
final class Turns: Sendable {
  private struct State {
    var taken: [Int: [String]] = [:]
    var next = 0
  }

  private let state = Mutex(State())

  /// - Parameter scope: a path, from the region down: `["c1"]` is in the way of `["c1", "nats", "c1-js"]`.
  func during<Result>(
    _ scope: [String], _ limits: CallLimits, _ body: () throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    var number = take(scope)
    while number == nil {
      try limits.pause(5, "waiting for another part of the recipe that changes \(scope[0])", givingUpFrom: .windDown)
      number = take(scope)
    }
    defer { end(number) }
    return try body()
  }

  private func take(_ scope: [String]) -> Int? {
    state.withLock { state in
      let isInTheWay = state.taken.values.contains { other in
        zip(scope, other).allSatisfy { $0 == $1 }
      }
      guard !isInTheWay else { return nil }
      state.next += 1
      state.taken[state.next] = scope
      return state.next
    }
  }

  private func end(_ number: Int?) {
    guard let number else { return }
    state.withLock { _ = $0.taken.removeValue(forKey: number) }
  }
}
