import Foundation
import SandboxSystem
import TestSupport
import Testing

/// The whole of what nbx says, and how it ends.
@Suite(.mayWait) struct CommandLineTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  @Test func `a recipe that prints`() throws {
    let ended = try nbx.run(["run", "<hello>"], recipe: "print \"hello\", 1 + 1\n")
    #expect(ended.output == "hello 2\n")
    #expect(ended.errorOutput == "")
    #expect(ended.status == 0)
  }

  @Test func `a report that cannot be written is told of before anything is run`() throws {
    let path = try nbx.write("print \"before\"\n", to: "good.nbx")
    let folder = nbx.folder + "/run.html"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let ended = try nbx.run(["run", path, "--report", folder])
    #expect(ended.status == 2 && ended.output == "")
    #expect(ended.errorOutput.contains("cannot write \(folder): Is a directory"), "\(ended.errorOutput)")
    #expect(try nbx.run(["run", path, "--report", folder + "/run.html"]).status == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["run.html"])
  }

  @Test(arguments: ["run", "plan"]) func `a parameter without its value is not taken for a cluster`(name: String) throws
  {
    let path = try nbx.write("clusters c1 size\nparam replicas = 3\nparam size = 1\nprint clusters\n", to: "sized.nbx")
    let ended = try nbx.run([name, path, "c1", "replicas"])
    #expect(ended.status == 2 && ended.output == "")
    #expect(
      ended.errorOutput == """
        error: `replicas` is a parameter of the recipe, not a cluster
         = try: replicas=VALUE

        """)
    // What the recipe itself calls a cluster is one.
    #expect(try nbx.run([name, path, "size"]).status == 0)
  }

  @Test func `a recipe that fails ends with 1 and shows the place`() throws {
    let path = try nbx.write("print \"before\"\nfail \"no use\"\n", to: "fails.nbx")
    let ended = try nbx.run(["run", path])
    #expect(ended.status == 1)
    #expect(ended.output == "before\n")
    #expect(
      ended.errorOutput == """
        error: no use
          --> \(path):2:1
           |
         2 | fail "no use"
           | ^^^^^^^^^^^^^
          = go on from there: nbx run \(path) --resume

        """)
  }

  @Test func `what is wrong is found before anything is run, all of it at once`() throws {
    let path = try nbx.write("print \"before\"\nprint nmae\nnats sever list\nlet name = 1\n", to: "wrong.nbx")
    let ended = try nbx.run(["run", path])
    #expect(ended.status == 2)
    #expect(ended.output == "")
    #expect(ended.errorOutput.contains("\(path):2:7"))
    #expect(ended.errorOutput.contains("\(path):3:6"))
    #expect(ended.errorOutput.contains("did you mean `nats server`?"))
  }

  @Test(arguments: [
    (["run"], "needs RECIPE"), (["rnu"], "did you mean `nbx run`?"), (["run", "recipes/instal.nbx"], "no such file"),
    (["run", "recipes"], "it is a folder"), (["run", "recipes/install.nbx", "C1"], "takes a cluster's name, not `C1`"),
    (["run", "recipes/install.nbx", "c1", "c1"], "a second time"),
    (["run", "recipes/install.nbx", "replics=1"], "did you mean `replicas`?"),
    (["run", "recipes/install.nbx", "replicas=many"], "takes an int"),
    (["run", "recipes/install.nbx", "--traget", "local"], "did you mean `--target`?"),
    (["run", "recipes/install.nbx", "--target", "lcoal"], "did you mean `local`?"), (["check"], "needs PATH"),
    (["run", "recipes/install.nbx", "--dry-run"], "`nbx plan RECIPE` shows what would be done"),
    (["run", "recipes/install.nbx", "--from", "a", "--only", "b"], "contradict each other"),
    (["run", "recipes/install.nbx", "replicas=1", "replicas=2"], "the parameter `replicas` a second time"),
    (["run", "recipes/install.nbx", "--context", "c1"], "--context CLUSTER=CONTEXT"),
    (["run", "recipes/install.nbx", "--context", "c1=a", "--context", "c1=b"], "a cluster has one context"),
    (["run", "recipes/install.nbx", "--resume=maybe"], "takes true or false, not `maybe`"),
    (["plan", "--resume"], "needs RECIPE"), (["lsp", "now"], "takes no more words"),
    (["recipes", "cpoy", "x"], "did you mean `nbx recipes copy`?"), (["list", "a", "b"], "takes no more words: `b`"),
  ]) func `a command line that makes no sense ends with 2 and says what to do`(words: [String], said: String) throws {
    let ended = try nbx.run(words)
    #expect(ended.status == 2)
    #expect(ended.output == "")
    #expect(ended.errorOutput.contains(said), "\(ended.errorOutput)")
  }

  /// Each that takes `--target`, with the words that it needs besides.
  @Test(arguments: [["run", "install"], ["plan", "install"], ["repl"], ["status"], ["doctor"]])
  func `a target is named, and is one that there is`(words: [String]) throws {
    for (given, said) in [
      (["--target"], "`--target` needs a value"), (["--target", "lcoal"], "did you mean `local`?"),
    ] {
      let ended = try nbx.run(words + given)
      #expect(ended.status == 2 && ended.output == "" && ended.errorOutput.contains(said), "\(ended.errorOutput)")
    }
  }

  @Test(arguments: [
    "run", "plan", "check", "explain", "fmt", "new", "repl", "lsp", "completions", "list", "recipes", "status",
    "doctor", "help",
  ])
  func `every subcommand has help`(name: String) throws {
    let help = try nbx.run([name, "--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("Usage: nbx \(name)"))
    #expect(help.output.contains("Example"))
    #expect(try nbx.run(["--help"]).output.contains("\n  \(name) "))
  }

  @Test(arguments: ["nats", "region", "http", "write", "sleep", "helm"]) func `every command has help`(name: String)
    throws
  {
    let help = try nbx.run(["help", name])
    #expect(help.status == 0)
    #expect(help.output.hasPrefix("\(name): "))
    #expect(try nbx.run(["help", "nta"]).status == 2)
  }

  @Test(arguments: [
    (["nats", "stream", "add"], "  nats stream add NAME\n", "stream info"),
    (["link", "cut"], "  link cut A [B]\n", "heal"),
    (["nats", "stream"], "  nats stream info ", "nats pub"),
    (["helm", "repo", "list"], "The local target plays a part of it", "helm upgrade"),
    (["wait-for"], "wait-for CONDITION within 30s", "Usage"), (["not", "in"], "in", "Usage"),
    (["env"], "env(", "Usage"), (["list.map"], "of a list", "Usage"), (["duration"], "A length of time.", "Usage"),
    (["target"], "target: what the recipe runs on\n", "Usage"), (["run"], "In recipes:\n\nrun \"", "nbx repl"),
  ]) func `a word of the language has help, and no more is said`(_ words: [String], _ said: String, _ not: String)
    throws
  {
    let help = try nbx.run(["help"] + words)
    #expect(help.status == 0 && help.errorOutput == "")
    #expect(help.output.contains(said) && !help.output.contains(not), "\(help.output)")
    // The prompt says the same of it.
    let topic = words.joined(separator: " ")
    #expect(help.output.hasSuffix(try nbx.repl(":help \(topic)").output))
  }

  @Test(arguments: [
    (["nats", "frobnicate"], "nbx help nats, or one of: "), (["nats", "steram", "add"], "nbx help nats stream"),
    (["nats", "stream", "ad"], "nbx help nats stream add"), (["wiat-for"], "nbx help wait-for"),
    (["nats", "stream", "add", "ORDERS"], "nbx help nats stream add"), (["stauts"], "nbx help status"),
    (["---"], "has no flag"), (["qqqqqq"], "one of: run, plan, check"),
  ]) func `what there is no help on has a suggestion`(_ words: [String], _ said: String) throws {
    let help = try nbx.run(["help"] + words)
    #expect(help.status == 2 && help.output == "")
    #expect(help.errorOutput.contains(said), "\(help.errorOutput)")
  }

  @Test func `a recipe's help lists its parameters`() throws {
    let help = try nbx.run(["run", "recipes/install.nbx", "--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("replicas=3"))
    #expect(help.output.contains("Clusters, if none are named: c1 c2 c3"))
  }

  @Test func `all recipes are without mistakes and have a title`() throws {
    let check = try nbx.run(["check", "recipes", "--strict"])
    #expect(check.status == 0, "\(check.errorOutput)")
    let list = try nbx.run(["list"])
    #expect(list.status == 0)
    for line in list.output.split(separator: "\n") { #expect(line.split(separator: " ").count > 2, "\(line)") }
  }

  @Test func `without a server and a way to get one nothing is run`() throws {
    let bare = ["NBX_NATS_SERVER": "", "PATH": nbx.folder]
    let ended = try nbx.run(["run", "recipes/install.nbx", "c1"], environment: bare)
    #expect(ended.status == 3)
    #expect(ended.errorOutput.contains("NBX_NATS_SERVER"))
    #expect(ended.errorOutput.contains("pip"))
    #expect(try nbx.status().clusters.isEmpty)
  }

  @Test(arguments: [("lcoal", 2, "one of: local, k3d, kube"), ("k3d", 3, "the target k3d needs")])
  func `a target that can't be had is said before anything is run`(target: String, status: Int32, said: String) throws {
    let ended = try nbx.run(
      ["run", "<regions>"], recipe: "clusters c1\nregion create c1\n",
      environment: ["NBX_TARGET": target, "PATH": nbx.folder])
    #expect(ended.status == status)
    #expect(ended.errorOutput.contains(said), "\(ended.errorOutput)")
  }

  @Test func `an interrupt runs the defers and ends with 130`() throws {
    let path = try nbx.write(
      """
      defer { print "tidied up" }
      print "sleeping"
      sleep 60s
      """, to: "sleeps.nbx")
    var process = Subprocess(NbxProgram.path, ["run", path])
    process.environment = nbx.environment
    // That is a Ctrl-C first.
    process.interrupt { _, line in line == "sleeping" }
    process.patience.afterInterrupt = .seconds(60)
    let result = try process.run()
    #expect(String(decoding: result.output, as: UTF8.self) == "sleeping\ntidied up\n")
    #expect(result.status == .exited(code: 130))
  }
}
