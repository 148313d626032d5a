import Foundation
import TestSupport
import Testing

/// `nbx run … --resume`, `--from` and `--only`, from one run of nbx to the next.
@Suite(.mayWait) struct ResumeCommandTests {
  let nbx: NbxProgram
  let recipe: String
  let flag: String

  /// The second step fails until the flag is there.
  init() throws {
    nbx = try NbxProgram()
    flag = nbx.folder + "/flag"
    recipe = try nbx.write(
      """
      recipe "Two steps"
      param n = 1
      param token = secret("of-the-recipe")
      let began = exec date +%s%N
      step "first" { exec echo "first $n" }
      step "second" {
        exec echo "token $token"
        exec test -e \(flag)
        exec echo "second $began"
      }
      """, to: "two.nbx")
  }

  private func raiseFlag() throws { try Data().write(to: URL(fileURLWithPath: flag)) }

  @Test func `a failure names the command that goes on, and that goes on`() throws {
    let first = try nbx.run(["run", recipe, "n=5", "token=of-the-line"])
    #expect(first.status == 1)
    #expect(first.output == "first 5\ntoken •••\n")
    #expect(
      first.errorOutput.hasSuffix(
        """
          = go on from there: nbx run \(recipe) n=5 token=… --resume
          = give token again: secrets are not kept

        """))
    try raiseFlag()
    let second = try nbx.run(["run", recipe, "n=5", "token=of-the-line", "--resume"])
    #expect(second.status == 0, "\(second.errorOutput)")
    #expect(second.output.hasPrefix("second "))
    // It is done now.
    let third = try nbx.run(["run", recipe, "n=5", "--resume"])
    #expect(third.status == 2)
    #expect(third.errorOutput.contains("no run of \(recipe) has left anything to take up"))
  }

  @Test func `what is kept is for its owner alone and holds no secret`() throws {
    #expect(try nbx.run(["run", recipe, "token=of-the-line"]).status == 1)
    let folder = nbx.folder + "/home/unfinished"
    let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
    let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
    #expect(!text.contains("of-the-line") && !text.contains("of-the-recipe"))
    let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(file)")[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func `a run is not taken up with other arguments, clusters, or another text`() throws {
    #expect(try nbx.run(["run", recipe, "n=5"]).status == 1)
    try raiseFlag()
    for words in [["n=6"], [], ["n=5", "c9"]] {
      let other = try nbx.run(["run", recipe] + words + ["--resume"])
      #expect(other.status == 2)
      #expect(other.output == "")
      #expect(other.errorOutput.contains("nbx run \(recipe) n=5 --resume"), "\(other.errorOutput)")
    }
    try Data("\n# a remark\n".utf8).append(to: recipe)
    let changed = try nbx.run(["run", recipe, "n=5", "--resume"])
    #expect(changed.status == 2)
    #expect(changed.output == "")
    #expect(changed.errorOutput.contains("has changed since the run that stopped"))
  }

  @Test func `a run is not taken up in other clusters of the same names`() throws {
    let words = ["run", recipe, "c1", "--context"]
    #expect(try nbx.run(words + ["c1=one"]).status == 1)
    try raiseFlag()
    let other = try nbx.run(words + ["c1=two", "--resume"])
    #expect(other.status == 2)
    #expect(other.output == "")
    #expect(other.errorOutput.contains("nbx run \(recipe) c1 --context c1=one --resume"), "\(other.errorOutput)")
    #expect(try nbx.run(words + ["c1=one", "--resume"]).status == 0)
  }

  @Test func `a damaged file is refused with a clear word`() throws {
    #expect(try nbx.run(["run", recipe]).status == 1)
    let folder = nbx.folder + "/home/unfinished"
    let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
    for text in ["", "{", "{}", "null", "\u{0}\u{1}", "{\"point\":{}}"] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
      let ended = try nbx.run(["run", recipe, "--resume"])
      #expect(ended.status == 2)
      #expect(ended.errorOutput.contains("= try: "), "\(ended.errorOutput)")
    }
  }

  @Test func `a file that was changed by as much as a digit is refused`() throws {
    #expect(try nbx.run(["run", recipe]).status == 1)
    let folder = nbx.folder + "/home/unfinished"
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
    let file = URL(fileURLWithPath: "\(folder)/\(name)")
    let text = try String(contentsOf: file, encoding: .utf8)
    let changed = text.replacing(#""point":{"statement":2"#, with: #""point":{"statement":1"#)
    try #require(changed != text, "\(text)")
    try Data(changed.utf8).write(to: file)
    let ended = try nbx.run(["run", recipe, "--resume"])
    #expect(ended.status == 2)
    #expect(ended.errorOutput.contains("can't be read"), "\(ended.errorOutput)")
  }

  @Test func `the recipe may be named in another way`() throws {
    #expect(try nbx.run(["run", recipe]).status == 1)
    try raiseFlag()
    let link = nbx.folder + "/link.nbx"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: recipe)
    let second = try nbx.run(["run", link, "--resume"])
    #expect(second.status == 0, "\(second.errorOutput)")
    #expect(second.output.hasSuffix("\n") && second.output.contains("second "))
  }

  @Test func `what a run has left outlives one with other arguments that ends well`() throws {
    #expect(try nbx.run(["run", recipe, "n=5"]).status == 1)
    try raiseFlag()
    #expect(try nbx.run(["run", recipe, "n=6"]).status == 0)
    #expect(try nbx.run(["run", recipe, "n=5", "--resume"]).status == 0)
  }

  @Test func `what a run has left is of no use after one that failed at its start`() throws {
    let path = try nbx.write(
      "exec test -e \(flag)\nexec echo one\nexec test -e \(flag).two\n", to: "starts.nbx")
    try raiseFlag()
    #expect(try nbx.run(["run", path]).status == 1)
    try FileManager.default.removeItem(atPath: flag)
    #expect(try nbx.run(["run", path]).status == 1)
    let third = try nbx.run(["run", path, "--resume"])
    #expect(third.status == 2)
    #expect(third.errorOutput.contains("no run of \(path) has left anything to take up"))
  }

  @Test func `a run that failed in a first statement of several parts says that it begins anew`() throws {
    let path = try nbx.write(
      "let x = foreach i in [1, 2] parallel 1 { exec sh -c \"echo lane $i >> \(flag)\"\n exec test $i = 1 }\n",
      to: "let.nbx")
    let first = try nbx.run(["run", path, "--target", "local"])
    #expect(first.status == 1)
    let again = "nbx run \(path) --target local"
    #expect(
      first.errorOutput.hasSuffix("\n  = its first statement is done again from its start: \(again)\n"),
      "\(first.errorOutput)")
    #expect(!first.errorOutput.contains("--resume"))
    let second = try nbx.run(["run", path, "--resume"])
    #expect(second.status == 2)
    #expect(
      second.errorOutput == """
        error: no run of \(path) has left anything to take up
         = try: run it from its start, without --resume: one that ended well, or failed in its first statement, leaves nothing

        """)
    #expect(try String(contentsOfFile: flag, encoding: .utf8) == "lane 1\nlane 2\n")
  }

  @Test func `a step that is in the recipe but was not reached is a failure, one that is not there is refused`() throws
  {
    let path = try nbx.write(
      "let n = 1\nexec touch \(flag)\nif n == 9 { step \"nine\" { exec echo nine } }\nstep \"ten\" { exec echo ten }\n",
      to: "branch.nbx")
    for words in [["run", path, "--from", "nine"], ["run", path, "--only", "nine"]] {
      let ended = try nbx.run(words)
      #expect(ended.status == 1)
      #expect(
        ended.errorOutput == """
          error: the step "nine" was not reached
            --> \(path):3:18
             |
           3 | if n == 9 { step "nine" { exec echo nine } }
             |                  ^^^^^^ it is in the recipe, but the run did not come to it
             |
             = try: its other steps: ten

          """)
    }
    let wrong = try nbx.run(["run", path, "--only", "eleven"])
    #expect(wrong.status == 2)
    #expect(
      wrong.errorOutput == """
        error: \(path) has no step "eleven"
         = try: its steps: nine, ten

        """)
  }

  @Test func `from a step, and a step alone`() throws {
    try raiseFlag()
    #expect(try nbx.run(["run", recipe, "--only", "first"]).output == "first 1\n")
    #expect(try nbx.run(["run", recipe, "--from=second"]).output.hasPrefix("token •••\nsecond "))
    let wrong = try nbx.run(["run", recipe, "--from", "secnd"])
    #expect(wrong.status == 2)
    #expect(wrong.errorOutput.contains("did you mean \"second\"?"))
    let both = try nbx.run(["run", recipe, "--from", "first", "--resume"])
    #expect(both.status == 2)
    #expect(both.errorOutput.contains("contradict each other"))
  }

  @Test func `a run whose values take too much room says that it is not kept`() throws {
    let path = try nbx.write("let n = env(\"MANY\").int\nlet xs = (1..n).map(x => x)\nfail \"no\"\n", to: "large.nbx")
    // What an earlier run has left would be another place.
    #expect(try nbx.run(["run", path], environment: ["MANY": "3"]).errorOutput.contains("= go on from there: "))
    let large = try nbx.run(["run", path], environment: ["MANY": "300000"])
    #expect(large.status == 1)
    #expect(
      large.errorOutput.hasSuffix(
        """
          = it can't be taken up later: the values that it holds take more than 4 MiB
          = try: run it from its start, or begin with a step: --from STEP

        """), "\(large.errorOutput)")
    let resumed = try nbx.run(["run", path, "--resume"])
    #expect(resumed.status == 2)
    #expect(resumed.errorOutput.contains("no run of \(path) has left anything to take up"))
  }

  @Test func `an interrupted run can be taken up`() throws {
    // The program interrupts the nbx that runs it, once.
    let program = "test -e \(flag) || { touch \(flag); kill -INT $PPID; sleep 600; }"
    let path = try nbx.write(
      "step \"one\" { exec echo one }\nstep \"two\" {\n  exec sh -c '\(program)'\n  exec echo two\n}\n", to: "stops.nbx"
    )
    let first = try nbx.run(["run", path])
    #expect(first.status == 130)
    #expect(first.output == "one\n")
    #expect(first.errorOutput.contains("= go on from there: nbx run \(path) --resume"))
    #expect(try nbx.run(["run", path, "--resume"]).output == "two\n")
  }
}

extension Data {
  fileprivate func append(to path: String) throws {
    let file = try #require(FileHandle(forWritingAtPath: path))
    defer { try? file.close() }
    try file.seekToEnd()
    try file.write(contentsOf: self)
  }
}
