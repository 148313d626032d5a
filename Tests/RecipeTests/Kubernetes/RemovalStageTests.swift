import Foundation
import TestSupport
import Testing

/// What is left once a stage has been taken away, and that clusters stop, start and go.
@Suite(.mayWait) struct RemovalStageTests {
  private static let clusters = ["c1", "c2"]

  /// The releases and the namespaces of a cluster.
  private func rest(_ stage: String, in cluster: String) throws -> (releases: Set<String>, namespaces: Set<String>) {
    let state = try StageWorlds.after(stage).state
    let releases = try state.tree()["clusters", cluster, "releases"].keys
    return (releases, try state.objects("namespaces", in: cluster).keys)
  }

  @Test(arguments: clusters) func `releases and their namespaces are gone`(cluster: String) throws {
    for (stage, releases, namespace) in [
      ("uninstall/nats", [cluster, "\(cluster)-js", "\(cluster)-gw", "xr-js"].map { "nats/\($0)" }, "nats"),
      ("uninstall/ingress", ["haproxy-ingress/haproxy-ingress"], "haproxy-ingress"),
      ("uninstall/linkerd-viz", ["linkerd-viz/linkerd-viz"], "linkerd-viz"),
      ("uninstall/linkerd-multicluster", ["linkerd-multicluster/linkerd-multicluster"], "linkerd-multicluster"),
      ("uninstall/prometheus", ["prometheus/prometheus"], "prometheus"),
    ] {
      let before = try StageWorlds.before(Stage.named(stage)).state().tree()["clusters", cluster, "releases"].keys
      let left = try rest(stage, in: cluster)
      #expect(before.subtracting(left.releases) == Set(releases), "\(stage)")
      #expect(!left.namespaces.contains(namespace), "\(stage)")
    }
  }

  @Test(arguments: clusters) func `linkerd goes, its namespace and certificates stay`(cluster: String) throws {
    let left = try rest("uninstall/linkerd", in: cluster)
    #expect(left.releases == ["cert-manager/cert-manager", "cert-manager/trust-manager"])
    #expect(left.namespaces.contains("linkerd"))
    let secrets = try StageWorlds.after("uninstall/linkerd").state.objects("secrets", "linkerd", in: cluster)
    #expect(secrets.keys.contains("linkerd-identity-issuer"))
  }

  @Test(arguments: clusters) func `nothing is left of the certificates of linkerd`(cluster: String) throws {
    let state = try StageWorlds.after("uninstall/linkerd-pki").state
    #expect(!(try rest("uninstall/linkerd-pki", in: cluster).namespaces.contains("linkerd")))
    let objects = try state.tree()["clusters", cluster, "objects"]
    #expect(objects["secrets", "cert-manager"].keys == ["trust-manager-tls"])
    #expect(objects["certificates.cert-manager.io", "cert-manager"].keys == ["trust-manager"])
    #expect(objects["issuers.cert-manager.io", "cert-manager"].keys == ["trust-manager"])
    #expect(objects["clusterissuers.cert-manager.io"] == .null)
    #expect(objects["bundles.trust.cert-manager.io"] == .null)
  }

  @Test(arguments: clusters) func `linkerd's namespace stays as long as linkerd is in it`(cluster: String) throws {
    let world = try StageWorlds.after("linkerd/control-plane").copy()
    let removed = try world.run(Stage.named("uninstall/linkerd-pki"), on: [cluster])
    #expect(removed.status == 0, "\(removed.ended.errorOutput)")
    let state = try world.state()
    #expect(try state.objects("namespaces", in: cluster).keys.contains("linkerd"))
    #expect(try state.release("linkerd/linkerd-control-plane", in: cluster)["status"] == "deployed")
    #expect(try state.objects("bundles.trust.cert-manager.io", in: cluster) == .null)
  }

  @Test(arguments: clusters) func `without cert-manager its certificates stay`(cluster: String) throws {
    let left = try rest("uninstall/cert-manager", in: cluster)
    #expect(left.releases.isEmpty)
    let state = try StageWorlds.after("uninstall/cert-manager").state
    let secrets = try state.objects("secrets", "cert-manager", in: cluster)
    #expect(secrets.keys.isSuperset(of: ["linkerd-trust-anchor", "linkerd-previous-anchor"]))
  }

  @Test(arguments: [("c1", "c2"), ("c2", "c1")]) func `unlinked, no cluster has a link`(cluster: String, other: String)
    throws
  {
    for stage in ["linkerd/unlink", "uninstall/linkerd-multicluster"] {
      let state = try StageWorlds.after(stage).state
      #expect(try state.objects("links.multicluster.linkerd.io", "linkerd-multicluster", in: cluster) == .null)
      for place in ["linkerd-multicluster", "linkerd"] {
        #expect(!(try state.objects("secrets", place, in: cluster).keys.contains("cluster-credentials-\(other)")))
      }
    }
  }

  @Test func `without the dashboard nothing watches the mesh`() throws {
    let state = try StageWorlds.after("uninstall/linkerd-viz").state
    for cluster in Self.clusters {
      #expect(try state.objects("podmonitors.monitoring.coreos.com", "prometheus", in: cluster) == .null)
    }
  }

  @Test func `stopped, then started, all runs as before`() throws {
    let before = try StageWorlds.before(Stage.named("stop")).state()
    let stopped = try StageWorlds.after("stop").state
    for cluster in Self.clusters { #expect(try stopped.tree()["host", "clusters", cluster, "state"] == "stopped") }
    let started = try StageWorlds.after("start")
    try expectSame(started.state, before)
    #expect(started.run.calls.contains { $0.argv == ["cluster", "start", "c1"] })
  }

  @Test func `cleaned up, nothing is left`() throws {
    let reached = try StageWorlds.after("cleanup")
    let tree = try reached.state.tree()
    #expect(tree["host", "clusters"] == [:] && tree["host", "contexts"] == [:])
    #expect(tree["clusters"] == [:] && tree["host", "networks"] == [:])
    let world = try reached.copy()
    let contexts = try FileManager.default.contentsOfDirectory(atPath: world.folder + "/config/nats/context")
    withExtendedLifetime(world) { #expect(contexts == []) }
  }
}
