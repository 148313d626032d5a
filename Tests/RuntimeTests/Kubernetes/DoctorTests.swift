import Interpreter
import TestSupport
import Testing

@testable import SandboxKubernetes
@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What `nbx doctor` finds, with programs that print what real ones print.
@Suite(.mayWait) struct DoctorTests {
  /// All that k3d needs, as good as it gets.
  private func fixture() throws -> ProgramFixture {
    let programs = try ProgramFixture()
    try programs.program(
      "docker",
      """
      case "$1 $3" in
        "version {{.Client.Version}}"|"version {{.Server.Version}}") echo 28.0.4 ;;
        info*) echo '{"NCPU":8,"MemTotal":25178304512}' ;;
        ps*) echo 'k3d-c1-serverlb 0.0.0.0:4222->4222/tcp, [::]:4222->4222/tcp, 0.0.0.0:43215->6443/tcp'
          echo 'k3d-c2-serverlb 0.0.0.0:4223->4222/tcp'; echo 'k3d-c3-serverlb 0.0.0.0:4224->4222/tcp'
          echo 'k3d-c1-server-0 ' ;;
      esac
      """)
    try programs.program("k3d", "echo 'k3d version v5.8.3'; echo 'k3s version v1.31.5-k3s1 (default)'")
    try programs.program("kubectl", "echo 'Client Version: v1.33.1'; echo 'Kustomize Version: v5.6.0'")
    try programs.program("helm", "echo v3.18.3+g6838ebc")
    try programs.program("linkerd", "echo edge-25.4.4")
    return programs
  }

  @Test func whatIsNoServerIsBroken() throws {
    let programs = try ProgramFixture()
    try programs.program("nats-server", "echo hello")
    let local = LocalTarget(home: programs.folder.file("home"), clusters: [], environment: programs.environment)
    let findings = Doctor(environment: programs.environment).examine(local)
    let found = try #require(findings.first { $0.what == "nats-server" })
    #expect(found.state == .broken)
    #expect(found.detail.hasSuffix("/nats-server does not say its version as a nats-server does"))
  }

  private func findings(
    _ programs: ProgramFixture, _ target: ClusterOwnership = .ours, patience: Duration = patience
  ) -> [Doctor.Finding] {
    var doctor = Doctor(environment: programs.environment)
    doctor.patience = patience
    return doctor.examine(programs.target(target))
  }

  private func finding(
    _ what: String, _ programs: ProgramFixture, _ target: ClusterOwnership = .ours, patience: Duration = patience
  ) throws -> Doctor.Finding {
    try #require(findings(programs, target, patience: patience).first { $0.what == what })
  }

  @Test func allIsWell() throws {
    let findings = findings(try fixture())
    #expect(
      findings.map(\.what) == [
        "docker", "k3d", "kubectl", "helm", "linkerd", "engine", "processors", "memory", "ports", "links",
      ])
    #expect(findings.allSatisfy { $0.state == .good })
    #expect(findings.prefix(5).map(\.detail) == ["28.0.4", "5.8.3", "1.33.1", "3.18.3", "edge-25.4.4"])
    #expect(
      findings.suffix(4).map(\.detail) == [
        "8", "23.4 GiB", "4222 is k3d-c1-serverlb's, 4223 is k3d-c2-serverlb's, 4224 is k3d-c3-serverlb's",
        "by tc and nft of nicolaka/netshoot:v0.13, which is here; they need the kernel's sch_netem and nf_tables",
      ])
  }

  @Test(arguments: [
    ("k3d", "k3d version v5.7.5\nk3s version v1.30.6-k3s1 (default)", "5.7.5, and it takes 5.8 or newer"),
    (
      "k3d", "k3d version v5.8.3\nk3s version v1.21.7-k3s1 (default)",
      "5.8.3, which makes clusters of Kubernetes 1.21.7"
    ),
    (
      "helm", "v3.9.4+gdbc6d8e",
      "3.9.4, and it takes 3.13 or newer: earlier ones have no `upgrade --labels` and no `uninstall --ignore-not-found`"
    ),
    (
      "kubectl",
      #"Client Version: version.Info{Major:"1", Minor:"24", GitVersion:"v1.24.3", GitCommit:"aef8"}"#,
      "1.24.3, and it takes 1.27 or newer"
    ),
    ("linkerd", "stable-2.14.10", "stable-2.14.10, and it takes stable-2.18 or newer"),
    ("linkerd", "edge-24.11.8", "edge-24.11.8, and it takes edge-25.4.4 or newer"),
    ("docker", "19.03.15", "19.3.15, and it takes 20.10.5 or newer"),
  ]) func whatIsTooOldSaysWhatItTakes(program: String, output: Named<String>, detail: String) throws {
    let programs = try fixture()
    try programs.program(program, "cat <<'END'\n\(output.value)\nEND")
    let finding = try finding(program, programs)
    #expect(finding.state == .tooOld)
    #expect(finding.detail.hasPrefix(detail), "\(finding.detail)")
    #expect(!finding.advice.isEmpty)
    #expect(!finding.isGood)
  }

  @Test(arguments: [
    ("helm", "v4.0.1+g0ad800e"), ("kubectl", "Client Version: v1.27.0"), ("linkerd", "enterprise-2.18.0"),
    ("linkerd", "Client version: edge-25.10.1"), ("k3d", "k3d version v5.8.0"),
    ("helm", "v3.13.0+g825e86f"),
  ]) func whatIsNewEnoughIsGood(program: String, output: String) throws {
    let programs = try fixture()
    try programs.program(program, "echo '\(output)'")
    #expect(try finding(program, programs).state == .good)
  }

  @Test func whatIsMissingSaysHowToGetItOnEachSystem() throws {
    let programs = try fixture()
    unlink(programs.folder.file("helm"))
    let finding = try finding("helm", programs)
    #expect(finding.state == .missing)
    #expect(finding.advice.contains { $0.hasPrefix("Linux: ") })
    #expect(finding.advice.contains { $0.hasPrefix("macOS: ") })
  }

  @Test func whatIsBrokenSaysWhatItSaid() throws {
    let programs = try fixture()
    try programs.program("helm", "echo 'cannot execute: exec format error' >&2; exit 126")
    #expect(try finding("helm", programs).state == .broken)
    #expect(try finding("helm", programs).detail == "cannot execute: exec format error")
    try programs.program("helm", "exec sleep 600")
    let silent = try finding("helm", programs, patience: .milliseconds(300))
    #expect(silent.detail == "it does not say its version")
    _ = try programs.folder.script("helm", "neither script nor program")
    #expect(try finding("helm", programs).state == .broken)
  }

  @Test(arguments: [
    (
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
      "does not run", "systemctl start docker"
    ),
    (
      "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
      "this user may not use it", "usermod -aG docker"
    ),
    ("error during connect: EOF", "error during connect: EOF", "docker version"),
  ]) func dockersAnswersAreToldApart(said: Named<String>, detail: String, advice: String) throws {
    let programs = try fixture()
    try programs.program(
      "docker", "[ \"$3\" = '{{.Client.Version}}' ] && echo 28.0.4; echo '\(said.value)' >&2; exit 1")
    #expect(try finding("docker", programs).state == .good)
    let engine = try finding("engine", programs)
    #expect(engine.state == .broken)
    #expect(engine.detail.contains(detail))
    #expect(engine.advice.first?.contains(advice) == true)
    // What an engine that does not answer has to give, nobody knows.
    #expect(!findings(programs).contains { $0.what == "memory" })
    let refusal = programs.target().missing(announce: { _ in })
    #expect(refusal?.reason.string.contains(detail) == true)
  }

  @Test func aDockerThatHangsHoldsUpNothing() throws {
    let programs = try fixture()
    try programs.program("docker", "exec sleep 600")
    let engine = try finding("engine", programs, patience: .milliseconds(300))
    #expect(engine.detail == "the engine does not answer")
  }

  @Test func littleRoomIsAWarning() throws {
    let programs = try fixture()
    let script = (programs.folder.text("docker") ?? "").replacing(
      #"{"NCPU":8,"MemTotal":25178304512}"#, with: #"{"NCPU":2,"MemTotal":8242241536}"#)
    _ = try programs.folder.script("docker", script)
    for what in ["processors", "memory"] {
      let finding = try finding(what, programs)
      #expect(finding.state == .warning)
      #expect(finding.isGood)
      #expect(finding.detail.contains("three clusters take about"))
      #expect(!finding.advice.isEmpty)
    }
  }

  @Test func anotherProgramsPortIsAWarning() throws {
    let programs = try fixture()
    var ports = PortAllocator(promised: [], sandbox: programs.folder.path)
    let (taken, free) = (try ports.take(), try ports.take())
    let listener = try #require(Listener(taken))
    defer { listener.close() }
    var doctor = Doctor(environment: programs.environment)
    doctor.clientPorts = [4222, taken, free]
    let warned = try #require(doctor.examine(programs.target()).first { $0.what == "ports" })
    #expect(warned.state == .warning)
    #expect(warned.detail == "taken by other programs: \(taken)")
    #expect(warned.advice.first?.contains(" port=") == true)
    doctor.clientPorts = [4222, free]
    let good = try #require(doctor.examine(programs.target()).first { $0.what == "ports" })
    #expect(good.detail == "4222 is k3d-c1-serverlb's, \(free) is free")
  }

  @Test func existingClustersNeedContexts() throws {
    let programs = try fixture()
    try programs.program(
      "kubectl", "case $1 in config) printf 'ctx-a\\nctx-b\\n' ;; *) echo 'Client Version: v1.33.1' ;; esac")
    #expect(findings(programs, .foreign).map(\.what).prefix(4) == ["kubectl", "helm", "linkerd", "contexts"])
    #expect(try finding("contexts", programs, .foreign).detail == "ctx-a, ctx-b")
    try programs.program("kubectl", "case $1 in config) ;; *) echo 'Client Version: v1.33.1' ;; esac")
    #expect(try finding("contexts", programs, .foreign).state == .missing)
  }

  /// A kubectl that knows three contexts, behind which are an old cluster, a new one, and none.
  private func withClusters() throws -> ProgramFixture {
    let programs = try fixture()
    try programs.program(
      "kubectl",
      """
      case "$*" in
        "config get-contexts"*) printf 'old\nnew\nnone\n' ;;
        *"--context old "*) echo '{"serverVersion":{"gitVersion":"v1.30.8-gke.1051000"}}' ;;
        *"--context new "*|*"--context k3d-c1 "*) echo '{"serverVersion":{"gitVersion":"v1.31.5+k3s1"}}' ;;
        *--context*) echo '{"clientVersion":{}}'; echo 'Unable to connect to the server: EOF' >&2; exit 1 ;;
        *) echo 'Client Version: v1.33.1' ;;
      esac
      """)
    return programs
  }

  @Test func theVersionsOfClustersThatExistAreLookedAt() throws {
    let programs = try withClusters()
    func clusters(_ target: KubernetesTarget) -> [Doctor.Finding] {
      Doctor(environment: programs.environment).examine(target).filter { $0.what.hasPrefix("cluster ") }
    }
    let meant = clusters(programs.target(.foreign, contexts: ["c1": "old", "c2": "new", "c3": "none"]))
    #expect(meant.map(\.what) == ["cluster c1", "cluster c2", "cluster c3"])
    #expect(meant.map(\.state) == [.tooOld, .good, .broken])
    #expect(
      meant.map(\.detail).prefix(2) == [
        "Kubernetes 1.30.8, and the newest linkerd asks for 1.31 or newer", "Kubernetes 1.31.5",
      ])
    #expect(meant[0].advice.contains { $0.contains("linkerd_version=") })
    // Without a word about which is meant, one that is too old may be somebody else's.
    let any = clusters(programs.target(.foreign))
    #expect(any.map(\.what) == ["cluster old", "cluster new", "cluster none"])
    #expect(any.map(\.state) == [.warning, .good, .warning])
    #expect(any[2].detail.hasSuffix("Unable to connect to the server: EOF"))
  }

  @Test func ofK3dsClustersThoseThatRunAreAsked() throws {
    let programs = try withClusters()
    func cluster(_ name: String, _ network: String, _ status: String) -> String {
      #"{"name":"\#(name)","network":{"name":"\#(network)"},"nodes":[{"name":"k3d-\#(name)-server-0","role":"server","#
        + #""State":{"Status":"\#(status)"}}]}"#
    }
    let all = [
      cluster("c1", "linkerd-idc", "running"), cluster("c2", "linkerd-idc", "exited"), cluster("x", "k3d-x", "running"),
    ]
    try programs.program(
      "k3d",
      """
      case "$1" in version) echo 'k3d version v5.8.3'; echo 'k3s version v1.31.5-k3s1 (default)' ;;
        *) echo '[\(all.joined(separator: ","))]' ;;
      esac
      """)
    let found = findings(programs).filter { $0.what.hasPrefix("cluster ") }
    #expect(found.map(\.what) == ["cluster c1"])
    #expect(found.map(\.detail) == ["Kubernetes 1.31.5"])
  }

  @Test func aRunIsRefusedWhereSomethingIsMissing() throws {
    let programs = try fixture()
    func missing(_ ownership: ClusterOwnership = .ours) -> CommandFailure? {
      KubernetesTarget(ownership, contexts: [:], environment: ["PATH": programs.folder.path]).missing { _ in }
    }
    #expect(missing() == nil)
    unlink(programs.folder.file("linkerd"))
    #expect(missing() == nil)
    unlink(programs.folder.file("docker"))
    #expect(missing(.foreign) == nil)
    #expect(missing()?.reason.string == "the target k3d needs docker")
    unlink(programs.folder.file("helm"))
    #expect(missing(.foreign)?.reason.string == "the target kube needs helm")
    #expect(missing()?.advice?.contains("nbx doctor --target k3d") == true)
  }
}

@Suite(.mayWait) struct ProgramVersionTests {
  @Test(arguments: [
    ("v5.8.3", "5.8.3"), ("k3d version v5.8.3\n", "5.8.3"), ("v3.18.3+g6838ebc", "3.18.3"), ("1.33.1-rc.1", "1.33.1"),
    ("edge-25.4.4", "edge-25.4.4"), ("Docker version 20.10.5, build 55c4c88", "20.10.5"), ("version 1.27", "1.27"),
  ]) func isFoundIn(output: Named<String>, version: String) {
    #expect(ProgramVersion(in: output.value)?.description == version)
  }

  @Test(arguments: ["", "unavailable", "5", "a1.b2", "1..2 x"]) func isNotFoundIn(output: String) {
    #expect(ProgramVersion(in: output) == nil)
  }

  @Test func areOrderedByNumberNotByText() {
    #expect(ProgramVersion(5, 9) < ProgramVersion(5, 10))
    #expect(ProgramVersion(1, 27) < ProgramVersion(1, 27, 1))
    #expect(!(ProgramVersion(4, 0, 1) < ProgramVersion(3, 8)))
  }
}
