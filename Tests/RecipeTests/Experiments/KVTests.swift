import TestSupport
import Testing

extension Experiments {
  @Suite struct KV {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `a bucket keeps what it promises`() throws {
      let run = try sandbox.run("kv")
      #expect(run.status == 0, "\(run.errorOutput)")
      #expect(run.output.contains("│ update color white 1    │ refused: it is at revision 2 │"), "\(run.output)")
      for region in ExperimentSandbox.regions {
        #expect(run.output.contains("│ \(region)   │ put          │ false │"), "\(run.output)")
        #expect(run.output.contains("│ \(region)   │ get --direct │ true  │"), "\(run.output)")
      }
    }
  }
}

@Suite(.mayWait) struct ScriptedKVTests {
  let experiment = ScriptedExperiment(
    name: "kv", usual: ["reads=2", "lifetime=1s"],
    shortened: [" within 3s": " within 200ms", "--wait 3s": "--wait 200ms"])

  @Test func `it passes on the scripted supercluster`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    for region in ExperimentSandbox.regions {
      #expect(run.output.contains("│ \(region)   │ put          │ false │"), "\(run.output)")
      #expect(run.output.contains("│ \(region)   │ get --direct │ true  │"), "\(run.output)")
    }
  }

  @Test func `with one copy it is no bucket of three servers`() throws {
    let run = try experiment.run(["replicas=1"])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: three servers of c1 hold the bucket"), "\(run.errorOutput)")
  }

  @Test func `without history nothing is left of what a key held`() throws {
    let run = try experiment.run(["history=1"])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: its history tells all"), "\(run.errorOutput)")
  }

  @Test func `a put asks for no revision, so the first write is lost`() throws {
    let run = try experiment.run(
      replacing: "try nats kv update $settings color white ${found.revision}",
      with: "try nats kv put $settings color white")
    #expect(run.status == 1)
    #expect(
      run.errorOutput.contains("assertion failed: a write from an old revision is refused"), "\(run.errorOutput)")
  }

  @Test func `with one server lost there is a quorum, and a leader`() throws {
    let run = try experiment.run(["lost=1"], replacing: "within 40s", with: "within 100ms")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("in vain: the bucket has no leader"), "\(run.errorOutput)")
  }

  @Test func `interrupted, it leaves nothing`() throws {
    _ = try experiment.run(interruptOnceItSays: "kubectl scale")
  }
}
