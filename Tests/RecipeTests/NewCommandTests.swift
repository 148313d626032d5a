import Foundation
import TestSupport
import Testing

/// `nbx new`, and the recipe that it writes.
@Suite(.mayWait) struct NewCommandTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  @Test func `the recipe has no errors, is in form, and runs on a real server`() throws {
    let path = nbx.folder + "/it's $first.nbx"
    let made = try nbx.run(["new", String(path.dropLast(4))])
    #expect(made.status == 0, "\(made.errorOutput)")
    #expect(made.output.hasPrefix("\(path) is written"))
    let check = try nbx.run(["check", path])
    #expect(check.status == 0)
    #expect(check.output == "1 file checked, no errors\n" && check.errorOutput == "")
    #expect(try nbx.run(["fmt", "--check", path]).status == 0)
    #expect(try nbx.run(["plan", path]).status == 0)

    // Twice with what the first run has left, then so that nothing is left.
    for words in [["messages=3", "keep=true"], ["messages=2", "keep=true"], []] {
      let ended = try nbx.run(["run", path] + words)
      #expect(ended.status == 0, "\(ended.errorOutput)")
      let count = words.isEmpty ? 5 : words[0] == "messages=3" ? 3 : 2
      #expect(ended.output.contains("the stream keeps \(count) messages, and the last one says: message \(count)"))
    }
    #expect(try nbx.status().servers.isEmpty)
    let run = try nbx.run(["run", path, "other"])
    #expect(run.status == 0, "\(run.errorOutput)")
    #expect(try nbx.status().clusters.map(\.name) == ["demo"])
  }

  @Test func `a file that is there is left as it is`() throws {
    let path = try nbx.write("print 1\n", to: "mine.nbx")
    let ended = try nbx.run(["new", path])
    #expect(ended.status == 2 && ended.output == "")
    #expect(ended.errorOutput.contains("is there already"))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "print 1\n")
  }

  @Test(arguments: [
    (["new"], "needs NAME"), (["new", "a", "b"], "takes no more words"),
    (["new", "no-such-folder/a"], "No such file or directory"), (["new", ""], "needs the name"),
    (["new", "recipes/"], "needs the name"), (["new", "a\nb"], "needs the name"), (["new", "--hlp"], "--help"),
  ]) func `a call that makes no sense`(words: [String], said: String) throws {
    let ended = try nbx.run(words)
    #expect(ended.status == 2 && ended.output == "")
    #expect(ended.errorOutput.contains(said), "\(ended.errorOutput)")
  }
}
