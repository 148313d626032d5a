import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@testable import SandboxSystem

@Suite(.serialized, .mayWait) struct ReportTests {
  @Test func everyServerReportsItsConnectionsRoutesAndGateways() throws {
    let clusters = try TestCluster.linked([("a", 2), ("b", 1)])
    defer { for cluster in clusters { cluster.stop() } }
    let servers = clusters.flatMap(\.servers)
    let nats = try NatsFixture(["c1": servers.map(\.port)])
    defer { nats.end() }
    // Two routes are three connections and one for the system account, each of which has two ends.
    try eventually {
      let gateways = try nats.run("server", "report", "gateways").elements ?? []
      let routes = try nats.run("server", "report", "routes").elements ?? []
      return (gateways.count { $0["kind"].string == "outbound" }, routes.count)
    } where: {
      $0 == (3, 8)
    }
    for route in try nats.run("server", "report", "routes", "--sort", "remote-name").elements ?? [] {
      #expect(Set([route["server"].string, route["remote_name"].string]) == ["a-0", "a-1"])
      guard case .duration = route["uptime"], case .duration = route["rtt"], case .time = route["start"],
        case .size = route["in_bytes"]
      else { throw DidNotFail(value: route.shown()) }
    }
    let toB = try nats.run("server", "report", "gateways", "--filter-name", "b").elements ?? []
    #expect(toB.count { $0["kind"].string == "outbound" } == 2)
    #expect(toB.allSatisfy { $0["cluster"].string == "a" && $0["name"].string == "b" })
    #expect(
      try nats.run("server", "report", "gateways", "--cluster", "b").elements?.allSatisfy {
        $0["server"].string == "b-0"
      } == true)

    let client = try Connection.connect(
      .init(
        [Endpoint(host: "127.0.0.1", port: servers[2].port)], credentials: .user("js", password: "js"), name: "one"),
      limit: .within(.seconds(120)))
    defer { client.close() }
    let subscription = try client.subscribe("report.this")
    for _ in 0..<5 { try client.publish("report.other", [1, 2, 3]) }
    try client.flush(limit: .within(.seconds(120)))
    let all = try nats.run("server", "report", "connections", "--sort", "in-msgs").elements ?? []
    #expect(all.map { $0["in_msgs"].amount } == all.map { $0["in_msgs"].amount }.sorted(by: >))
    let mine =
      try nats.run("server", "report", "connections", "--subject", "report.this", "--account", "JS").elements ?? []
    #expect(try nats.failure("server", "report", "connections", "--subject", "report.this").kind == .misused)
    #expect(mine.map { $0["name"].string } == ["one"])
    #expect(mine.first?["server"].string == "b-0")
    #expect(mine.first?["account"].string == "JS")
    #expect(mine.first?["in_msgs"].amount == 5)
    #expect(mine.first?["in_bytes"].shown() == "15B")
    #expect(try nats.run("server", "report", "connections", "--top", "1").elements?.count == 1)
    #expect(try nats.failure("server", "report", "connections", "--top", "0").kind == .misused)
    subscription.unsubscribe()

    let accounts = try nats.run("server", "report", "accounts", "--sort", "account").elements ?? []
    #expect(accounts.map { $0["account"].string } == ["$SYS", "JS"])
    #expect(accounts.last?["connections"].amount == 1)
    #expect(accounts.last?["in_msgs"].amount == 5)
    #expect(try nats.shown("server", "report", "accounts", "--account", "JS").contains("│ JS"))

    #expect(try nats.run("rtt", "3").elements?.count == 3)
    #expect(try nats.failure("rtt", "many").kind == .misused)

    servers[1].suspend()
    defer { servers[1].resume() }
    // It may still answer while the signal is on its way; another cluster's answers may come by way of it.
    try eventually {
      try nats.shown("server", "report", "routes")
    } where: {
      $0.hasPrefix("no answer from a-1") && $0.contains("│ a-0")
    }
  }

  @Test func jetStreamIsReportedAndChecked() throws {
    let cluster = try TestCluster("j", count: 3)
    defer { cluster.stop() }
    let nats = try NatsFixture(["c1": cluster.servers.map(\.port)])
    defer { nats.end() }
    try untilItSucceeds { try nats.run("server", "check", "meta", "--expect", "3") }
    try nats.run("stream", "add", "R", "--subjects", "r", "--replicas", "3")
    for number in 1...3 { try nats.run("pub", "r", "message \(number)", "--jetstream") }
    try untilItSucceeds { try nats.run("server", "check", "stream", "R", "--peer-expect", "3") }

    // A stream is current for its leader before the other servers count its messages.
    let report = try eventually {
      try nats.run("server", "report", "jetstream").elements ?? []
    } where: { report in
      report.count == 3 && report.allSatisfy { $0["streams"].amount == 1 && $0["messages"].amount == 3 }
    }
    #expect(report.map { $0["server"].string } == ["j-0", "j-1", "j-2"])
    guard case .size(let stored) = report[0]["storage"], stored.bytes > 0 else {
      throw DidNotFail(value: report[0].shown())
    }

    let info = try nats.run("account", "info")
    #expect(info["account"].string == "JS")
    #expect(info["cluster"].string == "j")
    #expect(info["jetstream.streams"].amount == 1)
    guard case .duration = info["rtt"], case .size = info["jetstream.storage"] else {
      throw DidNotFail(value: info.shown())
    }
    #expect(try nats.run("account", "info", "--user", "sys", "--password", "sys")["jetstream"].shown() == "null")

    #expect(try nats.run("server", "check", "jetstream")["streams"].amount == 1)
    let stream = try nats.failure("server", "check", "stream", "R", "--peer-expect", "5", "--msgs-critical", "4")
    #expect(stream.reason.string == "R: it lies on 3 servers instead of 5")
    #expect(stream.said?.string == "R: it holds 3 messages, fewer than 4")
    #expect(try nats.failure("server", "check", "stream").kind == .misused)
    #expect(try nats.failure("server", "check", "stream", "NONE").reason.string == "stream not found (10059)")
    let leader = try nats.run("server", "check", "stream", "R")["cluster.leader"].string
    // Not the one that the test itself is connected with.
    let follower = try #require(cluster.servers.first { $0.name != leader && $0.name != "j-0" })
    follower.suspend()
    defer { follower.resume() }
    try eventually {
      try nats.failure("server", "check", "stream", "R", "--peer-seen-critical", "1s").reason.string
    } where: {
      $0.hasPrefix("R: \(follower.name)")
    }
  }

  @Test func connectionsAreChecked() throws {
    let account = try TestAccount()
    let nats = try NatsFixture(account)
    defer { nats.end() }
    let value = try nats.run("server", "check", "connection", "--connect-critical", "1m")
    #expect(value["server"].string == account.server.name)
    for key in ["connect", "rtt", "request"] {
      guard case .duration(let took) = value[key], took.nanoseconds > 0 else { throw DidNotFail(value: value.shown()) }
    }
    #expect(
      try nats.failure("server", "check", "connection", "--rtt-critical", "1ns").reason.string.hasPrefix(
        "a round trip took"))
    let closed = try ClosedPort()
    nats.target.move("c1", to: [closed.number])
    #expect(try nats.failure("server", "check", "connection").reason.string.hasPrefix("no server of c1 can be reached"))
  }
}
