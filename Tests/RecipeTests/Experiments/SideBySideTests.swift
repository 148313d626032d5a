import TestSupport
import Testing

extension Experiments {
  /// Experiments that harm nothing do not disturb each other.
  @Suite struct SideBySide {
    @Test func `latency, and a leafnode with WebSocket`() throws {
      let runs = try ExperimentSandbox.shared.runSideBySide([
        ("latency", ["messages=200"]), ("leafnodes-websockets", ["messages=20"]),
      ])
      try #require(runs.count == 2)
      Latency.check(runs[0], messages: 200)
      Leafnodes.check(runs[1], messages: 20)
    }
  }
}
