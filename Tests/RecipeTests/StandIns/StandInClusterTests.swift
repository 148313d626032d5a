import Foundation
import TestSupport
import Testing

/// `docker` and `k3d`, clusters that others have made, and what no program knows.
@Suite(.mayWait) struct StandInClusterTests: StandInSuite {
  let world: StandIns

  init() throws { world = try StandIns() }

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

  @Test func `clusters that others have made`() throws {
    let there = ["NBX_STANDIN_CONTEXTS": "prod-a prod-b"]
    #expect(try done("kubectl config get-contexts -o name", there) == "prod-a\nprod-b\n")
    try done("kubectl create ns n --context prod-b", there)
    try refused("kubectl get ns n --context prod-a", "NotFound", there)
    try done("kubectl get ns n --context prod-b", there)
    #expect(try done("k3d cluster delete prod-a", there).contains("No clusters found"))
    try done("kubectl get ns --context prod-a", there)
  }
}
