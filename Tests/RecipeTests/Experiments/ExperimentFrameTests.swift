import Foundation
import TestSupport
import Testing

extension SmallSandbox {
  /// The frame itself: what it says of an experiment can be trusted.
  @Suite struct Frame {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `what an experiment leaves is reported, and put in order for the next one`() throws {
      let recipe = "let made = nats stream add LEFT --subjects left --replicas 1 --cluster c1"
      let path = try sandbox.nbx.write(recipe, to: "leaves.nbx")
      try withKnownIssue {
        let run = try sandbox.run(recipe: path)
        #expect(run.status == 0, "\(run.errorOutput)")
      } matching: { issue in
        issue.comments.contains { $0.rawValue.contains("leaves.nbx left") && $0.rawValue.contains("stream LEFT") }
      }
      #expect(try SandboxState(sandbox.nbx) == sandbox.installed)
    }

    @Test func `a region and a server that do not run are told, and a link that is set`() throws {
      let status = """
        {"target": "local", "notes": [], "clusters": [{"name": "c1", "state": "running"}, {"name": "c2", "state": "degraded"}],
         "servers": [
           {"name": "c1-nats-0", "cluster": "c1", "url": "", "monitor_url": "", "state": "running", "version": ""},
           {"name": "c2-nats-0", "cluster": "c2", "url": "", "monitor_url": "", "state": "crashed", "version": ""}
         ],
         "links": [
           {"from": "c1", "to": "c2", "over": "routes", "delay": "0s", "jitter": "0s", "rate": null, "loss": 0, "cut": null},
           {"from": "c2", "to": "c1", "over": "routes", "delay": "0s", "jitter": "0s", "rate": null, "loss": 0, "cut": "silent"}
         ]}
        """
      let state = SandboxState(
        try JSONDecoder().decode(NbxProgram.Status.self, from: Data(status.utf8)), streams: ["LEFT"],
        contexts: ["c1.json"])
      #expect(
        state.description == """
          region c1 running
          region c2 degraded
          2 servers
          server c2-nats-0 crashed
          link c2 c1 over routes
          stream LEFT
          context c1.json
          """)
    }

    @Test func `a text that is to be broken has to be there`() throws {
      try withKnownIssue {
        _ = try sandbox.runBroken("strong-consistency", replacing: ["no such text": ""])
      } matching: { issue in
        issue.comments.contains { $0.rawValue.contains("has no `no such text` to break") }
      }
    }
  }
}

@Suite(.mayWait) struct RegionsBesideTests {
  /// What they do to three regions, and claim of them, is about all that there are.
  @Test(arguments: [
    "bit-rot", "disk-full", "distance", "eventual-consistency", "flapping", "half-cut", "herd", "latency", "partition",
    "region-loss", "restarts", "strong-consistency", "torture",
  ]) func `an experiment does nothing while a region of the supercluster is beside its own`(name: String) throws {
    let run = try ScriptedExperiment(name: name, usual: []).run(
      replacing: "let beside = regions_beside(clusters.first)", with: #"let beside = ["c4"]"#, in: "lib/experiments.nbx"
    )
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.errorOutput.contains("c4: of the same supercluster, and not in this run"), "\(run.errorOutput)")
  }
}
