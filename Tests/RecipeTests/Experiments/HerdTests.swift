import TestSupport
import Testing

extension FaultyServers {
  @Suite struct HerdOfClients {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `all clients of a region that goes are elsewhere in the end`() throws {
      let run = try sandbox.run("herd", ["herd=500", "calm=500ms", "outage=5s", "wait=500ms"])
      #expect(run.status == 0, "\(run.errorOutput)")
      #expect(FoundTable(in: run.output, with: "back").column("back") == ["500", "500"])
    }
  }
}

@Suite(.mayWait) struct ScriptedHerdTests {
  // The herd is there for both times together, and so long it may take on a busy machine until the region has gone.
  let experiment = ScriptedExperiment(
    name: "herd", usual: ["herd=7", "calm=50ms", "outage=3s", "pause=5ms"])

  @Test func `it passes on the scripted supercluster`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    #expect(FoundTable(in: run.output, with: "back").column("back") == ["7", "7"])
  }

  @Test func `a region that stays loses no client`() throws {
    let run = try experiment.run(
      replacing: #"if way == "killed" { region stop $home --now } else { region stop $home }"#, with: "")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: every client of c1 lost its server"), "\(run.errorOutput)")
  }

  @Test func `clients that come home again are noticed`() throws {
    let run = try experiment.run(
      replacing: "  return now()\n}\n\ntask lose",
      with: """
          sleep 100ms
          region start $home
          region stop ...${others.map(c => c.name)}
          sleep 100ms
          region start ...${others.map(c => c.name)}
          return now()
        }

        task lose
        """)
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: and all of them elsewhere"), "\(run.errorOutput)")
  }

  @Test func `writes that nobody acknowledges are lost`() throws {
    let run = try experiment.run(
      replacing: "let stored = messages(\"HERD\", clusters.first)",
      with: "let stored = messages(\"HERD\", clusters.first).drop(1)")
    #expect(run.status == 1)
    #expect(
      run.errorOutput.contains("assertion failed: the others go on, and lose nothing"), "\(run.errorOutput)")
  }

  @Test func `interrupted, it leaves nothing`() throws {
    _ = try experiment.run(interruptOnceItSays: "region stop")
  }
}
