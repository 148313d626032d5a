import TestSupport
import Testing

/// helm, killed in its midst, leaves a release that no helm will touch.
@Suite(.mayWait) struct PendingReleaseTests {
  private static let kube = ["--target", "kube", "--context", "c1=k3d-c1"]

  /// Interrupts the stage `nats` twice while a helm hangs that heeds no signal; its release alone stays in the midst of it:
  /// of several, the first whose lane fails later on would end the others before they speak of theirs.
  private func killedHelm(in world: StandIns, leaves status: JSONTree) throws {
    let hang = ["NBX_STANDIN_HANG_MATCH": "--install c1-js ", "NBX_STANDIN_HANG_IGNORES": "INT,TERM"]
    let isHung = { (world: StandIns) in
      guard let calls = try? world.calls, calls.contains(where: { $0.injected == "hang" }) else { return false }
      return ["c1", "c1-gw", "xr-js"].allSatisfy { name in
        calls.contains { $0.line.contains("--install \(name) ") && $0.exit == 0 }
      }
    }
    let broken = try world.nbx(
      ["run", "recipes/nats.nbx", "c1", "replicas=2"], hang, interruptWhen: isHung, again: .milliseconds(500))
    #expect(broken.status == 130, "\(broken.ended.errorOutput)")
    #expect(broken.calls.contains { $0.injected == "hang" && $0.exit == nil })
    #expect(try world.state().release("nats/c1-js", in: "c1")["status"] == status)
  }

  @Test func `a first installation is taken away and made anew`() throws {
    let world = try StageWorlds.before(Stage.named("nats"))
    try killedHelm(in: world, leaves: "pending-install")
    try expectMended(world, by: "helm uninstall c1-js -n nats")
  }

  @Test func `an upgrade is rolled back and made anew`() throws {
    let world = try StageWorlds.before(Stage.named("nats"))
    // One that is as ordered would be left alone.
    _ = try world.nbx(["run", "recipes/nats.nbx", "c1", "replicas=3"])
    try killedHelm(in: world, leaves: "pending-upgrade")
    try expectMended(world, by: "helm rollback c1-js -n nats")
  }

  private func expectMended(_ world: StandIns, by command: String) throws {
    let again = try world.nbx(["run", "recipes/nats.nbx", "c1", "replicas=2"])
    #expect(again.status == 0, "\(again.ended.errorOutput)")
    #expect(again.calls.contains { $0.line.hasPrefix(command) && $0.exit == 0 })
    #expect(again.said.contains("c1-js is pending-"), "\(again.said)")
    let undisturbed = try StageWorlds.before(Stage.named("nats"))
    _ = try undisturbed.nbx(["run", "recipes/nats.nbx", "c1", "replicas=2"])
    try expectSame(world.state(), undisturbed.state())
  }

  @Test func `in somebody else's cluster it is explained, and left alone`() throws {
    let world = try StageWorlds.before(Stage.named("nats"))
    try killedHelm(in: world, leaves: "pending-install")
    let again = try world.nbx(["run", "recipes/nats.nbx", "c1", "replicas=2"] + Self.kube)
    #expect(again.status == 1)
    #expect(
      again.ended.errorOutput.contains(
        "if no other helm is at work there, run: helm uninstall c1-js -n nats --kube-context k3d-c1"),
      "\(again.ended.errorOutput)")
    #expect(try world.state().release("nats/c1-js", in: "c1")["status"] == "pending-install")
  }
}
