import Foundation
import TestSupport
import Testing

/// What the REPL says to lines on its standard input, as a whole.
struct ReplTranscriptTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let name: String
    let input: String
    let output: String
    var status: Int32 = 0
    var testDescription: String { name }
  }

  @Test(arguments: transcripts) func `a session goes as written`(example: Example) throws {
    let nbx = try NbxProgram()
    let ended = try nbx.repl(example.input + "\n", ["c1", "c2"])
    #expect(ended.output == (example.output.isEmpty ? "" : example.output + "\n"))
    #expect(ended.status == example.status)
  }

  @Test func `the documentation's session goes as written`() throws {
    let nbx = try NbxProgram()
    let page = try String(contentsOfFile: NbxProgram.repository + "/docs/repl.md", encoding: .utf8)
    let block = try #require(page.components(separatedBy: "```console\n").dropFirst().first)
    let lines = try #require(block.components(separatedBy: "\n```").first).components(separatedBy: "\n")
    #expect(lines.first == "$ nbx repl c1 c2 c3")
    let prompts = ["nbx> ", "...> "]
    let typed = lines.filter { line in prompts.contains { line.hasPrefix($0) } }.map { String($0.dropFirst(5)) }
    let said = lines.dropFirst().filter { line in !prompts.contains { line.hasPrefix($0) } }
    let ended = try nbx.repl(typed.joined(separator: "\n"), ["c1", "c2", "c3"])
    // The target is told of, and why it is this one, when the first command asks for it.
    let output = ended.output.replacingOccurrences(of: "target local: as NBX_TARGET says\n", with: "")
    #expect(output == said.joined(separator: "\n") + "\n")
  }

  @Test func `a recipe is loaded with what it binds, as far as it goes`() throws {
    let nbx = try NbxProgram()
    let recipe = try nbx.write(
      "recipe \"Loaded\"\nparam size = 2\nlet a = size * 2\ntask f() { return b }\nfail \"here\"\nlet b = 3",
      to: "load.nbx")
    let ended = try nbx.repl("let b = 1\n:load \(recipe)\na + size\nf()\nb\n:load nothing.nbx")
    let expected = """
      error: here
        --> \(recipe):5:1
         |
       5 | fail "here"
         | ^^^^^^^^^^^
      6
      1
      1
      error: can't read nothing.nbx: there is no such file
       = try: paths start from the folder in which nbx was started

      """
    #expect(ended.output == expected)
    #expect(ended.status == 1)
  }

  @Test func `an interrupt ends the session and runs what was deferred`() throws {
    let nbx = try NbxProgram()
    let ended = try nbx.repl(
      "defer { print \"deferred\" }\nprint \"begun\"\nsleep 100s\nprint \"never\"\n", interruptOnceItSays: "begun")
    #expect(ended.status == 130)
    #expect(ended.output.contains("interrupted") && ended.output.hasSuffix("deferred\n"))
    #expect(!ended.output.contains("never"))
  }

  /// More than a pipe holds.
  @Test func `thousands of lines are run in their order`() throws {
    let nbx = try NbxProgram()
    let input = "var sum = 0\n" + (1...4000).map { "sum = sum + \($0)\n" }.joined() + "sum\n"
    #expect(try nbx.repl(input).output == "8002000\n")
  }

  @Test(arguments: [
    Named(String(repeating: "(", count: 20_000) + String(repeating: ")", count: 20_000)), "\u{0}\u{1}\u{1B}[A]",
    Named(String(repeating: "a ", count: 50_000)),
    Named(":" + String(repeating: "x", count: 100_000)), ":load /dev/zero", ":save /proc/x.nbx", "}\n]\n)\n\"",
  ]) func `whatever comes it is answered, and the next line too`(input: Named<String>) throws {
    let nbx = try NbxProgram()
    let ended = try nbx.repl(input.value + "\n\nprint \"still there\"\n")
    #expect(ended.output.hasSuffix("still there\n"))
    #expect(ended.output.contains("error:") && ended.status == 1)
  }

  @Test(arguments: [
    (["C1"], "takes a cluster's name, not `C1`"), (["c1", "x=1"], "a session has no parameters"),
    (["--tagret", "k3d"], "--target"),
    (["recipes/install.nbx"], ":load recipes/install.nbx"), (["--target", "kub"], "did you mean `kube`?"),
  ]) func `a command line that makes no sense is refused`(words: [String], said: String) throws {
    let ended = try NbxProgram().repl("print 1", words)
    #expect(ended.status == 2 && ended.output.contains(said), "\(ended.output)")
  }
}
