import Foundation
import TestSupport
import Testing

/// `helm`, its repositories, charts and releases.
@Suite(.mayWait) struct StandInHelmTests: StandInSuite {
  let world: StandIns

  init() throws { world = try StandIns() }

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

  @Test func `labels of releases`() throws {
    try cluster()
    try repositories()
    try done("helm install a nats/nats -n n --create-namespace --labels x/y=z")
    try done("helm install b nats/nats -n n")
    #expect(try done("helm list -n n --selector x/y=z --short") == "a\n")
    #expect(try done("helm list -A --selector x/y!=z --deployed --failed --max 0 --short") == "b\n")
    try done("helm upgrade a nats/nats -n n")
    #expect(try done("helm list -n n --selector x/y=z --short") == "a\n")
    try done("helm upgrade a nats/nats -n n --labels x/y=null")
    #expect(try done("helm list -n n --selector x/y!=z --short") == "a\nb\n")
  }

  @Test func `kinds that stay, and such as a Job makes`() throws {
    try cluster()
    try repositories()
    try certManager()
    try done("helm uninstall cert-manager -n cert-manager")
    try done("kubectl get crd certificates.cert-manager.io")
    try refused(
      "helm install other jetstack/cert-manager -n cert-manager -f -",
      #"CustomResourceDefinition "certificates.cert-manager.io" in namespace "" exists and cannot be imported"#,
      input: #"{"crds":{"enabled":true}}"#)
    try done("helm install h haproxytech/kubernetes-ingress -n h --create-namespace --wait")
    try done("kubectl wait --for=create crd/tcps.ingress.v1.haproxy.org")
    try done("helm uninstall h -n h")
    try done("kubectl get crd tcps.ingress.v1.haproxy.org")
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
}
