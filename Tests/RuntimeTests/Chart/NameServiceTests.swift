import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

@Suite(.mayWait) struct NameServiceTests {
  /// `c2/c2-nats-0:cluster`, or `as written`.
  private func meaning(_ host: String, _ port: Int, of name: String = "xr-js", clusters: [String]? = nil) throws
    -> String
  {
    let release = try Supercluster.release(name, in: "c1")
    let names = NameService(clusters: clusters ?? Supercluster.clusters, of: release)
    switch try names.meaning(of: Text(host), port: port) {
    case .asWritten: return "as written"
    case .pods(let pods):
      return pods.map {
        ($0.namespace == "nats" ? "" : $0.namespace + "/") + "\($0.cluster)/\($0.pod):\($0.port.rawValue)"
      }.joined(separator: " ")
    }
  }

  @Test(arguments: [
    ("c1-nats-0.c1-nats-headless", 6222, "c1/c1-nats-0:cluster"),
    ("c1-js-nats-2.c1-js-nats-headless", 6222, "c1/c1-js-nats-2:cluster"),
    ("c1-gw-nats-1.c1-gw-nats-headless", 7222, "c1/c1-gw-nats-1:gateway"),
    ("xr-js-nats-0.xr-js-nats-headless", 6222, "c1/xr-js-nats-0:cluster"),
    ("xr-js-nats-1.xr-js-nats-headless-c2", 6222, "c2/xr-js-nats-1:cluster"),
    ("XR-JS-nats-1.xr-js-nats-headless-c3.nats.svc.cluster.local.", 4222, "c3/xr-js-nats-1:nats"),
    ("c1-nats-0.c1-nats-headless.nats", 4222, "c1/c1-nats-0:nats"),
    ("c1-nats-0.c1-nats-headless.other.svc", 4222, "other/c1/c1-nats-0:nats"),
    ("c1-nats-0.c1-nats-headless.nats.svc.cluster.local", 8222, "c1/c1-nats-0:monitor"),
    ("c1-nats-12.c1-nats-headless", 4222, "c1/c1-nats-12:nats"),
    ("xr-js-nats", 7222, "c1/xr-js-nats-0:gateway c1/xr-js-nats-1:gateway c1/xr-js-nats-2:gateway"),
    ("c1-nats.nats", 4222, "c1/c1-nats-0:nats c1/c1-nats-1:nats c1/c1-nats-2:nats"),
    ("c1-nats-headless", 7422, "c1/c1-nats-0:leafnodes c1/c1-nats-1:leafnodes c1/c1-nats-2:leafnodes"),
    ("xr-js-nats-c1", 6222, "c1/xr-js-nats-0:cluster c1/xr-js-nats-1:cluster c1/xr-js-nats-2:cluster"),
    ("xr-js-nats-c2", 7222, "c2/xr-js-nats-0:gateway c2/xr-js-nats-1:gateway c2/xr-js-nats-2:gateway"),
    ("xr-js-nats-c3-c3", 4222, "c3/xr-js-nats-0:nats c3/xr-js-nats-1:nats c3/xr-js-nats-2:nats"),
    ("c2-nats-c2", 8080, "c2/c2-nats-0:websocket c2/c2-nats-1:websocket c2/c2-nats-2:websocket"),
    ("xr-js-nats-headless-c3", 1883, "c3/xr-js-nats-0:mqtt c3/xr-js-nats-1:mqtt c3/xr-js-nats-2:mqtt"),
    ("k3d-c2-agent-0", 7222, "c2/c2-gw-nats-0:gateway c2/c2-gw-nats-1:gateway c2/c2-gw-nats-2:gateway"),
    ("k3d-c2-agent-1", 4222, "c2/c2-nats-0:nats c2/c2-nats-1:nats c2/c2-nats-2:nats"),
    ("k3d-c1-server-0", 7222, "c1/c1-gw-nats-0:gateway c1/c1-gw-nats-1:gateway c1/c1-gw-nats-2:gateway"),
    ("k3d-c3-serverlb", 4222, "c3/c3-nats-0:nats c3/c3-nats-1:nats c3/c3-nats-2:nats"),
    ("localhost", 4222, "as written"),
    ("127.0.0.1", 9, "as written"),
    ("10.1.2.3", 7222, "as written"),
    ("[::1]", 7222, "as written"),
  ])
  func names(_ host: String, _ port: Int, _ expected: String) throws {
    #expect(try meaning(host, port) == expected)
  }

  @Test(arguments: [
    "foo", "nats.example.com", "k3d-c9-agent-0", "k3d-c1-agent-2", "k3d-c1", "c1-nats-0", "c1-nats-0.nats",
    "c2-nats-0.c1-nats-headless", "c1-nats-x.c1-nats-headless", "c1-nats-01.c1-nats-headless",
    "xr-js-nats-0.xr-js-nats-headless-c9", "xr-js-nats-headless-c9", "xr-js-nats-c9", "c1-nats.nats.pod",
    "c1-nats.nats.svc.example.org", "c1-nats..nats", "", "256.1.1.1",
  ])
  func strangers(_ host: String) throws {
    let found = try chartProblem { _ = try meaning(host, 7222) }
    #expect(found.message == "\(host) is the name of no server in the clusters c1, c2, c3")
    #expect(
      found.advice == """
        there are nodes (k3d-c1-agent-0, and so server-0, agent-1 and serverlb), pods (c1-nats-0.c1-nats-headless), \
        services (c1-nats), each with -CLUSTER behind the service for another cluster's (xr-js-nats-headless-c3), and \
        addresses
        """)
  }

  @Test func portsThatNobodyListensOn() throws {
    #expect(
      try chartProblem { _ = try meaning("c1-nats", 4223) }
        == ChartProblem(
          "no pod listens on port 4223, which c1-nats is asked for",
          advice: "there are 1883 mqtt, 4222 nats, 6222 cluster, 7222 gateway, 7422 leafnodes, 8080 websocket, "
            + "8222 monitor, 65432 profiling"))
    #expect(
      try chartProblem { _ = try meaning("k3d-c2-server-0", 6222) }
        == ChartProblem(
          "k3d-c2-server-0 passes on no port 6222",
          advice: "a node has two: 7222 leads to the pods of c2-gw-nats, 4222 to those of c2-nats"))
  }

  @Test func theReleasesOwnNamesAndPortsComeFirst() throws {
    let own = try NatsChart.render(
      ReleaseIdentity(cluster: "c1", namespace: "ns", name: "hub"),
      values: valueMap([
        "config": [
          "cluster": ["enabled": true, "replicas": 2, "port": 6333, "routeURLs": ["k8sClusterDomain": "k.l"]]
        ],
        "fullnameOverride": "hub",
      ]))
    let names = NameService(clusters: ["c1"], of: own)
    let address = PodAddress(cluster: "c1", namespace: "ns", pod: "hub-1", port: .cluster)
    #expect(try names.meaning(of: "hub-1.hub-headless.ns.svc.k.l", port: 6333) == .pods([address]))
    #expect(try names.meaning(of: "hub-1.hub-headless", port: 6222) == .pods([address]))
    #expect(
      try names.meaning(of: "hub", port: 6333)
        == .pods([PodAddress(cluster: "c1", namespace: "ns", pod: "hub-0", port: .cluster), address]))
  }

  /// The chart puts its name behind a release's only where that lacks it.
  @Test(arguments: [
    ("nats-1", "k3d-nats-1-agent-0", 7222, "nats-1/nats-1-gw-0:gateway"),
    ("nats-1", "k3d-nats-eu-agent-0", 4222, "nats-eu/nats-eu-0:nats"),
    ("nats-1", "k3d-eu-agent-0", 7222, "eu/eu-gw-nats-0:gateway"),
    ("nats-1", "nats-1-0.nats-1-headless", 6222, "nats-1/nats-1-0:cluster"),
    ("nats-1", "nats-1-js-0.nats-1-js-headless", 6222, "nats-1/nats-1-js-0:cluster"),
    ("nats-1", "nats-1", 4222, "nats-1/nats-1-0:nats"), ("nats-1", "nats-1.nats", 4222, "nats-1/nats-1-0:nats"),
    ("nats-eu", "nats-eu", 4222, "nats-eu/nats-eu-0:nats"),
    ("nats-eu", "xr-js-nats-0.xr-js-nats-headless-nats-1", 6222, "nats-1/xr-js-nats-0:cluster"),
    ("nats-eu", "xr-js-nats-nats-1", 7222, "nats-1/xr-js-nats-0:gateway"),
    ("eu", "nats-eu-nats-eu", 4222, "nats-eu/nats-eu-0:nats"),
  ])
  func namesOfClustersThatHaveTheChartsName(_ cluster: String, _ host: String, _ port: Int, _ expected: String) throws {
    let release = try NatsChart.render(
      ReleaseIdentity(cluster: cluster, namespace: "nats", name: "xr-js"), values: ValueMap())
    let names = NameService(clusters: ["eu", "nats-eu", "nats-1"], of: release)
    guard case .pods(let pods) = try names.meaning(of: Text(host), port: port) else {
      Issue.record("\(host) is left as it is")
      return
    }
    #expect(pods.map { "\($0.cluster)/\($0.pod):\($0.port.rawValue)" } == [expected])
  }

  @Test func ofTwoClustersTheLongerNameIsMeant() throws {
    #expect(
      try meaning("xr-js-nats-0.xr-js-nats-headless-my-c2", 6222, clusters: ["c1", "c2", "my-c2"])
        == "my-c2/xr-js-nats-0:cluster")
  }
}
