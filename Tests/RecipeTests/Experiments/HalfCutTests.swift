import TestSupport
import Testing

extension Experiments {
  /// It takes the time that servers take to notice: more than every run has.
  @Suite(.enabled(if: Campaign.isWhole)) struct HalfCut {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `who sees both is served, and what is refused is noticed`() throws {
      let run = try sandbox.run("half-cut", ["watched=12s"])
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "noticed after")
      #expect(table.column("cut") == ["silent", "refused", "silent, one way"])
      #expect(table.column("lost") == ["0", "0", "0"])
    }
  }
}

@Suite(.mayWait) struct ScriptedHalfCutTests {
  let experiment = ScriptedExperiment(
    name: "half-cut", usual: ["watched=1s", "pause=5ms", "patience_parted=100ms", "ping_interval=50ms"],
    shortened: ["sleep 250ms": "sleep 20ms", "length.seconds / 0.25": "length.seconds / 0.02"])

  @Test func `it passes on the scripted supercluster`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let table = FoundTable(in: run.output, with: "noticed after")
    #expect(table.column("noticed after").first == "not in 1s" && table.column("lost") == ["0", "0", "0"])
    #expect(!table.column("by pings every 50ms").contains("not in 1s"))
  }

  @Test func `silence in the place of a refusal is not noticed`() throws {
    let run = try experiment.run(replacing: "\"--refuse\"", with: "\"--no-refuse\"")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: what is refused is noticed"), "\(run.errorOutput)")
  }

  @Test func `silence that is noticed at once is noticed`() throws {
    let run = try experiment.run(
      replacing: "noticed: done[3]", with: "noticed: if way.cut == \"silent\" then begun else done[3]")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: silence is noticed later"), "\(run.errorOutput)")
  }

  @Test func `pings that are as rare as they are by default are noticed`() throws {
    let run = try experiment.run(replacing: "ping_interval: \"$ping_interval\"", with: "ping_interval: \"30s\"")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: more pings notice it sooner"), "\(run.errorOutput)")
  }

  @Test func `who is parted from the leader is not served`() throws {
    let run = try experiment.run(
      ["patience=200ms"], replacing: "write_everywhere([witness], watched, load)",
      with: "write_everywhere([parted], watched, load)")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("clients of the region that sees both are served"), "\(run.errorOutput)")
  }

  @Test func `writes that nobody acknowledges are lost`() throws {
    let run = try experiment.run(replacing: " --jetstream on cluster", with: " on cluster", in: "lib/experiments.nbx")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: nothing acknowledged is lost"), "\(run.errorOutput)")
  }

  @Test func `a region that reads something else is noticed`() throws {
    let run = try experiment.run(
      replacing: "{ messages(\"HALF_CUT\", cluster) }",
      with: "{ messages(\"HALF_CUT\", cluster).drop(cluster.index) }")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: every region reads the same order"), "\(run.errorOutput)")
  }

  @Test(arguments: ["link cut", "c1 and c2, refused"]) func `interrupted, it leaves nothing`(moment: String) throws {
    _ = try experiment.run(interruptOnceItSays: moment)
  }
}
