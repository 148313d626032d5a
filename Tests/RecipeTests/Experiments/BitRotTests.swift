import TestSupport
import Testing

/// What is done to processes and files of real servers; twelve of them tell as much as 36.
@Suite(.serialized, .withADozenServers, .withDozenSandbox, .enabled(if: Campaign.isWhole)) struct FaultyServers {}

extension FaultyServers {
  @Suite struct BitRot {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `a majority has all, whatever became of the third copy`() throws {
      let run = try sandbox.run("bit-rot", ["flips=1", "writes=30"])
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "byte")
      #expect(table.column("before") == ["killed", "restarted, then killed"])
    }

    @Test func `what was synced survives a loss of power, and what makes that so is what was synced`() throws {
      let run = try sandbox.run("power", ["intervals=[\"always\"]", "writes=10"])
      #expect(run.status == 0, "\(run.errorOutput)")
      #expect(FoundTable(in: run.output, with: "lost").column("lost") == ["0"])
      let broken = try sandbox.runBroken(
        "power", ["intervals=[\"always\"]", "writes=10"], replacing: [" --keep-synced $trace": ""])
      #expect(broken.status == 1)
      #expect(
        broken.errorOutput.contains("assertion failed: with sync_interval: always nothing acknowledged is lost"),
        "\(broken.errorOutput)")
    }
  }
}

@Suite(.mayWait) struct ScriptedBitRotTests {
  let experiment = ScriptedExperiment(name: "bit-rot", usual: ["flips=1", "writes=5"])

  @Test func `it passes on the scripted supercluster, where a message is lost with each flip`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    #expect(FoundTable(in: run.output, with: "it lacks").column("it lacks") == ["1", "1"])
    #expect(FoundTable(in: run.output, with: "others lack").column("others lack") == ["0", "0"])
    let seen =
      "Of 2 flips under nats-server 2.11.4, 0 cost the others acknowledged messages, 0 altered one, and after 2 the"
    #expect(run.output.contains(seen), "\(run.output)")
  }

  @Test func `a majority that tells something else is noticed`() throws {
    let run = try experiment.run(replacing: #"pub rot.$i "message $n of $stream""#, with: #"pub rot.$i "message $n""#)
    #expect(run.status == 1)
    #expect(
      run.errorOutput.contains("assertion failed: a majority has all that was acknowledged"), "\(run.errorOutput)")
  }

  @Test func `interrupted, it leaves nothing`() throws {
    _ = try experiment.run(interruptOnceItSays: "fault bit-flip")
  }
}
