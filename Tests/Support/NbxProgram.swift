import Foundation
import SandboxLocal
import SandboxSystem

/// The built `nbx`, run as a user would run it, with a home of its own.
public final class NbxProgram: @unchecked Sendable {
  /// The sandbox's and everything else's folder; removed with the object.
  public let folder: String
  public let environment: [String: String]

  public struct Ended: Sendable {
    public let status: Int32
    public let output: String
    public let errorOutput: String

    public init(status: Int32, output: String, errorOutput: String) {
      self.status = status
      self.output = output
      self.errorOutput = errorOutput
    }
  }

  /// Port 4222 goes to the first sandbox that finds it free. The tests' sandboxes come and go, so none of them gets it: the
  /// tests hold it themselves.
  private static let usualPort: UInt16? = {
    var ports = PortAllocator(promised: [], sandbox: "tests")
    return try? ports.take(preferring: 4222)
  }()

  public init() throws {
    _ = Self.usualPort
    folder = try RunFolder.newPath()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var environment = ProcessInfo.processInfo.environment
    environment["NBX_HOME"] = "\(folder)/home"
    environment["XDG_CONFIG_HOME"] = "\(folder)/config"
    environment["NBX_TARGET"] = "local"
    environment["NBX_NATS_SERVER"] = try natsServerBinary()
    environment["NO_COLOR"] = "1"
    // Tables are read line by line.
    environment["COLUMNS"] = "400"
    self.environment = environment
  }

  deinit {
    // Whatever a failed test has left running ends with its sandbox.
    if let regions = try? regions(), !regions.isEmpty {
      _ = try? run(["run", "<cleanup>"] + regions, recipe: "foreach c in clusters { region delete $c --now }")
    }
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The built program: it lies beside the program that runs the tests.
  public static var path: String {
    let tests =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    var folder = (tests as NSString).deletingLastPathComponent
    // On macOS the tests are a bundle.
    while !folder.isEmpty, folder != "/", !FileManager.default.isExecutableFile(atPath: folder + "/nbx") {
      folder = (folder as NSString).deletingLastPathComponent
    }
    return folder + "/nbx"
  }

  /// The top of the repository.
  public static var repository: String {
    (0..<3).reduce(#filePath) { path, _ in (path as NSString).deletingLastPathComponent }
  }

  /// Runs nbx at the top of the repository.
  ///
  /// - Parameter recipe: text for a recipe, written to a file whose path takes the place of a word in `<…>`.
  ///   - isDue: looked at all the while; once it is true nbx is interrupted.
  ///   - said: nbx is interrupted once a line of either output has this in it.
  ///   - patience: how long after that it is interrupted once more, if it still runs.
  public func run(
    _ words: [String], recipe: String? = nil, environment changes: [String: String] = [:], within seconds: Double = 240,
    interruptWhen isDue: (() -> Bool)? = nil, interruptOnceItSays said: String? = nil,
    again patience: Duration = .seconds(120)
  ) throws -> Ended {
    var words = words
    if let recipe, let place = words.firstIndex(where: { $0.hasPrefix("<") }) {
      words[place] = try write(recipe, to: words[place].trimmingCharacters(in: ["<", ">"]) + ".nbx")
    }
    var process = Subprocess(NbxProgram.path, words)
    process.environment = environment.merging(changes) { $1 }
    process.workingDirectory = NbxProgram.repository
    process.limit.until = .now + .seconds(seconds)
    if let said { process.interrupt { _, line in line.contains(said) } }
    if isDue != nil || said != nil {
      process.patience = .init(afterInterrupt: patience, afterTerminate: .seconds(60))
    }
    let result = try isDue.map { try process.run(interruptedWhen: $0) } ?? process.run()
    guard case .exited(let status) = result.status else {
      throw TestServerError(description: "nbx \(words.joined(separator: " ")): \(result.status)")
    }
    return Ended(
      status: status, output: String(decoding: result.output, as: UTF8.self),
      errorOutput: String(decoding: result.errorOutput, as: UTF8.self))
  }

  /// Writes a file into the test's folder and gives its path.
  public func write(_ text: String, to name: String) throws -> String {
    let path = "\(folder)/\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  public struct Status: Decodable {
    public struct Server: Decodable {
      public let name, cluster, url, monitorURL, state, version: String
      public let pid: Int32?

      private enum CodingKeys: String, CodingKey {
        case name, cluster, url, state, version, pid
        case monitorURL = "monitor_url"
      }
    }
    public struct Cluster: Decodable {
      public let name, state: String
    }
    public struct Link: Decodable {
      public let from, to, over, delay, jitter: String
      public let rate, cut: String?
      public let loss: Double
    }
    public let target: String
    public let clusters: [Cluster]
    public let servers: [Server]
    public let links: [Link]
    public let notes: [String]
  }

  /// What `nbx status --json` says.
  public func status() throws -> Status {
    try JSONDecoder().decode(Status.self, from: Data(run(["status", "--json"]).output.utf8))
  }

  private func regions() throws -> [String] { try status().clusters.map(\.name) }
}
