import TestSupport
import Testing

extension Experiments {
  @Suite struct EventualConsistency {
    let sandbox: ExperimentSandbox
    let hasty = ["calm=1s", "outage=1s"]

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `a region that is cut off goes on, and the others catch up`() throws {
      let run = try sandbox.run("eventual-consistency")
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "longest gap")
      #expect(table.column("consistency") == ["eventual", "eventual", "eventual", "eventual"])
      #expect(table.column("lost") == ["0", "0", "0", "0"])
      #expect(table.column("refused") == ["0", "0", "0", "0"])
      // Those that could not be reached were behind, and in the end nobody is.
      let lag = FoundTable(in: run.output, with: "behind in c1")
      #expect(lag.column("behind in c1").contains { $0 != "0" })
      #expect(lag.column("behind in c2").contains { $0 != "0" })
    }

    @Test func `a copy that leaves a region out never catches up`() throws {
      let run = try sandbox.runBroken(
        "eventual-consistency", hasty + ["catch_up=10s"], replacing: #"--source ${written.join(",")}"#,
        with: #"--source ${written.take(2).join(",")}"#)
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("_COPY has begun to collect what c3 writes"), "\(run.errorOutput)")
    }

    @Test func `a stream that is stretched over the regions refuses who is cut off`() throws {
      let run = try sandbox.runBroken(
        "eventual-consistency", hasty + ["patience=3s"],
        replacing: "eventual.$cluster --replicas $replicas\n      --cluster $cluster --tag az:$cluster",
        with: "eventual.$cluster --replicas $replicas --cluster xr-js")
      #expect(run.status == 1)
      #expect(
        run.errorOutput.contains("assertion failed: writes go on in a region that is cut off"),
        "\(run.errorOutput)")
    }

    @Test(arguments: ["is cut off", "catch up"]) func `interrupted, it leaves nothing`(moment: String) throws {
      let run = try sandbox.run("eventual-consistency", hasty, interruptOnceItSays: moment)
      #expect(run.status == 130)
    }
  }
}
