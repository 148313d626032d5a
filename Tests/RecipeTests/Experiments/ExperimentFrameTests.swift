import Foundation
import TestSupport
import Testing

extension SmallSandbox {
  /// The frame itself: what it says of an experiment can be trusted.
  @Suite struct Frame {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `what an experiment leaves is reported, and put in order for the next one`() throws {
      // The kill of one that keeps no streams leaves somebody to tell of them.
      let recipe = """
        param victim = 0
        let made = nats stream add LEFT --subjects left --replicas 1 --cluster c1
        exec kill -9 $victim
        wait-for (region list).first.running == 3 within 1m
        """
      let pid = try #require(sandbox.nbx.status().servers.first { $0.name == "c1-gw-nats-0" }?.pid)
      let path = try sandbox.nbx.write(recipe, to: "leaves.nbx")
      try withKnownIssue {
        let run = try sandbox.run(recipe: path, ["victim=\(pid)"])
        #expect(run.status == 0, "\(run.errorOutput)")
      } matching: { issue in
        let text = issue.comments.map(\.rawValue).joined()
        return ["stream LEFT", "region c1 degraded", "server c1-gw-nats-0 crashed"].allSatisfy(text.contains)
      }
      #expect(try SandboxState(sandbox.nbx) == sandbox.installed)
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
