import Interpreter
import TestSupport
import Testing

@testable import SandboxSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `region` on k3d, before programs that remember which clusters there are in files named after them.
@Suite(.mayWait) struct K3dRegionTests {
  private func fixture(_ clusters: [String: String] = [:]) throws -> ProgramFixture {
    let programs = try ProgramFixture()
    for (name, status) in clusters { try programs.cluster(name, status) }
    try programs.program(
      "k3d",
      """
      cd "$FIXTURE"
      case "$1 $2" in
        "cluster list")
          printf '['; comma=''
          for f in cluster-*; do [ -e "$f" ] && printf '%s' "$comma" && cat "$f" && comma=','; done
          printf ']'; exit 0 ;;
        "cluster create") sleep 0.1; "$FIXTURE/make" "$3" running; echo "made $3" ;;
        "cluster delete") rm -f "cluster-$3"; echo "deleted $3" ;;
      esac
      """)
    try programs.program(
      "docker",
      """
      cd "$FIXTURE"
      case "$1 $2" in
        "network inspect") [ -e network ] || { echo "Error: No such network" >&2; exit 1; } ;;
        "network create") [ -e network ] && { echo "network with name $3 already exists" >&2; exit 1; }; : > network ;;
        "network rm") rm network ;;
      esac
      """)
    return programs
  }

  private func changes(_ programs: ProgramFixture) -> [String] {
    programs.calls.filter { call in
      !["k3d cluster list", "docker network inspect", "docker exec"].contains { call.hasPrefix($0) }
    }
  }

  private static let create =
    "k3d cluster create c1 --agents 2 --network linkerd-idc --k3s-arg"
    + " --disable=traefik@server:0 --kubeconfig-update-default=false"
  private static let merge = "k3d kubeconfig merge c1 --kubeconfig-merge-default --kubeconfig-switch-context=false"

  @Test func aMissingOneIsMadeAsThePlanSays() throws {
    let programs = try fixture()
    let plan = try programs.plan("region create c1")
    #expect(programs.calls.isEmpty)
    #expect(plan == ["docker network create linkerd-idc", Self.create, Self.merge])
    try programs.run("region create c1")
    #expect(changes(programs) == plan)
    // Nobody has to wait any more, and nothing is left of it.
    let locks = programs.folder.file(".local/state/nbx/locks")
    #expect(try FileManager.default.contentsOfDirectory(atPath: locks) == [])
  }

  @Test(arguments: [("running", [merge]), ("paused", []), ("exited", [])] as [(String, Named<[String]>)])
  func oneThatExistsStaysAsItIs(status: String, expected: Named<[String]>) throws {
    let programs = try fixture(["c1": status])
    try programs.run("region create c1")
    #expect(changes(programs) == expected.value)
  }

  @Test func oneThatWasNeverFinishedIsMadeAnew() throws {
    let programs = try fixture(["c1": "created"])
    try programs.run("region create c1", isStatement: true)
    #expect(
      changes(programs) == ["k3d cluster delete c1", "docker network create linkerd-idc", Self.create, Self.merge])
    #expect(programs.said.contains { $0.contains("never finished") && $0.contains("c1") })
  }

  @Test func manyLanesMakeOneNetwork() throws {
    let programs = try fixture()
    let target = programs.target()
    onThreads(4) { lane in _ = try? programs.run("region create d\(lane)", on: target) }
    #expect(programs.calls.count { $0 == "docker network create linkerd-idc" } == 1)
    #expect(programs.calls.count { $0.hasPrefix("k3d cluster create") } == 4)
  }

  @Test func aNetworkThatAnotherNbxMakesMeanwhileIsFine() throws {
    let programs = try fixture()
    try programs.program("docker", "[ $2 = inspect ] && exit 1; echo 'network linkerd-idc already exists' >&2; exit 1")
    try programs.run("region create c1")
    #expect(programs.calls.contains(Self.create))
  }

  @Test func aFailureToMakeItIsTold() throws {
    let programs = try fixture()
    try programs.program("docker", "echo 'Cannot connect to the Docker daemon at unix:///x' >&2; exit 1")
    let failure = try programs.failure("region create c1")
    #expect(failure.said?.string.contains("Cannot connect") == true)
    #expect(failure.advice?.contains("start Docker") == true)
  }

  @Test func theNetworkGoesWithTheLastCluster() throws {
    let programs = try fixture(["c1": "running", "c2": "exited"])
    try programs.run("region create c3")
    try programs.run("region delete c1")
    try programs.run("region delete c3")
    #expect(!programs.calls.contains("docker network rm linkerd-idc"))
    let before = changes(programs).count
    let plan = try programs.plan("region delete c2")
    try programs.run("region delete c2")
    #expect(Array(changes(programs).dropFirst(before)) == plan)
    #expect(plan == ["k3d cluster delete c2", "docker network rm linkerd-idc"])
    // A second time there is nothing left to take away.
    try programs.run("region delete c2")
    #expect(programs.calls.count { $0 == "docker network rm linkerd-idc" } == 1)
  }

  @Test func stopsAndStarts() throws {
    let programs = try fixture(["c1": "running"])
    try programs.run("region start c1")
    try programs.run("region stop c1")
    try programs.run("region stop c1 --now")
    #expect(
      changes(programs) == [
        "k3d cluster start c1", "k3d cluster stop c1", "docker kill k3d-c1-server-0 k3d-c1-agent-0 k3d-c1-serverlb",
        "k3d cluster stop c1",
      ])
    #expect(try programs.failure("region start c9").advice == "make it: region create c9")
  }

  @Test func pausesEveryNodeOfTheCluster() throws {
    let programs = try fixture(["c1": "running", "c2": "paused"])
    try programs.run("region pause c1 c2")
    try programs.run("region resume c1 c2")
    #expect(
      changes(programs) == [
        "docker pause k3d-c1-server-0 k3d-c1-agent-0 k3d-c1-serverlb",
        "docker unpause k3d-c2-server-0 k3d-c2-agent-0 k3d-c2-serverlb",
      ])
    let plan = try programs.plan("region pause c1")
    #expect(plan == ["docker pause \(Text.knownLater.string)"])
  }

  @Test func listsWhatK3dKnows() throws {
    let programs = try fixture(["c1": "running", "c2": "exited", "c3": "created", "c4": "paused"])
    let list = try programs.run("region list", isStatement: true).elements ?? []
    #expect(list.map { $0[at: "name"]?.asText?.string } == ["c1", "c2", "c3", "c4"])
    #expect(list.map { $0[at: "state"]?.asText?.string } == ["running", "stopped", "unfinished", "paused"])
    #expect(list.first?[at: "servers"]?.asText?.string == "1")
    #expect(programs.said.first?.hasPrefix("NAME") == true)
    #expect(try fixture().run("region list").elements?.isEmpty == true)
  }

  @Test func aClusterInWhichSomeNodesRunIsDegradedAndLeftAlone() throws {
    let programs = try fixture(["c1": "running"])
    let half = (programs.folder.text("cluster-c1") ?? "").replacing(
      #"agent","State":{"Running":true,"Status":"running"}"#,
      with: #"agent","State":{"Running":false,"Status":"exited"}"#)
    _ = try programs.folder.script("cluster-c1", half)
    #expect(try programs.run("region list").elements?.first?[at: "state"]?.asText?.string == "degraded")
    try programs.run("region create c1", isStatement: true)
    #expect(!programs.calls.contains { $0.hasPrefix("k3d cluster delete") })
    #expect(programs.said.contains("c1 exists, and is degraded"))
  }

  @Test(arguments: ["create", "start", "stop", "delete", "pause", "resume"], ["running", "created"])
  func aClusterThatNbxHasNotMadeIsLeftAlone(verb: String, status: String) throws {
    let programs = try fixture(["c1": status])
    let theirs = (programs.folder.text("cluster-c1") ?? "").replacing("linkerd-idc", with: "mine")
    _ = try programs.folder.script("cluster-c1", theirs)
    if verb == "delete" {
      try programs.run("region delete c1", isStatement: true)
      #expect(programs.said.first?.hasPrefix("c1 stays: nbx has not made the cluster c1 of k3d") == true)
    } else {
      let failure = try programs.failure("region \(verb) c1")
      #expect(failure.reason.string.hasPrefix("c1: nbx has not made the cluster c1 of k3d"))
      #expect(failure.advice?.contains("--target kube --context c1=k3d-c1") == true)
    }
    #expect(changes(programs) == [])
  }

  @Test(arguments: [
    ("region create c1", "k3d"), ("region delete c1", "k3d"), ("link cut c1 c2", "k3d"), ("link heal", "k3d"),
    // One that is just being made looks like one that was never finished.
    ("region create c1", "k3d c1"), ("helm upgrade --install a b/c -n nats", "helm k3d-c1 nats a"),
    ("helm uninstall a", "helm k3d-c1 default a"),
  ]) func whileAnotherNbxIsAboutTheSameItWaits(line: String, turn: String) throws {
    let programs = try fixture(["c1": "created", "c2": "running"])
    let locks = programs.folder.file(".local/state/nbx/locks")
    try Folders.make(locks)
    let other = try #require(try FileLock.tryAcquire("\(locks)/\(turn)", for: "something else"))
    defer { other.release() }
    let failure = try #require(throws: CommandFailure.self) { try programs.run(line, within: .milliseconds(100)) }
    #expect(failure.kind == .timedOut && "\(failure.reason) \(failure.advice ?? "")".contains("something else"))
    #expect(changes(programs) == [])
  }

  @Test func aLinkThatWouldNotHoldForANodeIsNone() throws {
    let programs = try fixture(["c1": "running", "c2": "running"])
    try programs.program(
      "docker",
      #"""
      case "$1" in
        network) echo '{"1":{"Name":"k3d-c1-server-0","IPv4Address":"172.18.0.2/16"}}' ;;
        exec) [ $2 = --interactive ] || { echo 'cat: No such file' >&2; exit 1; } ;;
      esac
      """#)
    let failure = try programs.failure("link cut c1 c2")
    #expect(failure.reason.string.hasPrefix("k3d-c2-server-0 has no address in the network linkerd-idc"))
    #expect(!programs.calls.contains { $0.hasPrefix("docker run") })
    try programs.run("link heal")
  }

  @Test(arguments: ["create", "start", "stop", "delete", "pause", "resume"])
  func foreignClustersAreLeftAlone(verb: String) throws {
    let programs = try fixture()
    let kube = programs.target(.foreign)
    try programs.run("region \(verb) c1 c2", on: kube)
    #expect(programs.calls.isEmpty)
    #expect(programs.said.count == 2)
    #expect(programs.said.allSatisfy { $0.contains("leaves clusters as they are") })
  }

  @Test func foreignClustersAreListedWithTheirContext() throws {
    let programs = try fixture()
    try programs.program("kubectl", "case \"$*\" in *ctx-a*) echo node/a;; *) echo 'no route' >&2; exit 1;; esac")
    let rows = try programs.run("region list", on: programs.target(.foreign, contexts: ["c1": "ctx-a"])).elements ?? []
    #expect(rows.map { $0[at: "context"]?.asText?.string } == ["ctx-a", "c2"])
    #expect(rows.map { $0[at: "state"]?.asText?.string } == ["running", "unreachable"])
  }
}

extension ProgramFixture {
  /// What k3d tells of a cluster all of whose nodes are in one state.
  fileprivate func cluster(_ name: String, _ status: String) throws {
    var maker = Subprocess(try maker(), [name, status])
    maker.environment = environment
    _ = try maker.run()
  }

  private func maker() throws -> String {
    try folder.script(
      "make",
      """
      #!/bin/sh
      node() { printf '{"name":"k3d-%s","role":"%s","State":{"Running":%s,"Status":"%s"}}' "$1" "$2" "$running" "$3"; }
      running=false; [ "$2" = running ] && running=true
      { printf '{"name":"%s","network":{"name":"linkerd-idc"},"nodes":[' "$1"
        node "$1-server-0" server "$2"; printf ','; node "$1-agent-0" agent "$2"; printf ','
        node "$1-serverlb" loadbalancer "$2"; printf ','; node registry registry running
        printf '],"serversRunning":1,"serversCount":1}'; } > "$FIXTURE/cluster-$1"

      """)
  }
}
