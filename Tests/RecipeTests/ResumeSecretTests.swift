import Foundation
import TestSupport
import Testing

/// `nbx run … --resume` of runs that were given secrets on the command line.
@Suite(.mayWait) struct ResumeSecretTests {
  let nbx: NbxProgram
  let recipe: String
  let flag: String
  let log: String
  let given = ["n=4", "pw=SuperGeheim99"]

  /// Fails until the flag is there; then it writes the password into the log.
  init() throws {
    nbx = try NbxProgram()
    flag = nbx.folder + "/flag"
    log = nbx.folder + "/log"
    recipe = try nbx.write(
      """
      param pw = secret("default-pass")
      param n = 1
      param url = "nats://u:$pw@h"
      exec echo one
      exec test -e \(flag)
      exec sh -c "echo $pw $url >> \(log)"
      """, to: "sec.nbx")
  }

  private func raiseFlag() throws { try Data().write(to: URL(fileURLWithPath: flag)) }

  private var logged: String? { try? String(contentsOfFile: log, encoding: .utf8) }

  private var kept: String {
    get throws {
      let folder = nbx.folder + "/home/unfinished"
      let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
      return try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
    }
  }

  @Test func `the run goes on with the same secret, and with no other`() throws {
    let first = try nbx.run(["run", recipe] + given)
    #expect(
      first.errorOutput.hasSuffix(
        """
          = go on from there: nbx run \(recipe) n=4 pw=… --resume
          = give pw again: secrets are not kept

        """), "\(first.errorOutput)")
    try raiseFlag()
    let others = [
      (["n=4", "pw=another"], "another `pw`"), (["n=4"], "other clusters, arguments or contexts"),
      (["pw=SuperGeheim99"], "other clusters, arguments or contexts"),
      (["n=4", "pw=SuperGeheim99", "url=nats://h"], "other clusters, arguments or contexts"),
    ]
    for (words, reason) in others {
      let other = try nbx.run(["run", recipe] + words + ["--resume"])
      #expect(other.status == 2)
      #expect(
        other.errorOutput == """
          error: the run that stopped had \(reason)
           = try: nbx run \(recipe) n=4 pw=… --resume (give pw again: secrets are not kept); or run it from its start

          """)
    }
    #expect(logged == nil)
    #expect(try nbx.run(["run", recipe] + given + ["--resume"]).status == 0)
    #expect(logged == "SuperGeheim99 nats://u:SuperGeheim99@h\n")
  }

  @Test func `what stands for a secret is not taken for one`() throws {
    #expect(try nbx.run(["run", recipe] + given).status == 1)
    try raiseFlag()
    for (word, sign) in [("pw=•••", "•••"), ("pw=…", "…")] {
      for subcommand in ["run", "plan"] {
        let ended = try nbx.run([subcommand, recipe, "n=4", word, "--resume"])
        #expect(ended.status == 2)
        #expect(
          ended.errorOutput == """
            error: `\(sign)` in `pw` stands for a secret, it is not the secret
             = try: give pw itself: secrets are not kept

            """)
      }
    }
    let part = try nbx.run(["run", recipe, "url=nats://u:•••@h"])
    #expect(part.status == 2)
    #expect(part.errorOutput.contains("`•••` in `url` stands for a secret"))
    #expect(logged == nil)
  }

  @Test func `neither a secret nor what is made of one is kept, only a mark that is another every time`() throws {
    #expect(try nbx.run(["run", recipe, "url=nats://u:Geheim2@h"] + given).status == 1)
    let first = try kept
    #expect(!first.contains("SuperGeheim99") && !first.contains("Geheim2") && !first.contains("default-pass"))
    #expect(try nbx.run(["run", recipe, "url=nats://u:Geheim2@h"] + given).status == 1)
    #expect(try kept != first)
    try raiseFlag()
    // One with another secret that ends well has not done what is left of this.
    #expect(try nbx.run(["run", recipe, "url=nats://u:Geheim2@h", "n=4", "pw=another"]).status == 0)
    #expect(try nbx.run(["run", recipe, "url=nats://u:Geheim2@h"] + given + ["--resume"]).status == 0)
  }

  /// What stands in its place is no seed of anybody's.
  private static let seed = "SU" + String(repeating: "A7", count: 28)

  @Test(arguments: ["seed=\(seed)", "seed=nats://me:SuperGeheim99@h:4222", "seeds=\(seed),x"])
  func `what is a secret by its looks is kept as one, whatever the recipe says`(argument: String) throws {
    let recipe = try nbx.write(
      """
      param seed = ""
      param seeds = ["a"]
      let made = "<$seed ${seeds.json}>"
      exec echo one
      print made
      exec test -e \(flag)
      write "\(log)" with made
      """, to: "plain.nbx")
    let first = try nbx.run(["run", recipe, argument])
    let name = argument.prefix { $0 != "=" }
    #expect(first.errorOutput.contains("go on from there: nbx run \(recipe) \(name)=… --resume\n"))
    for told in [first.errorOutput, first.output, try kept] {
      #expect(!told.contains(Self.seed) && !told.contains("SuperGeheim99"), "\(told)")
    }
    try raiseFlag()
    let second = try nbx.run(["run", recipe, argument, "--resume"])
    #expect(second.status == 0, "\(second.errorOutput)")
    let value = argument.dropFirst(name.count + 1).prefix { $0 != "," }
    #expect(logged?.contains(value) == true)
  }

  @Test func `without openssl it is kept that a secret was given, and nothing more`() throws {
    // Whatever the recipe runs is there, but no openssl.
    let programs = nbx.folder + "/programs"
    try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
    for name in ["sh", "echo", "test"] {
      try FileManager.default.createSymbolicLink(atPath: "\(programs)/\(name)", withDestinationPath: "/usr/bin/\(name)")
    }
    let bare = ["PATH": programs]
    #expect(try nbx.run(["run", recipe] + given).status == 1)
    try raiseFlag()
    let untold = try nbx.run(["run", recipe] + given + ["--resume"], environment: bare)
    #expect(untold.status == 2)
    #expect(untold.errorOutput.contains("without the program openssl"), "\(untold.errorOutput)")

    try FileManager.default.removeItem(atPath: flag)
    #expect(try nbx.run(["run", recipe] + given, environment: bare).status == 1)
    try raiseFlag()
    let none = try nbx.run(["run", recipe, "n=4", "--resume"], environment: bare)
    #expect(none.status == 2)
    #expect(none.errorOutput.contains("other clusters, arguments or contexts"), "\(none.errorOutput)")
    #expect(try nbx.run(["run", recipe] + given + ["--resume"], environment: bare).status == 0)
  }
}
