import TestSupport
import Testing

extension FaultyServers {
  @Suite struct DiskFull {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `two copies that can write are enough`() throws {
      let run = try sandbox.run("disk-full", ["watched=2s", "alone=1s", "patience=1s"])
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "refused")
      #expect(table.column("disk full") == ["a follower's", "the leader's"])
      #expect(table.column("refused").first == "0")
    }
  }
}

@Suite(.mayWait) struct ScriptedDiskFullTests {
  private static let usual = ["watched=300ms", "alone=200ms", "pause=5ms", "patience=200ms"]
  let experiment = ScriptedExperiment(name: "disk-full", usual: usual)
  /// Two disks of three are full at once.
  let withoutMajority = ScriptedExperiment(
    name: "disk-full", usual: usual,
    shortened: [
      "fault disk full $server": "fault disk full $server ${found.replicas.last.name}",
      "fault disk free $server": "fault heal",
    ])

  @Test func `it passes on the scripted supercluster, where full disks are told`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let table = FoundTable(in: run.output, with: "refused")
    #expect(table.column("refused").first == "0")
    #expect(table.column("version") == ["2.11.4", "2.11.4"])
    #expect(FoundTable(in: run.output, with: "healthz").column("healthz") == ["unavailable", "unavailable"])
    #expect(FoundTable(in: run.output, with: "by").column("by") == ["room", "room"])
  }

  @Test func `a disk that takes everything is noticed`() throws {
    let run = try experiment.run(replacing: "fault disk full $server", with: "fault disk free $server")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: the disk of"), "\(run.errorOutput)")
  }

  @Test func `without two disks of three nothing is acknowledged`() throws {
    let run = try withoutMajority.run()
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: two copies that can write are enough"), "\(run.errorOutput)")
  }

  @Test func `writes that nobody acknowledges are lost`() throws {
    let run = try withoutMajority.run(
      replacing: " --jetstream on cluster", with: " on cluster", in: "lib/experiments.nbx")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: nothing is lost that two copies have"), "\(run.errorOutput)")
  }

  @Test func `interrupted, it leaves nothing`() throws {
    _ = try experiment.run(interruptOnceItSays: "fault disk full")
  }
}
