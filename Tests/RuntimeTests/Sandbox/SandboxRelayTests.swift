import Foundation
import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The relay's place in the sandbox: when it is started, told, found again and ended. A stand-in plays it.
@Suite(.mayWait) struct SandboxRelayTests {
  private let relay: StandInRelay

  init() throws { relay = try StandInRelay() }

  private func fixture(_ clusters: [String] = ["c1", "c2"]) throws -> SandboxFixture {
    try SandboxFixture(clusters, relay: relay.path)
  }

  /// One server with what other regions connect to.
  private static func values(_ more: Value = [:]) -> Value {
    let gateway: Value = ["config": ["gateway": ["enabled": true]]]
    guard case .map(let gateway) = gateway, case .map(let more) = more else { return gateway }
    return SandboxFixture.values(replicas: 1, .map(gateway.merged(with: more)))
  }

  private func install(_ sandbox: SandboxFixture, _ clusters: [String]? = nil) throws {
    for cluster in clusters ?? sandbox.clusters { try sandbox.install(cluster, Self.values(), on: cluster) }
  }

  // MARK: When it runs

  @Test func `it is started with the first release and told of the others, once for each`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    #expect(sandbox.target.relay.process == nil)
    try install(sandbox, ["c1"])
    let process = try sandbox.relayProcess()
    #expect(sandbox.told == [1])
    let record = try #require(sandbox.pods("c1").first?.record)
    let ports = (record.port(.gatewayRelay), record.port(.clusterRelay))
    #expect(
      Set(sandbox.orders.listeners) == [
        .init(
          port: try #require(ports.0), target: try #require(record.port(.gateway)), region: "c1", network: .gateways),
        .init(port: try #require(ports.1), target: try #require(record.port(.cluster)), region: "c1", network: .routes),
      ])
    try install(sandbox, ["c2"])
    #expect(try sandbox.relayProcess() == process)
    #expect(Set(sandbox.orders.listeners.map(\.region)) == ["c1", "c2"] && sandbox.orders.listeners.count == 4)
    try eventually(is: [1, 2]) { sandbox.told }
    // What is as ordered changes nothing.
    try install(sandbox)
    #expect(sandbox.orders.generation == 2)
  }

  @Test func `several releases at once start but one, and none is told before it can hear`() throws {
    // Until it has said so, a signal ends it.
    let relay = try StandInRelay(first: "import time; time.sleep(0.3)")
    let sandbox = try SandboxFixture(["c1", "c2"], relay: relay.path)
    defer { sandbox.remove() }
    let (failed, ended) = (Said(), Said())
    for index in 0..<4 {
      Thread.detachNewThread {
        let cluster = index % 2 == 0 ? "c1" : "c2"
        do { try sandbox.install("\(cluster)-\(index)", Self.values(), on: cluster) } catch { failed.add("\(error)") }
        ended.add(".")
      }
    }
    try eventually { ended.text.filter { $0 == "." }.count == 4 }
    #expect(failed.text.isEmpty)
    #expect(sandbox.orders.listeners.count == 8)
    let record = try sandbox.relayProcess()
    #expect(record.isAlive)
    try eventually { sandbox.told.last == sandbox.orders.generation }
    #expect(sandbox.told.count <= 4)
  }

  @Test func `it ends when no region is meant to run, and comes back with what was set`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    let link = DirectedLink(from: "c1", to: "c2", over: .gateways)
    try sandbox.set(link) { $0.delay = 40_000_000 }
    let process = try sandbox.relayProcess()
    try sandbox.run("region stop c1")
    #expect(process.isAlive)
    try sandbox.run("region stop c2")
    #expect(!process.isAlive && sandbox.target.relay.process == nil)
    #expect(sandbox.target.relay.condition == .notNeeded)
    try sandbox.run("region start c2")
    let again = try sandbox.relayProcess()
    #expect(again != process)
    #expect(sandbox.orders.shapes[link]?.delay == 40_000_000)
    #expect(sandbox.orders.listeners.count == 4)
    try sandbox.run("region delete c1 c2")
    #expect(!again.isAlive)
    #expect(!Folders.isFolder(sandbox.store.folders.relay))
  }

  @Test func `regions that go at the same time leave nothing of it`() throws {
    let sandbox = try fixture(["c1", "c2", "c3", "c4"])
    defer { sandbox.remove() }
    try install(sandbox)
    let process = try sandbox.relayProcess()
    let (failed, ended) = (Said(), Said())
    for cluster in sandbox.clusters {
      Thread.detachNewThread {
        do { try sandbox.run("region delete \(cluster)") } catch { failed.add("\(error)") }
        ended.add(".")
      }
    }
    try eventually { ended.text.filter { $0 == "." }.count == 4 }
    #expect(failed.text.isEmpty)
    #expect(!process.isAlive && !Folders.isFolder(sandbox.store.folders.relay))
  }

  @Test func `what goes is listened for no longer`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    try sandbox.install("more", Self.values(), on: "c1")
    #expect(sandbox.orders.listeners.count == 6)
    let process = try sandbox.relayProcess()
    try sandbox.run("helm uninstall more -n nats")
    #expect(sandbox.orders.listeners.count == 4)
    try eventually { sandbox.told.last == sandbox.orders.generation }
    try sandbox.set(DirectedLink(from: "c2", to: "c1", over: .routes)) { $0.cut = .silent }
    try sandbox.run("region delete c2")
    #expect(sandbox.orders.listeners.map(\.region) == ["c1", "c1"] && sandbox.orders.links.isEmpty)
    #expect(process.isAlive)
    // Nobody is left who would connect.
    try sandbox.run("kubectl delete namespace nats")
    #expect(!process.isAlive && sandbox.orders.listeners.isEmpty)
    try install(sandbox, ["c1"])
    #expect(sandbox.orders.listeners.count == 2)
  }

  @Test func `a port that a release gives up is given up by the relay as well`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox, ["c1"])
    #expect(Set(sandbox.orders.listeners.map(\.network)) == [.gateways, .routes])
    try sandbox.install("c1", SandboxFixture.values(replicas: 1))
    #expect(sandbox.orders.listeners.map(\.network) == [.routes])
    try eventually { sandbox.told.last == sandbox.orders.generation }
  }

  @Test func `scaled down and up, a release has its listeners as it has its servers`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try sandbox.install("c1", SandboxFixture.values(replicas: 2), on: "c1")
    let listeners = sandbox.orders.listeners
    #expect(listeners.count == 2)
    try sandbox.run("kubectl scale statefulset c1-nats --replicas=1 -n nats")
    #expect(sandbox.orders.listeners.count == 1)
    try sandbox.run("kubectl scale statefulset c1-nats --replicas=2 -n nats")
    #expect(sandbox.orders.listeners == listeners)
  }

  // MARK: When it has died, or its traces have

  @Test(arguments: [
    "region start c1", "helm upgrade --install c1 nats/nats -n nats --wait", "kubectl delete pod c1-nats-0 -n nats",
  ])
  func `one that was killed is told of, and comes back with what was set`(_ line: String) throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    let link = DirectedLink(from: "c1", to: "c2", over: .gateways)
    try sandbox.set(link) { $0.cut = .refused }
    try sandbox.killRelay()
    #expect(sandbox.target.relay.condition == .dead)
    let note = try #require(sandbox.target.status().notes.first { $0.contains("relay") })
    #expect(note.contains("region start c1"))
    #expect(Doctor(environment: ["NBX_HOME": sandbox.home]).links.state == .warning)
    #expect(sandbox.target.relay.linkStates().allSatisfy { $0.connections == nil })
    #expect(sandbox.target.relay.linkStates().first { $0.link == link }?.shape.cut == .refused)
    try sandbox.run(line, with: line.hasPrefix("helm") ? Self.values() : nil)
    let again = try sandbox.relayProcess()
    #expect(sandbox.target.relay.condition == .running(pid: again.pid))
    #expect(sandbox.orders.shapes[link]?.cut == .refused && sandbox.orders.listeners.count == 4)
    #expect(sandbox.target.status().notes.contains { $0.contains("process \(again.pid)") })
  }

  @Test(arguments: [0, 1, 2, 3])
  func `it is found again whatever was lost`(_ kind: Int) throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    let process = try sandbox.relayProcess()
    let listeners = sandbox.orders.listeners
    let folders = sandbox.store.folders
    switch kind {
    case 0: try Folders.remove(folders.relayRecord)
    case 1:
      // As a kill between the spawn and the record leaves it.
      let record = RelayRecord(process: nil, program: relay.path, started: StateFile.now)
      try StateFile.write(record, to: folders.relayRecord)
    case 2:
      try AtomicFile.write(Array("[".utf8), to: folders.relayRecord)
      try AtomicFile.write(Array("{\"generation\":".utf8), to: folders.relayOrders)
    default: try Folders.remove(folders.relay)
    }
    let later = sandbox.anotherTarget()
    sandbox.target.letGo()
    try sandbox.run("region start c1", by: later)
    #expect(later.relay.process == process)
    #expect(later.relay.ordersOnDisk.listeners == listeners)
    try sandbox.run("region delete c1 c2", by: later)
    #expect(!process.isAlive && !Folders.isFolder(folders.relay))
    later.letGo()
  }

  @Test func `a stranger's process is not taken for it`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    let folders = sandbox.store.folders
    let process = try sandbox.relayProcess()
    try sandbox.killRelay()
    let stranger = try Daemon("sleep", ["300"], environment: SandboxFixture.environment, log: "/dev/null").start()
    defer { _ = stranger.signal(SIGKILL) }
    let odd = ProcessIdentity(pid: stranger.pid, start: process.start, bootID: process.bootID)
    try StateFile.write(RelayRecord(process: odd, program: relay.path, started: 0), to: folders.relayRecord)
    #expect(sandbox.target.relay.condition == .dead)
    try sandbox.run("region stop c1 c2")
    #expect(stranger.isAlive)
  }

  @Test func `a lost book of ports has the relay's back from the pods' records`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    let listeners = sandbox.orders.listeners
    let processes = sandbox.processes("c1")
    try Folders.remove(sandbox.store.folders.ports)
    sandbox.target.letGo()
    try install(sandbox)
    #expect(sandbox.orders.listeners == listeners)
    #expect(sandbox.processes("c1") == processes)
  }

  @Test func `a program that does not run as a relay is told of`() throws {
    let relay = try StandInRelay(first: "sys.exit('no relay today')")
    let sandbox = try SandboxFixture(["c1"], relay: relay.path)
    defer { sandbox.remove() }
    let failure = try sandbox.failure(
      "helm upgrade --install c1 nats/nats -n nats --create-namespace", with: Self.values())
    #expect(failure.reason.string.contains("the relay between regions ended right after its start"))
    #expect(failure.said?.string.contains("no relay today") == true)
  }

  @Test func `what cannot be written is told of, and deleting goes on`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    let process = try sandbox.relayProcess()
    let folders = sandbox.store.folders
    // A folder in the place of the file: no orders can be written, as on a full disk.
    try Folders.remove(folders.relayOrders)
    try Folders.make("\(folders.relayOrders)/in-the-way")
    #expect(throws: CommandFailure.self) {
      try sandbox.set(DirectedLink(from: "c1", to: "c2", over: .routes)) { $0.cut = .silent }
    }
    try sandbox.run("helm uninstall c2 -n nats", on: "c2")
    try sandbox.run("region delete c1 c2")
    #expect(!process.isAlive && !Folders.isFolder(folders.relay))
  }

  // MARK: Ports

  @Test func `a port of the relay that a stranger has taken is named, and the servers run`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    try sandbox.run("region stop c1 c2")
    let port = try #require(sandbox.pods("c1").first?.record.port(.gatewayRelay))
    let stranger = try #require(Listener(port))
    let failure = try sandbox.failure("region start c1")
    #expect(failure.reason.string.contains("port \(port) is taken by another program"))
    #expect(sandbox.pods("c1").allSatisfy { $0.isAlive })
    stranger.close()
    try sandbox.run("region start c1 c2")
  }

  @Test func `a port that is promised to the relay for a server to come is chosen anew when a stranger has it`() throws
  {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    let address = PodAddress(cluster: "c1", namespace: "nats", pod: "c1-nats-0", port: .gatewayRelay)
    let promised = try sandbox.supervisor.ports.lookingUp { lookUp throws(CommandFailure) in try lookUp(address) }
    let stranger = try #require(Listener(promised))
    defer { stranger.close() }
    try install(sandbox, ["c1"])
    let port = try #require(sandbox.pods("c1").first?.record.port(.gatewayRelay))
    #expect(port != promised && sandbox.orders.listeners.contains { $0.port == port })
  }

  // MARK: Links

  @Test func `links are set, told and listed`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    // Nobody runs who could be asked.
    try sandbox.set(DirectedLink(from: "c2", to: "c1", over: .routes)) { $0.loss = 0.5 }
    try install(sandbox)
    let link = DirectedLink(from: "c1", to: "c2", over: .gateways)
    try sandbox.set(link) { $0.delay = 10 }
    #expect(sandbox.told.last == sandbox.orders.generation, "it has taken it up when the command returns")
    let states = sandbox.target.relay.linkStates()
    #expect(
      states.map { "\($0.link.from) \($0.link.to) \($0.link.network.rawValue)" } == [
        "c1 c2 gateways", "c1 c2 routes", "c2 c1 gateways", "c2 c1 routes",
      ])
    #expect(states.map(\.shape.isPlain) == [false, true, true, false])
    #expect(states.map(\.connections) == [2, 0, 0, 2] && states.map(\.bytes) == [7, 0, 0, 7])
    #expect(states.map(\.measured) == [5, nil, nil, 5])
    // Once more is no change, and asked for all the same: an nbx may have been killed before it told the relay.
    let (generation, told) = (sandbox.orders.generation, sandbox.told.count)
    try sandbox.set(link) { $0.delay = 10 }
    #expect(sandbox.orders.generation == generation && sandbox.told.count == told + 1)
    try sandbox.set(link) { $0 = LinkShape() }
    #expect(sandbox.orders.links.map(\.link.from) == ["c2"])
  }

  /// The relay may have taken up the last of them before the first one asks.
  @Test func `lanes that change links side by side all hear that theirs hold`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    let (failed, ended) = (Said(), Said())
    for number in 1...8 {
      Thread.detachNewThread {
        let link = DirectedLink(from: "c1", to: "c2", over: number.isMultiple(of: 2) ? .routes : .gateways)
        do { try sandbox.set(link) { $0.delay = Int64(number) } } catch { failed.add("\(error)") }
        ended.add(".")
      }
    }
    try eventually { ended.text.filter { $0 == "." }.count == 8 }
    #expect(failed.text.isEmpty, "\(failed.text)")
  }

  @Test func `healing what is gone is done already, and setting it is not`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    try sandbox.run("link cut c1 c2")
    try sandbox.run("region delete c2")
    let generation = sandbox.orders.generation
    for line in ["link heal c2", "link join c1 c2", "link heal c2"] { try sandbox.run(line) }
    #expect(sandbox.orders.links.isEmpty && sandbox.orders.generation == generation)
    #expect(try sandbox.failure("link cut c1 c2").reason.string.hasPrefix("there is no region c2"))
    #expect(try sandbox.failure("link set c1 c2 --rtt 1ms").reason.string.hasPrefix("there is no region c2"))
  }

  @Test func `a failing change changes nothing`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    let generation = sandbox.orders.generation
    let failure = try #require(throws: CommandFailure.self) {
      try sandbox.change { links throws(CommandFailure) in
        links[DirectedLink(from: "c1", to: "c2", over: .routes)] = LinkShape()
        throw CommandFailure(.misused, "no such region")
      }
    }
    #expect(failure.kind == .misused && sandbox.orders.generation == generation)
  }

  @Test func `a relay that answers nothing is told of`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    let process = try sandbox.relayProcess()
    _ = process.signal(SIGSTOP)
    try eventually { process.isStopped }
    #expect(sandbox.target.relay.linkStates().allSatisfy { $0.connections == nil })
    let link = DirectedLink(from: "c1", to: "c2", over: .routes)
    let failure = try #require(throws: CommandFailure.self) { try sandbox.set(link) { $0.cut = .silent } }
    #expect(failure.reason.string.contains("process \(process.pid)) stands still; it is set all the same"))
    #expect(sandbox.target.status(of: []).relayTrouble == .frozen(pid: process.pid))
    // It is on disk, and holds as soon as it goes on.
    #expect(sandbox.orders.shapes[link]?.cut == .silent)
    try sandbox.run("region start c1")
    try eventually { !process.isStopped }
    #expect(sandbox.target.status(of: []).relayTrouble == nil)
    try sandbox.set(link) { $0.cut = .silent }
  }

  @Test func `one that has died is started anew by what is set`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    try install(sandbox)
    try sandbox.killRelay()
    try sandbox.set(DirectedLink(from: "c1", to: "c2", over: .routes)) { $0.cut = .silent }
    #expect(sandbox.told.last == sandbox.orders.generation)
    _ = try sandbox.relayProcess()
  }

  @Test func `servers that go around it are told of, and led through it by an install`() throws {
    let sandbox = try fixture()
    defer { sandbox.remove() }
    sandbox.target.letGo()
    // As an earlier nbx does it.
    let earlier = LocalTarget(home: sandbox.home, clusters: sandbox.clusters, environment: SandboxFixture.environment)
    let line = "helm upgrade --install c1 nats/nats -n nats --create-namespace --wait"
    try sandbox.run(line, with: Self.values(), by: earlier)
    earlier.letGo()
    #expect(sandbox.target.relay.process == nil)
    let link = DirectedLink(from: "c1", to: "c2", over: .routes)
    let failure = try #require(throws: CommandFailure.self) { try sandbox.set(link) { $0.cut = .silent } }
    #expect(failure.reason.string.contains("servers of c1 connect to other regions directly"))
    #expect(sandbox.orders.links.isEmpty)
    try install(sandbox)
    try sandbox.set(link) { $0.cut = .silent }
    let text = StateFile.text(of: sandbox.store.folders.configuration(sandbox.pods("c1")[0].key))
    #expect(text?.contains("# The relay's port") == true)
  }

  @Test func `without a relay all is as it was`() throws {
    let sandbox = try SandboxFixture(["c1", "c2"])
    defer { sandbox.remove() }
    try install(sandbox)
    #expect(sandbox.target.relay.condition == .notNeeded && sandbox.target.relay.process == nil)
    #expect(!Folders.isFolder(sandbox.store.folders.relay))
    #expect(sandbox.pods("c1").allSatisfy { $0.record.ports.keys.allSatisfy { !$0.hasSuffix("relay") } })
    #expect(sandbox.target.relay.linkStates().count == 4)
  }
}

extension SandboxFixture {
  func change(_ change: (inout [DirectedLink: LinkShape]) throws(CommandFailure) -> Void) throws {
    let call = Invocation(
      words: [], deadline: .now + patience)
    try target.relay.changeLinks(CallLimits(call), change)
  }

  func set(_ link: DirectedLink, _ change: (inout LinkShape) -> Void) throws {
    try self.change { links throws(CommandFailure) in change(&links[link, default: LinkShape()]) }
  }
}
