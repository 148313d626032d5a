import Foundation
import TestSupport
import Testing

/// A run of nbx in a world of the stand-ins.
struct WorldRun: Sendable {
  let ended: NbxProgram.Ended
  /// What the run called, in the order in which the calls began.
  let calls: [StandIns.Call]

  var status: Int32 { ended.status }
  var said: String { ended.output + ended.errorOutput }

  /// The calls of the recipe: without the question by which nbx finds out whether Docker answers.
  var ownCalls: [StandIns.Call] { calls.filter { !$0.isQuestionForDocker } }

  /// Where helm installed a release, or made it anew.
  var upgrades: [StandIns.Call] { calls.filter { $0.line.hasPrefix("helm upgrade ") } }
}

extension StandIns.Call {
  var isQuestionForDocker: Bool { line.hasPrefix("docker version") }
}

extension StandIns {
  /// Runs nbx in this world, with a home of this world's own: what it keeps there lasts from one run to the next.
  ///
  /// - Parameters:
  ///   - isDue: says, looking at the world all the while, when nbx is interrupted.
  ///   - patience: how long after that it is interrupted once more, if it still runs.
  func nbx(
    _ words: [String], recipe: String? = nil, _ environment: [String: String] = [:],
    interruptWhen isDue: ((StandIns) -> Bool)? = nil, again patience: Duration = .seconds(120)
  ) throws -> WorldRun {
    let former = callsBegun
    let own = ["NBX_HOME": "\(folder)/home", "XDG_CONFIG_HOME": "\(folder)/config"]
    let ended = try StageWorlds.program.get().run(
      words, recipe: recipe, environment: self.environment(own).merging(environment) { $1 }, within: 300,
      interruptWhen: isDue.map { isDue in { isDue(self) } }, again: patience)
    return WorldRun(ended: ended, calls: try calls.filter { $0.number > former })
  }

  func run(_ stage: Stage, on clusters: [String], resume: Bool = false, _ environment: [String: String] = [:]) throws
    -> WorldRun
  {
    try nbx(["run", stage.recipe] + clusters + (resume ? ["--resume"] : []), environment)
  }
}

/// Worlds in which some stages have been run for c1 and c2, each run once for all tests.
final class StageWorlds: @unchecked Sendable {
  /// A world after a stage, and the run that led there.
  struct Reached: Sendable {
    fileprivate let world: StandIns
    let run: WorldRun
    let state: WorldState

    /// The world, for one test alone, with what nbx keeps of it.
    func copy() throws -> StandIns {
      let copy = try world.copy()
      for name in ["home", "config"] where FileManager.default.fileExists(atPath: "\(world.folder)/\(name)") {
        try FileManager.default.copyItem(atPath: "\(world.folder)/\(name)", toPath: "\(copy.folder)/\(name)")
      }
      try takeOverContexts(copy.folder)
      return copy
    }

    /// Contexts of the nats CLI say whose they are: in the copy they are its own.
    private func takeOverContexts(_ folder: String) throws {
      let contexts = "\(folder)/config/nats/context"
      for name in (try? FileManager.default.contentsOfDirectory(atPath: contexts)) ?? [] {
        let text = try String(contentsOfFile: "\(contexts)/\(name)", encoding: .utf8)
        let own = text.replacing("\(world.folder)/home", with: "\(folder)/home")
        // In its place, for its permissions stay.
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(contexts)/\(name)"))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(own.utf8))
        try file.close()
      }
    }
  }

  static let program = Result { try NbxProgram() }

  private static let shared: StageWorlds = {
    // What is static is never released: nothing of it may be left behind.
    atexit { StageWorlds.shared.end() }
    return StageWorlds()
  }()

  private final class Place: @unchecked Sendable {
    let lock = NSLock()
    var reached: Result<Reached, any Error>?
  }

  private let lock = NSLock()
  private var places: [[String]: Place] = [:]
  private var kept: [StandIns] = []

  /// A world in which all that a stage needs has been done, and no more.
  static func before(_ stage: Stage) throws -> StandIns {
    let needed = Stage.all.map(\.name).filter(stage.needs.contains)
    try #require(needed.count == stage.needs.count, "\(stage.name) comes before what it needs")
    return try needed.isEmpty ? StandIns() : shared.reached(needed).copy()
  }

  /// What one run of a stage has led to.
  static func after(_ stage: Stage) throws -> Reached {
    try shared.reached(Stage.all.map(\.name).filter { stage.needs.contains($0) || $0 == stage.name })
  }

  static func after(_ name: String) throws -> Reached { try after(Stage.named(name)) }

  /// A world that lasts as long as the tests run, and no longer.
  static func kept(_ world: StandIns) -> StandIns {
    shared.lock.withLock { shared.kept.append(world) }
    return world
  }

  private func reached(_ stages: [String]) throws -> Reached {
    let place = lock.withLock {
      let place = places[stages] ?? Place()
      places[stages] = place
      return place
    }
    return try place.lock.withLock {
      if let reached = place.reached { return try reached.get() }
      let result = Result { try reach(stages) }
      place.reached = result
      return try result.get()
    }
  }

  /// The last stage needs none of those before it that they do not need themselves: each list has its shorter one.
  private func reach(_ stages: [String]) throws -> Reached {
    let world = stages.count == 1 ? try StandIns() : try reached(stages.dropLast()).copy()
    let run = try world.run(Stage.named(stages[stages.count - 1]), on: ["c1", "c2"])
    try #require(run.status == 0, "\(stages.last ?? ""): \(run.ended.errorOutput)")
    return Reached(world: world, run: run, state: try world.state())
  }

  private func end() {
    lock.withLock {
      for place in places.values { try? place.reached?.get().world.end() }
      for world in kept { world.end() }
      places = [:]
    }
    if let program = try? StageWorlds.program.get() { try? FileManager.default.removeItem(atPath: program.folder) }
  }
}
