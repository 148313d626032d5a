import TestSupport
import Testing

extension Experiments {
  @Suite struct Distance {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `a stretched write takes one round trip or two, and a region's own none`() throws {
      let run = try sandbox.run("distance", ["distances=0s,60ms", "writes=24", "looks=3"])
      #expect(run.status == 0, "\(run.errorOutput)")
      let table = FoundTable(in: run.output, with: "60ms")
      // The medians, and right below them the 99th percentiles.
      #expect(table.column("p50").prefix(8).last == "get in c2" && table.column("60ms").prefix(8).count == 8)
    }
  }
}

@Suite(.mayWait) struct ScriptedDistanceTests {
  let experiment = ScriptedExperiment(name: "distance", usual: ["distances=0s,60ms", "looks=2"])

  @Test func `it passes on the scripted supercluster`() throws {
    let run = try experiment.run()
    #expect(run.status == 0, "\(run.errorOutput)")
    let table = FoundTable(in: run.output, with: "60ms")
    #expect(table.column("p50").first == "R1 in c1")
    #expect(table.column("60ms")[3] == "62ms" && table.column("60ms")[4] == "122ms", "\(run.output)")
  }

  @Test(arguments: [
    // A single copy in the writer's region waits for nobody.
    (
      "written(\"DISTANCE_XR\", \"distance.xr\")", "written(\"DISTANCE_R1\", \"distance.r1\")",
      "led from near, a stretched write takes a round trip"
    ),
    (
      "lead_from(place, \"DISTANCE_XR\")", "lead_from(here, \"DISTANCE_XR\")",
      "led from afar, a stretched write takes two"
    ),
    ("lead_from(place, \"DISTANCE_XR\")", "lead_from(there, \"DISTANCE_XR\")", "led from near, it takes no second one"),
    ("now() - sent.begun", "0s", "what is written here is seen there after half of one"),
    ("\"get in $there\": read_in(there)", "\"get in $there\": read_in(here)", "a key that lies here is read there"),
    (
      "distance.r1 --replicas 1 ...$regional", "distance.r1 --replicas 1 --cluster xr-js --tag az:c2",
      "a stream of the region does not care"
    ),
    (
      "distance.r3,distance.seen --replicas 3 ...$regional", "distance.r3,distance.seen --replicas 3 --cluster xr-js",
      "nor does one with three copies there"
    ),
    (
      "nats kv add DISTANCE --replicas 3 ...$regional", "nats kv add DISTANCE --replicas 1 --cluster c3 --tag az:c3",
      "nor who reads a key where it lies"
    ),
  ]) func `a claim that is broken is noticed`(text: String, replacement: String, said: String) throws {
    let run = try experiment.run(replacing: text, with: replacement)
    #expect(run.status == 1)
    #expect(run.errorOutput.contains(said), "\(run.errorOutput)")
  }

  @Test(arguments: ["streams: done", "link heal", "round trips of 0s"])
  func `interrupted, it leaves nothing`(moment: String) throws {
    _ = try experiment.run(interruptOnceItSays: moment)
  }
}
