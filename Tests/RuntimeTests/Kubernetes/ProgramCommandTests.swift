import Interpreter
import TestSupport
import Testing

@testable import SandboxKubernetes
@testable import SandboxSystem

/// What nbx adds to the words of a call, and that a plan shows just what a run starts.
@Suite(.mayWait) struct ProgramCommandTests {
  @Test(arguments: [
    ("kubectl get pods -n nats", "kubectl get pods -n nats --context k3d-c1"),
    ("kubectl get pods --context other", "kubectl get pods --context other"),
    ("kubectl get pods --context=other", "kubectl get pods --context=other"),
    ("kubectl exec box -- nats server list", "kubectl exec box --context k3d-c1 -- nats server list"),
    ("kubectl config get-contexts", "kubectl config get-contexts"),
    ("helm list -A", "helm list -A --kube-context k3d-c1"), ("helm repo update", "helm repo update"),
    (
      "linkerd multicluster link-gen --cluster-name=c1",
      "linkerd multicluster link-gen --cluster-name=c1 --context k3d-c1"
    ),
    ("k3d cluster list", "k3d cluster list"), ("docker ps", "docker ps"),
  ]) func theContextIsAddedWhereItBelongs(line: String, started: String) throws {
    let programs = try ProgramFixture()
    for name in ["kubectl", "helm", "linkerd", "k3d", "docker"] { try programs.program(name, "exit 0") }
    #expect(try programs.plan(line) == [started])
    #expect(programs.calls.isEmpty)
    try programs.run(line)
    #expect(programs.calls == [started])
  }

  @Test(arguments: [
    ("helm upgrade --install c1 nats/nats", "helm upgrade --install c1 nats/nats --kube-context k3d-c1 -f -"),
    ("helm upgrade c1 nats/nats -f -", "helm upgrade c1 nats/nats -f - --kube-context k3d-c1"),
    ("helm upgrade c1 nats/nats --values=-", "helm upgrade c1 nats/nats --values=- --kube-context k3d-c1"),
    (
      "helm upgrade c1 nats/nats -f more.json",
      "helm upgrade c1 nats/nats -f more.json --kube-context k3d-c1 -f -"
    ),
    ("kubectl apply -f -", "kubectl apply -f - --context k3d-c1"),
  ]) func aDocumentIsReadFromStandardInput(line: String, started: String) throws {
    let programs = try ProgramFixture()
    for name in ["kubectl", "helm"] { try programs.program(name, "cat") }
    #expect(try programs.plan(line, with: ["a": 1]) == [started])
    let record = try programs.run(line, with: ["a": 1])
    #expect(programs.calls == [started])
    #expect(record.asText?.string == #"{"a":1}"#)
  }

  @Test(arguments: [
    ("kubectl apply -f -", #"{"a":"1536Mi","b":"4728447","c":"24h","d":"10MB"}"#),
    ("helm upgrade c1 nats/nats", #"{"a":"1536Mi","b":"4728447","c":"24h","d":"10MB"}"#),
    ("docker load", #"{"a":1610612736,"b":4728447,"c":"24h","d":"10MB"}"#),
  ]) func amountsAreWrittenAsTheProgramReadsThem(line: String, expected: String) throws {
    let programs = try ProgramFixture()
    for name in ["kubectl", "helm", "docker"] { try programs.program(name, "cat") }
    let document: Value = [
      "a": .size(SizeValue(bytes: 3 << 29)), "b": .size(SizeValue(bytes: 4_728_447)),
      "c": .duration(DurationValue(.seconds(86_400))), "d": .size(try #require(SizeValue(parsing: "10MB"))),
    ]
    #expect(try programs.run(line, with: document).asText?.string == expected)
  }

  @Test(arguments: [
    ("kubectl get pods", "kubectl get pods --context k3d-c1 -o json"),
    ("kubectl -n nats get pods", "kubectl -n nats get pods --context k3d-c1 -o json"),
    ("kubectl get pods -oname", "kubectl get pods -oname --context k3d-c1"),
    ("kubectl get pods -Ao name", "kubectl get pods -Ao name --context k3d-c1"),
    ("kubectl get pods --output=yaml", "kubectl get pods --output=yaml --context k3d-c1"),
    ("kubectl get pods -n -o", "kubectl get pods -n -o --context k3d-c1 -o json"),
    ("kubectl apply -f x.json", "kubectl apply -f x.json --context k3d-c1"),
  ]) func whoReadsJSONGetsIt(line: String, started: String) throws {
    let programs = try ProgramFixture()
    #expect(try programs.plan(line, wantsJSON: true) == [started])
  }

  @Test func aPlanKnowsWhatIsOnlyKnownLater() throws {
    let programs = try ProgramFixture()
    let target = programs.target()
    let kubectl = target.program("kubectl")
    let call = programs.call(["get", .knownLater], with: .null, on: target, cluster: nil)
    let planned = try kubectl.plan(call)
    #expect(planned.first?.words.map(\.isKnownLater) == [false, false, true, false, true])
    // A run without clusters has no context, now or later.
    let alone = Invocation(words: ["get", "ns"], deadline: .now)
    #expect(try kubectl.plan(alone).first?.words.map(\.string) == ["kubectl", "get", "ns"])
  }

  @Test func aPlanHoldsTheDocument() throws {
    let programs = try ProgramFixture()
    let target = programs.target()
    let call = programs.call(["apply", "-f", "-"], with: ["kind": "Namespace"], on: target)
    let planned = try target.program("kubectl").plan(call)
    #expect(planned.first?.document?.json().string == #"{"kind":"Namespace"}"#)
  }

  @Test func execPlansAndRunsAnyProgram() throws {
    let programs = try ProgramFixture()
    try programs.program("tool", "echo ran \"$1\"")
    let environment = programs.environment
    let exec = ProgramCommand.exec { environment }
    let call = programs.call(["tool", "a b"], on: programs.target())
    #expect(try exec.plan(call).first?.words.map(\.string) == ["tool", "a b"])
    #expect(try exec.run(call).asText?.string == "ran a b")
    #expect(throws: CommandFailure.self) { try exec.plan(Invocation(words: [], deadline: .now)) }
  }

  @Test func outputIsShownAsItComesAndKept() throws {
    let programs = try ProgramFixture()
    try programs.program("kubectl", "echo one; echo two >&2; echo three")
    guard case .record(let record) = try programs.run("kubectl version", isStatement: true) else { return }
    #expect(programs.said.sorted() == ["one", "three", "two"])
    #expect(record.out.string == "one\nthree\n")
    #expect(record.err.string == "two\n")
  }

  /// Of an upgrade all ends with a table and the notes of the chart.
  @Test(arguments: [
    ("helm upgrade --install c1 nats/nats", ["Release \"c1\" has been upgraded. Happy Helming!", "STATUS: deployed"]),
    ("helm status c1", nil),
  ]) func notesOfChartsAreKeptAndNotShown(line: String, shown: [String]?) throws {
    let programs = try ProgramFixture()
    let told = """
      Release "c1" has been upgraded. Happy Helming!
      NAME: c1
      NAMESPACE: nats
      STATUS: deployed
      REVISION: 2
      NOTES:
      Look at it:
      STATUS: of no meaning
      """
    try programs.program("helm", "cat <<'END'\n\(told)\nEND")
    guard case .record(let record) = try programs.run(line, isStatement: true) else { return }
    #expect(record.out.string == told + "\n")
    #expect(programs.said == shown ?? told.split(separator: "\n").map(String.init))
    // A failure tells all.
    try programs.program("helm", "cat <<'END'\n\(told)\nEND\nexit 1")
    #expect(try programs.failure(line).said?.string.contains("STATUS: of no meaning") == true)
  }

  @Test func aFailureShowsTheLastLines() throws {
    let programs = try ProgramFixture()
    try programs.program("helm", "i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo line $i >&2; done; exit 4")
    let failure = try programs.failure("helm list")
    #expect(failure.details.code == 4)
    #expect(failure.reason.string == "exit 4")
    #expect(failure.said?.string.split(separator: "\n").count == 12)
    #expect(failure.said?.string.hasSuffix("line 40") == true)
    #expect(failure.ran?.string == "helm list --kube-context k3d-c1")
  }

  @Test func aComplaintIsShownWithoutItsColours() throws {
    let programs = try ProgramFixture()
    try programs.program("k3d", #"printf '\033[31mFATA\033[0m[0000] no\033[1;38;5;9m \033[Kway \033[' >&2; exit 1"#)
    #expect(try programs.failure("k3d cluster list").said?.string == "FATA[0000] no way ")
    try programs.program("k3d", #"printf '\033 [31m' >&2; exit 1"#)
    #expect(try programs.failure("k3d cluster list").said?.string == "\u{1B} [31m")
  }

  @Test func whatWasRunIsQuotedWhereItHasBlanks() throws {
    let programs = try ProgramFixture()
    try programs.program("docker", "exit 1")
    let target = programs.target()
    let call = programs.call(["ps", "--filter", "label=a b", ""], on: target)
    let failure = #expect(throws: CommandFailure.self) { try target.program("docker").run(call) }
    #expect(failure?.ran?.string == "docker ps --filter 'label=a b' ''")
  }
}
