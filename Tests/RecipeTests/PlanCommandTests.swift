import Foundation
import SandboxRuntime
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
    #expect(folded.output.split(separator: "\n").count < 300)
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
