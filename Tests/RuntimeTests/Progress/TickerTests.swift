import Synchronization
import Testing

@testable import SandboxSystem

@Suite struct TickerTests {
  @Test func `it calls until it is stopped`() {
    let count = Atomic<Int>(0)
    let ticker = Ticker(every: .milliseconds(1)) { count.add(1, ordering: .relaxed) }
    while count.load(ordering: .relaxed) < 3 {}
    ticker.stop()
    let last = count.load(ordering: .relaxed)
    ticker.stop()
    #expect(count.load(ordering: .relaxed) == last)
  }

  /// Else the program's end would wait for it.
  @Test func `a pause does not keep it from being stopped`() {
    let count = Atomic<Int>(0)
    let begun = ContinuousClock.now
    let ticker = Ticker(every: .seconds(3600)) { count.add(1, ordering: .relaxed) }
    ticker.stop()
    #expect(.now - begun < .seconds(3600) && count.load(ordering: .relaxed) == 0)
  }
}
