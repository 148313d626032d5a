import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A sandbox in a folder of its own, with a local target on it.
struct SandboxFixture {
  let home: String
  let clusters: [String]
  /// The program of the relay; nil: regions connect directly.
  let relay: String?
  let target: LocalTarget

  /// - Parameter clusters: the run's; all of them are created.
  init(_ clusters: [String] = ["c1"], relay: String? = nil) throws {
    home = try RunFolder.newPath()
    self.clusters = clusters
    self.relay = relay
    target = LocalTarget(home: home, clusters: clusters, environment: Self.environment, relay: relay)
    try run("region create " + clusters.joined(separator: " "))
  }

  /// Takes all of it away, whatever happened.
  func remove() {
    let left = store.regionNames
    if !left.isEmpty { _ = try? run("region delete --now " + left.joined(separator: " ")) }
    for pod in store.regionNames.flatMap({ pods($0) }) { _ = pod.record.process?.signal(SIGKILL) }
    if let process = target.relay.process { _ = process.signal(SIGKILL) }
    // Both of them where the deletion failed; streams in memory do not lie in the sandbox's own folder.
    if let memory = StoreLocation.pathInMemory(ofSandbox: store.folders.root) { try? Folders.remove(memory) }
    try? Folders.remove(home)
  }

  var store: RegionStore { target.releases.store }
  var supervisor: PodSupervisor { target.releases.pods }

  /// Another nbx on the same sandbox.
  func anotherTarget(purpose: String = "nbx") -> LocalTarget {
    LocalTarget(home: home, clusters: clusters, environment: Self.environment, purpose: purpose, relay: relay)
  }

  /// Gives a command, as a recipe would; the words are parted at blanks.
  @discardableResult
  func run(
    _ line: String, with document: Value? = nil, on cluster: String? = nil, within limit: Duration = patience,
    stop: StopSignal = StopSignal(), by target: LocalTarget? = nil, say: @escaping @Sendable (Text) -> Void = { _ in }
  ) throws -> Value {
    let words = line.split(separator: " ").map { Text(String($0)) }
    let target = target ?? self.target
    let command = try #require(target.commands.first { $0.name == words[0].string })
    let name = cluster ?? clusters[0]
    return try command.run(
      Invocation(
        words: Array(words.dropFirst()), document: document, cluster: Cluster(name: name, index: 0),
        deadline: .now + limit, stop: stop, say: say))
  }

  /// What a command failed with.
  func failure(
    _ line: String, with document: Value? = nil, within limit: Duration = patience,
    stop: StopSignal = StopSignal(), by target: LocalTarget? = nil
  ) throws -> CommandFailure {
    try #require(throws: CommandFailure.self) {
      try run(line, with: document, within: limit, stop: stop, by: target)
    }
  }

  func text(_ line: String, on cluster: String? = nil) throws -> String {
    try run(line, on: cluster).asText?.string ?? ""
  }

  /// Installs a small release and waits until it listens.
  @discardableResult
  func install(_ release: String = "c1", _ values: Value = Self.values(), on cluster: String? = nil) throws -> String {
    let line = "helm upgrade --install \(release) nats/nats --namespace nats --create-namespace --wait"
    return try run(line, with: values, on: cluster).asText?.string ?? ""
  }

  /// Values of a release with so many servers, `more` laid over.
  static func values(replicas: Int = 2, _ more: Value = [:]) -> Value {
    let base: Value = [
      "config": ["cluster": ["enabled": true, "replicas": .int(Int64(replicas))], "monitor": ["enabled": true]]
    ]
    guard case .map(let base) = base, case .map(let more) = more else { return base }
    return .map(base.merged(with: more))
  }

  func pods(_ cluster: String = "c1") -> [Pod] { supervisor.pods(of: cluster) }

  /// Those that are alive, by their pods' names. A pid alone may soon be another process's.
  func processes(_ cluster: String = "c1") -> [String: ProcessIdentity] {
    Dictionary(uniqueKeysWithValues: pods(cluster).compactMap { pod in pod.record.process.map { (pod.name, $0) } })
      .filter(\.value.isAlive)
  }

  func states(_ cluster: String = "c1") -> [String] {
    target.status().servers.filter { $0.cluster == cluster }.map(\.state)
  }

  static let environment: [String: String] = {
    var environment = ProcessInfo.processInfo.environment
    environment["NBX_NATS_SERVER"] = try? natsServerBinary()
    return environment
  }()
}

func isGone(_ process: ProcessIdentity) -> Bool { !process.isAlive }
