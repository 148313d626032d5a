import Interpreter
import TestSupport
import Testing

@testable import SandboxPicture
@testable import SandboxSystem

/// What is expected of servers is what they are configured with: nothing else is a problem where it is missing.
@Suite(.mayWait) struct ConfiguredLinksTests {
  private func picture(_ servers: [TargetStatus.Server], _ reports: [MonitoringReport]) -> SuperclusterPicture {
    let regions = Set(servers.map(\.cluster)).sorted().map { TargetStatus.Region(name: $0, state: "running") }
    return PictureMaker.picture(
      of: TargetStatus(regions: regions, servers: servers, notes: []), "local", reports, taken: .now)
  }

  private func server(
    _ name: String, in region: String, monitor: Int = 1, ports: [String: UInt16] = [:], state: String = "running"
  ) -> TargetStatus.Server {
    TargetStatus.Server(
      name: name, cluster: region, url: "nats://127.0.0.1:1", monitorURL: "http://127.0.0.1:\(monitor)", pid: 1,
      state: state, version: "2.11.4", release: String(name.dropLast("-nats-0".count)), ports: ports)
  }

  private func report(_ name: String, _ change: (inout MonitoringReport) -> Void = { _ in }) -> MonitoringReport {
    var report = MonitoringReport(variables: ["server_name": .string(name), "cluster": [:]])
    change(&report)
    return report
  }

  @Test func `servers without a NATS cluster need no routes and no gateways`() {
    let fixture = PictureFixture()
    let more = ["c1-leaf-nats-0", "c2-leaf-nats-0", "c2-leaf-nats-1"]
    let picture = picture(
      fixture.status.servers + more.map { server($0, in: String($0.prefix(2))) },
      fixture.reports + more.map { report($0) })
    #expect(picture.problems.isEmpty)
    #expect(picture.natsClusters == ["c1", "c2", "c3", "xr-js"])
    #expect(picture.gateways.allSatisfy { $0.found == 9 && $0.expected == 9 })
    #expect(picture.servers.filter { more.contains($0.name) }.allSatisfy { $0.natsCluster.isEmpty })
    let page = PicturePage(picture).content
    #expect(!page.contains("link route missing") && !page.contains("link gateway missing"))
  }

  @Test func `one that is down is in no cluster either`() {
    let fixture = PictureFixture()
    let down = server("c2-leaf-nats-0", in: "c2", ports: ["nats": 7, "monitor": 8], state: "crashed")
    let picture = picture(fixture.status.servers + [down], fixture.reports)
    #expect(picture.problems == ["c2 is not whole: 12 of its 13 servers run", "c2-leaf-nats-0 is crashed"])
    #expect(picture.gateways.allSatisfy { $0.expected == 9 })
  }

  @Test func `two superclusters side by side have nothing to do with each other`() {
    let one = PictureFixture()
    var other = PictureFixture()
    other.regions = ["d1", "d2"]
    other.firstPort = 20000
    other.metaLeader = "d2-js-nats-0"
    var first = one
    first.streams = [PictureFixture.stream("ORDERS", cluster: "xr-js", on: ["c1-xr-js-nats-0"])]
    other.streams = [PictureFixture.stream("ORDERS", cluster: "xr-js", on: ["d1-xr-js-nats-0"])]
    let whole = picture(first.status.servers + other.status.servers, first.reports + other.reports)
    #expect(whole.problems.isEmpty)
    #expect(whole.natsClusters == ["c1", "c2", "c3", "d1", "d2", "xr-js (c1, c2, c3)", "xr-js (d1, d2)"])
    #expect(whole.gateways.count == 12 + 6)
    #expect(whole.gateways.allSatisfy { $0.found == 9 || $0.found == 6 && $0.from == "xr-js (d1, d2)" })
    #expect(whole.metas.map(\.leader) == ["c1-js-nats-1", "d2-js-nats-0"])
    #expect(whole.streams.map(\.name) == ["ORDERS", "ORDERS"])

    // While a region of each is stopped only that is told.
    first.stopped = ["c3"]
    other.stopped = ["d2"]
    other.metaLeader = "d1-js-nats-0"
    let half = picture(first.status.servers + other.status.servers, first.reports + other.reports)
    #expect(half.problems.filter { $0.contains("gateways") || $0.contains("routes") }.isEmpty)
    #expect(half.natsClusters == whole.natsClusters)
  }

  @Test func `two servers of one name in two regions are two`() {
    let servers = ["c1", "c2"].enumerated().map { server("nats-0", in: $1, monitor: $0 + 1) }
    let reports = [1, 2].map { number in
      report("nats-0") {
        $0.monitorURL = "http://127.0.0.1:\(number)"
        $0.variables = $0.variables.with(["connections": .int(Int64(number))])
        $0.jetStream = ["meta_cluster": ["leader": "nats-0", "cluster_size": 1, "replicas": []]]
      }
    }
    let picture = picture(servers, reports)
    #expect(picture.problems.isEmpty)
    #expect(picture.servers.map(\.name) == ["c1/nats-0", "c2/nats-0"])
    #expect(picture.servers.compactMap { $0.figures?.connections } == [1, 2])
    // Each calls itself the leader, by a name that the other has as well.
    #expect(Set(picture.metas.map(\.leader)) == ["c1/nats-0", "c2/nats-0"])
    #expect(picture.servers.allSatisfy { picture.leadsMeta($0) })
  }

  @Test func `a hub that turns strangers away is linked to those that it names`() {
    let names = ["hub", "east", "west"]
    let reports = names.map { name in
      report("\(name)-nats-0") {
        let known = name == "hub" ? names : [name, "hub"]
        $0.variables = $0.variables.with([
          "cluster": ["name": .string(name)],
          "gateway": [
            "name": .string(name), "gateways": .list(known.map { ["name": .string($0)] }), "reject_unknown": true,
          ],
        ])
        $0.gateways = ["outbound_gateways": .map(ValueMap(known.filter { $0 != name }.map { ($0, [:]) }))]
      }
    }
    let picture = picture(names.map { server("\($0)-nats-0", in: $0) }, reports)
    #expect(picture.problems.isEmpty)
    #expect(picture.gateways.map { "\($0.from) \($0.to)" } == ["east hub", "hub east", "hub west", "west hub"])
  }

  // MARK: Leafnodes

  /// A leaf of its own region, one of another, one that is connected to nobody, and one that nobody here knows.
  private var leaves: SuperclusterPicture {
    let fixture = PictureFixture()
    func leaf(_ name: String, of hub: String?, port: UInt16) -> MonitoringReport {
      report(name) {
        $0.variables = $0.variables.with([
          "leafnodes": hub == nil ? 0 : 1,
          "leaf": ["remotes": [["local_account": "JS", "urls": [.string("127.0.0.1:\(port)")]]]],
        ])
        let spoke = hub.map { ["name": .string($0), "is_spoke": true, "account": "JS", "rtt": "200µs"] as Value }
        $0.leafnodes = ["leafs": .list(spoke.map { [$0] } ?? [])]
      }
    }
    var reports = fixture.reports
    let hub = reports.firstIndex { $0.name == "c1-nats-0" } ?? 0
    reports[hub].leafnodes = [
      "leafs": [
        ["name": "c1-leaf-nats-0", "is_spoke": false, "account": "JS", "rtt": "210µs"],
        ["name": "laptop", "is_spoke": false, "account": "JS", "rtt": "2ms"],
      ]
    ]
    return picture(
      fixture.status.servers
        + ["c1-leaf-nats-0", "edge-leaf-nats-0", "edge-lost-nats-0"].map {
          server($0, in: $0.hasPrefix("c1") ? "c1" : "edge")
        },
      reports + [
        leaf("c1-leaf-nats-0", of: "c1-nats-0", port: 10002), leaf("edge-leaf-nats-0", of: "c2-nats-0", port: 10002),
        leaf("edge-lost-nats-0", of: nil, port: 10002),
      ])
  }

  @Test func `leafnodes are told of, with those that are not there`() {
    let picture = leaves
    #expect(
      picture.problems == [
        "edge-lost-nats-0 is a leaf of nobody: its connection for the account JS is not there"
      ])
    let all = picture.leafnodes.map { [$0.server, $0.region ?? "-", $0.hub ?? "-", $0.hubRegion ?? "-"] }
    #expect(
      all.sorted { $0[0] < $1[0] } == [
        ["c1-leaf-nats-0", "c1", "c1-nats-0", "c1"], ["edge-leaf-nats-0", "edge", "c2-nats-0", "c2"],
        ["edge-lost-nats-0", "edge", "-", "c1"], ["laptop", "-", "c1-nats-0", "c1"],
      ])
    let data = picture.value[at: "leafnodes"]?.elements ?? []
    #expect(data.count == 4)
    let edge = data.first { $0[at: "server"]?.asText?.string == "edge-leaf-nats-0" }
    #expect(edge?[at: "hub"]?.asText?.string == "c2-nats-0")
  }

  @Test func `leafnodes are on the page and in the terminal`() {
    let picture = leaves
    let page = PicturePage(picture).content
    #expect(page.contains("data-link=\"leaf c1 edge\"") && page.contains("data-link=\"leaf c2 edge\""))
    #expect(page.contains("link leaf whole") && page.contains("link leaf missing none"))
    #expect(page.contains("leafnodes 2/2") && page.contains("<h2>Leafnodes</h2>"))
    let lines = WatchScreen(picture).lines(columns: 80, rows: 100, style: .plain)
    #expect(lines.contains("edge-leaf-nats-0  leaf of c2-nats-0 (account JS, 200 µs)"), "\(lines)")
    #expect(lines.contains("edge-lost-nats-0  ✕ leaf of nobody (account JS)"))
  }

  @Test func `where a region is stopped its leaves are not told of again`() {
    let down = server("c1-nats-0", in: "c1", ports: ["leafnodes": 10002], state: "stopped")
    let leaf = report("edge-leaf-nats-0") {
      $0.variables = $0.variables.with(["leaf": ["remotes": [["urls": ["127.0.0.1:10002"]]]]])
    }
    let picture = picture([down, server("edge-leaf-nats-0", in: "edge")], [leaf])
    #expect(picture.problems == ["c1 is not whole: its only server is down"])
  }
}
