import Foundation
import SandboxSystem
import TestSupport
import Testing

/// `install.nbx` on Kubernetes, whole.
@Suite(.mayWait) struct KubernetesInstallTests {
  private static let three = ["c1", "c2", "c3"]

  /// A world of three clusters in which it has been run, once for all tests.
  static let installed = Result {
    let world = StageWorlds.kept(try StandIns())
    let run = try install(in: world)
    try #require(run.status == 0, "\(run.ended.errorOutput)")
    return (world: world, run: run, state: try world.state())
  }

  @discardableResult private static func install(
    _ clusters: [String] = three, in world: StandIns, resume: Bool = false, _ environment: [String: String] = [:],
    interruptWhen isDue: ((StandIns) -> Bool)? = nil
  ) throws -> WorldRun {
    try world.nbx(
      ["run", "recipes/install.nbx"] + clusters + ["replicas=2", "verify=false"] + (resume ? ["--resume"] : []),
      environment, interruptWhen: isDue)
  }

  @Test func `every cluster has all of it, and knows the others`() throws {
    let (_, run, state) = try Self.installed.get()
    for cluster in Self.three {
      let others = Self.three.filter { $0 != cluster }
      let releases = try state.tree()["clusters", cluster, "releases"]
      #expect(
        releases.keys == [
          "cert-manager/cert-manager", "cert-manager/trust-manager", "prometheus/prometheus", "linkerd/linkerd-crds",
          "linkerd/linkerd-control-plane", "linkerd-multicluster/linkerd-multicluster", "linkerd-viz/linkerd-viz",
          "haproxy-ingress/haproxy-ingress", "nats/\(cluster)", "nats/\(cluster)-js", "nats/\(cluster)-gw",
          "nats/xr-js",
        ])
      for name in releases.keys { #expect(releases[name, "status"] == "deployed", "\(name)") }
      #expect(
        try state.objects("links.multicluster.linkerd.io", "linkerd-multicluster", in: cluster).keys == Set(others))
      let bundle = try state.objects("bundles.trust.cert-manager.io", in: cluster)["linkerd-identity-trust-roots"]
      #expect(
        bundle["spec", "sources"].elements.map { $0["secret", "name"].text }
          == ["linkerd-trust-anchor", "linkerd-previous-anchor"] + others.map { "linkerd-trust-anchor-\($0)" })
      let services = try state.objects("services", "nats", in: cluster).keys
      for other in others {
        #expect(services.isSuperset(of: ["xr-js-nats-\(other)", "xr-js-nats-headless-\(other)"]))
      }
      let sets = try state.objects("statefulsets.apps", "nats", in: cluster)
      for name in sets.keys { #expect(sets[name, "status", "readyReplicas"] == 2, "\(name)") }
    }
    for secret in Secrets.texts { #expect(!run.said.contains(secret)) }
    #expect(!run.said.contains("What to do next"), "nobody reads the notes of twelve charts, three times over")
    #expect(run.ended.output.contains("24 servers in 3 regions are installed"))
  }

  /// Each call is a step of it, each step is called, and comes after what it needs.
  @Test func `it keeps to the benchmarks' table of what has to follow what`() throws {
    let (world, _, _) = try Self.installed.get()
    let checked = try Subprocess("python3", ["-B", NbxProgram.repository + "/Benchmarks/chain.py", world.record]).run()
    #expect(checked.succeeded, "\(String(decoding: checked.errorOutput, as: UTF8.self))")
  }

  @Test func `the stages one after another lead to the same state`() throws {
    let world = try StandIns()
    let run = try world.nbx(["run", "recipes/install.nbx", "c1", "c2", "verify=false"])
    #expect(run.status == 0, "\(run.ended.errorOutput)")
    try expectSame(world.state(), StageWorlds.before(Stage.named("cleanup")).state())
  }

  @Test func `run again, it ends in the same state`() throws {
    let (world, _, state) = try Self.installed.get()
    let again = try world.copy()
    let run = try Self.install(in: again)
    #expect(run.status == 0, "\(run.ended.errorOutput)")
    #expect(!run.calls.contains { $0.line.hasPrefix("k3d cluster create") })
    #expect(run.upgrades.map(\.line) == [], "charts make new certificates at each rendering")
    try expectSame(again.state(), state)
  }

  /// As on the local target: it starts what is stopped, and finds the regions beside a run whether they run or not.
  @Test func `after a stop it starts them, and takes none away from those that are stopped`() throws {
    let (installed, _, state) = try Self.installed.get()
    let world = try installed.copy()
    func refuses(_ clusters: [String], for beside: String) throws {
      let run = try Self.install(clusters, in: world)
      #expect(run.status == 1 && run.upgrades.isEmpty)
      #expect(
        run.ended.errorOutput.contains("\(beside): of the same supercluster, and not in this run"),
        "\(run.ended.errorOutput)")
    }
    #expect(try world.nbx(["run", "recipes/stop.nbx"] + Self.three).status == 0)
    // Nobody can be asked before it runs.
    try refuses(["c1"], for: "c2, c3")
    try refuses(["c1"], for: "c2, c3")
    try refuses(["c2"], for: "c1, c3")
    let run = try Self.install(in: world)
    #expect(run.status == 0, "\(run.ended.errorOutput)")
    #expect(run.upgrades.map(\.line) == [])
    try expectSame(world.state(), state)
  }

  /// In different lanes: one that no other waits for, and one that the links of all others wait for. What any other call
  /// does to its stage is tried with that.
  @Test(arguments: ["--install trust-manager .*k3d-c2", "--cluster-name=c1 "])
  func `after any failure it is taken up`(line: String) throws {
    let world = try StandIns()
    let broken = try Self.install(in: world, ["NBX_STANDIN_FAIL_MATCH": line])
    #expect(broken.calls.count { $0.injected != nil } == 1)
    try expectTakenUp(world, after: broken)
    try expectSame(world.state(), Self.installed.get().state, line)
  }

  /// What comes before all clusters, and what ends one of them.
  @Test(arguments: ["helm repo add nats ", "--install c3-js "])
  func `what has been done is done no more`(line: String) throws {
    let world = try StandIns()
    let broken = try Self.install(in: world, ["NBX_STANDIN_FAIL_AFTER_MATCH": line])
    #expect(broken.calls.count { $0.injected != nil } == 1)
    try expectTakenUp(world, after: broken)
    try expectSame(world.state(), Self.installed.get().state, line)
  }

  @Test func `interrupted in the middle, it is taken up`() throws {
    let world = try StandIns()
    let broken = try Self.install(in: world, interruptWhen: { $0.callsBegun >= 70 })
    #expect(broken.status == 130)
    try expectTakenUp(world, after: broken)
    try expectSame(world.state(), Self.installed.get().state)
  }

  /// What has been changed is not changed once more, and so there is less to do.
  private func expectTakenUp(_ world: StandIns, after broken: WorldRun) throws {
    let command = "nbx run recipes/install.nbx c1 c2 c3 replicas=2 verify=false --resume"
    #expect(broken.status != 0)
    #expect(broken.ended.errorOutput.contains("go on from there: \(command)\n"), "\(broken.ended.errorOutput)")
    let second = try Self.install(in: world, resume: true)
    #expect(second.status == 0, "\(second.ended.errorOutput)")
    let whole = try Self.installed.get().run
    let changes = { (run: WorldRun) in run.calls.filter { $0.changes && $0.exit == 0 } }
    let left = changes(whole).count - changes(broken).count
    // What a lane was about when it was stopped is done again: there are several lanes in each of three clusters.
    #expect(changes(second).count <= left + 6, "\(changes(second).map(\.line)) after \(changes(broken).map(\.line))")
    #expect(second.calls.count < whole.calls.count)
  }

  @Test func `stopped, started and cleaned up, nothing is left`() throws {
    let (installed, _, state) = try Self.installed.get()
    let world = try installed.copy()
    for recipe in ["stop", "start"] {
      let run = try world.nbx(["run", "recipes/\(recipe).nbx"] + Self.three)
      #expect(run.status == 0, "\(run.ended.errorOutput)")
    }
    try expectSame(world.state(), state)
    let cleaned = try world.nbx(["run", "recipes/cleanup.nbx"] + Self.three)
    #expect(cleaned.status == 0, "\(cleaned.ended.errorOutput)")
    let tree = try world.state().tree()
    #expect(tree["clusters"] == [:])
    for what in ["clusters", "contexts", "networks"] { #expect(tree["host", what] == [:], "\(what)") }
  }

  @Test func `the check at the end finds the supercluster`() throws {
    let (world, lead) = (try StandIns(), try RealServers.shared.get().lead)
    let run = try world.nbx(["run", "recipes/install.nbx", "c1", "c2", "replicas=2"], lead)
    #expect(run.status == 0, "\(run.ended.errorOutput)")
    #expect(run.ended.output.contains("16 servers in 2 regions are one supercluster."))
    // Of a server that does not answer the same check says how many do.
    let check = try world.nbx(
      ["run", "<check>"],
      recipe: "clusters c1 c2\nwait-for (nats server list).count == 17 within 10s \"every server answers\"\n", lead)
    #expect(check.status == 1)
    #expect(check.ended.errorOutput.contains("every server answers") && check.ended.errorOutput.contains("16"))
    // Without c2 it would take the servers of c1 away from it.
    let alone = try world.nbx(["run", "recipes/install.nbx", "c1", "replicas=2"], lead)
    #expect(alone.status == 1 && !alone.calls.contains(where: \.changes))
    #expect(
      alone.ended.errorOutput.contains("c2: of the same supercluster, and not in this run; nbx run install c1 c2"),
      "\(alone.ended.errorOutput)")
  }
}
