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

    @Test func `with one copy it is no bucket of three servers`() throws {
      let run = try sandbox.run("kv", ["replicas=1"])
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: three servers of c1 hold the bucket"), "\(run.errorOutput)")
    }

    @Test func `without history nothing is left of what a key held`() throws {
      let run = try sandbox.run("kv", ["history=1"])
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: its history tells all"), "\(run.errorOutput)")
    }

    @Test func `a put asks for no revision, so the first write is lost`() throws {
      let run = try sandbox.runBroken(
        "kv", replacing: "try nats kv update $settings color white ${found.revision}",
        with: "try nats kv put $settings color white")
      #expect(run.status == 1)
      #expect(
        run.errorOutput.contains("assertion failed: a write from an old revision is refused"), "\(run.errorOutput)")
    }

    @Test func `with one server lost there is a quorum, and a leader`() throws {
      let run = try sandbox.runBroken("kv", ["lost=1", "reads=1"], replacing: "within 40s", with: "within 1s")
      #expect(run.status == 1)
      // Where the leader was the one that was lost, there is none for a moment.
      let said = ["in vain: the bucket has no leader", "assertion failed: without a quorum nothing is acknowledged"]
      #expect(said.contains { run.errorOutput.contains($0) }, "\(run.errorOutput)")
    }

    @Test func `interrupted, it leaves nothing`() throws {
      let run = try sandbox.run("kv", ["reads=1"], interruptOnceItSays: "2 servers of c1 are lost")
      #expect(run.status == 130)
    }
  }
}
