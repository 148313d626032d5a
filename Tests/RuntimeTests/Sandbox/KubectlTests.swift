import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal

@Suite(.mayWait) struct KubectlTests {
  private func json(_ sandbox: SandboxFixture, _ line: String) throws -> ValueMap {
    guard case .map(let map) = try Value.json(Array(try sandbox.text(line).utf8)) else { return ValueMap() }
    return map
  }

  @Test func showsPodsAndLogsAsKubernetesDoes() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let list = try json(sandbox, "kubectl get pods -n nats -o json")
    #expect(list["items"]?.elements?.count == 2)
    let pod = try json(sandbox, "kubectl -n nats get pod c1-nats-1 -o json")
    #expect(pod["status"]?["phase"]?.asText == "Running")
    #expect(pod["status"]?["podIP"]?.asText == "127.0.0.1")
    #expect(pod["metadata"]?["namespace"]?.asText == "nats")
    #expect(try sandbox.text("kubectl get pods -n nats -o name") == "pod/c1-nats-0\npod/c1-nats-1")
    #expect(try sandbox.text("kubectl get po -n nats -l app.kubernetes.io/instance=other") == "")
    #expect(try sandbox.text("kubectl get statefulset c1-nats -n nats").contains("2/2"))
    #expect(try sandbox.text("kubectl get pods -A").hasPrefix("NAME"))
    let failure = try sandbox.failure("kubectl get pod c1-nats-0")
    #expect(failure.reason.string == #"pods "c1-nats-0" not found in namespace default of c1"#)
    #expect(failure.advice == "it is in the namespace nats: add --namespace nats")
    #expect(failure.kind == .failed)

    // Who reads JSON gets it unasked.
    let kubectl = KubectlCommand(releases: sandbox.target.releases)
    let call = Invocation(
      words: ["-n", "nats", "get", "pods"], cluster: Cluster(name: "c1", index: 0), deadline: .now + patience,
      wantsJSON: true)
    let planned = try kubectl.plan(call).first?.words.map(\.string)
    #expect(planned == ["kubectl", "-n", "nats", "get", "pods", "-o", "json"])
    let text = try #require(try kubectl.run(call).asText?.string)
    #expect(try Value.json(Array(text.utf8))["items"]?.elements?.count == 2)

    #expect(try sandbox.text("kubectl logs c1-nats-0 -n nats").contains("Server is ready"))
    #expect(try sandbox.text("kubectl logs pod/c1-nats-0 -n nats --tail 1").split(separator: "\n").count == 1)
    #expect(try sandbox.failure("kubectl logs c1-nats-0 -n nats -f").kind == .misused)
  }

  @Test(arguments: ["", " --now", " --grace-period=0"]) func aDeletedPodStartsAgain(_ flag: String) throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    #expect(try sandbox.text("kubectl delete pod c1-nats-0 -n nats\(flag)") == #"pod "c1-nats-0" deleted"#)
    try sandbox.run("kubectl wait --for=condition=Ready pod/c1-nats-0 -n nats --timeout=180s")
    #expect(sandbox.processes()["c1-nats-0"] != processes["c1-nats-0"])
    #expect(sandbox.processes()["c1-nats-1"] == processes["c1-nats-1"])
    #expect(sandbox.states() == ["running", "running"])
  }

  @Test func scalesUntilTheNextUpgrade() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    try sandbox.run("kubectl scale statefulset c1-nats --replicas=3 -n nats")
    try sandbox.run("kubectl rollout status statefulset/c1-nats -n nats")
    #expect(sandbox.states() == ["running", "running", "running"])
    try sandbox.run("kubectl scale statefulset/c1-nats --replicas=1 -n nats")
    #expect(sandbox.processes() == processes.filter { $0.key == "c1-nats-0" })
    try sandbox.run("kubectl scale statefulset/c1-nats --replicas=0 -n nats")
    #expect(sandbox.pods().isEmpty)
    #expect(processes.values.allSatisfy(isGone))
    try sandbox.install()
    #expect(sandbox.states() == ["running", "running"])
  }

  @Test func rollsARestartOut() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    try sandbox.run("kubectl rollout restart statefulset/c1-nats -n nats")
    #expect(Set(processes.values).isDisjoint(with: sandbox.processes().values))
    #expect(sandbox.states() == ["running", "running"])
  }

  @Test func namespacesComeAndGo() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    #expect(try sandbox.failure("kubectl get namespace nats").kind == .failed)
    let failure = try sandbox.failure("helm install c1 nats/nats -n nats", with: SandboxFixture.values())
    #expect(failure.advice == "add --create-namespace")
    try sandbox.run("kubectl create namespace nats")
    #expect(try sandbox.failure("kubectl create namespace nats").reason.string.contains("already exists"))
    #expect(try sandbox.text("kubectl get ns -o name") == "namespace/default\nnamespace/nats")
    try sandbox.install()
    let processes = sandbox.processes()
    try sandbox.run("kubectl delete namespace nats")
    #expect(processes.values.allSatisfy(isGone))
    #expect(try sandbox.text("helm list -A -q") == "")
    try sandbox.run("kubectl delete namespace nats --ignore-not-found")
    #expect(try sandbox.failure("kubectl delete namespace nats").kind == .failed)
  }

  @Test(arguments: [
    "kubectl get services", "kubectl apply -f -", "kubectl annotate ns nats a=b", "kubectl delete statefulset c1-nats",
    "helm upgrade --install cert-manager jetstack/cert-manager", "helm template x nats/nats",
    "helm upgrade --install c1 nats/nats -f values.yaml", "k3d cluster list", "docker ps", "linkerd check",
  ]) func whatHasNoMeaningHereSaysSo(_ line: String) throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let failure = try sandbox.failure(line)
    #expect(failure.kind == .misused)
    #expect(failure.advice != nil)
  }
}

extension Value {
  fileprivate subscript(key: String) -> Value? {
    guard case .map(let map) = self else { return nil }
    return map[key]
  }
}
