import Interpreter
import TestSupport
import Testing

@testable import SandboxSystem

/// When a lane that shows nothing is spoken of; times are made up.
@Suite(.mayWait) struct QuietTests {
  private let start = ContinuousClock.now

  private func event(_ kind: Event.Kind, _ lane: String = "") -> Event { Event(lane: lane, cluster: nil, kind: kind) }

  /// The seconds, in tenths from 0 to `end`, at which something is said.
  private func spoken(
    until end: Int, _ events: [(at: Int, event: Event)], broken: [Int] = []
  ) -> [(at: Int, lane: String, text: String)] {
    var state = ProgressState()
    var quiet = Quiet()
    var said: [(at: Int, lane: String, text: String)] = []
    for tenth in 0...end {
      let now = start + .milliseconds(100 * tenth)
      for event in events where event.at == tenth { state.apply(event.event, at: now) }
      if broken.contains(tenth) { quiet.broken("", at: now) }
      said += quiet.lines(of: state, at: now).map { (tenth, $0.lane, $0.text) }
    }
    return said
  }

  @Test func `a command that is silent is spoken of after two seconds, then more rarely`() {
    let said = spoken(until: 320, [(0, event(.commandStarted("helm upgrade c1"), "c1"))])
    #expect(said.map(\.at) == [20, 60, 140, 300])
    #expect(said.allSatisfy { $0.lane == "c1" && $0.text == "waiting for helm upgrade c1" })
  }

  @Test func `a line of its own begins the silence anew`() {
    let said = spoken(until: 35, [(0, event(.commandStarted("exec a")))], broken: [15])
    #expect(said.map(\.at) == [35])
  }

  @Test func `what comes after a rest is not blamed for it`() {
    let events = [
      (0, event(.commandStarted("a"))), (1, event(.commandEnded("a", took: .zero, failed: false))),
      (50, event(.commandStarted("b"))), (60, event(.commandEnded("b", took: .zero, failed: false))),
    ]
    #expect(spoken(until: 100, events).isEmpty)
  }

  @Test func `many quick commands are one silence`() {
    let events = (0..<15).flatMap { number in
      [
        (number * 2, event(.commandStarted("nats pub \(number)"))),
        (number * 2 + 1, event(.commandEnded("nats pub \(number)", took: .zero, failed: false))),
      ]
    }
    #expect(spoken(until: 29, events).map(\.text) == ["waiting for nats pub 10"])
  }

  @Test func `a wait tells what it has seen`() {
    let events = (0...24).map { ($0, event(.waiting(for: "the mesh", lastSeen: "35 of 36"))) }
    #expect(spoken(until: 24, events).map(\.text) == ["waiting for the mesh (35 of 36)"])
  }
}
