import TestSupport
import Testing

extension Experiments {
  @Suite struct JWT {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `who may do what, in the servers' words`() throws {
      let run = try sandbox.run("jwt")
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
      let run = try sandbox.runBroken("jwt", replacing: "pub.deny: [\">\"], ", with: "")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: the reader may not publish"), "\(run.errorOutput)")
    }

    @Test func `a writer that may publish anything is noticed`() throws {
      let run = try sandbox.runBroken(
        "jwt", replacing: "user add writer --account ${app.seed} with { pub.allow: [\"orders.>\"], ",
        with: "user add writer --account ${app.seed} with { ")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: the writer may publish orders only"), "\(run.errorOutput)")
    }

    @Test func `a revocation that is left out is noticed`() throws {
      let run = try sandbox.runBroken(
        "jwt", replacing: "revocations: { \"${leaver.public}\": now() }", with: "description: \"nobody is out\"")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("no server lets leaver in"), "\(run.errorOutput)")
    }

    @Test func `a thief with the right key is noticed`() throws {
      let run = try sandbox.runBroken(
        "jwt", replacing: "writer.creds.replace(writer.seed, reader.seed)", with: "writer.creds")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: a JWT alone opens nothing"), "\(run.errorOutput)")
    }

    @Test func `a guest that stays is noticed`() throws {
      let run = try sandbox.runBroken("jwt", replacing: "--expire $lifetime", with: "--expire 1h")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: and no longer"), "\(run.errorOutput)")
    }
  }
}
