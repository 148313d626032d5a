import TestSupport
import Testing

/// Experiments where clusters were made, and nothing installed in them.
@Suite(.mayWait) struct EmptyRegionTests {
  @Test(arguments: [
    ("kv", "no servers are installed in c1, c2, c3: nbx run nats c1 c2 c3\n"),
    ("region-loss", "= try: install servers: nbx run recipes/nats.nbx"),
  ])
  func `an experiment without servers says at once what to run`(_ name: String, _ advice: String) throws {
    let nbx = try NbxProgram()
    let made = try nbx.run(["run", "<create>"], recipe: "region create c1 c2 c3\n")
    #expect(made.status == 0, "\(made.errorOutput)")
    let ended = try nbx.run(["run", "recipes/experiments/\(name).nbx", "c1", "c2", "c3"])
    #expect(ended.status == 1)
    #expect(ended.errorOutput.contains(advice), "\(ended.errorOutput)")
    #expect(!ended.errorOutput.contains("tried"))
  }
}
