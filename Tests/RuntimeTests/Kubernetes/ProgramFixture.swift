import Interpreter
import Synchronization
import TestSupport
import Testing

@testable import SandboxKubernetes
@testable import SandboxSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Programs that a test writes itself, in a folder that comes first on the PATH. Each notes how it was called.
final class ProgramFixture: Sendable {
  let folder: ScratchFolder
  private let clusterNames: [String]

  init(_ clusters: [String] = ["c1", "c2"]) throws {
    folder = try ScratchFolder()
    clusterNames = clusters
  }

  /// Makes a program out of the body of a shell script. `$*` are its words.
  func program(_ name: String, _ body: String) throws {
    let note = "printf '%s\\n' \"\(name) $*\" >> '\(folder.file("calls"))'"
    _ = try folder.script(name, "#!/bin/sh\n\(note)\n\(body)\n")
  }

  var environment: [String: String] {
    ["PATH": "\(folder.path):/usr/local/sbin:/usr/bin:/bin", "HOME": folder.path, "FIXTURE": folder.path]
  }

  /// How the programs were called, in order.
  var calls: [String] { (folder.text("calls") ?? "").split(separator: "\n").map(String.init) }

  func target(_ ownership: ClusterOwnership = .ours, contexts: [String: String] = [:]) -> KubernetesTarget {
    KubernetesTarget(ownership, contexts: contexts, clusters: clusterNames, environment: environment)
  }

  /// What commands have said.
  var said: [String] { lines.withLock { $0 } }
  private let lines = Mutex<[String]>([])

  /// A call as a recipe would make it. The words are parted at blanks, or given one by one.
  func call(
    _ words: [Text], with document: Value? = nil, on target: KubernetesTarget, isStatement: Bool = false,
    wantsJSON: Bool = false, within limit: Duration = patience, cluster: String? = "c1"
  ) -> Invocation {
    let clusters = clusterNames.enumerated().map { target.cluster(named: $1, index: $0) }
    return Invocation(
      words: words, document: document, cluster: clusters.first { $0.name == cluster }, clusters: clusters,
      deadline: .now + limit, isStatement: isStatement, wantsJSON: wantsJSON,
      say: { [self] line in lines.withLock { $0.append(line.masked) } })
  }

  @discardableResult
  func run(
    _ line: String, with document: Value? = nil, on target: KubernetesTarget? = nil, isStatement: Bool = false,
    wantsJSON: Bool = false, within limit: Duration = patience
  ) throws -> Value {
    let words = line.split(separator: " ").map { Text(String($0)) }
    let target = target ?? self.target()
    let command = try #require(target.commands.first { $0.name == words[0].string })
    return try command.run(
      call(
        Array(words.dropFirst()), with: document, on: target, isStatement: isStatement, wantsJSON: wantsJSON,
        within: limit))
  }

  func record(_ line: String, with document: Value? = nil, wantsJSON: Bool = false) throws -> ProgramRecord {
    guard case .record(let record) = try run(line, with: document, wantsJSON: wantsJSON) else {
      throw CommandFailure(.failed, "no record")
    }
    return record
  }

  func failure(
    _ line: String, with document: Value? = nil, on target: KubernetesTarget? = nil
  ) throws -> CommandFailure {
    try #require(throws: CommandFailure.self) { try run(line, with: document, on: target) }
  }

  /// The commands of a plan, one a line.
  func plan(_ line: String, with document: Value? = nil, on target: KubernetesTarget? = nil, wantsJSON: Bool = false)
    throws -> [String]
  {
    let words = line.split(separator: " ").map { Text(String($0)) }
    let target = target ?? self.target()
    let command = try #require(target.commands.first { $0.name == words[0].string })
    let call = call(Array(words.dropFirst()), with: document, on: target, wantsJSON: wantsJSON)
    return try command.plan(call).map { $0.words.map(\.string).joined(separator: " ") }
  }
}
