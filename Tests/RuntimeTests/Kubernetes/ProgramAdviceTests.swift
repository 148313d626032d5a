import Interpreter
import TestSupport
import Testing

@testable import SandboxKubernetes
@testable import SandboxSystem

/// What is answered to what programs say.
@Suite(.mayWait) struct ProgramAdviceTests {
  @Test(arguments: [
    ("helm upgrade a b/c", "Error: INSTALLATION FAILED: repo jetstack not found", "nbx run recipes/repos.nbx"),
    (
      "helm upgrade a b/c", "Error: no cached repo found. (try 'helm repo update'): open x", "nbx run recipes/repos.nbx"
    ),
    ("helm upgrade a b/c", #"Error: chart "c" matching 9.9 not found in b index"#, "helm search repo"),
    ("kubectl get ns", #"error: context "k3d-c1" does not exist"#, "nbx run recipes/create.nbx c1 c2"),
    ("helm list", #"Error: Kubernetes cluster unreachable: context "k3d-c1" does not exist"#, "recipes/create.nbx"),
    (
      "kubectl apply -f -",
      #"error: no matches for kind "Certificate" in version "cert-manager.io/v1""#, "nbx run recipes/cert-manager.nbx"
    ),
    ("kubectl apply -f -", #"no matches for kind "TCP" in version "ingress.v1.haproxy.org/v1""#, "recipes/ingress.nbx"),
    (
      "kubectl get pods",
      "The connection to the server 0.0.0.0:6443 was refused - did you specify the right host or port?",
      "nbx run recipes/start.nbx c1 c2"
    ),
    (
      "helm list", "Error: Kubernetes cluster unreachable: Get \"https://0.0.0.0:6550\": dial tcp: connection refused",
      "recipes/start.nbx"
    ),
    (
      "helm upgrade a b/c -n nats --wait", "Error: UPGRADE FAILED: timed out waiting for the condition",
      "kubectl get pods -n nats --context k3d-c1"
    ),
    (
      "kubectl apply -f -", #"failed calling webhook "w": dial tcp 10.0.0.1:443: connect: connection refused"#,
      "webhook"
    ),
    ("kubectl apply -n nats -f -", "Failed to pull image: toomanyrequests", "kubectl get events -n nats"),
    ("docker ps", "permission denied while trying to connect to the Docker daemon socket", "usermod -aG docker"),
    ("docker ps", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "start Docker"),
    ("k3d cluster edit c1 --port-add 1:1", "Bind for 0.0.0.0:4222 failed: port is already allocated", "docker ps"),
    (
      "linkerd multicluster link-gen", #"Error: unknown command "link-gen" for "linkerd multicluster""#,
      "nbx doctor --target k3d"
    ),
    (
      "helm install a b/c",
      #"""
      Error: Unable to continue with install: CustomResourceDefinition "httproutes.gateway.networking.k8s.io" in \#
      namespace "" exists and cannot be imported into the current release: invalid ownership metadata
      """#,
      "kubectl get customresourcedefinition httproutes.gateway.networking.k8s.io -o yaml --context k3d-c1"
    ),
    (
      "helm install a b/c", "Error: INSTALLATION FAILED: cannot re-use a name that is still in use",
      "helm upgrade --install"
    ),
  ]) func isAnswered(line: String, said: Named<String>, advice: String) throws {
    let programs = try ProgramFixture()
    let name = String(line.prefix { $0 != " " })
    try programs.program(name, "cat >&2 <<'END'\n\(said.value)\nEND\nexit 1")
    let failure = try programs.failure(line)
    #expect(failure.advice?.contains(advice) == true, "\(failure.advice ?? "none")")
    #expect(failure.said?.string == said.value)
  }

  @Test(arguments: [
    ("kubectl get ns", #"error: context "c1" does not exist"#, "--context c1="),
    ("kubectl get ns", "The connection to the server x was refused", "kubectl cluster-info --context 'odd one'"),
    ("kubectl get ns", "couldn't get current server API group list: EOF", "kubectl cluster-info"),
    ("kubectl get ns", "Error from server (TooManyRequests): later", "kubectl cluster-info"),
    ("kubectl get ns", "error loading config file \"x\": yaml: line 1", "KUBECONFIG"),
    ("kubectl get ns", "cluster unreachable: asked for the client to provide credentials", "auth whoami"),
  ]) func inForeignClustersNothingOfOursIsAdvised(line: String, said: String, advice: String) throws {
    let programs = try ProgramFixture()
    try programs.program("kubectl", "cat >&2 <<'END'\n\(said)\nEND\nexit 1")
    let failure = try programs.failure(line, on: programs.target(.foreign, contexts: ["c1": "odd one"]))
    #expect(failure.advice?.contains(advice) == true)
  }

  @Test func whatNobodyKnowsIsNotAnswered() throws {
    let programs = try ProgramFixture()
    try programs.program("kubectl", "echo 'the moon is in the wrong house' >&2; exit 1")
    #expect(try programs.failure("kubectl get ns").advice == nil)
  }

  @Test func aMissingProgramIsAnsweredWithHowToInstallIt() throws {
    let programs = try ProgramFixture()
    let target = KubernetesTarget(.ours, contexts: [:], environment: ["PATH": programs.folder.path])
    let failure = try programs.failure("helm list", on: target)
    #expect(failure.reason.string == "helm is not on the PATH")
    #expect(failure.advice?.contains("brew install helm") == true)
    #expect(failure.advice?.contains("nbx doctor --target k3d") == true)
    let exec = ProgramCommand.exec { ["PATH": "/nowhere"] }
    let missing = try #require(throws: CommandFailure.self) {
      try exec.run(Invocation(words: ["no-such-tool"], deadline: .now + .seconds(60)))
    }
    #expect(missing.reason.string == "no-such-tool is not on the PATH")
    #expect(missing.advice?.contains("/nowhere") == true)
    let path = try #require(throws: CommandFailure.self) {
      try exec.run(Invocation(words: ["/no/tool"], deadline: .now + .seconds(60)))
    }
    #expect(path.reason.string == "there is no program /no/tool")
  }
}
