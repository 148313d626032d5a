import TestSupport
import Testing

extension Experiments {
  @Suite struct Restarts {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `nothing acknowledged is lost when servers or all of them restart`() throws {
      let run = try sandbox.run("restarts", ["outage=1s"])
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

    /// The hardest of all moments, on real servers: all are gone. What comes before it is left out.
    @Test func `interrupted when all were killed, it leaves nothing`() throws {
      let run = try sandbox.runBroken(
        "restarts",
        replacing: [
          #"["a server, asked to end", "a server, killed", "a region's servers, one by one"]"#: "[]",
          #"["all, asked to end", "all, killed"]"#: #"["all, killed"]"#,
          "    region start ...${": "    print \"nobody is left\"\n    region start ...${",
        ],
        interruptOnceItSays: "nobody is left")
      #expect(run.status == 130)
    }
  }
}

@Suite(.mayWait) struct ScriptedRestartTests {
  let experiment = ScriptedExperiment(
    name: "restarts", usual: ["outage=1s", "pause=5ms"],
    shortened: ["write_everywhere(clusters, 1s,": "write_everywhere(clusters, 200ms,"])

  @Test func `it passes on the scripted supercluster`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let table = FoundTable(in: run.output, with: "whole again")
    #expect(table.column("lost") == ["0", "0", "0", "0", "0"])
    #expect(table.column("refused") == ["0", "0", "0", "0", "0"])
  }

  @Test func `writes that nobody acknowledges are lost`() throws {
    let run = try experiment.run(
      replacing: " --jetstream on cluster", with: " on cluster", in: "lib/experiments.nbx")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: nothing acknowledged is lost"), "\(run.errorOutput)")
  }

  @Test(arguments: ["kubectl delete", "a region's servers", "region stop", "all, killed"])
  func `interrupted, it leaves nothing`(moment: String) throws {
    _ = try experiment.run(interruptOnceItSays: moment)
  }
}
