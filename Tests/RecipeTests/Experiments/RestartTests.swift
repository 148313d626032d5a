import TestSupport
import Testing

extension Experiments {
  @Suite struct Restarts {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `nothing acknowledged is lost when servers or all of them restart`() throws {
      let run = try sandbox.run("restarts")
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "whole again")
      #expect(
        table.column("event") == [
          "a server, asked to end", "a server, killed", "a region's servers, one by one", "all, asked to end",
          "all, killed",
        ])
      #expect(table.column("lost") == ["0", "0", "0", "0", "0"])
      #expect(table.column("refused") == ["0", "0", "0", "0", "0"])
    }

    @Test func `writes that nobody acknowledges are lost`() throws {
      let run = try sandbox.runBroken(
        "restarts", replacing: " --jetstream on cluster", with: " on cluster", in: "lib/experiments.nbx")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: nothing acknowledged is lost"), "\(run.errorOutput)")
    }

    @Test(arguments: ["a region's servers", "all, killed"]) func `interrupted, it leaves nothing`(moment: String) throws
    {
      let run = try sandbox.run("restarts", ["outage=1s"], interruptOnceItSays: moment)
      #expect(run.status == 130)
    }
  }
}
