import Foundation
import TestSupport
import Testing

/// Three regions with their 36 servers, installed by the recipe that users run, and ways to run experiments on them.
///
/// Behind every run it looks for what the experiment has left, reports that, and puts it in order for the next one.
final class ExperimentSandbox: Sendable {
  static let regions = ["c1", "c2", "c3"]

  @TaskLocal static var current: ExperimentSandbox?

  /// The sandbox of the suite `Experiments`.
  static var shared: ExperimentSandbox {
    get throws {
      try #require(current, "only the tests within the suite `Experiments` have a sandbox")
    }
  }

  let nbx: NbxProgram
  private let guardian: SandboxGuard
  /// What is there before an experiment, and has to be there after it.
  let installed: SandboxState

  init() throws {
    nbx = try NbxProgram()
    guardian = try SandboxGuard(nbx, regions: Self.regions)
    let install = try nbx.run(["run", "recipes/install.nbx"] + Self.regions)
    guard install.status == 0 else {
      throw TestServerError(description: "the sandbox can't be installed: \(install.errorOutput)")
    }
    installed = try SandboxState(nbx)
  }

  /// Takes it away.
  func end() throws { try guardian.end() }

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

  /// Runs a copy of an experiment in which one text has taken another's place: that which its asserts are to notice.
  ///
  /// - Parameters:
  ///   - file: where the text is, under `recipes`; the experiment itself if nil.
  func runBroken(
    _ name: String, _ arguments: [String] = [], replacing text: String, with replacement: String,
    in file: String? = nil,
    interruptOnceItSays said: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> NbxProgram.Ended {
    let files = FileManager.default
    let copy = "\(nbx.folder)/broken-\(UUID().uuidString.prefix(8))"
    defer { try? files.removeItem(atPath: copy) }
    try files.copyItem(atPath: NbxProgram.repository + "/recipes", toPath: copy)
    let path = "\(copy)/\(file ?? "experiments/\(name).nbx")"
    let original = try String(contentsOfFile: path, encoding: .utf8)
    let isThere = original.contains(text)
    try #require(isThere, "\(path) has no `\(text)` to break", sourceLocation: sourceLocation)
    try original.replacingOccurrences(of: text, with: replacement).write(
      toFile: path, atomically: true, encoding: .utf8)
    return try run(
      recipe: "\(copy)/experiments/\(name).nbx", arguments, interruptOnceItSays: said, sourceLocation)
  }

  /// Runs a recipe of any path, and reports what it leaves behind.
  func run(
    recipe: String, _ arguments: [String] = [], interruptOnceItSays said: String? = nil,
    _ place: SourceLocation = #_sourceLocation
  ) throws -> NbxProgram.Ended {
    let ended = try nbx.run(["run", recipe] + Self.regions + arguments, interruptOnceItSays: said)
    if said != nil { #expect(ended.status == 130, "it came to its end: \(ended.errorOutput)", sourceLocation: place) }
    let left = try SandboxState(nbx)
    if left != installed {
      Issue.record(
        "\((recipe as NSString).lastPathComponent) left\n\(left)\nand found\n\(installed)\n\(ended.errorOutput.suffix(2000))",
        sourceLocation: place)
      try putInOrder()
    }
    return ended
  }

  /// As after the installation, for the next experiment.
  private func putInOrder() throws {
    let recipe = """
      region stop c1 c2 c3 --now
      region start c1 c2 c3
      wait-for (nats server list).count == 36 within 1m
      wait-for nats server check meta --expect 18 within 1m
      foreach name in (nats stream ls --names) { nats stream rm $name --force }
      """
    let ended = try nbx.run(["run", "<in-order>"] + Self.regions, recipe: recipe)
    guard ended.status == 0 else { throw TestServerError(description: "no order: \(ended.errorOutput)") }
  }
}
