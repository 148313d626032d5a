import Foundation
import TestSupport
import Testing

/// Every stage against the stand-ins: once, twice, and after each failure it can have.
@Suite(.mayWait) struct StageTests {
  @Test(arguments: Stage.all) func `run again, it ends in the same state`(stage: Stage) throws {
    let once = try StageWorlds.after(stage)
    #expect(!once.run.ownCalls.isEmpty, "\(stage.name) did nothing")
    let world = try once.copy()
    let again = try world.run(stage, on: ["c1", "c2"])
    #expect(again.status == 0, "\(again.ended.errorOutput)")
    #expect(!again.ownCalls.isEmpty)
    try expectSame(world.state(), once.state)
  }

  /// Each call of the stage fails, once before and, if it changes something, once after it has had its effect; then the
  /// stage is run again, or taken up.
  @Test(arguments: Stage.all) func `after any failure, a second run ends in the same state`(stage: Stage) throws {
    var failures = try StageFailures(stage)
    let calls = failures.calls
    #expect(calls.count > 1, "\(stage.name) did nothing")
    for call in calls { try failures.fail(.before(call.number), resume: call.number.isMultiple(of: 2)) }
    for call in calls where call.changes {
      try failures.fail(.after(call.number), resume: !call.number.isMultiple(of: 2))
    }
    // What goes on side by side comes in another order each time: a call may have been missed by its number.
    for line in Set(calls.map(\.line)).subtracting(failures.failedBefore).sorted() {
      try failures.fail(.lineBefore(line), resume: false)
    }
    for line in Set(calls.filter(\.changes).map(\.line)).subtracting(failures.failedAfter).sorted() {
      try failures.fail(.lineAfter(line), resume: true)
    }
    #expect(failures.failedBefore.isSuperset(of: calls.map(\.line)))
    #expect(failures.failedAfter.isSuperset(of: calls.filter(\.changes).map(\.line)))
    #expect(failures.count + failures.missed >= calls.count + calls.filter(\.changes).count)
  }

  @Test func `the stages of the documentation are those that are tested`() throws {
    let page = try String(contentsOfFile: NbxProgram.repository + "/docs/kubernetes.md", encoding: .utf8)
    let tested = Set(Stage.all.map { $0.name + ".nbx" })
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.split(separator: "|") }
    let told = Set(rows.flatMap { [$0[0], $0[$0.count - 1]] }.flatMap(Self.recipes(in:)))
    #expect(told.subtracting(["verify.nbx"]) == tested.subtracting(["start.nbx", "stop.nbx"]))
    #expect(Set(Self.recipes(in: page[...])).isSuperset(of: tested))
  }

  private static func recipes(in text: Substring) -> [String] {
    text.split(separator: "`").map(String.init).filter { $0.hasSuffix(".nbx") && !$0.contains(" ") }
  }
}

/// That two worlds are in the same state; if not, the test says in what they differ.
func expectSame(
  _ state: WorldState, _ expected: WorldState, _ what: String = "", _ place: SourceLocation = #_sourceLocation
) throws {
  let differences = try state.differences(from: expected)
  #expect(differences == "", "\(what)", sourceLocation: place)
}
