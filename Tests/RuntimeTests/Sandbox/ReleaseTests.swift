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

@Suite(.mayWait) struct ReleaseTests {
  @Test func installsAndLeavesWhatIsAsOrdered() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    #expect(try sandbox.install().hasPrefix("Release \"c1\" has been installed"))
    let processes = sandbox.processes()
    #expect(processes.keys.sorted() == ["c1-nats-0", "c1-nats-1"])
    #expect(sandbox.states() == ["running", "running"])

    #expect(try sandbox.install().hasPrefix("Release \"c1\" is as ordered"))
    #expect(sandbox.processes() == processes)
    #expect(try sandbox.text("helm status c1 -n nats").contains("REVISION: 1"))
  }

  /// So that the chart leaves it to the reloader to bring a new configuration to the servers.
  private static let withoutChecksum: Value = ["podTemplate": ["configChecksumAnnotation": false]]

  private func values(_ config: Value, _ more: Value = withoutChecksum) -> Value {
    SandboxFixture.values(.map(more.entries.merged(with: ValueMap([("config", config)]))))
  }

  @Test func reloadsWhatAServerCanChangeWhileItRuns() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    let before = sandbox.pods().map(\.record.loaded)
    let said = try sandbox.install("c1", values(["merge": ["max_payload": 4096]]))
    #expect(said.hasPrefix("Release \"c1\" has been upgraded"))
    #expect(sandbox.processes() == processes)
    #expect(zip(before, sandbox.pods()).allSatisfy { $0 != $1.record.loaded })
    let log = ServerLog(path: sandbox.store.folders.log(sandbox.pods()[0].key)).text(from: 0)
    #expect(log.contains("Reloaded: max_payload"))
  }

  @Test func restartsWhereAReloadWillNotDo() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    try sandbox.install("c1", values(["gateway": ["enabled": true]]))
    #expect(Set(processes.values).isDisjoint(with: sandbox.processes().values))
    #expect(sandbox.states() == ["running", "running"])
    let again = try sandbox.install("c1", values(["gateway": ["enabled": true]]))
    #expect(again.hasPrefix("Release \"c1\" is as ordered"))
  }

  /// The chart notes a checksum of the configuration in the pods' template, and Kubernetes rolls them.
  @Test func restartsWhatIsConfiguredOtherwise() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    let said = try sandbox.install("c1", values(["merge": ["max_payload": 4096]], [:]))
    #expect(said.hasPrefix("Release \"c1\" has been upgraded"))
    #expect(Set(processes.values).isDisjoint(with: sandbox.processes().values))
    #expect(sandbox.states() == ["running", "running"])
  }

  @Test func leavesServersAloneThatNothingTellsOfTheirConfiguration() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    let quiet: Value = ["podTemplate": ["configChecksumAnnotation": false], "reloader": ["enabled": false]]
    for said in ["has been upgraded", "is as ordered"] {
      let told = try sandbox.install("c1", values(["merge": ["max_payload": 4096]], quiet))
      #expect(told.hasPrefix("Release \"c1\" \(said)"))
      #expect(sandbox.processes() == processes)
    }
    // With its next start each reads what has been there all the while.
    try sandbox.run("kubectl rollout restart statefulset/c1-nats --namespace nats")
    #expect(Set(processes.values).isDisjoint(with: sandbox.processes().values))
    for pod in sandbox.pods() {
      let text = try #require(StateFile.text(of: sandbox.store.folders.configuration(pod.key)))
      #expect(text.contains("max_payload: 4096") && pod.record.loaded == PodRecord.mark(of: text))
    }
  }

  @Test(arguments: [
    ("{}", "1.3.7", ConfigurationChange.restarts), ("{}", "2.12.3", .restarts), ("{}", "2.12.4", .reloads),
    ("{}", "~1.3", .restarts), (#"{"podTemplate":{"configChecksumAnnotation":true}}"#, "2.14.0", .restarts),
    (#"{"podTemplate":{"configChecksumAnnotation":false}}"#, "1.3.7", .reloads),
    (#"{"podTemplate":{"configChecksumAnnotation":false},"reloader":{"enabled":false}}"#, "1.3.7", .waits),
    (#"{"reloader":{"enabled":false}}"#, "1.3.7", .restarts), (#"{"reloader":{"enabled":false}}"#, "2.14.0", .waits),
  ])
  func whatBecomesOfAChangeIsWhatTheChartSays(values: String, version: String, change: ConfigurationChange) throws {
    let values = try Value.json(Array(values.utf8)).entries
    #expect(try ConfigurationChange(values: values, chartVersion: version) == change)
  }

  @Test func `values without effect here are said, and what is no chart's version is refused`() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let idle: Value = [
      "container": [
        "merge": ["args": ["-D"]], "patch": [["op": "remove", "path": "/args"]], "image": ["repository": "x"],
      ],
      "statefulSet": ["merge": ["spec": ["replicas": 5]]],
      "podTemplate": ["merge": ["metadata": ["annotations": ["a": "b"]], "spec": ["hostNetwork": true]]],
    ]
    let said = Said()
    let line = "helm upgrade --install c1 nats/nats --namespace nats --create-namespace"
    _ = try sandbox.run(line, with: SandboxFixture.values(replicas: 1, idle)) { said.add($0.masked) }
    #expect(
      said.text.contains(
        "c1: without effect on the local target: container.image.repository, container.merge.args, container.patch, "
          + "podTemplate.merge.spec.hostNetwork, statefulSet.merge.spec.replicas"), "\(said.text)")
    for version in ["0.19.17", "1.3.17", "1.4.0", "2.11.4"] {
      let failure = try sandbox.failure("\(line) --version \(version)", with: SandboxFixture.values(replicas: 1))
      #expect(failure.reason.string == "the local target knows no chart nats of version \(version)")
    }
    for range in ["^1.3", "1.3", "latest"] {
      let failure = try sandbox.failure("\(line) --version \(range)", with: SandboxFixture.values(replicas: 1))
      #expect(failure.kind == .misused)
      #expect(failure.reason.string.contains("`--version \(range)` is no version of a chart"))
    }
  }

  @Test func `a chart that has the server's version asks for that server`() throws {
    let identity = ReleaseIdentity(cluster: "c1", namespace: "nats", name: "c1")
    func tag(_ chart: String, _ values: Value = [:]) throws -> String? {
      try NatsChart.render(identity, values: values.entries, chartVersion: chart).imageTag
    }
    #expect(try tag("1.3.7") == nil && tag("2.12.1") == "2.12.1")
    #expect(try tag("2.12.1", ["container": ["image": ["tag": "2.11.4"]]]) == "2.11.4")
  }

  @Test func aMisspeltChecksumIsNoChecksum() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let failure = try sandbox.failure(
      "helm upgrade --install c1 nats/nats --namespace nats --create-namespace",
      with: ["podTemplate": ["configChecksumAnotation": false]])
    #expect(failure.kind == .misused)
    #expect(failure.advice == "did you mean podTemplate.configChecksumAnnotation?")
  }

  @Test func changesTheNumberOfServers() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    try sandbox.install("c1", SandboxFixture.values(replicas: 3))
    #expect(sandbox.processes().keys.sorted() == ["c1-nats-0", "c1-nats-1", "c1-nats-2"])
    try sandbox.install("c1", SandboxFixture.values(replicas: 2))
    #expect(sandbox.processes().keys.sorted() == ["c1-nats-0", "c1-nats-1"])
    #expect(try sandbox.text("helm status c1 -n nats").contains("REVISION: 3"))
  }

  @Test func saysWhyAServerDidNotStart() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let failure = try sandbox.failure(
      "helm upgrade --install bad nats/nats --namespace nats --wait",
      with: SandboxFixture.values(["config": ["merge": ["no_such_setting": true]]]))
    #expect(failure.kind == .failed)
    #expect(failure.reason.string.contains("the server bad-nats-"))
    #expect(failure.said?.string.contains("no_such_setting") == true)
    #expect(failure.advice?.contains("nats.conf") == true)
    #expect(sandbox.pods().filter { $0.statefulSet == "c1-nats" }.allSatisfy { $0.isAlive })
    #expect(try sandbox.text("helm status bad -n nats").contains("STATUS: failed"))
    // The next one heals it.
    try sandbox.install("bad")
    #expect(sandbox.states().allSatisfy { $0 == "running" })
  }

  @Test func keepsTheOldConfigurationWhereTheNewOneIsRefused() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    let failure = try sandbox.failure(
      "helm upgrade c1 nats/nats --namespace nats",
      with: SandboxFixture.values(["config": ["merge": ["no_such_setting": true]]]))
    #expect(failure.reason.string.contains("go on with the old one"))
    #expect(failure.said?.string.contains("no_such_setting") == true)
    #expect(sandbox.processes() == processes)
    try sandbox.run("region stop --now")
    try sandbox.run("region start")
    #expect(sandbox.states() == ["running", "running"])
  }

  @Test func undoesAnAtomicUpgradeThatFails() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    _ = try sandbox.failure(
      "helm upgrade --install new nats/nats --namespace nats --atomic",
      with: SandboxFixture.values(["config": ["merge": ["no_such_setting": true]]]))
    #expect(try sandbox.text("helm list -n nats -q") == "c1")
  }

  @Test func takesAReleaseAwayAndKeepsItsStreams() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install("c1-js", SandboxFixture.values(["config": ["jetstream": ["enabled": true]]]))
    let store = sandbox.pods()[0].record.store
    #expect(Folders.isFolder(store))
    #expect(try sandbox.text("helm uninstall c1-js --namespace nats") == "release \"c1-js\" uninstalled")
    #expect(sandbox.pods().isEmpty)
    #expect(Folders.isFolder(store))
    #expect(try sandbox.failure("helm uninstall c1-js --namespace nats").reason.string.contains("not found"))
    try sandbox.run("helm uninstall c1-js --namespace nats --ignore-not-found")
    try sandbox.run("kubectl delete namespace nats")
    #expect(!Folders.isFolder(store))
  }

  @Test func startsAllReleasesAtOnce() throws {
    let sandbox = try SandboxFixture(["c1", "c2"])
    defer { sandbox.remove() }
    let lanes = ["c1", "c2"].map { cluster in
      Lane {
        for release in [cluster, "\(cluster)-gw", "xr"] {
          try sandbox.run(
            "helm upgrade --install \(release) nats/nats --namespace nats --create-namespace",
            with: SandboxFixture.values(), on: cluster)
        }
      }
    }
    for lane in lanes { try lane.join() }
    for cluster in ["c1", "c2"] {
      try sandbox.run("kubectl wait --for=condition=Ready pods --all -n nats", on: cluster)
      #expect(sandbox.states(cluster) == Array(repeating: "running", count: 6))
    }
    let ports = sandbox.store.regionNames.flatMap { sandbox.pods($0) }.flatMap(\.record.ports.values)
    #expect(Set(ports).count == ports.count)
  }
}

/// A thread whose failure is known when it is joined.
final class Lane: @unchecked Sendable {
  private var thread = pthread_t()
  private var failure: (any Error)?
  private let body: () throws -> Void

  init(_ body: @escaping () throws -> Void) {
    self.body = body
    let box = Unmanaged.passRetained(self)
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let lane = Unmanaged<Lane>.fromOpaque(argument).takeRetainedValue()
        do { try lane.body() } catch { lane.failure = error }
        return nil
      }, box.toOpaque())
  }

  func join() throws {
    pthread_join(thread, nil)
    if let failure { throw failure }
  }
}
