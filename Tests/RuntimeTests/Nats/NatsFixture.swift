import Foundation
import Interpreter
import TestSupport
import Testing

@testable import SandboxRuntime

/// A target that knows where the tests' servers are, and no more.
final class FixedTarget: Target, @unchecked Sendable {
  let name = "fixed"
  let isKubernetes = false
  let commands: [any Command] = []
  private let lock = NSLock()
  private var ports: [String: [UInt16]]

  init(_ ports: [String: [UInt16]]) { self.ports = ports }

  func move(_ cluster: String, to ports: [UInt16]) { lock.withLock { self.ports[cluster] = ports } }

  func cluster(named name: String, index: Int) -> Cluster { Cluster(name: name, index: index) }
  func existingClusters() -> [String] { lock.withLock { ports.keys.sorted() } }
  func clientAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    lock.withLock { ports[cluster.name] ?? [] }.map { ("127.0.0.1", Int($0)) }
  }
  func status() -> TargetStatus { TargetStatus(regions: [], servers: [], notes: []) }
}

/// The command `nats` over servers of a test.
final class NatsFixture: Sendable {
  let target: FixedTarget
  let command: NatsCommand
  /// Where contexts are kept.
  let folder: String

  init(_ ports: [String: [UInt16]], environment more: [String: String] = [:]) {
    target = FixedTarget(ports)
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("nbx-test-\(UUID().uuidString)").path
    let environment = ["XDG_CONFIG_HOME": folder].merging(more) { $1 }
    command = NatsCommand(target: target, environment: environment)
  }

  convenience init(_ servers: TestServer...) { self.init(["c1": servers.map(\.port)]) }

  /// Writes a file for a test and gives its path.
  func file(_ name: String, _ text: String) throws -> String {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    return "\(folder)/\(name)"
  }

  func end() {
    command.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  @discardableResult
  func run(
    _ words: String..., with document: Value? = nil, on cluster: String? = "c1", within limit: Duration = .seconds(60),
    stop: StopSignal = StopSignal(), secrets: SecretRegistry = SecretRegistry()
  ) throws(CommandFailure) -> Value {
    try command.run(
      Invocation(
        words: words.map { Text($0) }, document: document, cluster: cluster.map { Cluster(name: $0, index: 0) },
        deadline: .now + limit, stop: stop, secrets: secrets))
  }

  @discardableResult
  func run(_ words: [String], with document: Value? = nil) throws(CommandFailure) -> Value {
    try command.run(
      Invocation(
        words: words.map { Text($0) }, document: document, cluster: Cluster(name: "c1", index: 0),
        deadline: .now + .seconds(60)))
  }

  func failure(_ words: [String], with document: Value? = nil) throws -> CommandFailure {
    let value: Value
    do throws(CommandFailure) { value = try run(words, with: document) } catch { return error }
    throw DidNotFail(value: value.shown())
  }

  /// What the command shows as a statement.
  func shown(_ words: String..., with document: Value? = nil) throws -> String {
    let lines = Said()
    _ = try command.run(
      Invocation(
        words: words.map { Text($0) }, document: document, cluster: Cluster(name: "c1", index: 0),
        deadline: .now + .seconds(60), isStatement: true, say: { lines.add($0.masked) }))
    return lines.text
  }

  /// The failure that the command ends with.
  func failure(
    _ words: String..., with document: Value? = nil, on cluster: String? = "c1", within limit: Duration = .seconds(60),
    stop: StopSignal = StopSignal(), secrets: SecretRegistry = SecretRegistry()
  ) throws -> CommandFailure {
    let value: Value
    do throws(CommandFailure) {
      value = try command.run(
        Invocation(
          words: words.map { Text($0) }, document: document, cluster: cluster.map { Cluster(name: $0, index: 0) },
          deadline: .now + limit, stop: stop, secrets: secrets))
    } catch {
      return error
    }
    throw DidNotFail(value: value.shown())
  }
}

struct DidNotFail: Error {
  let value: String
}

/// Lines said, from whatever thread.
final class Said: @unchecked Sendable {
  private let lock = NSLock()
  private var lines: [String] = []

  func add(_ line: String) { lock.withLock { lines.append(line) } }
  var text: String { lock.withLock { lines.joined(separator: "\n") } }
}

extension Value {
  /// The value at a path of keys, as `config.name`; null where it leads nowhere.
  subscript(path: String) -> Value {
    var value = self
    for key in path.split(separator: ".") { value = value.entries[String(key)] ?? .null }
    return value
  }

  var string: String? { asText?.string }
}

/// Waits until something is so; gives up after a minute.
func eventually(_ isSo: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<1200 {
    if try isSo() { return true }
    usleep(50_000)
  }
  return false
}

/// Servers that know each other by their routes, and other clusters by gateways.
struct TestCluster {
  let servers: [TestServer]

  init(_ name: String = "test", count: Int = 3) throws {
    self = try TestCluster.linked([(name, count)])[0]
  }

  private init(servers: [TestServer]) { self.servers = servers }

  /// Clusters that are linked by gateways; a single one has none.
  static func linked(_ clusters: [(name: String, count: Int)]) throws -> [TestCluster] {
    let gateways = try clusters.map { cluster in try (0..<cluster.count).map { _ in try TestServer.freePort() } }
    let list = zip(clusters, gateways).map { cluster, ports in
      let urls = ports.map { "\"nats://127.0.0.1:\($0)\"" }.joined(separator: ", ")
      return "{ name: \(cluster.name), urls: [\(urls)] }"
    }.joined(separator: ", ")
    return try zip(clusters, gateways).map { cluster, gatewayPorts in
      let ports = try (0..<cluster.count).map { _ in try TestServer.freePort() }
      let routes = ports.map { "\"nats://127.0.0.1:\($0)\"" }.joined(separator: ", ")
      let servers = try (0..<cluster.count).map { index in
        let gateway =
          clusters.count > 1
          ? "gateway { name: \(cluster.name), listen: \"127.0.0.1:\(gatewayPorts[index])\", gateways: [\(list)] }" : ""
        return try TestServer(
          name: "\(cluster.name)-\(index)",
          extra: """
            cluster { name: \(cluster.name), listen: "127.0.0.1:\(ports[index])", routes: [\(routes)] }
            server_tags: ["az:\(cluster.name)"]
            \(gateway)
            """)
      }
      return TestCluster(servers: servers)
    }
  }

  func stop() { for server in servers { server.stop() } }
}
