import Foundation
import TestSupport
import Testing

/// A recipe that is run again, after something else was done meanwhile.
@Suite(.serialized, .withADozenServers) struct SecondRunTests {
  private let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  @discardableResult
  private func run(_ recipe: String, _ words: String...) throws -> String {
    let ended = try nbx.run(["run", "recipes/\(recipe).nbx"] + words)
    #expect(ended.status == 0, "\(recipe) \(words): \(ended.output) \(ended.errorOutput)")
    #expect(!ended.errorOutput.contains("handled: nats server report"), "\(ended.errorOutput)")
    return ended.output
  }

  private func keepOrder(in region: String) throws {
    try run(
      steps: """
        let made = nats stream add ORDERS --subjects orders --replicas 1 --cluster \(region)
        let sent = nats pub orders "one" --jetstream

        """, in: region)
  }

  private func expectOrder(in region: String) throws {
    try run(steps: "assert (nats stream get ORDERS 1).data == \"one\"\n", in: region)
  }

  private func run(steps: String, in region: String) throws {
    let ended = try nbx.run(["run", "<steps>"], recipe: "clusters \(region)\n" + steps)
    #expect(ended.status == 0, "\(steps): \(ended.errorOutput)")
  }

  @Test func `install starts what was stopped, makes it smaller and larger, and JetStream follows`() throws {
    let folder = nbx.folder + "/config/nats/context"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let context = try nbx.write(#"{"url":"nats://elsewhere.example:4222"}"#, to: "config/nats/context/c1.json")
    let output = try run("install", "c1", "replicas=3")
    #expect(output.contains("there is a context c1 that is not this sandbox's"))
    // Which would lead elsewhere.
    #expect(output.hasSuffix("Look at it: nbx status\n"), "\(output)")
    try FileManager.default.removeItem(atPath: context)
    try run("stop", "c1")
    #expect(try run("install", "c1", "replicas=3").hasSuffix("or nats --context c1 server list\n"))
    // Twice as many go as stay, and those that stay start anew: they have to know who is a member.
    try run("install", "c1", "replicas=1")
    try keepOrder(in: "c1")
    // Twice as many new ones as there are: by themselves they could choose a leader that knows of no stream.
    try run("install", "c1", "replicas=3")
    try expectOrder(in: "c1")
  }

  /// Behind such names the chart puts none of its own, and one begins as the other does.
  @Test func `a region that was taken away is missed by nobody`() throws {
    try run("install", "eu", "nats", "replicas=1")
    func expectRefusal(of recipe: String, _ words: [String] = [], advising advice: String) throws {
      let ended = try nbx.run(["run", "recipes/\(recipe).nbx", "eu"] + words)
      #expect(ended.status == 1)
      #expect(
        ended.errorOutput.contains("nats: of the same supercluster, and not in this run\(advice)"),
        "\(ended.errorOutput)")
    }
    let wayOut = "nbx run cleanup nats takes it away"
    try expectRefusal(
      of: "verify", ["replicas=1"], advising: "; nbx run verify eu nats includes what is there, \(wayOut)")
    try run(steps: "region stop nats\n", in: "nats")
    try expectRefusal(
      of: "install", ["replicas=1"], advising: "; nbx run install eu nats includes what is there, \(wayOut)")
    try expectRefusal(
      of: "experiments/latency", advising: ", so that what it measures or claims may be theirs; \(wayOut)")
    try run("cleanup", "nats")
    try run("install", "eu", "replicas=1")
    try keepOrder(in: "eu")
    // Twice as many new ones as there are, while those that are there start anew.
    try run("install", "eu", "nats", "nats-eu", "replicas=1")
    try expectOrder(in: "eu")
    // Without the recipe nobody tells JetStream.
    let deleted = try nbx.run(["run", "<delete>"], recipe: "region delete nats-eu\n")
    #expect(deleted.status == 0, "\(deleted.errorOutput)")
    try run("install", "eu", "nats", "replicas=1")
  }

  @Test func `a run is taken up by one nbx at a time`() throws {
    // The step fails in the first run; in the one that takes it up it tries to take it up once more.
    _ = try nbx.write(
      """
      echo run >> "$1/runs"
      [ "$(wc -l < "$1/runs")" -gt 1 ] || exit 1
      "$2" run "$1/twice.nbx" --resume 2> "$1/said"
      echo $? > "$1/status"
      """, to: "step.sh")
    let recipe = "print \"begun\"\nexec sh \(nbx.folder)/step.sh \(nbx.folder) \(NbxProgram.path)\n"
    #expect(try nbx.run(["run", "<twice>"], recipe: recipe).status == 1)
    let resumed = try nbx.run(["run", "\(nbx.folder)/twice.nbx", "--resume"])
    #expect(resumed.status == 0, "\(resumed.errorOutput)")
    #expect(try nbx.text("runs") == "run\nrun\n")
    #expect(try nbx.text("status") == "2\n")
    #expect(try nbx.text("said").contains("another nbx is taking the run up"))
  }
}

extension NbxProgram {
  fileprivate func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
  }
}
