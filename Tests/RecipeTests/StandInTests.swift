import Foundation
import TestSupport
import Testing

/// The stand-ins themselves: a test that leans on them is worth no more than they are.
@Suite struct StandInTests {
  let world: StandIns

  init() throws { world = try StandIns() }

  /// Runs a line of words, which has to succeed.
  @discardableResult func done(_ line: String, input: String? = nil, _ environment: [String: String] = [:]) throws
    -> String
  {
    let ended = try world.run(line, input: input, environment: environment)
    try #require(ended.status == 0, "\(line): \(ended.errorOutput)")
    return ended.output
  }

  /// Runs a line of words that has to be refused with this text.
  func refused(
    _ line: String, _ said: String, code: Int32 = 1, input: String? = nil, _ environment: [String: String] = [:],
    _ place: SourceLocation = #_sourceLocation
  ) throws {
    let ended = try world.run(line, input: input, environment: environment)
    #expect(ended.status == code, "\(line)", sourceLocation: place)
    #expect(ended.errorOutput.contains(said), "\(line): \(ended.errorOutput)", sourceLocation: place)
  }

  func cluster(_ name: String = "c1") throws {
    try done("k3d cluster create \(name) --agents 2 --network linkerd-idc --k3s-arg --disable=traefik@server:0")
  }

  func repositories() throws {
    for (name, address) in [
      ("jetstack", "https://charts.jetstack.io"), ("linkerd-edge", "https://helm.linkerd.io/edge"),
      ("nats", "https://nats-io.github.io/k8s/helm/charts/"),
      ("haproxytech", "https://haproxytech.github.io/helm-charts"),
      ("prometheus-community", "https://prometheus-community.github.io/helm-charts"),
    ] { try done("helm repo add \(name) \(address)") }
  }

  func certManager() throws {
    try done(
      "helm upgrade --install cert-manager jetstack/cert-manager -n cert-manager --create-namespace --wait -f -",
      input: #"{"crds":{"enabled":true}}"#)
    try done("helm upgrade --install trust-manager jetstack/trust-manager -n cert-manager --wait")
  }

  static func object(
    _ kind: String, _ name: String, _ rest: String = #""spec": {}"#, namespace: String = "cert-manager"
  )
    -> String
  {
    let version = kind.hasSuffix("Issuer") || kind == "Certificate" ? "cert-manager.io/v1" : "v1"
    return """
      {"apiVersion": "\(version)", "kind": "\(kind)",
       "metadata": {"name": "\(name)", "namespace": "\(namespace)"}, \(rest)}
      """
  }

  static let authority =
    object("Issuer", "root", #""spec": {"selfSigned": {}}"#)
    + object(
      "Certificate", "anchor",
      #""spec": {"commonName": "root", "secretName": "anchor", "issuerRef": {"name": "root", "kind": "Issuer"}}"#)

  static func bundle(_ sources: [String]) -> String {
    let listed = sources.map { #"{"secret": {"name": "\#($0)", "key": "tls.crt"}}"# }.joined(separator: ", ")
    return """
      {"apiVersion": "trust.cert-manager.io/v1alpha1", "kind": "Bundle", "metadata": {"name": "roots"},
       "spec": {"sources": [\(listed)], "target": {"configMap": {"key": "ca-bundle.crt"},
                "namespaceSelector": {"matchLabels": {"trusts": "yes"}}}}}
      """
  }

  // MARK: - Record

  @Test func `every call is recorded whole`() throws {
    try cluster()
    _ = try world.run("kubectl apply --context k3d-c1 -f -", input: Self.object("ConfigMap", "x", namespace: "default"))
    _ = try world.run("kubectl get secret nothing")
    let calls = try world.calls
    try #require(calls.count == 3)
    #expect(calls.map(\.number) == [1, 2, 3])
    #expect(calls.map(\.program) == ["k3d", "kubectl", "kubectl"])
    #expect(calls[1].argv == ["apply", "--context", "k3d-c1", "-f", "-"])
    #expect(calls.map(\.cluster) == ["k3d-c1", "k3d-c1", "k3d-c1"])
    #expect(calls[1].stdin?.contains(#""name": "x""#) == true)
    #expect(calls[0].stdin == nil)
    #expect(calls.map(\.exit) == [0, 0, 1])
    #expect(calls[2].said.contains("NotFound"))
    for (call, next) in zip(calls, calls.dropFirst()) {
      #expect(call.end! > call.start)
      #expect(next.start > call.start)
    }
  }

  @Test func `32 calls at once lose nothing`() throws {
    try cluster()
    try done("kubectl create namespace many")
    let world = world
    DispatchQueue.concurrentPerform(iterations: 32) { index in
      let manifest = Self.object("ConfigMap", "m\(index)", #""data": {"n": "\#(index)"}"#, namespace: "many")
      _ = try? world.run("kubectl apply -f -", input: manifest)
    }
    let names = try done("kubectl get configmaps -n many -o name").split(separator: "\n")
    #expect(Set(names) == Set((0..<32).map { "configmap/m\($0)" }))
    let calls = try world.calls
    #expect(calls.map(\.number) == Array(1...35))
    #expect(Set(calls.compactMap(\.stdin)).count == 32)
    #expect(calls.allSatisfy { $0.exit == 0 })
  }

  @Test func `a copy goes its own way`() throws {
    try cluster()
    let copy = try world.copy()
    #expect(try copy.calls.isEmpty)
    #expect(try copy.run("kubectl create ns there").status == 0)
    #expect(try copy.calls.map(\.number) == [1])
    try refused("kubectl get ns there", #"namespaces "there" not found"#)
    try world.reset()
    try refused("kubectl get ns", "refused", code: 1)
  }

  // MARK: - docker and k3d

  @Test func `networks and clusters that are there already`() throws {
    try done("docker network create linkerd-idc")
    try refused("docker network create linkerd-idc", "network with name linkerd-idc already exists")
    try refused("docker network inspect other", "network other not found")
    try cluster()
    try refused("k3d cluster create c1", "a cluster with that name already exists")
    try refused("docker network rm linkerd-idc", "has active endpoints")
  }

  @Test func `clusters that are not there`() throws {
    for word in ["start", "stop", "list"] { try refused("k3d cluster \(word) c9", "No nodes found for given cluster") }
    try refused("k3d cluster edit c9 --port-add 1:1@loadbalancer", "No nodes found for given cluster")
    #expect(try done("k3d cluster delete c9").contains("No clusters found"))
    try refused("kubectl get ns --context k3d-c9", "context was not found for specified context: k3d-c9")
    try refused("helm list --kube-context k3d-c9", #"context "k3d-c9" does not exist"#)
    try refused("linkerd check --context k3d-c9", #"context "k3d-c9" does not exist"#)
  }

  @Test func `a cluster that is stopped, paused, deleted`() throws {
    try cluster()
    try done("kubectl create ns kept")
    try done("k3d cluster stop c1")
    try refused("kubectl get ns", "was refused - did you specify the right host or port?")
    try refused("helm list", "cluster unreachable")
    try done("k3d cluster start c1")
    try done("kubectl get ns kept")
    try done("docker pause k3d-c1-server-0")
    try refused("docker pause k3d-c1-server-0", "already paused")
    try refused("kubectl get ns", "TLS handshake timeout")
    try done("docker unpause k3d-c1-server-0")
    try done("kubectl get ns kept")
    try done("k3d cluster delete c1")
    try cluster()
    try refused("kubectl get ns kept", "NotFound")
  }

  @Test func `ports of the host are had once`() throws {
    try done("k3d cluster create c1 -p 4222:4222@loadbalancer")
    #expect(try done("docker port k3d-c1-serverlb 4222") == "0.0.0.0:4222\n")
    try refused("k3d cluster create c2 --port 4222:4222@loadbalancer", "port is already allocated")
    try refused("k3d cluster start c2", "No nodes found")
    try cluster("c2")
    try refused("docker port k3d-c2-serverlb 4222", "No public port '4222/tcp' published for k3d-c2-serverlb")
    try refused("k3d cluster edit c2 --port-add 4222:4222@loadbalancer", "port is already allocated")
    try done("k3d cluster edit c2 --port-add 4223:4222@loadbalancer")
    try refused("k3d cluster edit c2 --port-add 4223:4222@loadbalancer", "port is already allocated")
    #expect(try done("docker port k3d-c2-serverlb 4222") == "0.0.0.0:4223\n")
    #expect(
      try done("docker port k3d-c2-serverlb 4222", ["NBX_STANDIN_PORTS": #"{"c2": 31999}"#]) == "127.0.0.1:31999\n")
  }

  @Test func `Docker that is down`() throws {
    try refused("docker info", "Cannot connect to the Docker daemon", ["NBX_STANDIN_DOCKER_DOWN": "1"])
    try refused("k3d cluster list", "Cannot connect to the Docker daemon", ["NBX_STANDIN_DOCKER_DOWN": "1"])
  }

  // MARK: - What no program knows

  @Test(arguments: [
    ("kubectl get pods --bogus", "unknown flag: --bogus", 1), ("kubectl bogus", "unknown command", 1),
    ("kubectl get -Z pods", "unknown shorthand flag: 'Z' in -Z", 1), ("kubectl rollout bogus", "unknown command", 1),
    ("kubectl apply -f - --wiat", "unknown flag: --wiat", 1), ("kubectl get bogus", "doesn't have a resource type", 1),
    ("helm upgrade --install a b/c --bogus", "unknown flag: --bogus", 1), ("helm bogus", "unknown command", 1),
    ("helm upgrade a", "requires 2 arguments", 1), ("helm list -a", "unknown shorthand flag: 'a' in -a", 1),
    ("helm repo bogus", "unknown command", 1), ("k3d cluster create --bogus", "unknown flag: --bogus", 1),
    ("k3d bogus", "unknown command", 1), ("k3d cluster list -q", "unknown shorthand flag: 'q' in -q", 1),
    ("docker bogus", "unknown command: docker bogus", 1),
    ("docker network create --bogus x", "unknown flag: --bogus", 125),
    ("linkerd bogus", "unknown command", 1), ("linkerd multicluster link-gen --bogus", "unknown flag: --bogus", 1),
    ("linkerd version --client --long", "unknown flag: --long", 1),
  ]) func `unknown commands and flags`(line: String, said: String, code: Int) throws {
    try cluster()
    try refused(line, said, code: Int32(code))
  }

  // MARK: - kubectl

  @Test func `create and get`() throws {
    try cluster()
    try done("kubectl create namespace n")
    try refused("kubectl create namespace n", #"(AlreadyExists): namespaces "n" already exists"#)
    let secret = Self.object("Secret", "s", #""stringData": {"k": "value"}"#, namespace: "n")
    #expect(try done("kubectl create -f -", input: secret) == "secret/s created\n")
    try refused(
      "kubectl create -f -", #"(AlreadyExists): error when creating "STDIN": secrets "s" already exists"#,
      input: secret)
    #expect(try done("kubectl get secret s -n n -o jsonpath={.data.k}") == "dmFsdWU=")
    try refused("kubectl get secret t -n n", #"Error from server (NotFound): secrets "t" not found"#)
    #expect(try done("kubectl get secret t -n n --ignore-not-found -o json") == "")
    try refused("kubectl create secret generic s -n n", #"failed to create secret secrets "s" already exists"#)
  }

  @Test func `apply is idempotent and merges`() throws {
    try cluster()
    func map(_ data: String) -> String { Self.object("ConfigMap", "m", #""data": {\#(data)}"#, namespace: "default") }
    #expect(try done("kubectl apply -f -", input: map(#""a": "1", "b": "2""#)) == "configmap/m created\n")
    #expect(try done("kubectl apply -f -", input: map(#""a": "1", "b": "2""#)) == "configmap/m unchanged\n")
    try done("kubectl patch configmap m --type merge -p {\"data\":{\"foreign\":\"3\"}}")
    #expect(try done("kubectl apply -f -", input: map(#""a": "9""#)) == "configmap/m configured\n")
    // What was applied before and is no longer wanted is gone, what others wrote stays.
    let data = try done("kubectl get cm m -o jsonpath={.data}")
    #expect(
      try JSONDecoder().decode([String: String].self, from: Data(data.utf8)) == ["a": "9", "foreign": "3"])
  }

  @Test func `objects that have no home or no kind`() throws {
    try cluster()
    try refused("kubectl apply -f -", #"namespaces "cert-manager" not found"#, input: Self.object("ConfigMap", "x"))
    try done("kubectl create ns cert-manager")
    try refused(
      "kubectl apply -f -",
      #"no matches for kind "Issuer" in version "cert-manager.io/v1""# + "\nensure CRDs are installed first",
      input: Self.object("Issuer", "x"))
    // As the real one does, what can be applied is applied.
    try refused(
      "kubectl apply -f -", "no matches for kind", input: Self.object("Issuer", "x") + Self.object("ConfigMap", "there")
    )
    try done("kubectl get configmap there -n cert-manager")
    try refused(
      "kubectl apply -n default -f -", #"the namespace from the provided object "cert-manager" does not match"#,
      input: Self.object("ConfigMap", "x"))
    try refused("kubectl apply -f -", "apiVersion not set, kind not set", input: "{}")
    try refused("kubectl apply -f -", "no objects passed to apply", input: "")
    try refused(
      "kubectl apply -f -", "illegal base64 data",
      input: Self.object("Secret", "x", #""data": {"k": "not base64"}"#))
  }

  @Test func `labels and annotations are not overwritten unasked`() throws {
    try cluster()
    #expect(try done("kubectl label ns default a=1") == "namespace/default labeled\n")
    #expect(try done("kubectl label ns default a=1") == "namespace/default not labeled\n")
    try refused("kubectl label ns default a=2", "'a' already has a value (1), and --overwrite is false")
    try done("kubectl label ns default a=2 --overwrite")
    try done("kubectl annotate ns default b=1")
    try refused(
      "kubectl annotate ns default b=2", "--overwrite is false but found the following declared annotation(s)")
    try done("kubectl annotate ns default b- a.b/c=3")
    #expect(try done("kubectl get ns default -o jsonpath={.metadata.annotations}") == #"{"a.b/c":"3"}"#)
    #expect(try done("kubectl get ns -l a=2 -o name") == "namespace/default\n")
  }

  @Test func `a namespace takes all that is in it along`() throws {
    try cluster()
    try done("kubectl create ns n")
    try done("kubectl apply -f -", input: Self.object("ConfigMap", "x", namespace: "n"))
    let slow = ["NBX_STANDIN_DELAY": "30"]
    try done("kubectl delete ns n --wait=false", slow)
    try refused(
      "kubectl apply -f -", "because it is being terminated", input: Self.object("ConfigMap", "y", namespace: "n"), slow
    )
    try refused("kubectl delete ns n --timeout=1s", "timed out waiting for the condition", slow)
    try world.reset()
    try cluster()
    try done("kubectl create ns n")
    try done("kubectl apply -f -", input: Self.object("ConfigMap", "x", namespace: "n"))
    try done("kubectl delete ns n")
    try refused("kubectl get ns n", "NotFound")
    try refused("kubectl delete ns n", #"namespaces "n" not found"#)
    try done("kubectl delete ns n --ignore-not-found")
    try done("kubectl create ns n")
    try refused("kubectl get configmap x -n n", "NotFound")
  }

  @Test func `waiting`() throws {
    try cluster()
    try refused("kubectl wait pod/x --for=condition=Ready --timeout=20s", #"(NotFound): pods "x" not found"#)
    try refused("kubectl wait pods -l a=b --for=condition=Ready", "no matching resources found")
    try done("kubectl wait ns/x --for=delete")
    try done("kubectl wait ns/default --for=jsonpath={.status.phase}=Active")
    try refused(
      "kubectl wait ns/default --for=jsonpath={.status.phase}=Gone --timeout=1s",
      "error: timed out waiting for the condition on namespaces/default")
  }

  // MARK: - Certificates

  @Test func `a certificate is issued a while after it was applied`() throws {
    try cluster()
    try repositories()
    try certManager()
    let slow = ["NBX_STANDIN_DELAY": "1"]
    try done("kubectl apply -f -", input: Self.authority, slow)
    try refused("kubectl get secret anchor -n cert-manager", "NotFound", slow)
    try done("kubectl wait certificate/anchor -n cert-manager --for=condition=Ready --timeout=60s", slow)
    let data = try done("kubectl get secret anchor -n cert-manager -o jsonpath={.data}")
    let decoded = try JSONDecoder().decode([String: Data].self, from: Data(data.utf8))
    #expect(Set(decoded.keys) == ["tls.crt", "tls.key", "ca.crt"])
    #expect(String(decoding: decoded["tls.crt"]!, as: UTF8.self).hasPrefix("-----BEGIN CERTIFICATE-----"))
  }

  @Test func `a certificate without its issuer is never ready`() throws {
    try cluster()
    try repositories()
    try certManager()
    let issued = #""spec": {"commonName": "a", "secretName": "a", "issuerRef": {"name": "none"}}"#
    try done("kubectl apply -f -", input: Self.object("Certificate", "a", issued))
    try refused(
      "kubectl wait certificate/a -n cert-manager --for=condition=Ready --timeout=1s",
      "timed out waiting for the condition")
    // Nor one whose authority has no key yet.
    try done("kubectl apply -f -", input: Self.object("Issuer", "none", #""spec": {"ca": {"secretName": "anchor"}}"#))
    try refused(
      "kubectl wait certificate/a -n cert-manager --for=condition=Ready --timeout=1s",
      "timed out waiting for the condition")
    try done("kubectl apply -f -", input: Self.authority)
    try done("kubectl wait certificate/a -n cert-manager --for=condition=Ready --timeout=60s")
    try refused(
      "kubectl apply -f -", "spec.secretName: Required value",
      input: Self.object("Certificate", "b", #""spec": {"commonName": "b"}"#))
  }

  @Test func `a bundle whose source is missing is not synced`() throws {
    try cluster()
    try repositories()
    try certManager()
    try done("kubectl label ns default trusts=yes")
    try done("kubectl apply -f -", input: Self.bundle(["anchor"]))
    try done("kubectl wait bundle/roots --for=condition=Synced=False --timeout=60s")
    #expect(
      try done(#"kubectl get bundle roots -o jsonpath={.status.conditions[?(@.type=="Synced")].message}"#)
        .contains(#"secrets "anchor" not found"#))
    try refused("kubectl get cm roots", "NotFound")
    try done("kubectl apply -f -", input: Self.authority)
    try done("kubectl wait bundle/roots --for=condition=Synced --timeout=60s")
    #expect(try done(#"kubectl get cm roots -o jsonpath={.data.ca-bundle\.crt}"#).contains("BEGIN CERTIFICATE"))
    try refused("kubectl get cm roots -n kube-system", "NotFound")
  }

  @Test func `the operators' webhooks are asked once they are there`() throws {
    try cluster()
    try repositories()
    try done(
      "helm upgrade --install cert-manager jetstack/cert-manager -n cert-manager --create-namespace -f -",
      input: #"{"crds":{"enabled":true}}"#, ["NBX_STANDIN_DELAY": "60"])
    try refused("kubectl apply -f -", #"failed calling webhook "webhook.cert-manager.io""#, input: Self.authority)
  }

  // MARK: - helm

  @Test func `repositories and charts`() throws {
    try cluster()
    try refused("helm upgrade --install x nats/nats", "Error: repo nats not found")
    try refused("helm install x nats/nats", "Error: INSTALLATION FAILED: repo nats not found")
    try refused("helm repo add nats https://example.invalid", "is not a valid chart repository or cannot be reached")
    try repositories()
    #expect(try done("helm repo add jetstack https://charts.jetstack.io").contains("already exists with the same"))
    try refused("helm repo add jetstack https://helm.linkerd.io/edge", "repository name (jetstack) already exists")
    try done("helm repo add jetstack https://helm.linkerd.io/edge --force-update")
    try refused("helm upgrade --install x nats/natz", "no chart name found")
    try refused("helm repo update nowhere", "no repositories found matching 'nowhere'")
  }

  @Test func `releases`() throws {
    try cluster()
    try repositories()
    let values = #"{"config": {"cluster": {"enabled": true, "replicas": 3}}, "natsBox": {"enabled": false}}"#
    try refused("helm upgrade --install c1 nats/nats -n nats -f -", #"namespaces "nats" not found"#, input: values)
    try refused("helm upgrade c1 nats/nats -n nats", #"UPGRADE FAILED: "c1" has no deployed releases"#)
    try done("helm install c1 nats/nats -n nats --create-namespace --wait -f -", input: values)
    #expect(try done("kubectl get pods -n nats -o name") == "pod/c1-nats-0\npod/c1-nats-1\npod/c1-nats-2\n")
    try done("kubectl wait pods --all -n nats --for=condition=Ready")
    try refused("helm install c1 nats/nats -n nats", "cannot re-use a name that is still in use")
    try done("helm upgrade --install c1 nats/nats -n nats -f -", input: values)
    struct Row: Decodable { let name, namespace, revision, status, chart: String }
    let rows = try JSONDecoder().decode([Row].self, from: Data(done("helm list -A -o json").utf8))
    #expect(
      rows.map { [$0.name, $0.namespace, $0.revision, $0.status, $0.chart] } == [
        ["c1", "nats", "2", "deployed", "nats-1.3.7"]
      ])
    #expect(try done("helm get values c1 -n nats -o json").contains(#""replicas":3"#))
    try refused("helm status c2 -n nats", "release: not found")
    try refused("helm uninstall c2 -n nats", "Release not loaded: c2: release: not found")
    try done("helm uninstall c2 -n nats --ignore-not-found")
    try done("helm uninstall c1 -n nats --wait")
    #expect(try done("kubectl get pods,svc,sts -n nats -o name") == "")
  }

  @Test func `charts that need another's kinds`() throws {
    try cluster()
    try repositories()
    let monitored = #"{"promExporter": {"enabled": true, "podMonitor": {"enabled": true}}}"#
    let nats = "helm upgrade --install c1 nats/nats -n nats --create-namespace -f -"
    try refused(nats, #"no matches for kind "PodMonitor""#, input: monitored)
    try refused(
      "helm upgrade --install trust-manager jetstack/trust-manager -n default", #"no matches for kind "Certificate""#)
    try done(
      "helm upgrade --install prometheus prometheus-community/kube-prometheus-stack -n p --create-namespace --wait")
    try done("kubectl get svc,secret prometheus-grafana -n p")
    try done(nats, input: monitored)
    // Without the CRDs cert-manager comes, but never gets ready.
    try refused(
      "helm upgrade --install cert-manager jetstack/cert-manager -n cm --create-namespace --wait --timeout 1s",
      "context deadline exceeded")
    #expect(try done("helm status cert-manager -n cm").contains("STATUS: failed"))
  }

  @Test func `linkerd's stages need each other`() throws {
    try cluster()
    try repositories()
    try done("kubectl create ns linkerd")
    let values = #"{"identity": {"externalCA": true, "issuer": {"scheme": "kubernetes.io/tls"}}}"#
    let plane =
      "helm upgrade --install linkerd-control-plane linkerd-edge/linkerd-control-plane -n linkerd --wait -f - "
    try refused(plane, #"no matches for kind "Server""#, input: values)
    try done(
      "helm upgrade --install linkerd-crds linkerd-edge/linkerd-crds -n linkerd -f -",
      input: #"{"installGatewayAPI": true}"#)
    try refused(plane, "Please provide the identity trust anchors", input: "{}")
    try refused(plane + "--timeout 1s", "context deadline exceeded", input: values)
    let generate = "linkerd multicluster link-gen --cluster-name=c1 --context k3d-c1"
    // The trust roots and the issuer's secret are all that its pods lack.
    try done(
      "kubectl apply -n linkerd -f -",
      input: Self.object("ConfigMap", "linkerd-identity-trust-roots", namespace: "linkerd"))
    try refused(plane + "--timeout 1s", "context deadline exceeded", input: values)
    try done("kubectl create secret generic linkerd-identity-issuer -n linkerd --from-literal=tls.crt=x")
    try done(plane, input: values)
    try done("linkerd check")
    try refused(generate, #"serviceaccounts "linkerd-service-mirror-remote-access-default" not found"#)
    try done(
      "helm upgrade --install linkerd-multicluster linkerd-edge/linkerd-multicluster -n linkerd-multicluster "
        + "--create-namespace --wait -f -",
      input: #"{"controllers": [{"link": {"ref": {"name": "c2"}}}]}"#)
    let link = try done(generate)
    #expect(link.contains("kind: Link"))
    #expect(try done("kubectl apply -f -", input: link).contains("link.multicluster.linkerd.io/c1 created"))
    #expect(try done("kubectl apply -f -", input: link).contains("link.multicluster.linkerd.io/c1 unchanged"))
    try done("kubectl delete -f -", input: link)
    try refused("kubectl delete -f -", "NotFound", input: link)
    try done("helm uninstall linkerd-control-plane -n linkerd")
    try refused(generate, "you need Linkerd to be installed on a cluster in order to get its credentials")
  }

  /// What a cluster needs before it can be linked: the mesh, with these trust roots.
  func mesh(_ name: String, linkedTo other: String) throws {
    let context = "--context k3d-\(name)"
    let helm = "--kube-context k3d-\(name) -n linkerd --wait -f -"
    try cluster(name)
    try done("kubectl create ns linkerd \(context)")
    try done("kubectl apply -f - \(context)", input: Self.roots("one"))
    try done("kubectl create secret generic linkerd-identity-issuer -n linkerd --from-literal=tls.crt=x \(context)")
    try done(
      "helm upgrade --install linkerd-crds linkerd-edge/linkerd-crds \(helm)", input: #"{"installGatewayAPI": true}"#)
    try done(
      "helm upgrade --install linkerd-control-plane linkerd-edge/linkerd-control-plane \(helm)",
      input: #"{"identity": {"externalCA": true, "issuer": {"scheme": "kubernetes.io/tls"}}}"#)
    try done(
      "helm upgrade --install linkerd-multicluster linkerd-edge/linkerd-multicluster -n linkerd-multicluster "
        + "--create-namespace --kube-context k3d-\(name) -f -",
      input: #"{"controllers": [{"link": {"ref": {"name": "\#(other)"}}}]}"#)
  }

  static func roots(_ name: String) -> String {
    object(
      "ConfigMap", "linkerd-identity-trust-roots",
      #""data": {"ca-bundle.crt": "-----BEGIN CERTIFICATE-----\n\#(name)\n-----END CERTIFICATE-----\n"}"#,
      namespace: "linkerd")
  }

  @Test func `a link mirrors what the other cluster exports, if both trust the same roots`() throws {
    try repositories()
    try mesh("c1", linkedTo: "c2")
    try mesh("c2", linkedTo: "c1")
    let exported = """
      # A person's own hand: YAML.
      apiVersion: v1
      kind: Namespace
      metadata: { name: nats, annotations: {'linkerd.io/inject': enabled} }
      ---
      kind: Service
      apiVersion: v1
      metadata:
        name: xr-js-nats      # mirrored as xr-js-nats-c2
        namespace: nats
        labels:
          "mirror.linkerd.io/exported": "true"
      spec:
        ports:
        - name: nats
          port: 4222
        - {name: cluster, port: 6222}

      """
    try done("kubectl apply --context k3d-c2 -f -", input: exported)
    try done("kubectl create ns nats --context k3d-c1")
    let link = try done("linkerd multicluster link-gen --cluster-name c2 --context k3d-c2")
    try done("kubectl apply --context k3d-c1 -f -", input: link)
    try done("kubectl wait service/xr-js-nats-c2 -n nats --for=create --timeout=60s --context k3d-c1")
    let gateways = "linkerd multicluster gateways --context k3d-c1 -o json"
    try done("linkerd multicluster check --context k3d-c1")
    #expect(try done(gateways).contains(#""clusterName":"c2","alive":true,"numberOfServices":1"#))
    try done("kubectl apply --context k3d-c2 -f -", input: Self.roots("another"))
    #expect(try done(gateways).contains(#""alive":false"#))
    let ended = try world.run("linkerd multicluster check --context k3d-c1 --wait 1s")
    #expect(ended.status == 1)
    #expect(ended.output.contains("× clusters share trust anchors"))
    try done("kubectl apply --context k3d-c2 -f -", input: Self.roots("one"))
    try done("k3d cluster stop c2")
    #expect(try done(gateways).contains(#""alive":false"#))
  }

  @Test func `clusters that others have made`() throws {
    let there = ["NBX_STANDIN_CONTEXTS": "prod-a prod-b"]
    #expect(try done("kubectl config get-contexts -o name", there) == "prod-a\nprod-b\n")
    try done("kubectl create ns n --context prod-b", there)
    try refused("kubectl get ns n --context prod-a", "NotFound", there)
    try done("kubectl get ns n --context prod-b", there)
    #expect(try done("k3d cluster delete prod-a", there).contains("No clusters found"))
    try done("kubectl get ns --context prod-a", there)
  }

  @Test func `a JSON patch`() throws {
    try cluster()
    try done("kubectl apply -f -", input: Self.object("ConfigMap", "m", #""data": {"a": "1"}"#, namespace: "default"))
    try done(#"kubectl patch cm m --type json -p [{"op":"add","path":"/data/b.c","value":"2"}]"#)
    #expect(try done(#"kubectl get cm m -o jsonpath={.data.b\.c}"#) == "2")
    try refused(
      #"kubectl patch cm m --type json -p [{"op":"remove","path":"/data/none"}]"#, "The request is invalid")
    try refused("kubectl patch cm m", "must specify --patch or --patch-file")
  }

  // MARK: - Trouble

  @Test func `a failure comes once, before the effect or after it`() throws {
    try cluster()
    try refused("kubectl create ns a", "TLS handshake timeout", ["NBX_STANDIN_FAIL_AT": "2"])
    try refused("kubectl get ns a", "NotFound", ["NBX_STANDIN_FAIL_AT": "2"])
    try refused("kubectl create ns b", "TLS handshake timeout", ["NBX_STANDIN_FAIL_AFTER": "4"])
    try done("kubectl get ns b", ["NBX_STANDIN_FAIL_AFTER": "4"])
    let match = ["NBX_STANDIN_FAIL_MATCH": "create ns (c|d)$"]
    try refused("kubectl create ns c", "TLS handshake timeout", match)
    try done("kubectl create ns c", match)
    try done("kubectl create ns d", match)
    #expect(try world.calls.compactMap(\.injected).count == 3)
  }

  /// Starts an install that hangs in its middle, ends it by this signal, and says what is left of the release.
  func installEnded(by signal: Int32, ignoring: String = "") throws -> String {
    try cluster()
    try repositories()
    try done("kubectl create ns nats")
    let helm = Process()
    helm.executableURL = URL(fileURLWithPath: world.folder + "/bin/helm")
    helm.arguments = "upgrade --install c1 nats/nats -n nats".split(separator: " ").map(String.init)
    helm.environment = ProcessInfo.processInfo.environment.merging(
      world.environment(["NBX_STANDIN_HANG_MATCH": "upgrade", "NBX_STANDIN_HANG_IGNORES": ignoring])
    ) { $1 }
    helm.standardError = FileHandle.nullDevice
    helm.standardOutput = FileHandle.nullDevice
    try helm.run()
    let deadline = ContinuousClock.now + .seconds(60)
    while try world.calls.last?.injected != "hang", .now < deadline { usleep(20_000) }
    #expect(try world.calls.last?.exit == nil)
    if !ignoring.isEmpty {
      kill(helm.processIdentifier, SIGINT)
      usleep(200_000)
      #expect(helm.isRunning)
    }
    kill(helm.processIdentifier, signal)
    while helm.isRunning, .now < deadline { usleep(20_000) }
    // Should it not have listened, it must not outlive the test.
    if helm.isRunning { kill(helm.processIdentifier, SIGKILL) }
    helm.waitUntilExit()
    struct Release: Decodable {
      struct Info: Decodable { let status: String }
      let info: Info
    }
    return try JSONDecoder().decode(Release.self, from: Data(done("helm status c1 -n nats -o json").utf8)).info.status
  }

  @Test func `a killed helm leaves its release pending`() throws {
    #expect(try installEnded(by: SIGKILL, ignoring: "INT") == "pending-install")
    try refused(
      "helm upgrade --install c1 nats/nats -n nats", "another operation (install/upgrade/rollback) is in progress")
    #expect(try done("helm list -n nats -q") == "")
    #expect(try done("helm list -n nats -q --pending") == "c1\n")
    #expect(try world.calls.contains { $0.injected == "hang" && $0.exit == nil })
    try done("helm uninstall c1 -n nats")
    try done("helm upgrade --install c1 nats/nats -n nats")
  }

  @Test func `an interrupted helm says that its release failed`() throws {
    #expect(try installEnded(by: SIGINT) == "failed")
    try done("helm upgrade --install c1 nats/nats -n nats")
  }

  @Test func `a call takes its time, scaled`() throws {
    let table = world.folder + "/times.json"
    try Data(#"{"commands": {"": 10, "k3d version": 40}, "ready": {"": 0}}"#.utf8).write(
      to: URL(fileURLWithPath: table))
    try done("k3d version", ["NBX_STANDIN_SPEED": "100", "NBX_STANDIN_TIMES": table])
    let call = try #require(try world.calls.first)
    // Never less; how much more depends on the machine.
    #expect(call.end! - call.start >= 400_000_000)
  }
}

extension StandIns {
  /// Words apart by blanks.
  func run(_ line: String, input: String? = nil, environment: [String: String] = [:]) throws -> NbxProgram.Ended {
    try run(words: line.split(separator: " ").map(String.init), input: input, environment: environment)
  }
}
