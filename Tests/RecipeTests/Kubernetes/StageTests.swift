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
    let failures = try StageFailures(stage)
    let steps = failures.steps.filter { !$0.call.isQuestionForDocker }
    #expect(!steps.isEmpty, "\(stage.name) did nothing")
    for (index, step) in steps.enumerated() { try failures.fail(step, resume: index.isMultiple(of: 2)) }
    for (index, step) in steps.filter(\.call.changes).enumerated() {
      try failures.fail(step, afterEffect: true, resume: !index.isMultiple(of: 2))
    }
  }

  /// nbx asks before it begins, whatever the stage.
  @Test func `without an answer from Docker no stage begins`() throws {
    let failures = try StageFailures(Stage.named("create"))
    try failures.fail(#require(failures.steps.first { $0.call.isQuestionForDocker }))
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
