import TestSupport
import Testing

/// `nbx lsp`, spoken to by a client that is not ours, and by nobody who knows the protocol.
@Suite(.mayWait) struct LanguageServerTests {
  private func allIsWell(in script: String, tests count: Int) throws {
    let outcomes = try LanguageClient.run(script, NbxProgram())
    #expect(outcomes.count == count)
    for outcome in outcomes { #expect(outcome.said == "ok", "\(script), \(outcome.test): \(outcome.said)") }
  }

  @Test func `an editor is served`() throws { try allIsWell(in: "features", tests: 16) }

  @Test func `files that nobody has open count`() throws { try allIsWell(in: "workspace", tests: 5) }

  @Test func `what no client should send does no harm`() throws { try allIsWell(in: "framing", tests: 4) }
}
