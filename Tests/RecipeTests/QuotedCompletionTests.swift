import Foundation
import TestSupport
import Testing

/// Tab behind words with blanks, quotes and signs that mean something to a shell: what was typed stays, and what is added
/// is quoted as it was.
@Suite(.serialized, .mayWait) struct QuotedCompletionTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  private static let recipe = """
    recipe "Quoted"
    clusters west
    param size = 1
    step "the first" { print size }
    step "it's \\$5 & \\"more\\"" { print size }
    step "über alles" { print size }
    """

  /// What is typed before Tab, and what stands there afterwards, an `X` typed behind it.
  private static let typed: [(String, String)] = [
    (#"nbx run q.nbx --only the\ f"#, #"nbx run q.nbx --only the\ first X"#),
    (#"nbx run q.nbx --only "the f"#, #"nbx run q.nbx --only "the first" X"#),
    (#"nbx run q.nbx --only 'the f"#, #"nbx run q.nbx --only 'the first' X"#),
    (#"nbx run q.nbx --only th"#, #"nbx run q.nbx --only the\ first X"#),
    (#"nbx run q.nbx --only=the\ f"#, #"nbx run q.nbx --only=the\ first X"#),
    (#"nbx run q.nbx --only "it"#, #"nbx run q.nbx --only "it's \$5 & \"more\"" X"#),
    (#"nbx run q.nbx --only ü"#, #"nbx run q.nbx --only über\ alles X"#),
    (#"nbx run "q.nbx" we"#, #"nbx run "q.nbx" west X"#), (#"nbx run 'q.nbx' si"#, #"nbx run 'q.nbx' size=X"#),
    (#"nbx run two\ w"#, #"nbx run two\ words/X"#), (#"nbx run two\ words/s"#, #"nbx run two\ words/saved.nbx X"#),
    (#"nbx run "two w"#, #"nbx run "two words/X"#), (#"nbx run 'two words/s"#, #"nbx run 'two words/saved.nbx' X"#),
    (#"nbx run two\ words/saved.nbx "we"#, #"nbx run two\ words/saved.nbx "west" X"#),
  ]

  @Test(arguments: CompletingShell.names) func `Tab keeps what is typed`(_ name: String) throws {
    let folder = nbx.folder + "/here"
    try FileManager.default.createDirectory(atPath: folder + "/two words", withIntermediateDirectories: true)
    _ = try nbx.write(Self.recipe, to: "here/q.nbx")
    _ = try nbx.write(Self.recipe, to: "here/two words/saved.nbx")
    let shell = try CompletingShell(name, in: folder, of: nbx)
    for (words, expected) in Self.typed { try shell.tab(words, becomes: expected) }
  }
}
