import Foundation
import TestSupport
import Testing

/// What the recipes and nbx itself give to the programs: from the plans of all recipes, and for what no plan shows from
/// the records of runs.
enum GivenCommands {
  /// Each command's words, the program first. What is only known during a run has some name.
  static let all = Result {
    try planned.get().map { $0.words.map(named) } + (installing.get() + ofNbxItself()).map { [$0.program] + $0.argv }
  }

  /// The documents that a program is given by a whole installation, exactly as it is given them.
  static func documents(of program: String) throws -> Set<String> {
    Set(try installing.get().filter { $0.program == program }.compactMap(\.stdin))
  }

  private static let installing = Result {
    let run = try StandIns().nbx(["run", "recipes/install.nbx", "c1", "c2", "verify=false"])
    try #require(run.status == 0, "\(run.ended.errorOutput)")
    return run.calls
  }

  private static let planned = Result {
    try (PlanCommandTests.recipes.map { ($0, "k3d") } + [("recipes/install.nbx", "kube")]).flatMap { recipe, target in
      let plan = try StageWorlds.program.get().run(["plan", recipe, "c1", "c2", "--target", target, "--json"])
      try #require(plan.status == 0, "\(recipe): \(plan.errorOutput)")
      return try PlannedCommands(plan.output).commands
    }
  }

  private static func named(_ word: String) -> String {
    word.replacingOccurrences(of: "‹known later›", with: "some-name").replacingOccurrences(of: "•••", with: "secret")
  }

  /// How nbx mends a release that a killed helm has left behind, and what it asks when it looks at a machine.
  private static func ofNbxItself() throws -> [StandIns.Call] {
    let world = try StageWorlds.before(Stage.named("prometheus"))
    let hang = ["NBX_STANDIN_HANG_MATCH": "^helm upgrade", "NBX_STANDIN_HANG_IGNORES": "INT,TERM"]
    let stage = ["run", "recipes/prometheus.nbx", "c1"]
    let isHung = { (world: StandIns) in (try? world.calls.contains { $0.injected == "hang" }) ?? false }
    _ = try world.nbx(stage, hang, interruptWhen: isHung, again: .milliseconds(300))
    _ = try world.nbx(stage)
    let upgrade = try world.copy()
    // Of another version, as what is as ordered would be left alone.
    let other = stage + ["prometheus_stack=72.6.1"]
    _ = try upgrade.nbx(other, hang, interruptWhen: isHung, again: .milliseconds(300))
    _ = try upgrade.nbx(other)
    _ = try world.nbx(["doctor", "--target", "kube"])
    _ = try world.nbx(["status", "--target", "kube", "--context", "c1=k3d-c1"])
    let calls = try world.calls + upgrade.calls
    for word in ["uninstall", "rollback", "status"] { try #require(calls.contains { $0.argv.first == word }) }
    return calls
  }
}
