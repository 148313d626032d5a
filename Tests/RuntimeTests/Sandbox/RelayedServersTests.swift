import Foundation
import Interpreter
import Lexer
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

/// Real servers of two regions with nbx's own relay between them: a gateway each way, and a NATS cluster that has a server
/// in either.
@Suite(.mayWait) struct RelayedServersTests {
  /// The port that a connection leads to, and for how long it was seen to take, as the server tells it: `1.2ms`.
  private struct Connection {
    let port: UInt16
    let roundTrip: Value
  }

  private func fixture() throws -> SandboxFixture {
    let sandbox = try SandboxFixture(["c1", "c2"], relay: NbxProgram.path)
    let pings: Value = ["ping_interval": "1s"]
    for (cluster, other) in [("c1", "c2"), ("c2", "c1")] {
      let gateways: Value = [["name": .string(other), "url": .string("nats://\(other)-nats-\(other):7222")]]
      let values: Value = [
        "config": [
          "gateway": ["enabled": true, "merge": ["name": .string(cluster), "gateways": gateways]],
          "cluster": ["merge": ["name": .string(cluster)]], "merge": pings,
        ]
      ]
      try sandbox.install(cluster, SandboxFixture.values(replicas: 1, values), on: cluster)
    }
    for (cluster, other) in [("c1", "c2"), ("c2", "c1")] {
      let routes: Value = ["", "-\(other)"].map { "nats://xr-nats-0.xr-nats-headless\($0):6222" }.asValue
      let values: Value = [
        "config": [
          "cluster": ["merge": ["name": "xr", "routes": routes]], "serverNamePrefix": .string("\(cluster)-"),
          "merge": pings,
        ]
      ]
      try sandbox.install("xr", SandboxFixture.values(replicas: 1, values), on: cluster)
    }
    return sandbox
  }

  private func page(_ name: String, of pod: String, in region: String, _ sandbox: SandboxFixture) throws -> Value {
    let found = sandbox.pods(region).first { $0.name == pod }
    let connection = try PlainConnection(port: try #require(found?.record.port(.monitor)))
    try connection.send("GET /\(name) HTTP/1.0\r\n\r\n")
    let answer = try connection.rest()
    let body = answer.range(of: "\r\n\r\n").map { answer[$0.upperBound...] } ?? ""
    return try Value.json(Array(body.utf8))
  }

  /// The gateways that a region's server has made.
  private func gateways(of region: String, _ sandbox: SandboxFixture) throws -> [Connection] {
    let page = try page("gatewayz", of: "\(region)-nats-0", in: region, sandbox)
    return page["outbound_gateways"].entries.map { connection($0.1["connection"]) }
  }

  /// The routes of a region's stretched server, whoever made them.
  private func routes(of region: String, _ sandbox: SandboxFixture) throws -> [Connection] {
    (try page("routez", of: "xr-nats-0", in: region, sandbox)["routes"].elements ?? []).map(connection)
  }

  private func connection(_ value: Value) -> Connection {
    guard case .int(let port) = value["port"] else { return Connection(port: 0, roundTrip: .null) }
    return Connection(port: UInt16(clamping: port), roundTrip: value["rtt"])
  }

  @Test func `servers of two regions meet by the relay alone, and do as its links do`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    let own = Set(
      ["c1", "c2"].flatMap { sandbox.pods($0) }.flatMap { pod in
        PodPort.allCases.filter { $0.network == nil }.compactMap { pod.record.port($0) }
      })
    let relayed = Set(sandbox.orders.listeners.map(\.port))
    for region in sandbox.clusters {
      let made = try eventually {
        try gateways(of: region, sandbox)
      } where: {
        $0.count == 1
      }
      #expect(relayed.contains(made[0].port))
      let all = try eventually {
        try routes(of: region, sandbox)
      } where: {
        $0.count == 4
      }
      // Of those that the other one has made the port is that of the relay's end: whichever, but no server's.
      #expect(all.allSatisfy { !own.contains($0.port) })
    }
    try eventually { sandbox.target.relay.linkStates().allSatisfy { ($0.connections ?? 0) > 0 && ($0.bytes ?? 0) > 0 } }

    // Connections that exist take as long as is set.
    for (from, to) in [("c1", "c2"), ("c2", "c1")] {
      try sandbox.set(DirectedLink(from: from, to: to, over: .gateways)) { $0.delay = 40_000_000 }
    }
    try eventually {
      try gateways(of: "c1", sandbox)
    } where: { made in
      let told = made.first?.roundTrip.string.flatMap { Units.nanoseconds(in: $0) } ?? 0
      return told >= 80_000_000
    }

    // A cut of one network leaves the other.
    try sandbox.change { links throws(CommandFailure) in
      for (from, to) in [("c1", "c2"), ("c2", "c1")] {
        links[DirectedLink(from: from, to: to, over: .gateways), default: LinkShape()].cut = .refused
      }
    }
    try eventually { try gateways(of: "c1", sandbox).isEmpty && gateways(of: "c2", sandbox).isEmpty }
    #expect(try routes(of: "c1", sandbox).count == 4)

    // A relay that is started anew cuts what the one before has cut.
    try sandbox.killRelay()
    try eventually { try routes(of: "c1", sandbox).isEmpty }
    try sandbox.run("region start c1")
    try eventually { try routes(of: "c1", sandbox).count == 4 && routes(of: "c2", sandbox).count == 4 }
    #expect(try gateways(of: "c1", sandbox).isEmpty)

    try sandbox.change { links throws(CommandFailure) in links = [:] }
    try eventually { try gateways(of: "c1", sandbox).count == 1 && gateways(of: "c2", sandbox).count == 1 }
    let relay = try sandbox.relayProcess()
    try sandbox.run("region delete c1 c2")
    #expect(!relay.isAlive && !Folders.isFolder(sandbox.store.folders.relay))
  }
}

extension [String] {
  fileprivate var asValue: Value { .list(map { .string($0) }) }
}
