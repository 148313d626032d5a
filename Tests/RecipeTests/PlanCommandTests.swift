import Foundation
import TestSupport
import Testing

/// `nbx plan`, which changes nothing.
@Suite(.mayWait) struct PlanCommandTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  /// Neither nats-server nor any program of Kubernetes can be found, and pip can't either.
  private var bareMachine: [String: String] {
    ["NBX_NATS_SERVER": "", "PATH": "\(nbx.folder)/no-programs", "NBX_TARGET": ""]
  }

  static var recipes: [String] {
    let top = NbxProgram.repository
    let files = FileManager.default.enumerator(atPath: top + "/recipes")?.compactMap { $0 as? String } ?? []
    return files.filter { $0.hasSuffix(".nbx") && !$0.hasPrefix("lib/") }.map { "recipes/\($0)" }.sorted()
  }

  @Test func `there are recipes to plan`() { #expect(PlanCommandTests.recipes.count > 20) }

  @Test(arguments: recipes, ["local", "k3d", "kube"])
  func `every recipe can be planned on every target, on a machine that has nothing`(
    recipe: String, target: String
  ) throws {
    let ended = try nbx.run(["plan", recipe, "c1", "c2", "--target", target], environment: bareMachine)
    #expect(ended.status == 0, "\(ended.errorOutput)")
    #expect(ended.output.contains("on the target \(target); nothing was run"))
    #expect(!FileManager.default.fileExists(atPath: nbx.folder + "/home"))
    #expect(!FileManager.default.fileExists(atPath: nbx.folder + "/config"))
  }

  @Test func `the plan of install fits the eye, and shows no password`() throws {
    let folded = try nbx.run(["plan", "recipes/install.nbx", "c1", "c2", "c3", "--target", "k3d"])
    let full = try nbx.run(["plan", "recipes/install.nbx", "c1", "c2", "c3", "--target", "k3d", "--full"])
    #expect(folded.output.split(separator: "\n").count <= 340)
    // What each of the releases is asked is shown with the first one, and the first one that is pinned to a version.
    #expect(folded.output.components(separatedBy: "helm get manifest").count == 3)
    #expect(folded.output.contains(": as above, with linkerd-crds, linkerd, linkerd-edge/linkerd-crds\n"))
    #expect(!full.output.contains("as above"))
    for text in [folded.output, full.output] {
      #expect(text.contains("•••"))
      #expect(!text.contains("gwp") && !text.contains("password: \"sys\"") && !text.contains("gwu:gwp"))
    }
    for cluster in ["k3d-c1", "k3d-c2", "k3d-c3"] { #expect(full.output.contains("--kube-context \(cluster) ")) }
  }

  @Test(arguments: [
    (["xr-js"], "a cluster cannot be called xr-js"),
    (["c1", "replicas=0"], "replicas=0: a release has 1 to 99 servers"),
    (["c1", "c2", "port=65535"], "port=65535: ports are from 1 to 65535"), (["c1", "port=-1"], "port=-1: ports are"),
    (["c1", "nats_version=latest"], "nats_version=latest: a version of nats-server is written as 2.11.4"),
  ]) func `an order that makes no sense is refused by its plan`(_ words: [String], _ said: String) throws {
    for recipe in ["install", "create", "nats", "verify"] {
      // Not all of them have each parameter.
      let name = words.last.flatMap { $0.contains("=") ? $0.split(separator: "=")[0] : nil }
      let text = try String(contentsOfFile: "\(NbxProgram.repository)/recipes/\(recipe).nbx", encoding: .utf8)
      guard name.map({ text.contains("param \($0) ") }) ?? (recipe != "verify") else { continue }
      let ended = try nbx.run(["plan", "recipes/\(recipe).nbx"] + words + ["--target", "local"])
      #expect(ended.status == 1 && ended.errorOutput.contains(said), "\(recipe): \(ended.errorOutput)")
    }
  }

  /// What the local target does not play, and whether a plan for it ends as failed.
  @Test(arguments: [
    ("helm repo list --no-headers", "has no flag `--no-headers`"), ("helm install c1", "`helm install` needs CHART"),
    ("helm rollback c1", "`helm rollback` needs helm itself"), ("kubectl apply -f x", "writes objects"),
    ("kubectl -n nats get pods -o yaml", "takes one of json, name, wide, not `yaml`"),
    ("kubectl get", "`kubectl get` needs KIND"), ("kubectl frobnicate", "`kubectl` has no `frobnicate`"),
    ("helm upgrade c1 nats/nats --wait=watcher", "takes true or false, not `watcher`"),
  ]) func `what the local target does not play is found in a plan for it alone`(
    _ statement: String, _ said: String
  ) throws {
    let recipe = "clusters c1\n\(statement)\n"
    let local = try nbx.run(["plan", "<words>", "--target", "local"], recipe: recipe)
    #expect(local.status == 1 && local.errorOutput.contains(said), "\(local.errorOutput)")
    let kube = try nbx.run(["plan", "<words>", "--target", "kube"], recipe: recipe)
    #expect(kube.status == 0 && kube.output.contains("1 command"), "\(kube.errorOutput)")
    // A way that is not taken there, or perhaps not.
    let guarded = "clusters c1\nif target.kubernetes {\n\(statement)\n}\n"
    #expect(try nbx.run(["plan", "<words>", "--target", "local"], recipe: guarded).status == 0)
    let perhaps = "clusters c1\nif (nats server list).count > 3 {\n\(statement)\n}\n"
    let maybe = try nbx.run(["plan", "<words>", "--target", "local"], recipe: perhaps)
    #expect(maybe.status == 0 && maybe.output.contains("fail: "), "\(maybe.output)")
  }

  @Test(arguments: [
    "helm upgrade ...$words --wait", "helm upgrade $word nats/nats", "helm $word c1 nats/nats", "kubectl get ...$words",
    "kubectl $word pods -n nats", "kubectl get pods -n $word --selector x=$word", "helm ...$words",
    "region create ...$words", "nats pub ...$words",
  ]) func `words that are known later may be the right ones`(_ statement: String) throws {
    let recipe = """
      clusters c1
      let words = (nats server list).map(s => s.name)
      let word = words.first
      \(statement)

      """
    let ended = try nbx.run(["plan", "<later>", "--target", "local"], recipe: recipe)
    #expect(ended.status == 0 && ended.output.contains("2 commands"), "\(ended.output)\(ended.errorOutput)")
  }

  struct Whole: Decodable {
    let target: String
    let clusters: [String]
    let plan: [Node]
  }

  final class Node: Decodable {
    let kind: String
    let words: [String]?
    let cluster: String?
    let children: [Node]?

    var commands: [[String]] { [words].compactMap { $0 } + (children ?? []).flatMap(\.commands) }
  }

  @Test func `as data it is the same plan`() throws {
    let words = ["plan", "recipes/install.nbx", "c1", "c2", "--target", "k3d"]
    let whole = try JSONDecoder().decode(Whole.self, from: Data(nbx.run(words + ["--json"]).output.utf8))
    #expect(whole.target == "k3d")
    #expect(whole.clusters == ["c1", "c2"])
    let commands = whole.plan.flatMap(\.commands)
    let text = try nbx.run(words + ["--full"]).output
    #expect(text.contains("\n\(commands.count) commands for c1, c2 on the target k3d; nothing was run"))
    let lines = Set(text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
    // Those that stand in a shell as they are.
    let plain = commands.filter { words in
      words.allSatisfy { $0.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=@,".contains($0) } }
    }
    #expect(plain.count > 20)
    for command in plain {
      let line = command.joined(separator: " ")
      #expect(lines.contains { $0 == line || $0.hasPrefix(line + " ") }, "\(line)")
    }
  }

  @Test func `part of a recipe`() throws {
    let recipe = try nbx.write(
      "step \"one\" { exec echo one }\nstep \"two\" { exec echo two }\nstep \"three\" { exec echo three }\n",
      to: "p.nbx")
    let from = try nbx.run(["plan", recipe, "--from", "two", "--target", "local"]).output
    #expect(from.hasPrefix("two\n  echo two\nthree\n  echo three\n\n2 commands"))
    #expect(
      try nbx.run(["plan", recipe, "--only", "two", "--target", "local"]).output.hasPrefix("two\n  echo two\n\n1"))
  }

  @Test func `a recipe that would fail, and one that is wrong`() throws {
    let fails = try nbx.run(
      ["plan", "<fails>", "--target", "local"], recipe: "exec echo 1\nassert 1 == 2\nexec echo 2")
    #expect(fails.status == 1)
    #expect(fails.output.contains("echo 1") && !fails.output.contains("echo 2"))
    #expect(fails.errorOutput.contains("assertion failed"))
    #expect(try nbx.run(["plan", "<wrong>"], recipe: "print nmae").status == 2)
  }
}
