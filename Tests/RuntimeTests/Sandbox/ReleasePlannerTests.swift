import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

/// What has to be done for an order, given what is there. No process runs, and no file is read.
@Suite struct ReleasePlannerTests {
  private static let version = "2.11.4"

  private func planner(
    _ values: Value, chart: String = NatsChart.version, scaledTo: Int? = nil, isRelayed: Bool = false
  ) throws -> ReleasePlanner {
    let identity = ReleaseIdentity(cluster: "c1", namespace: "nats", name: "c1")
    return try ReleasePlanner(
      ReleaseOrder(identity: identity, values: valueMap(values), chartVersion: chart, scaledTo: scaledTo),
      at: ReleasePlanner.Place(
        folders: SandboxFolders(home: "/nowhere"), store: "/nowhere/store/c1", clusters: Supercluster.clusters,
        isRelayed: isRelayed))
  }

  private func plan(_ planner: ReleasePlanner, _ present: [PresentPod] = []) throws -> ReleasePlan {
    try planner.plan(present) { address throws(CommandFailure) in UInt16(try readablePort(address)) }
  }

  /// The pods as they are once a plan's were started, and what was changed of them.
  private func present(
    _ values: Value, isAlive: Bool = true, _ change: (inout PodRecord) -> Void = { _ in }
  ) throws -> [PresentPod] {
    try plan(planner(values)).toStart.map { planned, _ in
      var record = PodRecord.rebuilt(planned.key)
      record.version = Self.version
      record.loaded = planned.mark
      record.store = planned.store
      change(&record)
      return PresentPod(pod: Pod(record: record), isAlive: isAlive, configuration: planned.configuration)
    }
  }

  private func names(_ pods: [PlannedPod]) -> [String] { pods.map(\.key.name) }

  private static let two = SandboxFixture.values(replicas: 2)
  private static let changed = SandboxFixture.values(replicas: 2, ["config": ["merge": ["max_payload": 4096]]])

  private static func changed(_ more: Value) -> Value {
    .map(valueMap(changed).merged(with: valueMap(more)))
  }

  @Test func `what is not there is started`() throws {
    let plan = try plan(planner(Self.two))
    #expect(names(plan.toStart.map(\.planned)) == ["c1-nats-0", "c1-nats-1"])
    let first = try #require(plan.toStart.first)
    #expect(first.present == nil && first.planned.store == "/nowhere/store/c1/nats/c1-nats-0")
    #expect(first.planned.ports == [.client: 21101, .cluster: 21102, .monitor: 21104])
    #expect(first.planned.configuration.contains("/nowhere/local/regions/c1/pods/nats/c1-nats-0/nats.pid"))
    #expect(plan.listeners.isEmpty && !plan.changesNothing)
  }

  @Test func `what is as ordered stays`() throws {
    #expect(try plan(planner(Self.two), present(Self.two)).changesNothing)
  }

  @Test func `what has ended is started as it was found`() throws {
    let plan = try plan(planner(Self.two), present(Self.two, isAlive: false) { $0.restarts = 3 })
    #expect(plan.toStart.map { $0.present?.record.restarts } == [3, 3])
  }

  @Test func `a changed configuration restarts, is read anew, or waits, as the chart's values say`() throws {
    let there = try present(Self.two)
    let restarts = try plan(planner(Self.changed), there)
    #expect(names(restarts.toRestart.map(\.planned)) == ["c1-nats-0", "c1-nats-1"])
    let noted: Value = ["podTemplate": ["configChecksumAnnotation": false]]
    let reloads = try plan(planner(Self.changed(noted)), there)
    #expect(names(reloads.toReload.map(\.planned)) == ["c1-nats-0", "c1-nats-1"])
    // From there on a chart has its server's version.
    let newer = try present(Self.two) { $0.imageTag = "2.12.4" }
    #expect(try plan(planner(Self.changed, chart: "2.12.4"), newer).toReload.count == 2)
    #expect(try plan(planner(Self.changed, chart: "2.12.4"), there).toRestart.count == 2)
    let waits = try plan(
      planner(Self.changed(["podTemplate": ["configChecksumAnnotation": false], "reloader": ["enabled": false]])), there
    )
    #expect(names(waits.toWrite) == ["c1-nats-0", "c1-nats-1"])
  }

  @Test func `whoever would lose JetStream by a reload is restarted`() throws {
    let values = Self.changed([
      "podTemplate": ["configChecksumAnnotation": false],
      "config": ["merge": ["accounts": ["A": ["jetstream": "enabled"]]]],
    ])
    #expect(try plan(planner(values), present(Self.two)).toRestart.count == 2)
  }

  @Test func `another version and another store are for a new process`() throws {
    let image: Value = ["container": ["image": ["tag": "2.12.0"]]]
    let tagged = SandboxFixture.values(replicas: 2, image)
    #expect(try plan(planner(tagged), present(Self.two)).toRestart.count == 2)
    #expect(try plan(planner(Self.two), present(Self.two) { $0.store = "/elsewhere" }).toRestart.count == 2)
  }

  @Test func `of a lost record nobody knows what it has read: it reads it again`() throws {
    let lost = try present(Self.two) { $0 = .rebuilt($0.key) }
    #expect(try plan(planner(Self.two), lost).toReload.count == 2)
  }

  @Test func `fewer servers leave some over, and scaling leaves the others as they are`() throws {
    let there = try present(SandboxFixture.values(replicas: 3))
    #expect(try plan(planner(Self.two), there).surplus.map(\.name) == ["c1-nats-2"])
    let down = try plan(planner(SandboxFixture.values(replicas: 3), scaledTo: 1), there)
    #expect(down.surplus.map(\.name) == ["c1-nats-1", "c1-nats-2"] && down.toRestart.isEmpty && down.toReload.isEmpty)
    let up = try plan(planner(SandboxFixture.values(replicas: 3), scaledTo: 4), there)
    #expect(names(up.toStart.map(\.planned)) == ["c1-nats-3"])
  }

  @Test func `only the ports of servers that do not run have to be free`() throws {
    let planner = try planner(Self.two)
    let first = Array(try present(Self.two).prefix(1))
    #expect(Set(planner.idleAddresses(first).map(\.pod)) == ["c1-nats-1"])
    #expect(Set(planner.idleAddresses([]).map(\.port)) == [.client, .cluster, .monitor])
  }

  @Test func `behind a relay other regions come in by ports of its own`() throws {
    let plan = try plan(
      planner(SandboxFixture.values(replicas: 1, ["config": ["gateway": ["enabled": true]]]), isRelayed: true))
    #expect(
      Set(plan.listeners) == [
        .init(port: 31103, target: 21103, region: "c1", network: .gateways),
        .init(port: 31102, target: 21102, region: "c1", network: .routes),
      ])
    #expect(plan.mentioned.contains { $0.port == .gatewayRelay })
  }

  @Test func `values that no server here can have are refused`() throws {
    let failure = try #require(throws: CommandFailure.self) { try planner(["config": ["clutser": [:]]]) }
    #expect(failure.kind == .misused && failure.advice == "did you mean config.cluster?")
  }

  @Test func `what all of them dial is rendered once`() throws {
    let values = SandboxFixture.values(
      replicas: 9,
      [
        "config": [
          "gateway": [
            "enabled": true, "merge": ["gateways": [["name": "c2", "url": "nats://k3d-c2-agent-0:7222"]]],
          ]
        ]
      ])
    var asked: [PodAddress: Int] = [:]
    let plan = try planner(values).plan([]) { address throws(CommandFailure) in
      asked[address, default: 0] += 1
      return UInt16(try readablePort(address))
    }
    #expect(plan.toStart.count == 9)
    #expect(asked.filter { $0.key.cluster == "c2" }.values.allSatisfy { $0 == 1 })
    #expect(plan.toStart.allSatisfy { $0.planned.configuration.contains("nats://127.0.0.1:22303") })
  }
}
