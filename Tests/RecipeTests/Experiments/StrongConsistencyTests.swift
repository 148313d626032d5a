import TestSupport
import Testing

extension Experiments {
  @Suite struct StrongConsistency {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `it holds on three regions`() throws {
      let run = try sandbox.run("strong-consistency", ["calm=1s", "outage=1s"])
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "longest gap")
      #expect(table.column("consistency") == ["strong", "strong", "strong", "strong"])
      #expect(table.column("lost") == ["0", "0", "0", "0"])
      #expect(table.column("acknowledged")[2] == "0")
      #expect(table.column("refused")[0...1] == ["0", "0"])
      #expect(table.column("longest gap").allSatisfy { $0.hasSuffix("s") })
    }
  }
}

@Suite(.mayWait) struct ScriptedStrongConsistencyTests {
  let experiment = ScriptedExperiment(
    name: "strong-consistency", usual: ["calm=200ms", "outage=1s", "pause=5ms", "rtt=0s"],
    shortened: ["patience: 2s": "patience: 200ms"])

  @Test func `it passes on the scripted supercluster`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let table = FoundTable(in: run.output, with: "longest gap")
    #expect(table.column("lost") == ["0", "0", "0", "0"])
    #expect(table.column("acknowledged")[2] == "0")
    #expect(table.column("refused")[0...1] == ["0", "0"])
  }

  @Test func `a write takes a round trip, and where nothing is set that is noticed`() throws {
    let apart = ScriptedExperiment(
      name: "strong-consistency", usual: ["calm=200ms", "outage=1s", "pause=5ms", "rtt=20ms"],
      shortened: ["patience: 2s": "patience: 200ms"])
    let run = try apart.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let broken = try apart.run(
      replacing: "link set $first $second --rtt $rtt", with: "let unset = second", in: "lib/experiments.nbx")
    #expect(broken.status == 1)
    #expect(
      broken.errorOutput.contains("assertion failed: a write waits for another region"), "\(broken.errorOutput)")
  }

  @Test func `with one copy nobody can write while its region is down`() throws {
    let run = try experiment.run(["replicas=1", "patience=300ms"])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: with a region down writes go on"), "\(run.errorOutput)")
  }

  @Test func `writes that nobody acknowledges are lost`() throws {
    let run = try experiment.run(
      ["patience=300ms"], replacing: " --jetstream on cluster", with: " on cluster", in: "lib/experiments.nbx")
    #expect(run.status == 1)
    // Where the last of them is lost, the readers that look for it notice first.
    let isNoticed = [
      "assertion failed: nothing acknowledged is lost", "in vain: what is written to STRONG is seen in",
    ]
    .contains(where: run.errorOutput.contains)
    #expect(isNoticed, "\(run.errorOutput)")
  }

  @Test func `a reader that looks elsewhere does not see at once what was written`() throws {
    let run = try experiment.run(
      replacing: "let first = retry 10 every 200ms { last_message(cluster, stream, subject) }",
      with: #"let first = "what was there before""#, in: "lib/experiments.nbx")
    #expect(run.status == 1)
    #expect(
      run.errorOutput.contains("assertion failed: what is acknowledged is read back from every region at once"),
      "\(run.errorOutput)")
  }

  @Test func `two regions that stay can write`() throws {
    let run = try experiment.run(replacing: "region pause $freezes", with: "let unharmed = freezes")
    #expect(run.status == 1)
    #expect(
      run.errorOutput.contains("assertion failed: with two regions down writes are refused"), "\(run.errorOutput)")
  }

  @Test(arguments: ["region stop", "is killed", "region pause", "freezes, too"])
  func `interrupted, it leaves nothing`(moment: String) throws {
    _ = try experiment.run(interruptOnceItSays: moment)
  }

  @Test func `failed in the middle, it leaves nothing`() throws {
    let run = try experiment.run(replacing: "region pause $freezes", with: "fail \"broken here\"")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("broken here"))
  }
}
