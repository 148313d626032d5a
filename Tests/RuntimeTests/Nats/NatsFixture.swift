import Foundation
import Interpreter
import TestSupport
import Testing

@testable import SandboxNats
@testable import SandboxSystem

/// A target that knows where the tests' servers are, and no more.
final class FixedTarget: ClusterDirectory, @unchecked Sendable {
  let name = "fixed"
  private let lock = NSLock()
  private var ports: [String: [UInt16]]

  init(_ ports: [String: [UInt16]]) { self.ports = ports }

  func move(_ cluster: String, to ports: [UInt16]) { lock.withLock { self.ports[cluster] = ports } }

  func cluster(named name: String, index: Int) -> Cluster { Cluster(name: name, index: index) }
  func existingClusters() -> [String] { lock.withLock { ports.keys.sorted() } }
  func clientAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    lock.withLock { ports[cluster.name] ?? [] }.map { ("127.0.0.1", Int($0)) }
  }
  func status(of clusters: [String]) -> TargetStatus { TargetStatus(regions: [], servers: [], notes: []) }
}

/// The command `nats` over servers of a test.
final class NatsFixture: Sendable {
  let target: FixedTarget
  let command: NatsCommand
  /// Where contexts are kept.
  let folder: String

  /// - Parameter user: as whom it speaks where it needs JetStream; the password is the same.
  init(_ ports: [String: [UInt16]], user: String = "js", environment more: [String: String] = [:]) throws {
    target = FixedTarget(ports)
    folder = try RunFolder.newPath()
    let environment = ["XDG_CONFIG_HOME": folder].merging(more) { $1 }
    var accounts = NatsAccounts()
    accounts.jetStream = .init(user: user, password: user)
    command = NatsCommand(target: target, environment: { environment }, accounts: accounts)
  }

  convenience init(_ server: TestServer) throws { try self.init(["c1": [server.port]]) }

  convenience init(_ account: TestAccount) throws {
    try self.init(["c1": account.servers.map(\.port)], user: account.name)
  }

  /// Writes a file for a test and gives its path.
  func file(_ name: String, _ text: String) throws -> String {
    let file = try url(name)
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  /// Where a test may put a file.
  func url(_ name: String) throws -> URL {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return URL(fileURLWithPath: "\(folder)/\(name)")
  }

  func end() {
    command.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  @discardableResult
  func run(
    _ words: String..., with document: Value? = nil, on cluster: String? = "c1", within limit: Duration = .seconds(120),
    stop: StopSignal = StopSignal()
  ) throws(CommandFailure) -> Value {
    try command.run(
      Invocation(
        words: words.map { Text($0) }, document: document, cluster: cluster.map { Cluster(name: $0, index: 0) },
        deadline: .now + limit, stop: stop))
  }

  @discardableResult
  func run(_ words: [String], with document: Value? = nil) throws(CommandFailure) -> Value {
    try command.run(
      Invocation(
        words: words.map { Text($0) }, document: document, cluster: Cluster(name: "c1", index: 0),
        deadline: .now + .seconds(120)))
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
        deadline: .now + .seconds(120), isStatement: true, say: { lines.add($0.masked) }))
    return lines.text
  }

  /// The failure that the command ends with.
  func failure(
    _ words: String..., with document: Value? = nil, on cluster: String? = "c1", within limit: Duration = .seconds(120),
    stop: StopSignal = StopSignal()
  ) throws -> CommandFailure {
    let value: Value
    do throws(CommandFailure) {
      value = try command.run(
        Invocation(
          words: words.map { Text($0) }, document: document, cluster: cluster.map { Cluster(name: $0, index: 0) },
          deadline: .now + limit, stop: stop))
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
