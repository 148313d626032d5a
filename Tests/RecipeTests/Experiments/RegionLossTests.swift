import TestSupport
import Testing

extension Experiments {
  @Suite struct RegionLoss {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `nothing acknowledged is lost with the region that leads`() throws {
      let run = try sandbox.run("region-loss")
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "whole again")
      #expect(table.column("event") == ["region asked to end", "region killed"])
      #expect(table.column("lost") == ["0", "0"])
      #expect(table.column("refused") == ["0", "0"])
    }

    @Test func `a stream with one copy goes with its region`() throws {
      let run = try sandbox.run("region-loss", ["replicas=1", "outage=1s", "patience=3s"])
      #expect(run.status == 1)
      #expect(
        run.errorOutput.contains("assertion failed: writes go on without the region that led"), "\(run.errorOutput)")
    }

    @Test func `writes that nobody acknowledges are lost`() throws {
      let run = try sandbox.runBroken(
        "region-loss", replacing: " --jetstream on cluster", with: " on cluster", in: "lib/experiments.nbx")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: nothing acknowledged is lost"), "\(run.errorOutput)")
    }

    @Test(arguments: ["is asked to end", "is killed"]) func `interrupted, it leaves nothing`(moment: String) throws {
      let run = try sandbox.run("region-loss", interruptOnceItSays: moment)
      #expect(run.status == 130)
    }
  }
}
