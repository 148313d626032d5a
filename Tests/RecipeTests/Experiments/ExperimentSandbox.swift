import Foundation
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

/// Regions with their servers, installed by the recipe that users run, and ways to run experiments on them.
///
/// Behind every run it looks for what the experiment has left, reports that, and puts it in order for the next one.
final class ExperimentSandbox: Sendable {
  static let regions = ["c1", "c2", "c3"]

  @TaskLocal static var current: ExperimentSandbox?

  /// The sandbox of the test's suite.
  static var shared: ExperimentSandbox {
    get throws { try #require(current, "only the tests within a suite with a shared sandbox have one") }
  }

  let nbx: NbxProgram
  let regions: [String]
  private let parameters: [String]
  private let guardian: SandboxGuard
  /// How the installation ended.
  let installation: NbxProgram.Ended
  /// What is there before an experiment, and has to be there after it.
  let installed: SandboxState

  /// - Parameter parameters: of the installation, as `replicas=1`.
  init(_ regions: [String], _ parameters: [String]) throws {
    self.regions = regions
    self.parameters = parameters
    nbx = try NbxProgram()
    guardian = try SandboxGuard(nbx, regions: regions)
    installation = try nbx.run(["run", "recipes/install.nbx"] + regions + parameters)
    guard installation.status == 0 else {
      throw TestServerError(description: "the sandbox can't be installed: \(installation.errorOutput)")
    }
    installed = try SandboxState(nbx)
  }

  func installAgain() throws -> NbxProgram.Ended {
    try nbx.run(["run", "recipes/install.nbx"] + regions + parameters)
  }

  /// Takes it away by the recipe for that, and looks whether anything is left.
  func end() throws {
    let servers = try nbx.status().servers
    let cleanup = try nbx.run(["run", "recipes/cleanup.nbx"] + regions)
    #expect(cleanup.status == 0, "\(cleanup.errorOutput)")
    #expect(try nbx.status().servers.isEmpty)
    // One that has ended may stay in the table of processes until somebody asks for it; it is not alive.
    for server in servers {
      let process = server.pid.flatMap { ProcessIdentity(pid: $0) }
      #expect(process?.isAlive != true, "\(server.name) still runs")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: nbx.folder + "/config/nats/context").isEmpty)
    // What is left of the sandbox is the lock by which it is shared.
    #expect(try FileManager.default.contentsOfDirectory(atPath: nbx.folder + "/home/local") == ["sandbox.lock"])
    #expect(ProcessSearch.relay(of: SandboxFolders(root: nbx.folder + "/home/local")) == nil, "the relay still runs")
    try guardian.end()
  }

  /// Runs `recipes/experiments/NAME.nbx`, and reports what it leaves behind.
  ///
  /// - Parameters:
  ///   - arguments: parameters, as `writes=100`.
  ///   - said: it is interrupted once a line of its output has this in it.
  func run(
    _ name: String, _ arguments: [String] = [], interruptOnceItSays said: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> NbxProgram.Ended {
    try run(
      recipe: NbxProgram.repository + "/recipes/experiments/\(name).nbx", arguments, interruptOnceItSays: said,
      sourceLocation)
  }

  /// Runs a copy of an experiment in which texts have taken others' places: that which its asserts are to notice.
  ///
  /// - Parameters:
  ///   - file: where the texts are, under `recipes`; the experiment itself if nil.
  func runBroken(
    _ name: String, _ arguments: [String] = [], replacing texts: KeyValuePairs<String, String>, in file: String? = nil,
    interruptOnceItSays said: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> NbxProgram.Ended {
    let copy = try BrokenRecipes(replacing: texts, in: file ?? "experiments/\(name).nbx", under: nbx.folder)
    return try run(
      recipe: "\(copy.folder)/experiments/\(name).nbx", arguments, interruptOnceItSays: said, sourceLocation)
  }

  /// Runs a recipe of any path, and reports what it leaves behind.
  func run(
    recipe: String, _ arguments: [String] = [], interruptOnceItSays said: String? = nil,
    _ place: SourceLocation = #_sourceLocation
  ) throws -> NbxProgram.Ended {
    let ended = try nbx.run(["run", recipe] + regions + arguments, interruptOnceItSays: said)
    if said != nil { #expect(ended.status == 130, "it came to its end: \(ended.errorOutput)", sourceLocation: place) }
    try checkLeftovers(of: (recipe as NSString).lastPathComponent, ended.errorOutput, place)
    return ended
  }

  /// Runs several experiments at once, and looks once for what they have left. Their ends are in the order of their names.
  func runSideBySide(
    _ experiments: [(name: String, arguments: [String])], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [NbxProgram.Ended] {
    let ends = try sideBySide(experiments) { [nbx, regions] experiment in
      try nbx.run(["run", "recipes/experiments/\(experiment.name).nbx"] + regions + experiment.arguments)
    }
    try checkLeftovers(
      of: experiments.map(\.name).joined(separator: ", "), ends.map(\.errorOutput).joined(), sourceLocation)
    return ends
  }

  private func checkLeftovers(of recipe: String, _ said: String, _ place: SourceLocation) throws {
    let left = try SandboxState(nbx)
    if left != installed {
      Issue.record("\(recipe) left\n\(left)\nand found\n\(installed)\n\(said.suffix(2000))", sourceLocation: place)
      try putInOrder()
    }
  }

  /// As after the installation, for the next experiment.
  private func putInOrder() throws {
    let recipe = """
      link heal
      region stop \(regions.joined(separator: " ")) --now
      region start \(regions.joined(separator: " "))
      wait-for (nats server list).count == \(installed.serverCount) within 1m
      wait-for nats server check meta --expect \(installed.serverCount / 2) within 1m
      foreach name in (nats stream ls --names) { nats stream rm $name --force }
      """
    let ended = try nbx.run(["run", "<in-order>"] + regions, recipe: recipe)
    guard ended.status == 0 else { throw TestServerError(description: "no order: \(ended.errorOutput)") }
  }
}
