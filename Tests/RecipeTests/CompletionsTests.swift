import Foundation
import TestSupport
import Testing

/// Tab in the real shells, each in a terminal, and what nbx answers when they ask.
@Suite(.serialized, .mayWait) struct CompletionsTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  /// What is typed before Tab, and what stands there afterwards, an `X` typed behind it.
  private static let typed: [(String, String)] = [
    ("nbx ru", "nbx run X"), ("nbx check --str", "nbx check --strict X"),
    ("nbx run recipes/inst", "nbx run recipes/install.nbx X"), ("nbx plan reci", "nbx plan recipes/X"),
    ("nbx run recipes/install.nbx c1 repl", "nbx run recipes/install.nbx c1 replicas=X"),
    ("nbx run recipes/install.nbx verify=f", "nbx run recipes/install.nbx verify=false X"),
    ("nbx explain unread-", "nbx explain unread-outcome X"), ("nbx help nat", "nbx help nats X"),
    ("nbx plan recipes/install.nbx --target k3", "nbx plan recipes/install.nbx --target k3d X"),
    ("nbx completions fi", "nbx completions fish X"), ("nbx recipes co", "nbx recipes copy X"),
    ("nbx help nats stream ad", "nbx help nats stream add X"), ("nbx help wait", "nbx help wait-for X"),
    ("nbx status --targ", "nbx status --target X"), ("nbx doctor --target=ku", "nbx doctor --target=kube X"),
  ]

  @Test(arguments: CompletingShell.names) func `Tab completes`(_ name: String) throws {
    let shell = try CompletingShell(name, in: NbxProgram.repository, of: nbx)
    for (words, expected) in CompletionsTests.typed { try shell.tab(words, becomes: expected) }
  }

  private func answer(_ words: String...) throws -> [String] {
    let ended = try nbx.run(["__complete"] + words)
    #expect(ended.status == 0)
    #expect(ended.errorOutput == "")
    return ended.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
  }

  @Test func `a recipe's clusters, parameters and steps`() throws {
    let path = try nbx.write(
      "recipe \"x\"\nclusters west east\nparam size = 1 \"how\\tlarge\"\nparam dry = false\nstep \"one more\" { print size, dry }\n",
      to: "good.nbx")
    #expect(try answer("run", path, "") == ["west", "east", "size=", "dry="])
    #expect(try answer("run", path, "west", "size=3", "") == ["east", "dry="])
    #expect(try answer("run", path, "dry=") == ["dry=true", "dry=false"])
    #expect(try answer("run", path, "--only", "") == ["one more"])
    #expect(try answer("run", path, "--from=o") == ["--from=one more"])
    #expect(try answer("plan", path, "--context", "w") == ["west="])
    #expect(try answer("run", path, "--re") == ["--report", "--resume"])
    #expect(try answer("run", path, "--resume", "--re") == ["--report"])
    #expect(try answer("run", path, "--context", "west=x", "--con") == ["--context"])
    #expect(try answer("run", "--target", "local", path, "--only", "one more", "w") == ["west"])
    #expect(try answer("run", nbx.folder + "/go") == [path])
  }

  @Test(arguments: [
    ("[ \"$*\" = 'config get-contexts -o name' ] && printf 'eks-west\\nkind-east\\n'", ["eks-west", "kind-east"]),
    ("exit 1", []), ("exec sleep 600", []),
  ]) func `kube contexts are those that kubectl tells`(script: String, contexts: [String]) throws {
    let kubectl = try nbx.write("#!/bin/sh\n\(script)\n", to: "kubectl")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: kubectl)
    let path = nbx.folder + ":" + (nbx.environment["PATH"] ?? "")
    let ended = try nbx.run(
      ["__complete", "run", "recipes/install.nbx", "--context", "c1="], environment: ["PATH": path])
    #expect(ended.status == 0)
    #expect(ended.output == contexts.map { "c1=\($0)\tkube context\n" }.joined())
  }

  @Test(arguments: [
    "", "\0", "recipe \"x\"\nclusters west\nparam size = ", "clusters west\nfoo | bar\nif {", "\u{FEFF}clusters west",
    "clusters west\nlet = = =\n)))", Named(String(repeating: "(", count: 20_000)), "use \"gone.nbx\"",
  ]) func `a broken recipe is no trouble`(_ text: Named<String>) throws {
    let path = try nbx.write(text.value, to: "broken.nbx")
    let clusters = try answer("run", path, "")
    #expect(clusters == (text.value.contains("clusters west") ? ["west"] : []), "\(text)")
    for words in [["run", path, "--from", ""], ["run", path, "x="], ["run", path, "--context", "a=b"]] {
      _ = try nbx.run(["__complete"] + words)
    }
  }

  @Test func `nonsense has no answer`() throws {
    #expect(try answer("frobnicate", "") == [])
    #expect(try answer("run", "/nowhere/at/all/") == [])
    #expect(try answer("run", "gone.nbx", "") == [])
    #expect(try answer("explain", "a", "b", "") == [])
    #expect(try nbx.run(["__complete"]).status == 0)
  }

  @Test func `every flag of every subcommand's help is offered`() throws {
    for name in try answer("") {
      let help = try nbx.run([name, "--help"]).output
      let flags = Set(help.matches(of: /--[a-z]+/).map { String($0.output) })
      #expect(flags.isSubset(of: Set(try answer(name, "--"))), "\(name)")
    }
  }

  @Test(arguments: [
    (["completions"], "needs SHELL"), (["completions", "basj"], "did you mean `bash`?"),
    (["completions", "tcsh"], "one of: bash, zsh, fish"), (["completions", "bash", "zsh"], "takes no more words"),
  ]) func `a shell must be named`(_ words: [String], _ said: String) throws {
    let ended = try nbx.run(words)
    #expect(ended.status == 2)
    #expect(ended.errorOutput.contains(said))
  }
}
