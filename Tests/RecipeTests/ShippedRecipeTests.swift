import Foundation
import SandboxSystem
import TestSupport
import Testing

/// nbx with the recipes that are in it: a copy of the program alone, started in an empty folder.
@Suite(.mayWait) struct ShippedRecipeTests {
  let nbx: NbxProgram
  private let program: String
  private let folder: String

  init() throws {
    nbx = try NbxProgram()
    folder = nbx.folder + "/elsewhere"
    program = nbx.folder + "/bin/nbx"
    for path in [folder, nbx.folder + "/bin"] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    // By a process of its own: were it open for writing here, a child that another test is spawning right now would hold
    // it so until its exec, and running it would fail with ETXTBSY.
    try #require(try Subprocess("cp", [NbxProgram.path, program]).run().succeeded)
  }

  private struct Ended {
    let status: Int32
    let output: String
    let errorOutput: String
  }

  private func run(_ words: String...) throws -> Ended { try run(words) }

  private func run(_ words: [String]) throws -> Ended {
    var process = Subprocess(program, words)
    process.environment = nbx.environment
    process.workingDirectory = folder
    process.limit.until = .now + .seconds(240)
    let result = try process.run()
    guard case .exited(let status) = result.status else {
      throw TestServerError(description: "nbx \(words): \(result.status)")
    }
    return Ended(
      status: status, output: String(decoding: result.output, as: UTF8.self),
      errorOutput: String(decoding: result.errorOutput, as: UTF8.self))
  }

  /// Every file below the folder `recipes`, by its path in it.
  private static func files(of folder: String) throws -> [String: Data] {
    var found: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      if let data = FileManager.default.contents(atPath: "\(folder)/\(path)") { found[path] = data }
    }
    return found
  }

  @Test func `all recipes are in the program, letter by letter`() throws {
    let ended = try run("recipes", "copy", "mine/of-nbx")
    #expect(ended.status == 0, "\(ended.errorOutput)")
    let ours = try Self.files(of: NbxProgram.repository + "/recipes")
    #expect(ours.count > 40)
    #expect(try Self.files(of: folder + "/mine/of-nbx") == ours)
    #expect(ended.output == "\(ours.count) files written into mine/of-nbx\n")

    // The copies hold by themselves.
    #expect(try run("check", "mine/of-nbx", "--strict").status == 0)
    let again = try run("recipes", "copy", "mine/of-nbx/")
    #expect(again.status == 0)
    #expect(again.output == "0 files written into mine/of-nbx, \(ours.count) there already\n")
  }

  @Test func `a copy goes over nothing, not even over a link that leads nowhere`() throws {
    try FileManager.default.createDirectory(atPath: folder + "/mine/lib", withIntermediateDirectories: true)
    try "print 1\n".write(toFile: folder + "/mine/install.nbx", atomically: false, encoding: .utf8)
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/mine/lib/nats.nbx", withDestinationPath: "../../away.nbx")
    let ended = try run("recipes", "copy", "mine")
    #expect(ended.status == 1)
    #expect(ended.errorOutput.contains("mine/install.nbx, mine/lib/nats.nbx"), "\(ended.errorOutput)")
    #expect(try String(contentsOfFile: folder + "/mine/install.nbx", encoding: .utf8) == "print 1\n")
    #expect(try FileManager.default.subpathsOfDirectory(atPath: folder).count == 4, "nothing was made")
  }

  @Test func `a copy that fails leaves no empty folders`() throws {
    // The folders are as long as a path may be; a file in them is longer.
    let long = Array(repeating: String(repeating: "x", count: 200), count: 20).joined(separator: "/")
    let path = "there/" + long + "/" + String(repeating: "y", count: 4_090 - 7 - long.utf8.count)
    try FileManager.default.createDirectory(atPath: folder + "/there", withIntermediateDirectories: true)
    let ended = try run("recipes", "copy", path)
    #expect(ended.status == 1)
    #expect(ended.errorOutput.contains("File name too long"), "\(ended.errorOutput.prefix(300))")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/there") == [])
  }

  @Test func `list names them, and each can be checked by its name`() throws {
    let list = try run("list")
    #expect(list.status == 0)
    let names = list.output.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
    #expect(names.contains("install") && names.contains("experiments/kv") && names.contains("uninstall/nats"))
    #expect(!names.contains { $0.hasPrefix("lib/") || $0.hasSuffix(".nbx") })
    let check = try run(["check", "--strict"] + names)
    #expect(check.status == 0, "\(check.errorOutput)")
    #expect(check.output == "\(names.count) files checked, no errors\n")
  }

  @Test(arguments: ["install", "install.nbx", "recipes/install.nbx"]) func `a name is enough`(_ name: String) throws {
    let plan = try run("plan", name, "c1", "--target", "local")
    #expect(plan.status == 0, "\(plan.errorOutput)")
    #expect(plan.output.contains("helm upgrade --install {c1,c1-js,c1-gw,xr-js} nats/nats"))
    #expect(plan.errorOutput == "recipe \(name): the one in nbx\n")
    let help = try run("run", name, "--help")
    #expect(help.output.contains("Usage: nbx run install [CLUSTER…]"))
    #expect(help.output.contains("replicas=3"))
  }

  @Test func `a file of that name comes first, and that is said`() throws {
    try "print \"mine\"\n".write(toFile: folder + "/install.nbx", atomically: false, encoding: .utf8)
    for name in ["install", "install.nbx"] {
      let ended = try run("run", name)
      #expect(ended.output == "mine\n")
      #expect(ended.errorOutput == "recipe \(name): the file install.nbx, not the one in nbx\n")
    }
    let plain = try run("run", "./install.nbx")
    #expect(plain.output == "mine\n")
    #expect(plain.errorOutput == "")
    try FileManager.default.createDirectory(atPath: folder + "/nats", withIntermediateDirectories: true)
    #expect(try run("plan", "nats", "c1", "--target", "local").errorOutput == "recipe nats: the one in nbx\n")
    // What takes folders takes it.
    #expect(try run("check", "nats").errorOutput.contains("nats"))
    // A folder is no recipe.
    try FileManager.default.createDirectory(atPath: folder + "/cleanup.nbx", withIntermediateDirectories: true)
    #expect(try run("check", "cleanup").errorOutput == "recipe cleanup: the one in nbx\n")
  }

  @Test(arguments: [
    (["run", "instal"], "did you mean `install`, which is in nbx?"),
    (["plan", "recipes/instal.nbx"], "did you mean `install.nbx`, which is in nbx?"),
    (["run", "nothing-like-it"], "no such file"), (["recipes"], "one of: copy"),
    (["recipes", "copy"], "nbx recipes copy"), (["recipes", "copy", "a", "b"], "nbx recipes copy"),
    (["recipes", "--force"], "one of: copy"), (["recipes", "copy", ""], "nbx recipes copy"),
  ]) func `what is no recipe is said`(_ words: [String], _ said: String) throws {
    let ended = try run(words)
    #expect(ended.status == 2)
    #expect(ended.output == "")
    #expect(ended.errorOutput.contains(said), "\(ended.errorOutput)")
  }

  @Test func `an error in one shows its text`() throws {
    let ended = try run("run", "experiments/latency", "c1")
    #expect(ended.status != 0)
    #expect(ended.errorOutput.contains("--> <nbx>/"), "\(ended.errorOutput)")
    #expect(ended.errorOutput.contains(" | "))
    #expect(!ended.errorOutput.contains("can't be read"))
  }

  @Test func `what a recipe of nbx reads is in nbx, too`() throws {
    let plan = try run("plan", "experiments/grafana", "c1", "--target", "kube", "--full")
    #expect(plan.output.contains("nats.json"), "\(plan.output)\(plan.errorOutput)")
    #expect(!plan.errorOutput.contains("can't read"))
  }

  @Test func `Tab knows them`() throws {
    func answers(_ words: String...) throws -> [String] {
      try run(["__complete"] + words).output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
    }
    #expect(try answers("run", "ins") == ["install"])
    #expect(try answers("plan", "expe") == ["experiments/"])
    #expect(try answers("check", "experiments/k") == ["experiments/kv"])
    #expect(try answers("run", "install", "repl") == ["replicas="])
    #expect(try answers("recipes", "") == ["copy"])
  }
}
