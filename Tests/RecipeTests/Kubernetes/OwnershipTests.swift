import TestSupport
import Testing

/// What nbx has not made in a cluster it leaves alone, unless it is told otherwise.
@Suite(.mayWait) struct OwnershipTests {
  private static let kube = ["--target", "kube", "--context", "c1=k3d-c1"]

  /// A cluster with nothing in it, and helm's repositories.
  private func empty() throws -> StandIns { try StageWorlds.before(Stage.named("cert-manager")) }

  private func run(_ recipe: String, _ more: String..., in world: StandIns) throws -> WorldRun {
    try world.nbx(["run", "recipes/\(recipe).nbx", "c1"] + Self.kube + more)
  }

  /// What somebody else does in the cluster.
  private func somebody(_ line: String, input: String? = nil, in world: StandIns) throws {
    let flag = line.hasPrefix("helm") ? "--kube-context" : "--context"
    let ended = try world.run("\(line) \(flag) k3d-c1", input: input)
    try #require(ended.status == 0, "\(line): \(ended.errorOutput)")
  }

  private func install(
    _ release: String, _ chart: String, _ more: String = "", values: String = "{}", in world: StandIns
  )
    throws
  {
    try somebody("helm install \(release) \(chart) --create-namespace -f - \(more)", input: values, in: world)
  }

  @Test func `somebody else's cert-manager keeps its version and values, and is used as it is`() throws {
    let world = try empty()
    try install(
      "cert-manager", "jetstack/cert-manager", "-n cert-manager --version v1.21.1",
      values: #"{"crds": {"enabled": true}, "replicaCount": 3}"#, in: world)
    let before = try world.state()
    for recipe in ["cert-manager", "install"] {
      let stopped = try run(recipe, in: world)
      #expect(stopped.status == 1)
      #expect(
        stopped.ended.errorOutput.contains(
          "the release cert-manager (cert-manager-v1.21.1) in the namespace cert-manager is not nbx's: cert_manager=existing"
        ), "\(stopped.ended.errorOutput)")
      #expect(stopped.ended.errorOutput.contains("adopt=true"))
      try expectSame(world.state(), before, recipe)
    }

    let installed = try run("install", "cert_manager=existing", "verify=false", in: world)
    #expect(installed.status == 0, "\(installed.ended.errorOutput)")
    let theirs = try world.state().release("cert-manager/cert-manager", in: "c1")
    #expect(theirs == (try before.release("cert-manager/cert-manager", in: "c1")))
    let own = try world.state().release("cert-manager/trust-manager", in: "c1")
    #expect(own["labels"] == ["nbx/made-by": "nbx"])
    #expect(try world.state().tree()["clusters", "c1", "releases"].keys.count == 12)

    let removed = try run("uninstall/cert-manager", in: world)
    #expect(removed.status == 0)
    #expect(removed.said.contains("the release cert-manager in the namespace cert-manager stays"), "\(removed.said)")
    let left = try world.state().tree()["clusters", "c1", "releases"].keys
    #expect(left.contains("cert-manager/cert-manager") && !left.contains("cert-manager/trust-manager"))
  }

  /// Of two regions in one cluster the second would take from the first what is stretched, and go with all that it stores.
  @Test(arguments: ["", "recipes/uninstall/nats.nbx"])
  func `a cluster that holds a region is no other region's`(recipe: String) throws {
    let world = try StageWorlds.after("nats").copy()
    let before = try world.state()
    let installs = """
      clusters east
      use "\(NbxProgram.repository)/recipes/lib/ownership.nbx"
      leave_others_alone(clusters.first, { nats: "1.3.7" })
      """
    let words = ["run", recipe.isEmpty ? "<installs>" : recipe, "east", "--target", "kube", "--context", "east=k3d-c1"]
    let run = try world.nbx(words, recipe: recipe.isEmpty ? installs : nil)
    #expect(run.status == 1)
    #expect(run.said.contains("east is left as it is: the region c1 is in that cluster"), "\(run.said)")
    try expectSame(world.state(), before, recipe)
  }

  /// Each stage by its release, its chart, what to say of it, and whether another chart's kinds are needed first.
  @Test(arguments: [
    (
      "prometheus", "prometheus", "prometheus", "prometheus-community/kube-prometheus-stack",
      "prometheus_stack=existing"
    ),
    ("ingress", "haproxy-ingress", "haproxy-ingress", "haproxytech/kubernetes-ingress", "haproxy=existing"),
    ("linkerd/control-plane", "linkerd-crds", "linkerd", "linkerd-edge/linkerd-crds", "linkerd_version=existing"),
    ("linkerd/pki", "linkerd-crds", "linkerd", "linkerd-edge/linkerd-crds", "linkerd_version=existing"),
    ("nats", "xr-js", "nats", "nats/nats", "call the clusters otherwise"),
  ]) func `no stage touches a release of somebody else`(
    stage: String, release: String, namespace: String, chart: String, advice: String
  ) throws {
    let world = try empty()
    try install(release, chart, "-n \(namespace)", in: world)
    let before = try world.state()
    let stopped = try run(stage, in: world)
    #expect(stopped.status == 1)
    #expect(stopped.ended.errorOutput.contains("the release \(release) "), "\(stopped.ended.errorOutput)")
    #expect(stopped.ended.errorOutput.contains(advice), "\(stopped.ended.errorOutput)")
    try expectSame(world.state(), before)
    if advice.hasSuffix("=existing") {
      // Who follows the advice has it as it was, too.
      let advised = try run(stage, advice, in: world)
      #expect(advised.status == 0, "\(advised.ended.errorOutput)")
      try expectSame(world.state(), before, "\(advice)")
    }
    for recipe in ["prometheus", "ingress", "linkerd", "linkerd-pki", "nats"] {
      let removed = try run("uninstall/\(recipe)", in: world)
      #expect(removed.status == 0, "\(removed.ended.errorOutput)")
    }
    try expectSame(world.state(), before, "uninstalled")
  }

  @Test func `a kind tells that the same runs elsewhere`() throws {
    let world = try empty()
    try install("kps", "prometheus-community/kube-prometheus-stack", "-n monitoring", in: world)
    let before = try world.state()
    let stopped = try run("prometheus", in: world)
    #expect(stopped.status == 1)
    #expect(
      stopped.ended.errorOutput.contains("the kind prometheuses.monitoring.coreos.com is not nbx's"),
      "\(stopped.ended.errorOutput)")
    try expectSame(world.state(), before)

    let installed = try run("install", "prometheus_stack=existing", "verify=false", in: world)
    #expect(installed.status == 0, "\(installed.ended.errorOutput)")
    let state = try world.state()
    #expect(try state.release("monitoring/kps", in: "c1") == before.release("monitoring/kps", in: "c1"))
    #expect(!(try state.tree()["clusters", "c1", "releases"].keys.contains("prometheus/prometheus")))
    let plane = try state.release("linkerd/linkerd-control-plane", in: "c1")
    #expect(plane["values", "prometheusUrl"] == "http://prometheus-operated.monitoring:9090")
    #expect(try state.objects("podmonitors.monitoring.coreos.com", "monitoring", in: "c1") == .null)
  }

  @Test func `a namespace of somebody else is used when told so, and stays`() throws {
    let world = try empty()
    try somebody("kubectl create namespace prometheus", in: world)
    try somebody("kubectl create configmap theirs -n prometheus", in: world)
    let stopped = try run("prometheus", in: world)
    #expect(stopped.status == 1)
    #expect(stopped.ended.errorOutput.contains("namespaces=existing"), "\(stopped.ended.errorOutput)")
    let installed = try run("prometheus", "namespaces=existing", in: world)
    #expect(installed.status == 0, "\(installed.ended.errorOutput)")
    #expect(try world.state().release("prometheus/prometheus", in: "c1")["status"] == "deployed")

    let removed = try run("uninstall/prometheus", "adopt=true", in: world)
    #expect(removed.status == 0 && removed.said.contains("the namespace prometheus stays: it was there before nbx"))
    let state = try world.state()
    #expect(try state.tree()["clusters", "c1", "releases"] == [:])
    #expect(try state.objects("configmaps", "prometheus", in: "c1").keys.contains("theirs"))
  }

  @Test func `a namespace of nbx stays as long as somebody has a release in it`() throws {
    let world = try StageWorlds.after("prometheus").copy()
    try install("guest", "nats/nats", "-n prometheus", in: world)
    let removed = try run("uninstall/prometheus", in: world)
    #expect(removed.status == 0)
    #expect(removed.said.contains("what nbx has not put into it: guest"), "\(removed.said)")
    #expect(try world.state().tree()["clusters", "c1", "releases"].keys == ["prometheus/guest"])
  }

  @Test func `what an earlier nbx has installed without a mark is adopted`() throws {
    let reached = try StageWorlds.after("prometheus")
    let world = try reached.copy()
    try somebody("kubectl label namespace prometheus nbx/made-by-", in: world)
    try somebody("kubectl label crd prometheuses.monitoring.coreos.com nbx/made-by-", in: world)
    try somebody(
      "helm upgrade prometheus prometheus-community/kube-prometheus-stack -n prometheus --labels nbx/made-by=null"
        + " -f - --wait", input: #"{"grafana": {"ingress": {"enabled": true, "hosts": ["grafana.c1.local"]}}}"#,
      in: world)
    let unmarked = try world.state()
    let removed = try run("uninstall/prometheus", in: world)
    #expect(removed.status == 0 && removed.said.contains("adopt=true"), "\(removed.said)")
    let stopped = try run("prometheus", in: world)
    #expect(stopped.status == 1 && stopped.ended.errorOutput.contains("adopt=true"), "\(stopped.ended.errorOutput)")
    try expectSame(world.state(), unmarked)

    let adopted = try run("prometheus", "adopt=true", in: world)
    #expect(adopted.status == 0, "\(adopted.ended.errorOutput)")
    try expectSame(world.state(), reached.state)
  }

  @Test func `the Gateway API of somebody else is left as it is, and linkerd's own goes on`() throws {
    let world = try StageWorlds.before(Stage.named("linkerd/control-plane"))
    let kind = "httproutes.gateway.networking.k8s.io"
    let names = #"{"kind": "HTTPRoute", "plural": "httproutes", "singular": "httproute"}"#
    try somebody(
      "kubectl apply -f -",
      input: """
        {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "\(kind)"},
         "spec": {"group": "gateway.networking.k8s.io", "scope": "Namespaced", "names": \(names),
                  "versions": [{"name": "v1", "served": true, "storage": true}]}}
        """, in: world)
    let before = try world.state().objects("customresourcedefinitions.apiextensions.k8s.io", in: "c1")[kind]
    let installed = try run("linkerd/control-plane", in: world)
    #expect(installed.status == 0, "\(installed.ended.errorOutput)")
    let state = try world.state()
    #expect(try state.release("linkerd/linkerd-crds", in: "c1")["values"] == ["installGatewayAPI": false])
    #expect(try state.objects("customresourcedefinitions.apiextensions.k8s.io", in: "c1")[kind] == before)
    // What the second run of an installation of its own does is in StageTests: it keeps them.
  }

  @Test func `routes are applied no sooner than HAProxy's Job has made their kind`() throws {
    let world = try StageWorlds.before(Stage.named("ingress"))
    let ended = try world.nbx(["run", "recipes/ingress.nbx", "c1"], ["NBX_STANDIN_DELAY": "0.4"])
    #expect(ended.status == 0, "\(ended.ended.errorOutput)")
    let kind = try world.run("kubectl get crd tcps.ingress.v1.haproxy.org --context k3d-c1")
    #expect(kind.status == 0, "\(kind.errorOutput)")
  }

  @Test func `a namespace that is being deleted is waited for, and says why it stays`() throws {
    let reached = try StageWorlds.after("prometheus")
    let world = try reached.copy()
    let held =
      #"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "namespace": "prometheus", "#
      + #""finalizers": ["example.org/hold"]}}"#
    try somebody("kubectl apply -f -", input: held, in: world)
    try somebody("kubectl delete namespace prometheus --wait=false", in: world)
    let stopped = try world.nbx(["run", "recipes/prometheus.nbx", "c1"])
    #expect(stopped.status == 1)
    #expect(
      stopped.ended.errorOutput.contains(
        "Some content in the namespace has finalizers remaining: example.org/hold in 1 resource instances"),
      "\(stopped.ended.errorOutput)")
    try somebody(
      #"kubectl patch configmap held -n prometheus --type merge -p {"metadata":{"finalizers":[]}}"#, in: world)
    let again = try world.nbx(["run", "recipes/prometheus.nbx", "c1"])
    #expect(again.status == 0, "\(again.ended.errorOutput)")
    try expectSame(world.state(), reached.state)
  }

  @Test func `a link of somebody else's is used as it is, and stays`() throws {
    let world = try StageWorlds.after("linkerd/link").copy()
    try somebody("kubectl label namespace linkerd-multicluster nbx/made-by-", in: world)
    let (kind, home) = ("links.multicluster.linkerd.io", "linkerd-multicluster")
    let before = try world.state().objects(kind, home, in: "c1")
    let both = ["c1", "c2", "--target", "kube", "--context", "c1=k3d-c1", "--context", "c2=k3d-c2"]
    let linked = try world.nbx(["run", "recipes/linkerd/link.nbx"] + both)
    #expect(linked.status == 0 && linked.said.contains("the link to c2 is not nbx's"), "\(linked.said)")
    #expect(try world.state().objects(kind, home, in: "c1") == before)
    let unlinked = try world.nbx(["run", "recipes/linkerd/unlink.nbx"] + both)
    #expect(unlinked.status == 0, "\(unlinked.ended.errorOutput)")
    #expect(try world.state().objects(kind, home, in: "c1").keys == ["c2"])
    #expect(try world.state().objects(kind, home, in: "c2") == .null)
  }

  @Test func `in clusters of others only pods of nbx are started anew`() throws {
    let world = try StageWorlds.after("prometheus").copy()
    try install("theirs", "nats/nats", "-n theirs --wait", in: world)
    let crashed =
      #"{"status":{"containerStatuses":[{"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}"#
    let operated = "prometheus-prometheus-kube-prometheus-prometheus-0"
    for (pod, namespace) in [("theirs-nats-0", "theirs"), (operated, "prometheus")] {
      try somebody("kubectl patch pod \(pod) -n \(namespace) --type merge -p \(crashed)", in: world)
    }
    let started = try run("start", in: world)
    #expect(started.status == 0, "\(started.ended.errorOutput)")
    let deleted = started.calls.filter { $0.line.hasPrefix("kubectl delete pod") }.map { $0.argv[2] }
    #expect(deleted == [operated])
  }
}
