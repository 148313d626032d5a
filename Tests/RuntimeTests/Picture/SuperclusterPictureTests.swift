import Interpreter
import Lexer
import TestSupport
import Testing

@testable import SandboxPicture
@testable import SandboxSystem

@Suite(.mayWait) struct SuperclusterPictureTests {
  @Test func `a whole supercluster has all its links and no problems`() {
    let picture = PictureFixture().picture
    #expect(picture.problems.isEmpty)
    #expect(picture.servers.count == 36 && picture.runningCount == 36)
    #expect(picture.natsClusters == ["c1", "c2", "c3", "xr-js"])
    #expect(picture.gateways.count == 12)
    #expect(picture.gateways.allSatisfy { $0.found == 9 && $0.expected == 9 })
    #expect(picture.gateways.first?.roundTrips?.median == 1_250_000)
    // 36 pairs of nine servers in each of four clusters; those of xr-js by the regions that they join.
    #expect(picture.routes.reduce(0) { $0 + $1.found } == 144 && picture.routes.reduce(0) { $0 + $1.expected } == 144)
    #expect(picture.routes.filter { $0.natsCluster == "xr-js" }.map(\.expected).sorted() == [3, 3, 3, 9, 9, 9])
    #expect(picture.meta == .init(leader: "c1-js-nats-1", size: 18, current: 18))
    #expect(Set(picture.servers.map(\.kind)) == ["seed", "js", "gw", "xr-js"])
  }

  @Test func `a stopped region is told of once, and its servers keep their clusters`() {
    var fixture = PictureFixture()
    fixture.stopped = ["c3"]
    fixture.streams = [
      PictureFixture.stream(
        "ORDERS", cluster: "xr-js", on: ["c2-xr-js-nats-1", "c1-xr-js-nats-0", "c3-xr-js-nats-2"],
        offline: ["c3-xr-js-nats-2"])
    ]
    fixture.streamNames = ["ORDERS", "LOGS"]
    let picture = fixture.picture
    #expect(
      picture.problems == [
        "c3 is stopped: all of its 12 servers are down",
        "12 of 18 JetStream servers follow their leader c1-js-nats-1",
        "stream LOGS is out of reach: no server that has it answers",
        "stream ORDERS: the copy on c3-xr-js-nats-2 is offline",
      ])
    #expect(picture.servers.count { $0.natsCluster == "c3" } == 9)
    #expect(picture.servers.count { $0.natsCluster == "xr-js" } == 9)
    #expect(picture.gateways.first { $0.from == "c1" && $0.to == "c3" }?.found == 0)
    #expect(picture.gateways.first { $0.from == "xr-js" && $0.to == "c1" }.map { [$0.found, $0.expected] } == [6, 9])
  }

  @Test func `what one server lacks is named`() {
    var fixture = PictureFixture()
    fixture.states = ["c2-gw-nats-0": "crashed"]
    fixture.silent = ["c1-nats-2"]
    let problems = fixture.picture.problems
    #expect(problems.contains("c2-gw-nats-0 is crashed"))
    #expect(problems.contains("c1-nats-2 runs and does not answer"))
    #expect(problems.contains("c2 is not whole: 11 of its 12 servers run"))
    #expect(fixture.picture.servers.first { $0.name == "c1-nats-2" }?.state == "silent")
    // As data it runs, as ever, and has no figures.
    let servers = fixture.picture.value[at: "servers"]?.elements ?? []
    let silent = servers.first { $0[at: "name"]?.asText?.string == "c1-nats-2" }
    #expect(silent?[at: "state"]?.asText?.string == "running")
    #expect(silent?[at: "figures"].map { if case .null = $0 { true } else { false } } == true)
  }

  @Test func `a gateway and a route that are missing between servers that run are problems`() {
    let fixture = PictureFixture()
    var reports = fixture.reports
    let place = reports.firstIndex { $0.name == "c1-gw-nats-0" } ?? 0
    let outbound = reports[place].gateways[path: "outbound_gateways"].entries.filter { $0.0 != "c2" }
    reports[place].gateways = ["outbound_gateways": .map(ValueMap(outbound))]
    for index in reports.indices where reports[index].cluster == "xr-js" {
      let isInC3 = reports[index].name.hasPrefix("c3")
      let routes = reports[index].routes[path: "routes"].all
      reports[index].routes = [
        "routes": .list(routes.filter { $0.name("remote_name")?.hasPrefix("c3") == isInC3 })
      ]
    }
    let picture = PictureMaker.picture(of: fixture.status, "local", reports, taken: .now)
    #expect(
      picture.problems == [
        "gateways from c1 to c2: 8 of 9", "routes of xr-js between c1 and c3: 0 of 9 pairs of servers are connected",
        "routes of xr-js between c2 and c3: 0 of 9 pairs of servers are connected",
      ])
  }

  @Test func `streams without a leader and copies that lag are problems`() {
    var fixture = PictureFixture()
    fixture.streams = [
      PictureFixture.stream("A", cluster: "c1", on: ["c1-js-nats-0", "c1-js-nats-1", "c1-js-nats-2"], lag: 7)
    ]
    #expect(fixture.picture.problems == ["stream A: not current: c1-js-nats-1 (7 behind), c1-js-nats-2 (7 behind)"])
    let led = PictureFixture.stream("B", cluster: "c1", on: ["c1-js-nats-0", "c1-js-nats-1"])
    let leaderless = led.with(["cluster": (led[at: "cluster"] ?? .null).with(["leader": ""])])
    var reports = fixture.reports
    let place = reports.firstIndex { $0.name == "c1-js-nats-0" } ?? 0
    reports[place].hold(leaderless)
    let picture = PictureMaker.picture(of: fixture.status, "local", reports, taken: .now)
    #expect(picture.problems.contains("stream B has no leader: it takes no writes"))
    #expect(picture.streams.first { $0.name == "B" }?.copies.count == 2)
  }

  @Test func `who is not the leader does not tell who follows it`() throws {
    let made = PictureFixture.stream("A", cluster: "xr-js", on: ["c2-xr-js-nats-0", "c1-xr-js-nats-0"])
    let replicas: Value = [
      ["name": "c2-xr-js-nats-0", "current": true], ["name": "c3-xr-js-nats-0", "current": false],
    ]
    let stream = made.with(["cluster": (made[at: "cluster"] ?? .null).with(["replicas": replicas])])
    var reports = PictureFixture().reports
    let place = try #require(reports.firstIndex { $0.name == "c1-xr-js-nats-0" })
    reports[place].hold(stream)
    let picture = PictureMaker.picture(of: PictureFixture().status, "local", reports, taken: .now)
    #expect(picture.streams.first?.copies.count == 3 && picture.problems.isEmpty)
  }

  @Test func `pods of Kubernetes are found by what their servers call themselves`() {
    let fixture = PictureFixture()
    let status = TargetStatus(
      regions: fixture.status.regions,
      servers: fixture.status.servers.map { server in
        let pod = server.release == "xr-js" ? String(server.name.dropFirst(server.cluster.count + 1)) : server.name
        return TargetStatus.Server(
          name: pod, cluster: server.cluster, url: "", monitorURL: "", pid: nil, state: server.state,
          version: server.version, release: server.release)
      }, notes: [])
    let picture = PictureMaker.picture(of: status, "k3d", fixture.reports, taken: .now)
    #expect(picture.problems.isEmpty)
    #expect(Set(picture.servers.map(\.name)) == Set(fixture.status.servers.map(\.name)))
    #expect(picture.servers.count == 36)
  }

  @Test func `a server that the target did not tell of has its place all the same`() {
    let fixture = PictureFixture()
    let some = TargetStatus(
      regions: fixture.status.regions, servers: fixture.status.servers.filter { $0.cluster != "c2" }, notes: [])
    let picture = PictureMaker.picture(of: some, "kube", fixture.reports, taken: .now)
    #expect(picture.servers.count { $0.region == "c2" } == 12)
  }

  @Test(arguments: [
    ("119µs", 119_000), ("1.332958ms", 1_332_958), ("1m2.5s", 62_500_000_000), ("0s", 0), ("3ns", 3),
  ]) func `durations as servers write them`(text: String, nanoseconds: Int64) {
    #expect(Units.nanoseconds(in: text) == nanoseconds)
  }

  @Test(arguments: ["", "fast", "12", "1.2.3s", "-1s", "9999999999h"])
  func `what is no duration is none`(text: String) { #expect(Units.nanoseconds(in: text) == nil) }
}

extension MonitoringReport {
  /// Lets the server tell of this stream alone.
  fileprivate mutating func hold(_ stream: Value) {
    jetStream = jetStream.with(["account_details": [["name": "JS", "stream_detail": [stream]]]])
  }
}
