import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@testable import SandboxNats

@Suite(.serialized, .mayWait) struct ServerListTests {
  /// Cells that differ from run to run, by their column: memory, CPU, cores, uptime and so on.
  private func steady(_ table: String) -> [[String]] {
    var heads: [String] = []
    return table.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("│") else { return nil }
      let cells = line.split(separator: "│").map { $0.trimmingCharacters(in: .whitespaces) }
      if cells.count > 1, heads.count != cells.count { heads = cells }
      return zip(cells, heads.count == cells.count ? heads : cells).map { cell, head in
        let isVolatile = ["Subs", "Routes", "Mem", "CPU %", "Cores", "Uptime", "RTT", "Version"].contains(head)
        return isVolatile && cell != head && !cell.isEmpty ? "~" : cell
      }
    }
  }

  /// The rows of three servers of the seed's sample; all else, down to the widths, is as it stands there.
  @Test func theTablesAreThoseOfTheCLI() throws {
    func server(
      _ name: String, _ cluster: String, _ uptime: String, _ statistics: String, rtt: Int64, hasJetStream: Bool = false
    ) throws -> ServerAnswer {
      let route = Array(repeating: #"{"name":"x"}"#, count: 32).joined(separator: ",")
      let gateway = Array(repeating: #"{"name":"y","inbound_connections":2}"#, count: 3).joined(separator: ",")
      let json = """
        {"server":{"name":"\(name)","host":"0","cluster":"\(cluster)","ver":"2.11.4","jetstream":\(hasJetStream),
        "time":"2026-11-22T13:00:00.5Z"},"statsz":{"start":"2026-11-22T12:\(uptime)Z","cores":14,"slow_consumers":0,
        "routes":[\(route)],"gateways":[\(gateway)],\(statistics)}}
        """
      return ServerAnswer(
        NatsReply.value(try Value.json(Array(json.utf8))), roundTrip: DurationValue(nanoseconds: rtt))
    }
    let answers = [
      try server(
        "c1-gw-nats-0", "c1", "54:59.4", #""mem":18874368,"cpu":0,"connections":0,"subscriptions":516"#, rtt: 3_400_000),
      try server(
        "c1-nats-1", "c1", "54:54", #""mem":571473920,"cpu":0.6,"connections":1,"subscriptions":17904"#,
        rtt: 9_500_000),
      try server(
        "c1-xr-js-nats-0", "xr-js", "55:16", #""mem":16777216,"cpu":7,"connections":0,"subscriptions":552"#,
        rtt: 9_000_000, hasJetStream: true),
    ]
    let expected = """
      ╭───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────╮
      │                                                          Server Overview                                                          │
      ├─────────────────┬─────────┬──────┬─────────┬─────┬───────┬────────┬────────┬─────┬─────────┬───────┬───────┬──────┬────────┬──────┤
      │ Name            │ Cluster │ Host │ Version │ JS  │ Conns │ Subs   │ Routes │ GWs │ Mem     │ CPU % │ Cores │ Slow │ Uptime │ RTT  │
      ├─────────────────┼─────────┼──────┼─────────┼─────┼───────┼────────┼────────┼─────┼─────────┼───────┼───────┼──────┼────────┼──────┤
      │ c1-gw-nats-0    │ c1      │ 0    │ 2.11.4  │ no  │ 0     │ 516    │     32 │   3 │ 18 MiB  │ 0     │    14 │ 0    │ 5m1s   │ 3ms  │
      │ c1-nats-1       │ c1      │ 0    │ 2.11.4  │ no  │ 1     │ 17,904 │     32 │   3 │ 545 MiB │ 1     │    14 │ 0    │ 5m6s   │ 10ms │
      │ c1-xr-js-nats-0 │ xr-js   │ 0    │ 2.11.4  │ yes │ 0     │ 552    │     32 │   3 │ 16 MiB  │ 7     │    14 │ 0    │ 4m44s  │ 9ms  │
      ├─────────────────┼─────────┼──────┼─────────┼─────┼───────┼────────┼────────┼─────┼─────────┼───────┼───────┼──────┼────────┼──────┤
      │                 │ 2       │ 3    │         │ 1   │ 1     │ 18,972 │        │     │ 579 MiB │       │       │ 0    │        │      │
      ╰─────────────────┴─────────┴──────┴─────────┴─────┴───────┴────────┴────────┴─────┴─────────┴───────┴───────┴──────┴────────┴──────╯

      ╭────────────────────────────────────────────────────────────────────────────╮
      │                              Cluster Overview                              │
      ├─────────┬────────────┬───────────────────┬───────────────────┬─────────────┤
      │ Cluster │ Node Count │ Outgoing Gateways │ Incoming Gateways │ Connections │
      ├─────────┼────────────┼───────────────────┼───────────────────┼─────────────┤
      │ c1      │          2 │                 6 │                12 │           1 │
      │ xr-js   │          1 │                 3 │                 6 │           0 │
      ├─────────┼────────────┼───────────────────┼───────────────────┼─────────────┤
      │         │          3 │                 9 │                18 │           1 │
      ╰─────────┴────────────┴───────────────────┴───────────────────┴─────────────╯
      """
    #expect(ServerTables.text(answers) == expected, "\(ServerTables.text(answers))")
  }

  @Test func aClusterListsItselfWholeAndAsTables() throws {
    let cluster = try TestCluster()
    defer { cluster.stop() }
    let nats = try NatsFixture(["c1": [cluster.servers[1].port]])
    defer { nats.end() }
    // Routes may still be forming: until then a server knows of fewer.
    let servers = try eventually {
      try nats.run("server", "list", "--sort=name").elements ?? []
    } where: { servers in
      servers.count == 3 && servers.allSatisfy { ($0["statsz.routes"].elements?.count ?? 0) >= 2 }
    }
    #expect(servers.map { $0["name"].string } == ["test-0", "test-1", "test-2"])
    for server in servers {
      #expect(server["cluster"].string == "test")
      #expect(server["jetstream"].shown() == "true")
      #expect(server["id"].string?.count == 56)
      #expect(server["statsz.gateways"].elements?.isEmpty == true)
      guard case .duration(let rtt) = server["rtt"], case .size = server["statsz.mem"],
        case .time = server["statsz.start"]
      else {
        Issue.record("\(server.shown())")
        continue
      }
      #expect(rtt.nanoseconds > 0)
    }
    let tables = steady(try nats.shown("server", "list"))
    #expect(
      tables == [
        ["Server Overview"],
        [
          "Name", "Cluster", "Host", "Version", "JS", "Conns", "Subs", "Routes", "GWs", "Mem", "CPU %", "Cores",
          "Slow", "Uptime", "RTT",
        ],
        ["test-0", "test", "127.0.0.1", "~", "yes", "0", "~", "~", "0", "~", "~", "~", "0", "~", "~"],
        ["test-1", "test", "127.0.0.1", "~", "yes", "1", "~", "~", "0", "~", "~", "~", "0", "~", "~"],
        ["test-2", "test", "127.0.0.1", "~", "yes", "0", "~", "~", "0", "~", "~", "~", "0", "~", "~"],
        ["", "1", "3", "", "3", "1", "~", "", "", "~", "", "", "0", "", ""],
        ["Cluster Overview"],
        ["Cluster", "Node Count", "Outgoing Gateways", "Incoming Gateways", "Connections"],
        ["test", "3", "0", "0", "1"],
        ["", "3", "0", "0", "1"],
      ])

    #expect(try nats.run("server", "list", "--name", "test-2").elements?.count == 1)
    #expect(try nats.run("server", "list", "--tag", "az:test", "--cluster", "test").elements?.count == 3)
    #expect(try nats.run("server", "list", "--tag", "az:c9").elements?.isEmpty == true)
    #expect(
      try nats.run("server", "list", "--reverse").elements?.map { $0["name"].string } == ["test-2", "test-1", "test-0"])
    #expect(try nats.run("server", "ping", "--expect", "3").elements?.count == 3)
    #expect(try nats.run("server", "info", "test-2")["server_name"].string == "test-2")
    let unknown = try nats.failure("server", "info", "test-9")
    #expect(unknown.reason.string == "no server test-9 answers")
    #expect(unknown.advice == "there are test-0, test-1, test-2")
    let tooFew = try nats.failure("server", "list", "--expect", "4")
    #expect(tooFew.kind == .failed)
    #expect(tooFew.reason.string == "3 of 4 servers answered")

    // A server that stands still is waited for, for a while; the others are listed all the same.
    cluster.servers[2].suspend()
    defer { cluster.servers[2].resume() }
    try eventually(is: ["test-0", "test-1"]) { try nats.run("server", "list").elements?.map { $0["name"].string } }
  }

  @Test func serversBehindGatewaysAreListedToo() throws {
    let server = try TestAccount(on: .linked).server
    let nats = try NatsFixture(server)
    defer { nats.end() }
    try eventually {
      try nats.run("server", "list").elements ?? []
    } where: { servers in
      servers.count == 3 && servers.allSatisfy { $0["statsz.gateways"].elements?.count == 1 }
    }
    #expect(
      steady(try nats.shown("server", "list")).suffix(3).map { [$0[0], $0[1], $0[2]] } == [
        ["left", "2", "2"], ["right", "1", "1"], ["", "3", "3"],
      ])
  }

  @Test func aServerByItselfIsCompleteAtOnceAndHasNoClusterTable() throws {
    let server = try TestServer(name: "alone", jetStream: false)
    let nats = try NatsFixture(server)
    defer { nats.end() }
    let list = try nats.run("server", "list")
    #expect(list.elements?.count == 1)
    #expect(list.elements?.first?["cluster"].string == "")
    #expect(list.elements?.first?["jetstream"].shown() == "false")
    #expect(!(try nats.shown("server", "list").contains("Cluster Overview")))
    let refused = try nats.failure("server", "list", "--user", "js", "--password", "js")
    #expect(refused.advice == "log in as a user of the system account, as sys")
  }

  @Test func answersSayWhoIsMissing() throws {
    func note(_ json: String, _ completeness: inout ServerRound.Completeness) throws {
      completeness.note(try Value.json(Array(json.utf8)))
    }
    var routes = ServerRound.Completeness(expected: nil)
    #expect(!routes.isReached)
    try note(#"{"server":{"name":"a","cluster":"x"},"statsz":{"routes":[{"name":"b"},{"name":"b"}]}}"#, &routes)
    #expect(!routes.isReached && !routes.hasAllNames)
    try note(#"{"server":{"name":"b","cluster":"x"},"statsz":{"routes":[{"name":"a"}]}}"#, &routes)
    #expect(routes.isReached)

    var gateways = ServerRound.Completeness(expected: nil)
    try note(#"{"server":{"name":"a","cluster":"x"},"statsz":{"gateways":[{"name":"y"}]}}"#, &gateways)
    #expect(!gateways.isReached)
    try note(#"{"server":{"name":"c","cluster":"y"},"statsz":{"routes":[{"name":"d"}]}}"#, &gateways)
    #expect(!gateways.isReached)
    try note(#"{"server":{"name":"d","cluster":"y"},"statsz":{"active_servers":4}}"#, &gateways)
    #expect(gateways.hasAllNames && !gateways.isReached)
    try note(#"{"server":{"name":"e"}}"#, &gateways)
    #expect(gateways.isReached)

    var expected = ServerRound.Completeness(expected: 2)
    try note("{}", &expected)
    #expect(!expected.isReached)
    try note("[]", &expected)
    #expect(expected.isReached)
  }

  @Test func serversAreSortedByEveryColumn() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    for order in ServerOrder.allCases {
      #expect(try nats.run("server", "list", "--sort", order.rawValue).elements?.count == 1, "\(order)")
    }
    let answers = try [("a", 5), ("b", 70), ("c", 70)].map { name, count in
      ServerAnswer(
        try Value.json(Array(#"{"server":{"name":"\#(name)"},"statsz":{"connections":\#(count)}}"#.utf8)),
        roundTrip: DurationValue(nanoseconds: Int64(100 - count)))
    }
    #expect(ServerOrder.conns.sorted(answers.reversed()).map(\.name) == ["b", "c", "a"])
    #expect(ServerOrder.rtt.sorted(answers.reversed()).map(\.name) == ["b", "c", "a"])
    #expect(ServerOrder.name.sorted(answers.reversed()).map(\.name) == ["a", "b", "c"])
  }
}
