import TestSupport
import Testing

/// Sixteen real servers of the regions c1 and c2, which a run on the local target has started, once for all tests.
struct RealServers: Sendable {
  let program: NbxProgram
  /// Has the ports of the stand-ins' clusters lead to the servers.
  let lead: [String: String]
  /// Where the servers' monitoring is, by their names.
  let monitors: [String: String]
  /// Takes the servers away when the tests are over.
  private let guardian: SandboxGuard

  static let shared = Result { try RealServers() }

  private init() throws {
    program = try NbxProgram()
    guardian = try SandboxGuard(program, regions: ["c1", "c2"])
    let install = try program.run(["run", "recipes/install.nbx", "c1", "c2", "replicas=2"])
    try #require(install.status == 0, "\(install.errorOutput)")
    let servers = try program.status().servers
    let ports = try ["c1", "c2"].map { cluster -> String in
      let url = try #require(servers.first { $0.name == "\(cluster)-nats-0" }).url
      return "\"\(cluster)\": \(try #require(url.split(separator: ":").last))"
    }
    lead = ["NBX_STANDIN_PORTS": "{\(ports.joined(separator: ", "))}"]
    monitors = Dictionary(uniqueKeysWithValues: servers.map { ($0.name, $0.monitorURL) })
  }
}
