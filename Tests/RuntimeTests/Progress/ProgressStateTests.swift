import Interpreter
import Lexer
import Testing

@testable import SandboxSystem

struct ProgressStateTests {
  @Test func `a live line is one line, and nothing in it is obeyed`() {
    var state = ProgressState()
    let now = ContinuousClock.now
    let evil = "a\nb\u{1B}[2J\u{202E}"
    for lane in ["c1\u{7}\n", "c2"] {
      state.apply(Event(lane: lane, cluster: nil, kind: .stepStarted(evil)), at: now)
      state.apply(Event(lane: lane, cluster: nil, kind: .commandStarted("exec \(evil)")), at: now)
    }
    let step = "a b␛[2J\u{FFFD}"
    let shown = ["c1␇   \(step): exec \(step)  0s", "c2    \(step): exec \(step)  0s"]
    #expect(state.lines(at: now, width: 80, most: 9) == shown)
    #expect(state.lines(at: now, width: 20, most: 9).allSatisfy { displayWidth($0) <= 20 })
  }
}
