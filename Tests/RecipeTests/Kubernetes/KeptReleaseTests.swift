import TestSupport
import Testing

/// A release that is as it should be is left alone: its chart would make new certificates, and its pods start anew.
@Suite(.mayWait) struct KeptReleaseTests {
  /// The names of the releases that a run has given to helm.
  private func upgraded(
    _ stage: String, _ words: [String] = [], on clusters: [String] = ["c1"], in world: StandIns
  ) throws -> [String] {
    let run = try world.nbx(["run", "recipes/\(stage).nbx"] + clusters + words)
    #expect(run.status == 0, "\(run.ended.errorOutput)")
    let upgraded = run.upgrades.map { $0.argv[2] }
    for name in ["cert-manager", "trust-manager"] where stage == "cert-manager" {
      #expect(run.said.contains("release \(name) is as ordered") != upgraded.contains(name), "\(run.said)")
    }
    return upgraded
  }

  @Test func `what differs is made as ordered, and nothing else`() throws {
    let world = try StageWorlds.after("cert-manager").copy()
    #expect(try upgraded("cert-manager", in: world) == [])
    #expect(try upgraded("cert-manager", ["cert_manager=v1.18.0"], in: world) == ["cert-manager"])
    let kept = "cert_manager=v1.18.0"
    #expect(try upgraded("cert-manager", [kept, "trust_manager=v0.16.0"], in: world) == ["trust-manager"])
    // The newest, which the repository's list knows; and a range that it lies in.
    #expect(try upgraded("cert-manager", [kept], in: world) == ["trust-manager"])
    #expect(try upgraded("cert-manager", [kept, "trust_manager=~0.17"], in: world) == [])
  }

  @Test func `values that somebody else has given are ours again`() throws {
    let world = try StageWorlds.after("cert-manager").copy()
    // A text where the recipe has a bool, which are never equal; and one value more.
    for values in [#"{"crds": {"enabled": "true"}}"#, #"{"crds": {"enabled": true}, "replicaCount": 3}"#] {
      let helm =
        "helm upgrade cert-manager jetstack/cert-manager -n cert-manager --version v1.17.2 --kube-context k3d-c1 -f -"
      #expect(try world.run(helm, input: values).status == 0)
      #expect(try upgraded("cert-manager", in: world) == ["cert-manager"])
      #expect(try upgraded("cert-manager", in: world) == [])
    }
  }

  @Test func `what was deleted since is made anew`() throws {
    let world = try StageWorlds.after("cert-manager").copy()
    _ = try world.run("kubectl delete deployment cert-manager-webhook -n cert-manager --context k3d-c1")
    #expect(try upgraded("cert-manager", in: world) == ["cert-manager"])
    try expectSame(world.state(), StageWorlds.after("cert-manager").state)
  }

  @Test func `of the supercluster only what changes is touched`() throws {
    let world = try StageWorlds.after("nats").copy()
    let both = ["c1", "c2"]
    #expect(try upgraded("nats", on: both, in: world) == [])
    let all = try upgraded("nats", ["replicas=2"], on: both, in: world)
    #expect(all.sorted() == both.flatMap { [$0, "\($0)-gw", "\($0)-js"] } + ["xr-js", "xr-js"])
  }
}
