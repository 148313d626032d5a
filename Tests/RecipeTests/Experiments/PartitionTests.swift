import TestSupport
import Testing

extension Experiments {
  /// It takes the time that servers take to miss a leader and to choose another one, twice: more than every run has.
  @Suite(.enabled(if: Campaign.isWhole)) struct Partition {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `a region alone takes nothing, and there is one history`() throws {
      let run = try sandbox.run("partition", ["outage=12s"])
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "led from")
      #expect(table.column("c1 acknowledged") == ["0", "0"] && table.column("lost") == ["0", "0"])
    }
  }
}

@Suite(.mayWait) struct ScriptedPartitionTests {
  let experiment = ScriptedExperiment(
    name: "partition", usual: ["outage=1s", "pause=5ms", "patience_alone=100ms"],
    shortened: ["--count 10 --wait 500ms": "--count 10 --wait 50ms"])

  @Test func `it passes on the scripted supercluster`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let table = FoundTable(in: run.output, with: "led from")
    #expect(table.column("led from") == ["c1", "c2"])
    #expect(table.column("c1 acknowledged") == ["0", "0"] && table.column("others refused") == ["0", "0"])
    #expect(table.column("lost") == ["0", "0"])
  }

  @Test func `a cut that is none is noticed`() throws {
    let run = try experiment.run(replacing: "link cut $alone", with: "let _uncut = alone")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: alone, a region acknowledges nothing"), "\(run.errorOutput)")
  }

  @Test func `with two copies, of which one is cut off, the others cannot go on`() throws {
    let run = try experiment.run(
      ["patience=300ms"], replacing: "--subjects \"partition.*\" --replicas 3",
      with: "--subjects \"partition.*\" --replicas 2")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: the two others go on"), "\(run.errorOutput)")
  }

  @Test func `with one copy the region goes on alone that has it`() throws {
    // Nobody else can lead it: it is cut off once.
    let experiment = ScriptedExperiment(
      name: "partition", usual: experiment.usual,
      shortened: [
        "--count 10 --wait 500ms": "--count 10 --wait 50ms",
        "foreach leading in [alone, others.first]": "foreach leading in [alone]",
      ])
    let run = try experiment.run(
      ["patience=300ms"], replacing: "--subjects \"partition.*\" --replicas 3",
      with: "--subjects \"partition.*\" --replicas 1")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: alone, a region acknowledges nothing"), "\(run.errorOutput)")
  }

  @Test func `writes that nobody acknowledges are lost`() throws {
    let run = try experiment.run(replacing: " --jetstream on cluster", with: " on cluster", in: "lib/experiments.nbx")
    #expect(run.status == 1)
    #expect(
      run.errorOutput.contains("assertion failed: alone, a region acknowledges nothing"), "\(run.errorOutput)")
  }

  @Test func `jobs that nobody does are missed`() throws {
    let run = try experiment.run(replacing: "[c.worked for c in cuts].flatten + finish()", with: "finish()")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: every job that was taken is done"), "\(run.errorOutput)")
  }

  /// A job that nobody acknowledged may be in the queue all the same.
  @Test func `jobs that came later are told apart from those that were acknowledged`() throws {
    let run = try experiment.run(
      replacing: "[c.worked for c in cuts].flatten + finish()",
      with: "[c.worked for c in cuts].flatten + finish() + [\"late\"]")
    #expect(run.status == 0, "\(run.errorOutput)")
    #expect(
      run.output.contains(/of (\d+) acknowledged jobs \1 are done, and 1 that came later; 0 twice/), "\(run.output)")
  }

  @Test func `jobs that are done twice are noticed`() throws {
    let run = try experiment.run(
      replacing: "[c.worked for c in cuts].flatten + finish()",
      with: "[c.worked for c in cuts].flatten + [c.worked for c in cuts].flatten + finish()")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: no job is taken note of twice"), "\(run.errorOutput)")
  }

  @Test func `two changes of one key that are both kept are noticed`() throws {
    let run = try experiment.run(
      replacing: "nats kv update PARTITION owner \"$cluster\" $revision on cluster",
      with: "nats kv put PARTITION owner c1 on cluster")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("of two changes one is kept, that of the others"), "\(run.errorOutput)")
  }

  @Test func `a region that reads something else is noticed`() throws {
    let run = try experiment.run(
      replacing: "foreach cluster in clusters parallel { messages(\"PARTITION\", cluster) }",
      with: "foreach cluster in clusters parallel { messages(\"PARTITION\", cluster).drop(cluster.index) }")
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: every region reads the same order"), "\(run.errorOutput)")
  }

  @Test(arguments: [
    ("jobs_alone: done[2]", "jobs_alone: done[3]", "nor does it take jobs"),
    ("claims: [done[4], done[5]]", "claims: [done[5], done[5]]", "nor does it change a key"),
    (
      "let stored = orders.first", "let stored = orders.first.drop(orders.first.count / 2)",
      "nothing acknowledged is lost"
    ),
    (
      "{ messages(\"PARTITION\", cluster) }",
      "{\n  let all = messages(\"PARTITION\", cluster)\n  all + all\n}", "nothing is there twice"
    ),
  ]) func `a claim that is broken is noticed`(text: String, replacement: String, said: String) throws {
    let run = try experiment.run(replacing: text, with: replacement)
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("assertion failed: \(said)"), "\(run.errorOutput)")
  }

  @Test(arguments: ["link cut", "is cut off", "the rest of the jobs"])
  func `interrupted, it leaves nothing`(moment: String) throws {
    _ = try experiment.run(interruptOnceItSays: moment)
  }
}
