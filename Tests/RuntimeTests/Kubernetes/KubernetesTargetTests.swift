import Interpreter
import Synchronization
import TestSupport
import Testing

@testable import SandboxKubernetes
@testable import SandboxRuntime
@testable import SandboxSystem

/// Contexts, addresses and the state of clusters.
@Suite(.mayWait) struct KubernetesTargetTests {
  @Test func contextsFollowTheTargetAndTheCommandLine() throws {
    let programs = try ProgramFixture()
    #expect(programs.target().cluster(named: "c1", index: 0).context == "k3d-c1")
    #expect(programs.target(.foreign).cluster(named: "c1", index: 0).context == "c1")
    #expect(programs.target(.foreign, contexts: ["c1": "eks"]).cluster(named: "c1", index: 0).context == "eks")
    for (wanted, variable) in [("kube", ""), (nil, "kube")] as [(String?, String)] {
      let chooser = TargetChooser(
        wanted: wanted, contexts: ["c2": "b"], clusters: [], environment: ["NBX_TARGET": variable], purpose: "",
        announce: { _ in })
      #expect(chooser.cluster(named: "c1", index: 0).context == "c1")
      #expect(chooser.cluster(named: "c2", index: 0).context == "b")
    }
  }

  @Test(arguments: [["c1": "eks", "c2": "eks"], ["c1": "c2"]])
  func twoClustersOfOneContextAreOne(contexts: [String: String]) throws {
    let chooser = TargetChooser(
      wanted: "kube", contexts: contexts, clusters: ["c1", "c2"], environment: [:], purpose: "", announce: { _ in })
    let failure = try #require(throws: CommandFailure.self) { try chooser.plannedTarget() }
    #expect(failure.kind == .misused && failure.reason.string.contains("c1 and c2 are one and the same cluster"))
  }

  @Test(arguments: [
    ("0.0.0.0:4222\n[::]:4222", "127.0.0.1", 4222), ("127.0.0.1:4333", "127.0.0.1", 4333),
    ("[::]:4224", "127.0.0.1", 4224), ("192.168.1.5:4222", "192.168.1.5", 4222),
  ]) func onK3dDockerTellsThePort(mapping: Named<String>, host: String, port: Int) throws {
    let programs = try ProgramFixture()
    try programs.program("docker", "printf '\(mapping.value.replacing("\n", with: "\\n"))\\n'")
    let target = programs.target()
    for _ in 0..<2 {
      let found = try target.clientAddresses(of: target.cluster(named: "c1", index: 0))
      #expect(found.count == 1)
      #expect(found.first?.host == host)
      #expect(found.first?.port == port)
    }
    // What is known is not asked again.
    #expect(programs.calls == ["docker port k3d-c1-serverlb 4222"])
  }

  @Test(arguments: ["Error: No public", "no public"])
  func aPortThatIsNotOpenIsExplainedAndAskedForAgain(said: String) throws {
    let programs = try ProgramFixture()
    try programs.program("docker", "echo \"\(said) port '4222' published for k3d-c1-serverlb\" >&2; exit 1")
    let target = programs.target()
    let cluster = target.cluster(named: "c1", index: 0)
    let failure = try #require(throws: CommandFailure.self) { try target.clientAddresses(of: cluster) }
    #expect(failure.reason.string.contains("c1"))
    #expect(failure.advice == "nbx run recipes/host-access.nbx c1 c2")
    try programs.program("docker", "echo 0.0.0.0:4222")
    #expect(try target.clientAddresses(of: cluster).first?.port == 4222)
  }

  @Test func beforeAnythingIsBuiltThatIsSaidAndNotTriedAgain() throws {
    let programs = try ProgramFixture()
    try programs.program(
      "docker", "echo 'Error response from daemon: No such container: k3d-c1-serverlb' >&2; exit 1")
    let target = programs.target()
    let failure = try #require(throws: CommandFailure.self) {
      try target.clientAddresses(of: target.cluster(named: "c1", index: 0))
    }
    #expect(failure.kind == .misused && failure.reason.string == "there is no cluster c1 in k3d")
    #expect(failure.advice == "build everything first: nbx run install c1 c2 --target k3d")
  }

  @Test func aTargetThatIsChosenReadsAsAChoice() throws {
    let home = try RunFolder.newPath()
    let heard = Mutex<[String]>([])
    let chooser = TargetChooser(
      wanted: nil, contexts: [:], clusters: ["c1"], environment: ["NBX_HOME": home, "PATH": "/nowhere"], purpose: "",
      announce: { line in heard.withLock { $0.append(line) } })
    #expect(try chooser.plannedTarget().name == "local")
    #expect(
      heard.withLock { $0 } == [
        "target local: servers are plain processes of this machine (chosen, since k3d is not installed)"
      ])
  }

  @Test(arguments: ["ip", "hostname"]) func elsewhereTheIngressHasAnAddress(key: String) throws {
    let programs = try ProgramFixture()
    try programs.program("kubectl", #"echo '{"status":{"loadBalancer":{"ingress":[{"\#(key)":"lb.example"}]}}}'"#)
    let target = programs.target(.foreign, contexts: ["c1": "eks"])
    let found = try target.clientAddresses(of: target.cluster(named: "c1", index: 0))
    #expect(found.first?.host == "lb.example")
    #expect(found.first?.port == 4222)
    #expect(
      programs.calls == [
        "kubectl get service haproxy-ingress-kubernetes-ingress -n haproxy-ingress --context eks -o json"
      ])
  }

  @Test func anIngressWithoutAddressOrAtAllIsExplained() throws {
    let programs = try ProgramFixture()
    let target = programs.target(.foreign)
    let cluster = target.cluster(named: "c1", index: 0)
    try programs.program("kubectl", #"echo '{"status":{"loadBalancer":{}}}'"#)
    #expect(
      try #require(throws: CommandFailure.self) { try target.clientAddresses(of: cluster) }.reason.string
        .contains("no address yet"))
    try programs.program("kubectl", "echo 'Error from server (NotFound): services not found' >&2; exit 1")
    #expect(
      try #require(throws: CommandFailure.self) { try target.clientAddresses(of: cluster) }.advice
        == "install the ingress: nbx run recipes/ingress.nbx c1")
  }

  @Test func theStatusShowsClustersAndServers() throws {
    let programs = try ProgramFixture()
    let network = #""network":{"name":"linkerd-idc"}"#
    func node(_ status: String) -> String {
      #"{"name":"n","role":"server","State":{"Running":true,"Status":"\#(status)"}}"#
    }
    try programs.program(
      "k3d",
      #"echo '[{"name":"c1",\#(network),"nodes":[\#(node("running"))]},"#
        + #"{"name":"c2",\#(network),"nodes":[\#(node("exited"))]},{"name":"mine","nodes":[]}]'"#)
    func pod(_ name: String, _ phase: String, ready: Bool, _ more: String = "") -> String {
      #"{"metadata":{"name":"\#(name)"},"status":{"phase":"\#(phase)","containerStatuses":[{"name":"nats","#
        + #""image":"docker.io/library/nats:2.11.4-alpine","ready":\#(ready)\#(more)}]}}"#
    }
    let pods = [
      pod("c1-nats-0", "Running", ready: true), pod("c1-nats-1", "Running", ready: false),
      pod("c1-nats-2", "Running", ready: false, #","state":{"waiting":{"reason":"CrashLoopBackOff"}}"#),
      #"{"metadata":{"name":"box","labels":{"app.kubernetes.io/component":"nats-box"}},"status":{}}"#,
    ]
    try programs.program("kubectl", "echo '{\"items\":[\(pods.joined(separator: ","))]}'")
    let status = programs.target().status()
    #expect(status.regions.map(\.name) == ["c1", "c2"])
    #expect(status.regions.map(\.state) == ["running", "stopped"])
    #expect(status.servers.map(\.name) == ["c1-nats-0", "c1-nats-1", "c1-nats-2"])
    #expect(status.servers.map(\.state) == ["running", "starting", "crashed"])
    #expect(status.servers.allSatisfy { $0.cluster == "c1" && $0.version == "2.11.4" })
    // Nobody asks a cluster that stands still.
    #expect(programs.calls.count { $0.hasPrefix("kubectl") } == 1)
  }

  @Test func aClusterThatDoesNotAnswerHoldsUpNothing() throws {
    let programs = try ProgramFixture()
    try programs.program("kubectl", "case \"$*\" in *hangs*) exec sleep 600;; *) echo '{\"items\":[]}';; esac")
    let target = programs.target(.foreign, contexts: ["c1": "hangs", "c2": "answers"])
    // On a busy machine the one that answers may take longer, too.
    let status = try eventually {
      KubernetesStatus(target: target, patience: .milliseconds(500)).status()
    } where: {
      $0.regions.map(\.state) == ["unreachable", "running"]
    }
    #expect(status.notes.contains { $0.hasPrefix("c1 does not answer") })
  }

  @Test func whatIsNoAnswerIsNoClusterWithoutServers() throws {
    let programs = try ProgramFixture()
    try programs.program("kubectl", "echo '<html>503</html>'")
    let status = programs.target(.foreign, contexts: ["c1": "odd"]).status(of: ["c1"])
    #expect(status.regions.map(\.state) == ["unreachable"])
    #expect(status.notes == ["kubectl tells no pods of c1: <html>503</html>"])
  }

  @Test func whatK3dCannotTellIsANote() throws {
    let programs = try ProgramFixture()
    try programs.program("k3d", "echo 'no docker' >&2; exit 1")
    let status = programs.target().status()
    #expect(status.regions.isEmpty)
    #expect(status.notes.first?.contains("no docker") == true)
  }
}
