import Interpreter
import Lexer
import TestSupport
import Testing

@testable import SandboxPicture
@testable import SandboxSystem

/// What is set between regions, as the picture tells it, and what it takes the blame for.
@Suite(.mayWait) struct RegionLinksTests {
  private static func isBetween(_ link: DirectedLink, _ a: String, _ b: String) -> Bool {
    [link.from, link.to].contains(a) && [link.from, link.to].contains(b)
  }

  /// All is set as a test says, and what it cuts in either direction is not connected.
  private func made(_ change: (DirectedLink, inout LinkShape) -> Void) -> PictureFixture {
    var fixture = PictureFixture()
    fixture.links = fixture.allLinks(change)
    fixture.parted = fixture.links.filter { $0.shape.cut != nil }.map { [$0.link.from, $0.link.to] }
    return fixture
  }

  // MARK: Rows

  @Test func `a pair of regions is told once where both directions and both networks are alike`() {
    let fixture = made { link, shape in
      if Self.isBetween(link, "c1", "c2") { shape.delay = 40_000_000 }
    }
    let rows = LinkRow.rows(of: fixture.links)
    #expect(rows.map(\.place) == ["c1 ↔ c2"])
    #expect(rows.map(\.networks) == [[.gateways, .routes]])
    #expect(rows.map(\.words) == ["round trip 80ms"])
    #expect(rows.map(\.measured) == [80_500_000])
    #expect(rows.map(\.measuredWords) == ["81 ms"])
  }

  @Test func `what differs is told for each direction and network`() {
    let fixture = made { link, shape in
      guard Self.isBetween(link, "c1", "c3") else { return }
      if link.network == .routes { shape.loss = 0.01 }
      if link.network == .gateways, link.from == "c3" { shape.cut = .refused }
      if link.network == .gateways, link.from == "c1" { shape.delay = 40_000_000 }
    }
    let rows = LinkRow.rows(of: fixture.links).map { "\($0.place) \($0.networkNames): \($0.words)" }
    #expect(
      rows == [
        "c1 → c3 gateways: one way 40ms", "c3 → c1 gateways: cut, refused", "c1 ↔ c3 routes: 1% lost",
      ])
  }

  @Test func `where nothing was measured nothing is told of it`() {
    let fixture = PictureFixture()
    let links = fixture.allLinks(connections: nil) { _, shape in shape.rate = 10_000_000 }
    let rows = LinkRow.rows(of: links)
    #expect(rows.count == 3 && rows.allSatisfy { $0.measured == nil && $0.measuredWords.isEmpty })
    #expect(LinkRow.rows(of: fixture.allLinks { _, _ in }).isEmpty, "all is as it was made")
  }

  @Test(arguments: [
    (LinkShape.of(delay: 12_500_000, jitter: 5_000_000), "round trip 25ms ± 5ms"),
    (LinkShape.of(jitter: 1_000_000), "round trip 0s ± 1ms"),
    (LinkShape.of(rate: 10_000_000, loss: 0.0025), "10MB/s, 0.25% lost"), (LinkShape.of(rate: 1500), "1500B/s"),
    (LinkShape.of(rate: 999), "999B/s"), (LinkShape.of(cut: .silent), "cut"),
    (LinkShape.of(delay: 75_000_000, cut: .refused), "cut, refused, round trip 150ms"),
    (LinkShape.of(delay: .max, loss: 0.5), "round trip 106751d23h47m16s, 50% lost"),
  ]) func `what is set, in words`(shape: LinkShape, words: String) {
    let row = LinkRow(from: "c1", to: "c2", isBothWays: true, networks: [.routes], shape: shape, measured: .max)
    #expect(row.words == words)
    #expect(row.measuredWords == (shape.cut == nil ? "4611686018427 ms" : ""))
  }

  // MARK: Problems

  @Test func `a distance is no problem`() {
    let picture = made { _, shape in shape.delay = 40_000_000 }.picture
    #expect(picture.problems.isEmpty)
  }

  @Test func `two regions that are cut from each other are told of, and nothing that follows from it`() {
    let picture = made { link, shape in
      if Self.isBetween(link, "c1", "c2") { shape.cut = .silent }
    }.picture
    #expect(
      picture.problems == [
        "c1 and c2 are cut from each other: nothing passes over their gateways and routes; "
          + "to mend it: link heal c1 c2"
      ])
    #expect(picture.gateways.first { $0.from == "c1" && $0.to == "c2" }?.found == 0)
    #expect(picture.routes.first { $0.natsCluster == "xr-js" && $0.from == "c1" && $0.to == "c2" }?.found == 0)
  }

  @Test func `a region that is cut from all others is told of once, with what went with it`() {
    var fixture = made { link, shape in
      guard [link.from, link.to].contains("c3") else { return }
      shape.cut = .silent
      shape.delay = 40_000_000
    }
    fixture.streams = [
      PictureFixture.stream(
        "ORDERS", cluster: "xr-js", on: ["c2-xr-js-nats-1", "c3-xr-js-nats-2"], offline: ["c3-xr-js-nats-2"])
    ]
    var reports = fixture.reports
    let leader = reports.firstIndex { $0.name == fixture.metaLeader } ?? 0
    let page = reports[leader].jetStream
    let replicas = page[path: "meta_cluster.replicas"].all.map { replica in
      replica.name()?.hasPrefix("c3") == true ? replica.with(["offline": true]) : replica
    }
    reports[leader].jetStream = page.with(["meta_cluster": ["replicas": .list(replicas)]])
    let picture = PictureMaker.picture(of: fixture.status, "local", reports, taken: .now)
    // What else is set is to stay, so it is joined and not healed.
    #expect(
      picture.problems == [
        "c3 is cut from all other regions: nothing passes over its gateways and routes; to mend it: link join c3",
        "12 of 18 JetStream servers follow their leader c1-js-nats-1; the others are cut off from it",
        "stream ORDERS: the copy on c3-xr-js-nats-2 is cut off from its leader",
      ])
  }

  @Test func `a cut in one direction or on one network is told as such`() {
    var fixture = made { link, shape in
      if link.from == "c1", link.to == "c2" { shape.cut = .silent }
      if Self.isBetween(link, "c2", "c3"), link.network == .routes { shape.cut = .refused }
    }
    // Connections that there are may stay.
    fixture.parted = []
    #expect(
      fixture.picture.problems == [
        "c1 is cut from c2 one way: nothing passes over gateways and routes from c1 to c2; "
          + "to mend it: link heal c1 c2",
        "c2 and c3 are cut from each other: their routes are refused; to mend it: link heal c2 c3",
      ])
  }

  @Test func `a cut takes no blame for what is missing elsewhere`() {
    var fixture = made { link, shape in
      if Self.isBetween(link, "c1", "c2"), link.network == .gateways { shape.cut = .silent }
    }
    fixture.parted.append(["c1", "c3"])
    let problems = fixture.picture.problems
    #expect(problems.contains("gateways from c1 to c3: 0 of 9") && problems.contains("gateways from c3 to c1: 0 of 9"))
    // The cut was of gateways alone.
    #expect(problems.contains("routes of xr-js between c1 and c2: 0 of 9 pairs of servers are connected"))
    #expect(!problems.contains { $0.hasPrefix("gateways from c1 to c2") })
  }

  @Test func `a leafnode of a region that is cut off is no problem of its own`() {
    var fixture = PictureFixture()
    fixture.links = fixture.allLinks { link, shape in
      if Self.isBetween(link, "c1", "c2") { shape.cut = .silent }
    }
    func problems(of region: String) -> [String] {
      let leaf: Value = [
        "server_name": .string("\(region)-leaf-nats-0"),
        "leaf": ["remotes": [["local_account": "JS", "urls": ["127.0.0.1:10002"]]]],
      ]
      let server = TargetStatus.Server(
        name: "\(region)-leaf-nats-0", cluster: region, url: "", monitorURL: "", pid: 1, state: "running",
        version: "2.11.4", release: "\(region)-leaf")
      let status = TargetStatus(
        regions: fixture.status.regions, servers: fixture.status.servers + [server], links: fixture.links, notes: [])
      let reports = fixture.reports + [MonitoringReport(variables: leaf)]
      return PictureMaker.picture(of: status, "local", reports, taken: .now).problems.filter { $0.contains("leaf of") }
    }
    #expect(problems(of: "c2").isEmpty)
    #expect(problems(of: "c3").count == 1)
  }

  @Test func `a relay that does not run is the first problem, and all that is missing follows from it`() {
    var fixture = PictureFixture()
    fixture.links = fixture.allLinks(connections: nil)
    fixture.relayTrouble = .down
    fixture.parted = [["c1", "c2"], ["c1", "c3"], ["c2", "c3"]]
    let sentence =
      "the relay between the regions does not run: nothing passes between them; to start it: region start c1"
    #expect(fixture.picture.problems == [sentence])
    fixture.states = ["c2-gw-nats-0": "crashed"]
    #expect(fixture.picture.problems.first == sentence && fixture.picture.problems.count == 3)
    fixture.relayTrouble = .frozen(pid: 17)
    #expect(
      fixture.picture.problems.first
        == "the relay between the regions stands still (process 17 is stopped): nothing passes between them; "
        + "to let it go on: region start c1")
    fixture.relayTrouble = nil
    #expect(!fixture.picture.problems.contains { $0.contains("relay") })
  }

  // MARK: What else shows them

  @Test func `an address of a relay leads to the server behind it`() {
    let fixture = PictureFixture()
    func beyond(_ port: UInt16) -> UInt16 { port + 10_000 }
    let status = TargetStatus(
      regions: fixture.status.regions,
      servers: fixture.status.servers.map { server in
        let relayed = server.ports.map { ("\($0.key)-relay", beyond($0.value)) }
        return TargetStatus.Server(
          name: server.name, cluster: server.cluster, url: server.url, monitorURL: server.monitorURL, pid: server.pid,
          state: server.state, version: server.version, release: server.release,
          ports: server.ports.merging(relayed) { first, _ in first })
      }, notes: [])
    let servers = fixture.picture.servers
    let addresses = ServerAddresses(status, servers)
    #expect(addresses.meaning(of: "127.0.0.1:10001", .gateway, in: "c2") == .server("c1-nats-0"))
    #expect(addresses.meaning(of: "127.0.0.1:20001", .gateway, in: "c2") == .server("c1-nats-0"))
    #expect(addresses.meaning(of: "127.0.0.1:20000", .cluster, in: "c2") == .server("c1-nats-0"))
    #expect(addresses.meaning(of: "127.0.0.1:20001", .cluster, in: "c2") == .nobody)
  }

  @Test func `links are data, a row for each direction and network`() throws {
    let picture = made { link, shape in
      guard link.from == "c1", link.to == "c2", link.network == .routes else { return }
      (shape.delay, shape.jitter, shape.rate, shape.loss) = (40_000_000, 1_000_000, 10_000_000, 0.01)
      shape.cut = .refused
    }.picture
    let rows = picture.value[at: "links"]?.elements ?? []
    #expect(rows.count == 12)
    let set = rows.filter { $0[at: "cut"]?.asText != nil }
    #expect(
      set.map(\.jsonText) == [
        #"{"from":"c1","to":"c2","over":"routes","rtt":"40ms","delay":"40ms","jitter":"1ms","rate":"10MB","loss":0.01,"cut":"refused","open":4,"bytes":1000,"measured":"40.5ms"}"#
      ])
  }

  @Test func `they are on the page and in the terminal`() {
    let picture = made { link, shape in
      if Self.isBetween(link, "c1", "c2") { shape.delay = 40_000_000 }
      if Self.isBetween(link, "c2", "c3") { shape.cut = .silent }
    }.picture
    let page = PicturePage(picture).content
    #expect(page.contains("link gateway whole set") && page.contains("link route whole set"))
    #expect(page.contains("link gateway missing cut") && page.contains("✕ cut · 0/18"))
    #expect(page.contains("c1 ↔ c2: round trip 80ms, measured 81 ms"))
    #expect(page.contains("<h2>Between regions</h2>") && page.contains("<th scope=\"row\">c2 ↔ c3</th>"))
    let lines = WatchScreen(picture).lines(columns: 80, rows: 100, style: .plain)
    #expect(lines.contains("c1 ↔ c2     gateways and routes  round trip 80ms (measured: 81 ms)"), "\(lines)")
    #expect(lines.contains("c2 ↔ c3     gateways and routes  ✕ cut"))
    let plain = PicturePage(PictureFixture().picture).content
    #expect(!plain.contains("Between regions") && !plain.contains("whole set"))
  }

  @Test func `a report without a terminal tells of what is set when it changes`() {
    let early = made { _, shape in shape.delay = 40_000_000 }
    var later = early
    later.links = early.links.map {
      LinkState(link: $0.link, shape: $0.shape, connections: 5, bytes: 2000, measured: 41_000_000)
    }
    #expect(WatchScreen(early.picture).gist == WatchScreen(later.picture).gist)
    #expect(WatchScreen(early.picture).gist != WatchScreen(PictureFixture().picture).gist)
    #expect(WatchScreen(early.picture).report.contains("  c1 ↔ c2, gateways and routes: round trip 80ms\n"))
  }
}

extension LinkShape {
  fileprivate static func of(
    delay: Int64 = 0, jitter: Int64 = 0, rate: Int64? = nil, loss: Double = 0, cut: Cut? = nil
  ) -> LinkShape {
    var shape = LinkShape()
    (shape.delay, shape.jitter, shape.rate, shape.loss, shape.cut) = (delay, jitter, rate, loss, cut)
    return shape
  }
}

extension Value {
  fileprivate var jsonText: String { json(indented: false).masked }
}
