import Interpreter
import TestSupport
import Testing

@testable import SandboxPicture

/// A leafnode of real servers, in a region of its own and in no NATS cluster.
@Suite(.mayWait) struct LeafnodeTests {
  @Test func `a leafnode is seen with its hub, and nothing else is missed`() throws {
    let sandbox = try SandboxFixture(["c1", "edge"])
    defer { sandbox.remove() }
    try sandbox.install("c1", SandboxFixture.values(["config": ["leafnodes": ["enabled": true]]]))
    let leaf: Value = [
      "config": [
        "monitor": ["enabled": true],
        "leafnodes": [
          "enabled": true, "merge": ["remotes": [["urls": ["nats-leaf://c1-nats-1.c1-nats-headless-c1:7422"]]]],
        ],
      ]
    ]
    try sandbox.install("leaf", leaf, on: "edge")
    let picture = try eventually {
      PictureMaker(of: sandbox.target).picture()
    } where: {
      $0.problems.isEmpty && $0.leafnodes.first?.isConnected == true
    }
    #expect(picture.leafnodes.map(\.server) == ["leaf-nats-0"])
    #expect(picture.leafnodes.first?.hub == "c1-nats-1" && picture.leafnodes.first?.account == "$G")
    #expect(picture.leafnodes.first?.region == "edge" && picture.leafnodes.first?.hubRegion == "c1")
    #expect(picture.servers.first { $0.name == "leaf-nats-0" }?.natsCluster == "")
    #expect(picture.routes.map(\.expected) == [1] && picture.gateways.isEmpty)

    // Seen from the hub's region alone the leaf is somebody else's.
    let hub = PictureMaker(of: sandbox.target, clusters: ["c1"]).picture()
    #expect(hub.leafnodes.map { [$0.server, $0.region ?? "-", $0.hub ?? "-"] } == [["leaf-nats-0", "-", "c1-nats-1"]])
    #expect(hub.problems.isEmpty && hub.servers.count == 2)

    try sandbox.run("region stop c1")
    let alone = try eventually {
      PictureMaker(of: sandbox.target).picture()
    } where: {
      $0.leafnodes.first?.isConnected == false
    }
    #expect(alone.problems == ["c1 is stopped: all of its 2 servers are down"])
  }
}
