import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An nbx that is killed in the middle of an upgrade, at whichever moment.
@Suite(.mayWait) struct KilledTests {
  @Test(arguments: [0, 1, 2, 4, 6, 9, 13, 20, 40]) func theNextNbxUnderstandsWhatAKilledOneLeft(
    _ milliseconds: Int
  ) throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    sandbox.target.letGo()
    try OwnProcess.run(
      "\(milliseconds) \(sandbox.home)", environment: SandboxFixture.environment, test: "upgradesAndIsKilled()"
    ).expectKilled()

    try sandbox.run("region list")
    try sandbox.install()
    #expect(sandbox.states() == ["running", "running"])
    // No server runs twice, and none that is not known.
    #expect(processes(of: sandbox).sorted() == sandbox.processes().values.map(\.pid).sorted())
    try sandbox.run("region delete")
    #expect(processes(of: sandbox).isEmpty)
  }

  @Test(.enabled(if: OwnProcess.task != nil)) func upgradesAndIsKilled() throws {
    let task = try #require(OwnProcess.task).split(separator: " ", maxSplits: 1)
    let target = LocalTarget(home: String(task[1]), clusters: ["c1"], environment: SandboxFixture.environment)
    let helm = try #require(target.commands.first { $0.name == "helm" })
    _ = Lane {
      let words = "upgrade --install c1 nats/nats -n nats --create-namespace".split(separator: " ")
      _ = try helm.run(
        Invocation(
          words: words.map { Text(String($0)) }, document: SandboxFixture.values(),
          cluster: Cluster(name: "c1", index: 0), deadline: .now + .seconds(60)))
    }
    poll(nil, 0, Int32(task[0]) ?? 0)
    kill(getpid(), SIGKILL)
  }

  /// Everything alive that was started with a file of this sandbox.
  private func processes(of sandbox: SandboxFixture) -> [Int32] {
    let pids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return pids.compactMap { Int32($0) }.filter { pid in
      guard let line = StateFile.text(of: "/proc/\(pid)/cmdline") else { return false }
      return line.contains("nats-server") && line.contains(sandbox.home) && isAlive(pid)
    }
  }
}
