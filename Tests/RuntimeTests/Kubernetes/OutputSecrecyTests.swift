import Interpreter
import TestSupport
import Testing

@testable import SandboxKubernetes
@testable import SandboxSystem

/// What programs give and say of secrets.
@Suite(.mayWait) struct OutputSecrecyTests {
  private static let secret = """
    {"kind":"Secret","type":"Opaque","metadata":{"name":"x","annotations":{\
    "kubectl.kubernetes.io/last-applied-configuration":"{data: aHVudGVyMg==}"}},\
    "data":{"tls.crt":"aHVudGVyMg=="},"stringData":{"a":{"b":"hunter2"}}}
    """

  @Test(arguments: [
    "kubectl get secret x", "kubectl get secrets", "kubectl get Secret/x", "kubectl get cm,secret",
    "kubectl -n a get secrets.v1. x", "kubectl get cm/a secret/b", "kubectl get secret x -o jsonpath={.data}",
    "kubectl get --raw /api/v1/secrets", "kubectl get -f x.json", "kubectl create token me",
    "kubectl config view --raw", "kubectl patch secret x -p {} -o yaml", "kubectl apply -f secret.json -o json",
    "linkerd multicluster link-gen --cluster-name=c1", "linkerd mc link-gen", "linkerd install",
    "helm get values c1 -n nats", "helm template a b", "helm upgrade a b --dry-run",
    "helm upgrade a b --dry-run=server",
    "helm status a -o json", "k3d kubeconfig get c1",
  ]) func isSecret(_ line: String) throws {
    let programs = try ProgramFixture()
    for name in ["kubectl", "linkerd", "helm", "k3d"] { try programs.program(name, "echo hunter2; echo warned >&2") }
    guard case .record(let record) = try programs.run(line, isStatement: true) else { return }
    #expect(record.out.masked == "•••")
    #expect(programs.said == ["warned"])
  }

  @Test(arguments: [
    "kubectl get pods secret", "kubectl get cm x", "kubectl apply -f -", "kubectl apply -f - -o name",
    "kubectl delete secret x", "kubectl create secret generic x --from-literal=a=b", "kubectl logs secret",
    "kubectl config view", "linkerd check", "linkerd install --crds", "helm upgrade a b", "helm list", "helm status a",
    "helm get notes a", "k3d cluster list", "docker ps",
  ]) func isOpen(_ line: String) throws {
    let programs = try ProgramFixture()
    for name in ["kubectl", "linkerd", "helm", "k3d", "docker"] { try programs.program(name, "echo hunter2") }
    #expect(try programs.record(line).out.masked == "hunter2\n")
  }

  @Test func asAValueASecretShowsAllButItsData() throws {
    let programs = try ProgramFixture()
    try programs.program("kubectl", "cat <<'END'\n\(Self.secret)\nEND")
    let json = try #require(try programs.record("kubectl get secret x", wantsJSON: true).json)
    #expect(json[at: "metadata"]?[at: "name"]?.asText?.masked == "x")
    #expect(json[at: "type"]?.asText?.masked == "Opaque")
    #expect(json[at: "data"]?[at: "tls.crt"]?.asText?.masked == "•••")
    #expect(json[at: "data"]?[at: "tls.crt"]?.asText?.string == "aHVudGVyMg==")
    #expect(json[at: "stringData"]?[at: "a"]?[at: "b"]?.asText?.masked == "•••")
    #expect(!json.json().masked.contains("aHVudGVyMg"))
  }

  @Test func soDoesEverySecretOfAList() throws {
    let programs = try ProgramFixture()
    let configMap = #"{"kind":"ConfigMap","metadata":{"name":"m"},"data":{"k":"v"}}"#
    try programs.program(
      "kubectl", "cat <<'END'\n{\"kind\":\"List\",\"items\":[\(Self.secret),\(configMap)]}\nEND")
    let json = try #require(try programs.record("kubectl get secret,cm", wantsJSON: true).json)
    let items = json[at: "items"]?.elements ?? []
    #expect(items.map { $0[at: "metadata"]?[at: "name"]?.asText?.masked } == ["x", "m"])
    #expect(items.first?[at: "data"]?[at: "tls.crt"]?.asText?.masked == "•••")
    #expect(items.last?[at: "data"]?[at: "k"]?.asText?.masked == "v")
  }

  @Test func ofAReleaseTheValuesAreSecretAndTheStatusIsNot() throws {
    let programs = try ProgramFixture()
    try programs.program(
      "helm", #"echo '{"info":{"status":"deployed"},"config":{"password":"hunter2"},"manifest":"hunter2"}'"#)
    let json = try #require(try programs.record("helm status c1 -o json").json)
    #expect(json[at: "info"]?[at: "status"]?.asText?.masked == "deployed")
    #expect(json[at: "config"]?[at: "password"]?.asText?.masked == "•••")
    #expect(!json.json().masked.contains("hunter2"))
  }

  @Test func execIsNoWayAroundIt() throws {
    let programs = try ProgramFixture()
    try programs.program("kubectl", "echo hunter2")
    let environment = programs.environment
    let exec = ProgramCommand.exec { environment }
    for program in ["kubectl", programs.folder.file("kubectl")] {
      let call = programs.call([Text(program), "get", "secret", "x"], on: programs.target())
      #expect(try exec.run(call).asText?.masked == "•••")
    }
  }

  @Test func aSecretThatIsMissingIsExplained() throws {
    let programs = try ProgramFixture()
    try programs.program("kubectl", "echo 'Error from server (NotFound): secrets \"x\" not found' >&2; exit 1")
    #expect(try programs.failure("kubectl get secret x").said?.masked.contains("not found") == true)
  }

  @Test func whatWithBringsIsCoveredInWhatProgramsSay() throws {
    let programs = try ProgramFixture()
    try programs.program(
      "helm", "echo 'bad value: password: gwp in js-nats, nats://gwu:gwp@c1, hunter22hunter22' >&2; exit 1")
    let values: Value = [
      "gateway": ["password": .secret(.secret("gwp"))], "js": .secret(.secret("js")),
      "long": .list([.secret(.secret("hunter22"))]),
    ]
    let failure = try programs.failure("helm upgrade c1 nats/nats", with: values)
    #expect(failure.said?.masked == "bad value: password: ••• in js-nats, nats://gwu:•••@c1, •••")
  }

  @Test func aKeyOfSeveralLinesIsCoveredInEachThatIsShown() throws {
    let programs = try ProgramFixture()
    try programs.program("kubectl", "tee \"$FIXTURE/key\"; sed 's/^/  /' \"$FIXTURE/key\" >&2; exit 1")
    let key = "-----BEGIN KEY-----\nMIGHAgEAMBMGByqGSM49\nAgEGCCqGSM49AwEHBG0w\n-----END KEY-----\n"
    let call = programs.call(
      ["apply", "-f", "-"], with: .secret(.secret(key)), on: programs.target(), isStatement: true)
    let failure = try #require(throws: CommandFailure.self) { try programs.target().program("kubectl").run(call) }
    let shown = ["-----BEGIN KEY-----", "•••", "•••", "-----END KEY-----"]
    #expect(programs.said.filter { !$0.hasPrefix("  ") } == shown)
    #expect(programs.said.filter { $0.hasPrefix("  ") } == shown.map { "  " + $0 })
    #expect(failure.said?.masked == shown.map { "  " + $0 }.joined(separator: "\n"))
  }

  @Test func aSecretAmongTheWordsIsCoveredInWhatWasRun() throws {
    let programs = try ProgramFixture()
    try programs.program("docker", "echo \"no $2\" >&2; exit 1")
    let target = programs.target()
    let call = programs.call(["login", .secret("gwp")], on: target)
    let failure = try #require(throws: CommandFailure.self) { try target.program("docker").run(call) }
    #expect(failure.ran?.masked == "docker login •••")
    #expect(failure.said?.masked == "no •••")
  }
}
