import Foundation
import Interpreter
import SandboxRuntime
import TestSupport
import Testing

/// Three regions, for which no experiment is skipped.
@Suite(.mayWait) struct ExperimentPlanTests {
  @Test func `every experiment has a plan on Kubernetes`() throws {
    let folder = NbxProgram.repository + "/recipes/experiments"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".nbx") }
    #expect(names.count == 19)
    for name in names.sorted() {
      let host = SandboxHost(
        chooser: TargetChooser(
          wanted: "k3d", contexts: [:], clusters: ExperimentSandbox.regions, environment: [:], purpose: "a test",
          isOnlyLooking: true, announce: { _ in }), observer: { _ in })
      let program = try Program.load("\(folder)/\(name)", vocabulary: Vocabulary(host: host)) { file in
        do { return .success(Array(try String(contentsOfFile: file, encoding: .utf8).utf8)) } catch {
          return .failure(FileProblem("\(error)"))
        }
      }
      // What needs the servers' processes and files says so.
      let isLocal = ["bit-rot.nbx", "disk-full.nbx", "power.nbx"].contains(name)
      let (plan, ending) = Run(program, host: host, clusters: ExperimentSandbox.regions).plan()
      if isLocal, case .skipped = ending { continue }
      guard case .done = ending else {
        Issue.record("\(name): \(ending)")
        continue
      }
      #expect(plan.nodes.reduce(0) { $0 + $1.commandCount } > 3, "\(name)")
    }
  }
}
