import Foundation
import TestSupport
import Testing

/// The runs of one stage in which a call fails, each followed by a run in which none does.
struct StageFailures {
  let stage: Stage
  /// What an undisturbed run does. Of what it does for one cluster after the other, only the first: it is the same
  /// statement of the recipe.
  let steps: [Step]
  private let state: WorldState

  /// A call, told by its line and by how often this has been called before: what goes on side by side comes in another
  /// order each time, and one line may come with several documents.
  struct Step: Sendable {
    let call: StandIns.Call
    let turn: Int

    /// Has the call fail, without an effect or once it has had it.
    func failing(afterEffect: Bool) -> [String: String] {
      let line = "^" + NSRegularExpression.escapedPattern(for: call.line) + "$"
      let variable = afterEffect ? "NBX_STANDIN_FAIL_AFTER_MATCH" : "NBX_STANDIN_FAIL_MATCH"
      return [variable: line, "NBX_STANDIN_TURN": "\(turn)"]
    }
  }

  init(_ stage: Stage) throws {
    self.stage = stage
    let world = try StageWorlds.before(stage)
    let run = try world.run(stage, on: stage.clusters, Self.quick)
    try #require(run.status == 0, "\(run.ended.errorOutput)")
    var turns: [String: Int] = [:]
    var statements: Set<String> = []
    steps = run.calls.compactMap { call in
      let turn = turns[call.line, default: 0] + 1
      turns[call.line] = turn
      let statement = call.line.replacing(/\bc[12]\b/, with: "C") + " \(turn)"
      if call.isLookAround && stage.name != "cert-manager" { return nil }
      // A region that has stopped asks those that still run: who does that is another one each time.
      if call.isLookAtLinks { return nil }
      return statements.insert(statement).inserted ? Step(call: call, turn: turn) : nil
    }
    state = try world.state()
  }

  /// Things become ready nearly at once: these tests are about failures.
  private static let quick = ["NBX_STANDIN_DELAY": "0.005"]

  /// Runs the stage with the failure, then once more without: as a whole, or from where it stopped.
  func fail(_ step: Step, afterEffect: Bool = false, resume: Bool = false) throws {
    let world = try StageWorlds.before(stage)
    let trouble = Self.quick.merging(step.failing(afterEffect: afterEffect)) { $1 }
    let broken = try world.run(stage, on: stage.clusters, trouble)
    let what = "\(stage.name), \(step.call.line), \(step.turn), fails\(afterEffect ? " after its effect" : "")"
    guard let failed = broken.calls.first(where: { $0.injected != nil }) else {
      // A wait may ask less often than in the first run.
      #expect(step.turn > 1 && step.call.stdin == nil && broken.status == 0, "\(what): \(broken.ended.errorOutput)")
      return try expectSame(world.state(), state, what)
    }
    expectExplained(broken, failed, what)
    expectNoSecret(broken, what)
    let resume = resume && broken.status == 1
    let second = try world.run(stage, on: stage.clusters, resume: resume, Self.quick)
    #expect(second.status == 0, "\(what), then \(resume ? "taken up" : "run again"): \(second.ended.errorOutput)")
    expectNoSecret(second, what)
    try expectSame(world.state(), state, "\(what), then \(resume ? "taken up" : "run again")")
  }

  /// A failure says what was run and where, and how to go on.
  private func expectExplained(_ broken: WorldRun, _ failed: StandIns.Call, _ what: String) {
    let said = broken.ended.errorOutput
    if failed.isQuestionForDocker {
      #expect(broken.status == 3 && broken.calls.count == 1, "\(what): \(said)")
      return
    }
    if broken.status == 0 {
      // A wait takes a failure for 'not yet' and asks again; `retry` says what it has handled, and begins anew. What is
      // no network cannot be inspected: that is an answer. Whom Docker leads to no server nobody can ask who is beside it.
      let goesOn =
        broken.calls.contains { $0.line == failed.line && $0.number > failed.number }
        || said.contains("handled: \(failed.program) failed") || failed.line.hasPrefix("docker network inspect")
        || failed.line.hasPrefix("docker port") && said.contains("handled: nats server report jetstream failed")
      #expect(goesOn, "\(what), and the run went on")
      return
    }
    #expect(broken.status == 1, "\(what): \(said)")
    for word in [failed.program] + failed.argv { #expect(said.contains(word), "\(what): \(word) in \(said)") }
    // `k3d` and `docker` are told by their arguments which cluster they are to look after.
    if let context = failed.cluster, failed.program != "k3d" {
      let cluster = context.replacingOccurrences(of: "k3d-", with: "")
      #expect(said.contains("\(failed.program) failed on \(cluster) (exit 1)"), "\(what): \(said)")
    } else {
      #expect(said.contains(" failed"), "\(what): \(said)")
    }
    let complaint = failed.said.replacing(/\u{1B}\[\d+m/, with: "")
    #expect(said.contains("ran: \(failed.program) ") && said.contains("it said: \(complaint)"), "\(what): \(said)")
    let command = "nbx run \(stage.recipe) \(stage.clusters.joined(separator: " ")) --resume"
    #expect(said.contains("go on from there: \(command)\n"), "\(what): \(said)")
  }

  /// No password, key or token is in what nbx says and in the arguments of what it runs.
  private func expectNoSecret(_ run: WorldRun, _ what: String) {
    for text in [run.said] + run.calls.map(\.line) {
      for secret in Secrets.texts { #expect(!text.contains(secret), "\(what): \(text)") }
    }
  }
}

/// What must not be seen anywhere.
enum Secrets {
  /// The gateways' password, the beginning of a private key (as it is, and as a Secret has it), and the token of the
  /// service account in a link.
  static let texts = [
    "gwp", "BEGIN EC PRIVATE KEY", "LS0tLS1CRUdJTiBFQyBQUklWQVRF", "the token of the stand-in", "dGhlIHRva2Vu",
  ]
}

extension StandIns.Call {
  /// Whether it is one of those by which every stage that installs something looks, before that, at whose is what.
  var isLookAround: Bool {
    line.hasPrefix("helm list --all-namespaces --selector") || line.hasPrefix("kubectl get crds --no-headers")
      || line.hasPrefix("kubectl get namespaces --context") && argv.contains("json")
  }

  /// Whether it asks what is set of the links to a region.
  var isLookAtLinks: Bool { line.hasPrefix("docker exec ") && argv.contains("cat") }

  /// Whether it changes anything: then it can also fail after it has.
  var changes: Bool {
    let reading: Set = [
      "get", "list", "wait", "version", "inspect", "port", "ps", "status", "check", "link-gen",
      "search",
    ]
    return !argv.contains { reading.contains($0) }
  }
}
