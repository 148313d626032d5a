import Foundation
import NATS
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#endif

/// Real servers of two regions, with routes through a real `nbx relay`.
private final class RelayedServers {
  let folders: SandboxFolders
  private(set) var relay: ProcessIdentity
  private var servers: [String: ProcessIdentity] = [:]
  private let monitors: [String: UInt16]
  private var orders: RelayOrders

  static let regions = ["c1", "c2"]

  static func run(_ body: (RelayedServers) throws -> Void) throws {
    let own = try RunFolder.newPath() + "/local"
    try withFreePorts(8) { ports in
      let all = try RelayedServers(SandboxFolders(root: own), ports)
      defer { all.end() }
      try body(all)
    }
  }

  private init(_ folders: SandboxFolders, _ ports: [UInt16]) throws {
    self.folders = folders
    try Folders.make(folders.relay)
    orders = RelayOrders(generation: 1)
    var monitors: [String: UInt16] = [:]
    for (number, region) in Self.regions.enumerated() {
      let own = Array(ports[(number * 4)...].prefix(4))
      orders.listeners.append(.init(port: own[3], target: own[2], region: region, network: .routes))
      monitors[region] = own[1]
    }
    self.monitors = monitors
    try StateFile.write(orders, to: folders.relayOrders)
    relay = try Self.startRelay(folders)
    for (number, region) in Self.regions.enumerated() {
      let own = Array(ports[(number * 4)...].prefix(4))
      let configuration = folders.configuration(Self.pod(region))
      try Folders.make(folders.pod(Self.pod(region)))
      let routes = orders.listeners.map { "\"nats://127.0.0.1:\($0.port)\"" }.joined(separator: ", ")
      let text = """
        server_name: \(region)
        listen: "127.0.0.1:\(own[0])"
        http: "127.0.0.1:\(own[1])"
        debug: true
        cluster {
          name: xr, listen: "127.0.0.1:\(own[2])", advertise: "127.0.0.1:\(own[3])", routes: [\(routes)]
        }
        """
      try AtomicFile.write(Array(text.utf8), to: configuration)
      try start(region)
    }
  }

  private static func pod(_ region: String) -> PodKey {
    PodKey(cluster: region, namespace: "nats", name: "\(region)-0")
  }

  func start(_ region: String) throws {
    let configuration = folders.configuration(Self.pod(region))
    servers[region] = try Daemon(
      natsServerBinary(), ["-c", configuration, "-l", folders.log(Self.pod(region))],
      environment: ProcessInfo.processInfo.environment, log: folders.log(Self.pod(region))
    ).start()
  }

  /// Whether a server has dialled the other's relayed port, and found out that it is itself behind its own.
  func hasTriedAll(_ region: String) -> Bool {
    let log = StateFile.text(of: folders.log(Self.pod(region))) ?? ""
    let others = orders.listeners.filter { $0.region != region }
    return log.contains("Detected route to self")
      && others.allSatisfy { other in
        log.split(separator: "\n").contains {
          $0.contains("127.0.0.1:\(other.port) ") && $0.contains("Route connect msg sent")
        }
      }
  }

  func kill(_ region: String) {
    _ = servers[region]?.signal(SIGKILL)
    _ = servers[region]?.waitForExit(until: .now + patience)
    unlink(folders.log(Self.pod(region)))
  }

  private static func startRelay(_ folders: SandboxFolders) throws -> ProcessIdentity {
    let process = try Daemon(
      NbxProgram.path, ["relay", folders.root], environment: ProcessInfo.processInfo.environment, log: folders.relayLog
    ).start()
    try eventually { access(folders.relayReport, F_OK) == 0 }
    return process
  }

  func end() {
    for process in servers.values + [relay] {
      _ = process.signal(SIGKILL)
      _ = process.waitForExit(until: .now + patience)
    }
  }

  func set(_ shape: LinkShape) throws -> RelayReport {
    orders.generation += 1
    let link = DirectedLink(from: "c1", to: "c2", over: .routes)
    orders.links = [link, link.reversed].map { RelayOrders.Link(link: $0, shape: shape) }
    try StateFile.write(orders, to: folders.relayOrders)
    return try report()
  }

  func report() throws -> RelayReport {
    unlink(folders.relayReport)
    #expect(relay.signal(SIGHUP))
    return try eventually {
      guard case .state(let report) = StateFile.read(folders.relayReport, as: RelayReport.self) else {
        throw RelayFixtureError("no report")
      }
      return report
    } where: {
      $0.generation == orders.generation
    }
  }

  /// The round trips of a server's routes, as it has measured them, in milliseconds.
  func roundTrips(of region: String) throws -> [Double] {
    struct Page: Decodable {
      struct Route: Decodable {
        let rtt: String?
      }
      let routes: [Route]?
    }
    let port = try #require(monitors[region])
    let answer = try HTTPClient().get("http://127.0.0.1:\(port)/routez", limit: .within(patience))
    let routes = try JSONDecoder().decode(Page.self, from: Data(answer.body)).routes ?? []
    return routes.compactMap { route in
      guard let text = route.rtt else { return nil }
      if text.hasSuffix("µs") { return Double(text.dropLast(2)).map { $0 / 1000 } }
      if text.hasSuffix("ms") { return Double(text.dropLast(2)) }
      return Double(text.dropLast()).map { $0 * 1000 }
    }
  }
}

@Suite(.mayWait) struct RelayProgramTests {
  @Test func serversFindEachOtherAsFarApartAsTheyAre() throws {
    try RelayedServers.run { all in
      try eventually { try all.roundTrips(of: "c1").count == 4 }
      let report = try all.set(LinkShape(delay: 40_000_000))
      #expect(report.links.map(\.connections) == [4, 4])
      // What servers have measured before is what they tell until they measure again.
      all.kill("c2")
      try all.start("c2")
      try eventually { try all.roundTrips(of: "c2").count == 4 }
      try eventually {
        let times = try all.roundTrips(of: "c2")
        return times.allSatisfy { $0 >= 80 }
      }
    }
  }

  @Test func overACutLinkNoServerCountsARoute() throws {
    try RelayedServers.run { all in
      try eventually { try all.roundTrips(of: "c1").count == 4 }
      all.kill("c2")
      try eventually { try all.roundTrips(of: "c1").isEmpty }
      _ = try all.set(LinkShape(cut: .silent))
      try all.start("c2")
      try eventually { all.hasTriedAll("c2") }
      #expect(try all.roundTrips(of: "c2").isEmpty)
      #expect(try all.roundTrips(of: "c1").isEmpty)
      _ = try all.set(LinkShape())
      try eventually { try all.roundTrips(of: "c2").count == 4 }
    }
  }

  /// As on a full disk: it can tell nobody, and goes on with what it is told.
  @Test func aRelayThatCanWriteNothingGoesOn() throws {
    let folders = SandboxFolders(root: try RunFolder.newPath() + "/local")
    try Folders.make(folders.relay)
    let server = try PlainServer()
    let ports = [try ClosedPort().number, try ClosedPort().number]
    func order(_ generation: Int, _ ports: [UInt16]) throws {
      let listeners = ports.map {
        RelayOrders.Listener(port: $0, target: server.port, region: "c1", network: .gateways)
      }
      try StateFile.write(RelayOrders(generation: generation, listeners: listeners), to: folders.relayOrders)
    }
    func say(_ text: String, at port: UInt16) throws {
      try untilItSucceeds {
        let client = try PlainPeer()
        try client.dial(port)
        try client.send(text)
        let visitor = try server.accept()
        guard try visitor.receiveText(text.utf8.count) == text else { throw RelayFixtureError("another one") }
      }
    }
    try order(1, [ports[0]])
    let relay = try Daemon(
      "sh", ["-c", "ulimit -f 0; exec \"$0\" relay \"$1\"", NbxProgram.path, folders.root],
      environment: ProcessInfo.processInfo.environment, log: folders.relayLog
    ).start()
    defer {
      _ = relay.signal(SIGKILL)
      _ = relay.waitForExit(until: .now + patience)
    }
    try say("hello", at: ports[0])
    try order(2, ports)
    #expect(relay.signal(SIGHUP))
    try say("again", at: ports[1])
    #expect(access(folders.relayReport, F_OK) != 0)
    #expect(StateFile.names(in: folders.relay).allSatisfy { !$0.hasPrefix("report") })
    #expect(relay.signal(SIGTERM))
    #expect(relay.waitForExit(until: .now + patience))
  }

  /// Each connection takes two descriptors; who finds none left is reset, or waits.
  @Test func aRelayWithoutDescriptorsGoesOnOnceItHasSome() throws {
    let folders = SandboxFolders(root: try RunFolder.newPath() + "/local")
    try Folders.make(folders.relay)
    let server = try PlainServer()
    let port = try ClosedPort().number
    let listener = RelayOrders.Listener(port: port, target: server.port, region: "c1", network: .gateways)
    try StateFile.write(RelayOrders(generation: 1, listeners: [listener]), to: folders.relayOrders)
    let relay = try Daemon(
      "sh", ["-c", "ulimit -n 24; exec \"$0\" relay \"$1\"", NbxProgram.path, folders.root],
      environment: ProcessInfo.processInfo.environment, log: folders.relayLog
    ).start()
    defer {
      _ = relay.signal(SIGKILL)
      _ = relay.waitForExit(until: .now + patience)
    }
    try eventually { access(folders.relayReport, F_OK) == 0 }
    var clients: [PlainPeer] = []
    for _ in 0..<30 {
      let client = try PlainPeer()
      try client.dial(port)
      clients.append(client)
    }
    // Somebody was reset.
    try eventually { clients.contains { (try? $0.hasSomething && $0.receive().isEmpty) == nil } }
    clients = []
    while server.hasVisitor { _ = try server.accept() }
    try untilItSucceeds {
      let client = try PlainPeer()
      try client.dial(port)
      try client.send("hello")
      // It may be reset once more.
      try eventually { server.hasVisitor || client.hasSomething }
      guard server.hasVisitor else { throw RelayFixtureError("no room yet") }
      let visitor = try server.accept()
      guard try visitor.receiveText(5) == "hello" else { throw RelayFixtureError("another one") }
    }
    #expect(relay.signal(SIGTERM))
    #expect(relay.waitForExit(until: .now + patience))
  }
}
