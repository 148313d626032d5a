import TestSupport
import Testing

/// `nbx lsp`, spoken to by a client that is not ours, and by nobody who knows the protocol.
@Suite(.mayWait) struct LanguageServerTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  @Test(arguments: [
    "initialize", "diagnostics", "unsaved", "burst", "hover", "completion", "definition", "references", "rename",
    "symbols", "formatting", "tokens", "utf8", "edits", "prefixes",
  ]) func `an editor is served`(feature: String) throws {
    let said = try LanguageClient.run(feature, of: "features.py", nbx)
    #expect(said.hasSuffix("ok\n"), "\(said)")
  }

  @Test(arguments: ["unopened", "taken", "folders", "disk", "many"]) func `files that nobody has open count`(
    test: String
  ) throws {
    let said = try LanguageClient.run(test, of: "workspace.py", nbx)
    #expect(said.hasSuffix("ok\n"), "\(said)")
  }

  @Test(arguments: ["heads", "messages", "large", "goodbye"]) func `what no client should send does no harm`(
    name: String
  ) throws {
    let said = try LanguageClient.run(name, of: "framing.py", nbx)
    #expect(said.hasSuffix("ok\n"), "\(said)")
  }
}
