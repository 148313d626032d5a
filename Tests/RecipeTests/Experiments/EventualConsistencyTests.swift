import TestSupport
import Testing

extension Experiments {
  @Suite struct EventualConsistency {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `a region that is cut off goes on, and the others catch up`() throws {
      let run = try sandbox.run("eventual-consistency", ["calm=2s", "outage=2s"])
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
  }
}

@Suite(.mayWait) struct ScriptedEventualConsistencyTests {
  let experiment = ScriptedExperiment(
    name: "eventual-consistency", usual: ["calm=200ms", "outage=1s", "pause=5ms", "rtt=0s"])

  @Test func `it passes on the scripted supercluster`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let table = FoundTable(in: run.output, with: "longest gap")
    #expect(table.column("lost") == ["0", "0", "0", "0"])
    #expect(table.column("refused") == ["0", "0", "0", "0"])
  }

  @Test func `a write takes no round trip, and one that does is noticed`() throws {
    let apart = ScriptedExperiment(
      name: "eventual-consistency", usual: ["calm=300ms", "outage=1s", "pause=5ms", "rtt=60ms"])
    let run = try apart.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let broken = try apart.run(
      replacing: "eventual.$cluster --replicas $replicas\n      --cluster $cluster --tag az:$cluster",
      with: "eventual.$cluster --replicas 1 --cluster xr-js --tag az:c3")
    #expect(broken.status == 1)
    #expect(
      broken.errorOutput.contains("assertion failed: a write waits for servers of its own region alone"),
      "\(broken.errorOutput)")
  }

  @Test func `a copy that leaves a region out never catches up`() throws {
    let run = try experiment.run(
      ["catch_up=300ms"], replacing: #"--source ${written.join(",")}"#, with: #"--source ${written.take(2).join(",")}"#)
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("_COPY has begun to collect what c3 writes"), "\(run.errorOutput)")
  }

  @Test func `a stream that is stretched over the regions refuses who is cut off`() throws {
    let run = try experiment.run(
      ["patience=300ms"],
      replacing: "eventual.$cluster --replicas $replicas\n      --cluster $cluster --tag az:$cluster",
      with: "eventual.$cluster --replicas $replicas --cluster xr-js")
    #expect(run.status == 1)
    #expect(
      run.errorOutput.contains("assertion failed: writes go on in a region that is cut off"), "\(run.errorOutput)")
  }

  @Test(arguments: ["region stop", "region pause", "is cut off", "catch up"])
  func `interrupted, it leaves nothing`(moment: String) throws {
    _ = try experiment.run(interruptOnceItSays: moment)
  }
}
