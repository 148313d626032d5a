import TestSupport
import Testing

/// The servers are the experiment's own, and all it needs of a sandbox is a place for them: a region with nothing in it.
@Suite(.mayWait) final class JWTTests {
  let nbx: NbxProgram
  private let guardian: SandboxGuard

  init() throws {
    nbx = try NbxProgram()
    guardian = try SandboxGuard(nbx, regions: ["c1"])
    let made = try nbx.run(["run", "recipes/create.nbx", "c1"])
    try #require(made.status == 0, "\(made.errorOutput)")
  }

  /// Before its folder goes.
  deinit { try? guardian.end() }

  /// Runs it, or a copy of it in which one text has taken another's place, and reports what it leaves behind.
  private func run(
    _ arguments: [String], replacing texts: KeyValuePairs<String, String>? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> NbxProgram.Ended {
    let copy = try texts.map { try BrokenRecipes(replacing: $0, in: "experiments/jwt.nbx", under: nbx.folder) }
    let folder = copy?.folder ?? NbxProgram.repository + "/recipes"
    let ended = try nbx.run(["run", "\(folder)/experiments/jwt.nbx", "c1"] + arguments)
    let left = try nbx.status().servers.map(\.name)
    #expect(left == [], "\(ended.errorOutput)", sourceLocation: sourceLocation)
    return ended
  }

  @Test func `who may do what, in the servers' words`() throws {
    let run = try run([])
    #expect(run.status == 0, "\(run.errorOutput)")
    for row in [
      "Permissions Violation for Publish to \"orders.new\"", "Permissions Violation for Publish to \"prices.new\"",
      "Permissions Violation for Subscription to \"orders.new\"", "Authorization Violation",
      "publishes after 5s", "publishes with a newer JWT of the same key",
    ] { #expect(run.output.contains(row), "\(row) is not in\n\(run.output)") }
    // Neither a seed nor the block of one is ever written out.
    #expect(!(run.output + run.errorOutput).contains("SEED") && !(run.output + run.errorOutput).contains("eyJ0eXAi"))
  }

  @Test func `a reader that may publish is noticed`() throws {
    let run = try run(["servers=1"], replacing: ["pub.deny: [\">\"], ": ""])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: the reader may not publish"), "\(run.errorOutput)")
  }

  @Test func `a writer that may publish anything is noticed`() throws {
    let run = try run(
      ["servers=1"],
      replacing: [
        "user add writer --account ${app.seed} with { pub.allow: [\"orders.>\"], ":
          "user add writer --account ${app.seed} with { "
      ])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: the writer may publish orders only"), "\(run.errorOutput)")
  }

  @Test func `a revocation that is left out is noticed`() throws {
    let run = try run(
      [],
      replacing: [
        "revocations: { \"${leaver.public}\": now() }": "description: \"nobody is out\"",
        "within 20s \"no server lets leaver in\"": "within 3s \"no server lets leaver in\"",
      ])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("no server lets leaver in"), "\(run.errorOutput)")
  }

  @Test func `a thief with the right key is noticed`() throws {
    let run = try run(["servers=1"], replacing: ["writer.creds.replace(writer.seed, reader.seed)": "writer.creds"])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: a JWT alone opens nothing"), "\(run.errorOutput)")
  }

  @Test func `a guest that stays is noticed`() throws {
    let run = try run(["lifetime=1s"], replacing: ["--expire $lifetime": "--expire 1h"])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: and no longer"), "\(run.errorOutput)")
  }
}
