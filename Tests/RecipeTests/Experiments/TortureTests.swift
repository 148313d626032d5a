import TestSupport
import Testing

extension Experiments {
  /// It takes the time in which a region goes and comes back, for each workload: more than every run has.
  @Suite(.enabled(if: Campaign.isWhole)) struct Torture {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test(arguments: ["stream", "kv", "queue"]) func `what clients were told is what is there`(workload: String) throws
    {
      let run = try sandbox.run("torture", ["workload=\(workload)", "length=25s"])
      #expect(run.status == 0, "\(run.errorOutput)")
      let found = FoundTable(in: run.output, with: "verdict")
      let broken = zip(found.column("promise"), found.column("verdict")).filter { $1 == "broken" }.map(\.0)
      // What a queue goes on holding is a finding.
      #expect(found.column("verdict").count > 5 && Set(broken).isSubset(of: ["done-work"]), "\(run.output)")
    }
  }
}

@Suite(.mayWait) struct ScriptedTortureTests {
  let experiment = ScriptedExperiment(
    name: "torture", usual: ["length=800ms", "calm=100ms", "outage=100ms", "rtt=0s"])

  @Test(arguments: ["stream", "kv", "queue"]) func `it passes on the scripted supercluster`(workload: String) throws {
    let run = try experiment.run(["workload=\(workload)"])
    #expect(run.status == 0, "\(run.errorOutput)")
    let verdicts = FoundTable(in: run.output, with: "verdict")
    #expect(verdicts.column("verdict").count > 5 && !verdicts.column("verdict").contains("broken"), "\(run.output)")
  }

  @Test func `a seed draws the same faults again, and all is healed in the end`() throws {
    let words = ["faults=kill region,cut,freeze", "seed=3", "pace=300ms", "length=1s"]
    let (first, second) = (try experiment.run(words), try experiment.run(words))
    #expect(first.status == 0 && second.status == 0, "\(first.errorOutput)")
    let faults = FoundTable(in: first.output, with: "fault")
    #expect(faults.column("fault").count == 3, "\(first.output)")
    #expect(faults.column("where") == FoundTable(in: second.output, with: "fault").column("where"))
    #expect(first.output.contains("seed=3") && first.output.contains("by seed 3"), "\(first.output)")
  }

  @Test func `a fault that there is none of is refused`() throws {
    let run = try experiment.run(["faults=flood"])
    #expect(run.status == 1 && run.errorOutput.contains("there is no fault flood"), "\(run.errorOutput)")
  }

  @Test func `a stream that is made anew behind the clients' backs has lost what was acknowledged`() throws {
    let run = try experiment.run(
      replacing: "  sleep $calm\n",
      with: """
          sleep $calm
          remove_streams([stream])
          let _made = nats stream add TORTURE --subjects torture --replicas 3 --cluster xr-js

        """)
    #expect(run.status == 1)
    #expect(
      run.errorOutput.contains("assertion failed: what clients were told is what is there"), "\(run.errorOutput)")
    #expect(run.output.contains("lost-writes is broken by"), "\(run.output)")
  }

  @Test func `a loss that nobody feels tells nothing`() throws {
    let run = try experiment.run(replacing: "region stop $leading --now", with: "print leading")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: the loss was felt"), "\(run.errorOutput)")
  }

  @Test(arguments: [
    ("nats_version=2.12.1", "nats_version=2.12.1: the servers of c1 c2 c3 are of 2.11.4"),
    ("sync=always", "sync=always: the servers of c1 c2 c3 are such as write through: 2m"),
  ]) func `servers that are there stay as they are`(_ wish: String, _ refusal: String) throws {
    let run = try experiment.run([wish])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains(refusal), "\(run.errorOutput)")
    #expect(try experiment.run(["nats_version=2.11.4", "sync=2m"]).status == 0)
  }

  @Test func `another workload is refused`() throws {
    let run = try experiment.run(["workload=sand"])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("workload is stream, kv or queue, not sand"), "\(run.errorOutput)")
  }

  @Test func `interrupted, it leaves nothing`() throws {
    _ = try experiment.run(interruptOnceItSays: "region stop")
  }
}
