import Foundation
import SandboxSystem

#if canImport(Glibc)
  import Glibc
#endif

/// `docker`, `k3d`, `kubectl`, `helm` and `linkerd` played by `Tests/StandIns`, in a small world of their own.
///
/// ```swift
/// let world = try StandIns()
/// let ended = try nbx.run(["run", "recipes/create.nbx", "c1"], environment: world.environment())
/// #expect(try world.calls.contains { $0.line.hasPrefix("k3d cluster create c1") })
/// ```
///
/// What is still running when the object goes is ended, and the world with it.
public final class StandIns: @unchecked Sendable {
  public let folder: String
  private let player: StandInPlayer

  /// A call of one of the five programs, as it stands in the record.
  public struct Call: Decodable, Sendable {
    /// Its place among all calls of this world, from 1.
    public let number: Int
    public let program: String
    public let argv: [String]
    /// The kube context that it was for.
    public let cluster: String?
    /// All of what it read from its standard input; nil if it did not read it.
    public let stdin: String?
    /// Nil: it has not ended, or was killed.
    public let exit: Int32?
    /// The failure it was told to have, or that it hangs.
    public let injected: String?
    /// What it complained about.
    public let said: String
    /// Nanoseconds of the monotonic clock.
    public let start: Int
    public let end: Int?
    public let pid: Int32

    public var line: String { ([program] + argv).joined(separator: " ") }
  }

  /// A new world with nothing in it.
  public init() throws {
    player = try StandInPlayer.shared.get()
    folder = "\(player.folder)/\(UUID().uuidString.prefix(8))"
    let files = FileManager.default
    try files.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
    try files.createDirectory(atPath: world + "/running", withIntermediateDirectories: true)
    for name in ["docker", "k3d", "kubectl", "helm", "linkerd", "show-world"] {
      try files.createSymbolicLink(atPath: "\(folder)/bin/\(name)", withDestinationPath: StandInPlayer.client)
    }
  }

  deinit { end() }

  /// Where the state is kept.
  var world: String { folder + "/world" }

  /// The file that has a line for each call that has ended.
  public var record: String { world + "/record.jsonl" }

  private static var path: String { ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin" }

  /// What has to be added to nbx's environment for it to find the stand-ins and not the real programs.
  public func environment(_ more: [String: String] = [:]) -> [String: String] {
    [
      "PATH": "\(folder)/bin:\(StandIns.path)", "NBX_STANDIN_FOLDER": world, "NBX_STANDIN_PLAYER": player.socket,
      "NBX_TARGET": "k3d",
    ].merging(more) { $1 }
  }

  /// Runs one of the programs, as nbx would.
  public func run(
    words: [String], input: String? = nil, environment more: [String: String] = [:], within seconds: Double = 120
  ) throws -> NbxProgram.Ended {
    var process = Subprocess("\(folder)/bin/\(words[0])", Array(words.dropFirst()))
    process.environment = ProcessInfo.processInfo.environment.merging(environment(more)) { $1 }
    process.standardInput = input.map { Array($0.utf8) }
    process.limit.until = .now + .seconds(seconds)
    let result = try process.run()
    guard case .exited(let status) = result.status else {
      throw TestServerError(description: "\(words.joined(separator: " ")): \(result.status)")
    }
    return NbxProgram.Ended(
      status: status, output: String(decoding: result.output, as: UTF8.self),
      errorOutput: String(decoding: result.errorOutput, as: UTF8.self))
  }

  /// Every call so far in the order in which they began, with those that are under way or were killed.
  public var calls: [Call] {
    get throws {
      // A call that ends meanwhile may be found in both places: the record is read last, and counts.
      let lines =
        unfinished + (FileManager.default.contents(atPath: record) ?? Data()).split(separator: 10)
      let decoder = JSONDecoder()
      let calls = try lines.map { try decoder.decode(Call.self, from: $0) }
      return Dictionary(calls.map { ($0.number, $0) }) { $1 }.values.sorted { $0.number < $1.number }
    }
  }

  /// How many calls have begun.
  public var callsBegun: Int {
    let count = FileManager.default.contents(atPath: world + "/count") ?? Data()
    return Int(String(decoding: count, as: UTF8.self)) ?? 0
  }

  private var unfinished: [Data] {
    let running = world + "/running"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: running)) ?? []
    // A call may end between the listing and the reading.
    return names.filter { $0.hasSuffix(".json") }.compactMap {
      FileManager.default.contents(atPath: "\(running)/\($0)")
    }
  }

  /// Another world in the state that this one is in, with an empty record: its next call is number 1.
  public func copy() throws -> StandIns {
    let copy = try StandIns()
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: world) where name.hasSuffix(".world") {
      try files.copyItem(atPath: "\(world)/\(name)", toPath: "\(copy.world)/\(name)")
    }
    return copy
  }

  /// Nothing is left of the world and of the record.
  public func reset() throws {
    endCalls()
    try FileManager.default.removeItem(atPath: world)
    try FileManager.default.createDirectory(atPath: world + "/running", withIntermediateDirectories: true)
  }

  /// Ends what still runs and removes everything.
  public func end() {
    endCalls()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func endCalls() {
    for line in unfinished {
      guard let call = try? JSONDecoder().decode(Call.self, from: line) else { continue }
      // The number may be another process's by now; ours has our folder in its environment.
      let environment = FileManager.default.contents(atPath: "/proc/\(call.pid)/environ") ?? Data()
      if String(decoding: environment, as: UTF8.self).contains(world) { kill(call.pid, SIGKILL) }
    }
  }
}
