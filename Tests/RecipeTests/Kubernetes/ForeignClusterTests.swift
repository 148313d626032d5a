import TestSupport
import Testing

/// `--target kube`: clusters that exist, made by somebody else.
@Suite(.mayWait) struct ForeignClusterTests {
  private static let target = ["--target", "kube", "--context", "c1=k3d-c1", "--context", "c2=k3d-c2"]

  /// Clusters that are there, with nothing in them.
  private func clusters() throws -> StandIns { try StageWorlds.after("create").copy() }

  private func run(_ recipe: String, _ more: [String] = [], in world: StandIns) throws -> WorldRun {
    let run = try world.nbx(["run", "recipes/\(recipe).nbx", "c1", "c2"] + Self.target + more)
    #expect(run.status == 0, "\(recipe): \(run.ended.errorOutput)")
    return run
  }

  @Test func `all stages work on them, and leave the clusters themselves alone`() throws {
    let world = try clusters()
    let host = try world.state().tree()["host"]
    let installed = try run("install", ["verify=false"], in: world)
    #expect(installed.ended.output.contains("the target kube leaves clusters as they are"))
    let state = try world.state()
    for (cluster, other) in [("c1", "c2"), ("c2", "c1")] {
      let releases = try state.tree()["clusters", cluster, "releases"]
      #expect(releases.keys.count == 12)
      for name in releases.keys { #expect(releases[name, "status"] == "deployed", "\(name)") }
      // The names of k3d's nodes mean nothing here: gateways are found by the address of the load balancer.
      let gateway = releases["nats/\(cluster)", "values", "config", "gateway", "merge"]
      #expect(gateway["advertise"] == "172.18.0.3:7222")
      #expect(gateway["gateways"].elements.first?["url"] == "nats://gwu:gwp@172.18.0.3:7222")
      #expect(
        try state.objects("links.multicluster.linkerd.io", "linkerd-multicluster", in: cluster).keys == [other])
    }
    for recipe in ["create", "start", "stop", "cleanup"] {
      let run = try run(recipe, in: world)
      for cluster in ["c1", "c2"] {
        #expect(run.ended.output.contains("\(cluster): the target kube leaves clusters as they are"), "\(recipe)")
      }
      try expectSame(world.state(), state, "\(recipe)")
    }
    let kept = try world.state().tree()["host"]
    for what in ["clusters", "contexts", "networks"] { #expect(kept[what] == host[what]) }
    // Nobody but whoever made them knows how they were made.
    #expect(try world.calls.allSatisfy { $0.program != "k3d" && $0.program != "docker" })
    for call in try world.calls where ["kubectl", "linkerd"].contains(call.program) {
      #expect(call.argv.contains("--context"), "\(call.line)")
    }
  }

  @Test func `every stage can be taken away again`() throws {
    let world = try clusters()
    let before = try world.state().tree()
    _ = try run("install", ["verify=false"], in: world)
    for recipe in [
      "nats", "ingress", "linkerd-viz", "linkerd-multicluster", "linkerd", "linkerd-pki", "prometheus", "cert-manager",
    ] { _ = try run("uninstall/\(recipe)", in: world) }
    for cluster in ["c1", "c2"] {
      let left = try world.state().tree()["clusters", cluster]
      #expect(left["releases"] == [:])
      // Of what the stages have made only cert-manager's namespace and some kinds of objects stay.
      let namespaces = left["objects", "namespaces", ""].keys
      #expect(namespaces.subtracting(before["clusters", cluster, "objects", "namespaces", ""].keys) == ["cert-manager"])
    }
  }
}
