import Foundation
import TestSupport
import Testing

extension Experiments {
  /// The frame itself: what it says of an experiment can be trusted.
  @Suite struct Frame {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `what an experiment leaves is reported, and put in order for the next one`() throws {
      let recipe = """
        let made = nats stream add LEFT --subjects left --replicas 3 --cluster xr-js
        region stop c2
        """
      let path = try sandbox.nbx.write(recipe, to: "leaves.nbx")
      try withKnownIssue {
        let run = try sandbox.run(recipe: path)
        #expect(run.status == 0, "\(run.errorOutput)")
      } matching: { issue in
        let text = issue.comments.map(\.rawValue).joined()
        return ["stream LEFT", "region c2 stopped", "server c2-nats-0 stopped"].allSatisfy(text.contains)
      }
      #expect(try SandboxState(sandbox.nbx) == sandbox.installed)
    }

    @Test func `every experiment has a plan on Kubernetes`() throws {
      let folder = NbxProgram.repository + "/recipes/experiments"
      for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name.hasSuffix(".nbx") {
        let plan = try sandbox.nbx.run(
          ["plan", "\(folder)/\(name)"] + ExperimentSandbox.regions + ["--target", "k3d"], within: 60)
        #expect(plan.status == 0, "\(name): \(plan.errorOutput)")
      }
    }

    @Test func `a text that is to be broken has to be there`() throws {
      try withKnownIssue {
        _ = try sandbox.runBroken("strong-consistency", replacing: "no such text", with: "")
      } matching: { issue in
        issue.comments.contains { $0.rawValue.contains("has no `no such text` to break") }
      }
    }
  }
}
