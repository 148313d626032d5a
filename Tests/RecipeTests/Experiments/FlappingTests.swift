import TestSupport
import Testing

extension Experiments {
  /// It takes the time that servers take to notice: more than every run has.
  @Suite(.enabled(if: Campaign.isWhole)) struct Flapping {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `a bad link costs time, and nothing that was acknowledged`() throws {
      let run = try sandbox.run("flapping", ["length=5s", "cycle=5s", "amount=2MB"])
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "mirror")
      #expect(table.column("phase").count == 4 && table.column("lost").allSatisfy { $0 == "0" })
    }
  }
}

@Suite(.mayWait) struct ScriptedFlappingTests {
  let experiment = ScriptedExperiment(
    name: "flapping", usual: ["length=600ms", "gone=200ms", "cycle=600ms", "amount=400kB", "pause=5ms"])

  @Test func `it passes on the scripted supercluster`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let table = FoundTable(in: run.output, with: "mirror")
    #expect(table.column("lost") == ["0", "0", "0", "0"] && table.column("refused") == ["0", "0", "0", "0"])
  }

  @Test func `a link that is not slow is noticed`() throws {
    // So much that no busy machine takes as long for it as the link would.
    let experiment = ScriptedExperiment(
      name: "flapping", usual: ["length=600ms", "gone=200ms", "cycle=600ms", "amount=8MB"])
    let run = try experiment.run(replacing: "flags: [\"--rate\", rate]", with: "flags: [\"--rate\", \"100MB\"]")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: the mirror is no quicker than the link"), "\(run.errorOutput)")
  }

  @Test func `a region's own stream that waits for its mirror is noticed`() throws {
    let run = try experiment.run(
      replacing: "return { put: put - begun, mirrored: now() - begun }",
      with: "let mirrored = now()\n  return { put: now() - begun, mirrored: mirrored - begun }")
    #expect(run.status == 1)
    #expect(
      run.errorOutput.contains("assertion failed: the region's own stream does not wait for it"), "\(run.errorOutput)")
  }

  @Test func `a link that does not go is noticed`() throws {
    // So long a gap no busy machine makes by itself; nobody waits for it, as the link never goes.
    let experiment = ScriptedExperiment(
      name: "flapping", usual: ["length=600ms", "gone=60s", "cycle=61s", "amount=400kB", "pause=5ms"])
    let run = try experiment.run(replacing: "flaps: true", with: "flaps: false")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("while the link is gone a stretched stream takes nothing"), "\(run.errorOutput)")
  }

  @Test func `writes that are given up are noticed`() throws {
    let run = try experiment.run(["patience=50ms"])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("every write is acknowledged in the end"), "\(run.errorOutput)")
  }

  @Test func `writes that nobody acknowledges are lost`() throws {
    let run = try experiment.run(replacing: " --jetstream on cluster", with: " on cluster", in: "lib/experiments.nbx")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: nothing acknowledged is lost"), "\(run.errorOutput)")
  }

  @Test(arguments: ["link set", "a link that is good"]) func `interrupted, it leaves nothing`(moment: String) throws {
    _ = try experiment.run(interruptOnceItSays: moment)
  }
}
