import Interpreter
import TestSupport
import Testing

@testable import SandboxSystem

/// Releases that an interrupt left in the midst of something.
@Suite(.mayWait) struct HelmRecoveryTests {
  private static let inProgress = "another operation (install/upgrade/rollback) is in progress"

  /// A helm whose release is pending until it is uninstalled or rolled back.
  private func fixture(_ status: String, revision: Int = 3, says: String = inProgress) throws -> ProgramFixture {
    let programs = try ProgramFixture()
    _ = try programs.folder.script("pending", "")
    try programs.program(
      "helm",
      """
      cd "$FIXTURE"
      case "$1" in
        upgrade) [ -e pending ] || { echo 'Release "c1" has been upgraded'; exit 0; }
          echo "Error: UPGRADE FAILED: \(says)" >&2; exit 1 ;;
        status) echo '{"name":"c1","info":{"status":"\(status)","last_deployed":"2025-06-01T10:00:00Z"},\
      "version":\(revision)}' ;;
        uninstall|rollback) rm pending ;;
      esac
      """)
    return programs
  }

  private static let upgrade = "helm upgrade --install c1 nats/nats --namespace nats --wait"
  private static let started = upgrade + " --kube-context k3d-c1 -f -"
  private static let question = "helm status c1 -n nats -o json --kube-context k3d-c1"

  @Test(arguments: [
    ("pending-install", 1, inProgress, "helm uninstall c1 -n nats --kube-context k3d-c1"),
    ("pending-upgrade", 3, inProgress, "helm rollback c1 -n nats --kube-context k3d-c1"),
    ("pending-rollback", 4, inProgress, "helm rollback c1 -n nats --kube-context k3d-c1"),
    ("uninstalling", 3, "c1 has no deployed releases", "helm uninstall c1 -n nats --kube-context k3d-c1"),
  ]) func inOurClustersItIsMended(status: String, revision: Int, says: String, mending: String) throws {
    let programs = try fixture(status, revision: revision, says: says)
    let value = try programs.run(Self.upgrade, with: ["a": 1], isStatement: true)
    #expect(programs.calls == [Self.started, Self.question, mending, Self.started])
    #expect(value.asText?.string == #"Release "c1" has been upgraded"#)
    #expect(programs.said.contains { $0.contains("c1 is \(status)") && $0.contains(mending) })
  }

  @Test func inForeignClustersItIsExplained() throws {
    let programs = try fixture("pending-upgrade")
    let kube = programs.target(.foreign, contexts: ["c1": "ctx-a"])
    let failure = try programs.failure(Self.upgrade, with: ["a": 1], on: kube)
    #expect(failure.details.code == 1)
    #expect(failure.advice?.contains("c1 in namespace nats is pending-upgrade since 2025-06-01T10:00:00Z") == true)
    #expect(failure.advice?.contains("helm rollback c1 -n nats --kube-context ctx-a") == true)
    #expect(!programs.calls.contains { $0.hasPrefix("helm rollback") })
  }

  @Test func aReleaseThatIsNotPendingIsLeftAlone() throws {
    let programs = try fixture("deployed")
    let failure = try programs.failure(Self.upgrade, with: ["a": 1])
    #expect(failure.said?.string.contains("another operation") == true)
    #expect(programs.calls == [Self.started, Self.question])
  }

  @Test func itIsTriedOnlyOnce() throws {
    let programs = try fixture("pending-upgrade")
    let script = (programs.folder.text("helm") ?? "").replacing("rm pending", with: ":")
    _ = try programs.folder.script("helm", script)
    _ = try programs.failure(Self.upgrade, with: ["a": 1])
    #expect(programs.calls.count { $0.hasPrefix("helm upgrade") } == 2)
  }
}
