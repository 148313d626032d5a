import TestSupport
import Testing

extension Experiments {
  @Suite struct NearFirst {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `requests stay at home while they can, and go to the nearest when not`() throws {
      let run = try sandbox.run("near-first", ["requests=10"])
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "answered here")
      #expect(table.column("answered here") == ["10", "0", "10"] && table.column("in c3, near") == ["0", "10", "0"])
    }
  }
}

@Suite(.mayWait) struct ScriptedNearFirstTests {
  let experiment = ScriptedExperiment(name: "near-first", usual: ["requests=5"])

  @Test func `it passes on the scripted supercluster`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let table = FoundTable(in: run.output, with: "answered here")
    #expect(table.column("answered here") == ["5", "0", "5"] && table.column("in c3, near") == ["0", "5", "0"])
  }

  @Test(arguments: [
    ("{ ask(\"all there\") }", "{ ask_elsewhere() }", "who has responders in his region is answered by them"),
    ("ask(\"gone in $here\")", "ask_elsewhere()", "when those are gone the nearest region answers"),
    ("{ ask(\"back in $here\") }", "{ ask_elsewhere() }", "when they are back they answer again"),
    ("took: now() - begun", "took: 0s", "which takes the way there and back"),
  ]) func `a claim that is broken is noticed`(text: String, replacement: String, said: String) throws {
    let experiment = ScriptedExperiment(
      name: "near-first", usual: ["requests=5"],
      shortened: [
        "# Answered by all of one region": """
        task ask_elsewhere() { return { moment: "broken", answers: [{ by: far.name, took: 1s }] } }

        # Answered by all of one region
        """
      ])
    let run = try experiment.run(replacing: text, with: replacement)
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: \(said)"), "\(run.errorOutput)")
  }

  @Test func `a region that is no nearer is never found`() throws {
    let run = try experiment.run(["patience=200ms"], replacing: "--rtt $near_by", with: "--rtt 300ms")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("the nearest answers"), "\(run.errorOutput)")
  }

  @Test(arguments: ["link set", "all regions have responders"])
  func `interrupted, it leaves nothing`(moment: String) throws {
    _ = try experiment.run(interruptOnceItSays: moment)
  }
}
