import Foundation
import TestSupport
import Testing

/// What a plan shows is what a run does.
@Suite(.mayWait) struct PlanTruthTests {
  @Test(arguments: Stage.all) func `a run makes the calls that were planned, and no others`(stage: Stage) throws {
    let world = try StageWorlds.before(stage)
    let files = try Self.files(in: world)
    let plan = try world.nbx(["plan", stage.recipe, "c1", "c2", "--json"])
    #expect(plan.status == 0, "\(plan.ended.errorOutput)")
    #expect(plan.calls.map(\.line) == [], "a plan runs nothing")
    #expect(try Self.files(in: world) == files, "a plan leaves nothing behind")
    for secret in Secrets.texts { #expect(!plan.said.contains(secret)) }

    try expectSame(PlannedCommands(plan.ended.output).commands, StageWorlds.after(stage).run.calls)
  }

  @Test func `a whole installation makes the calls that were planned, and no others`() throws {
    let plan = try StandIns().nbx(
      ["plan", "recipes/install.nbx", "c1", "c2", "c3", "replicas=2", "verify=false", "--json"])
    try expectSame(PlannedCommands(plan.ended.output).commands, KubernetesInstallTests.installed.get().run.calls)
  }

  private func expectSame(_ planned: [PlannedCommands.Command], _ calls: [StandIns.Call]) throws {
    for call in calls where !call.isLookOfNbx {
      #expect(
        planned.contains { $0.isRun(by: call) }, "not planned: \(call.line) with \((call.stdin ?? "").prefix(800))")
    }
    // The programs' commands that hang on nothing have all been run.
    let programs: Set = ["docker", "k3d", "kubectl", "helm", "linkerd"]
    for command in planned where !command.isConditional && programs.contains(command.words[0]) {
      #expect(calls.contains { command.isRun(by: $0) }, "not run: \(command.words.joined(separator: " "))")
    }
  }

  /// All that nbx has written in a world.
  private static func files(in world: StandIns) throws -> Set<String> {
    Set(
      ["home", "config"].flatMap { folder in
        (FileManager.default.enumerator(atPath: "\(world.folder)/\(folder)")?.compactMap { $0 as? String } ?? [])
          .map { "\(folder)/\($0)" }
          + (FileManager.default.fileExists(atPath: "\(world.folder)/\(folder)") ? [folder] : [])
      })
  }
}
