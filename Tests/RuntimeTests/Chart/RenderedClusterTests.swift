import Foundation
import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

/// Real servers from rendered files.
@Suite(.mayWait) struct RenderedClusterTests {
  private struct Varz: Decodable {
    let serverName: String
    let cluster: Named
    let routes: Int
    let jetstream: JetStream
    struct Named: Decodable { let name: String }
    struct JetStream: Decodable {
      let config: Store?
      let meta: Meta?
    }
    struct Store: Decodable {
      let maxStorage: Int
      let storeDir: String
    }
    struct Meta: Decodable {
      let clusterSize: Int
      let leader: String?
    }
  }

  @Test func threeServersFindEachOtherAndShareJetStream() throws {
    let release = try renderedRelease(config: [
      "cluster": ["enabled": true],
      "jetstream": [
        "enabled": true, "fileStore": ["pvc": ["size": .size(SizeValue(bytes: 1 << 30, spelling: "1Gi"))]],
      ],
      "merge": [
        "accounts": [
          "$SYS": ["users": [["user": "sys", "password": .secret(.secret("sys"))]]],
          "JS": ["jetstream": "enabled", "users": [["user": "js", "password": "js"]]],
        ], "system_account": "$SYS",
      ],
    ])
    try withFreePorts(release.pods.count * release.ports.count) { ports in
      let servers = try ServersOfRelease(release, on: ports)
      defer { servers.stop() }
      try check(servers)
    }
  }

  private func check(_ servers: ServersOfRelease) throws {
    // Whole: two others, with a pool of three connections and one for the system account to each.
    let all = try servers.wait { (pages: [Varz]) in
      pages.allSatisfy {
        $0.routes == 2 * 4 && $0.jetstream.config != nil && $0.jetstream.meta?.clusterSize == 3
          && $0.jetstream.meta?.leader?.hasPrefix("c1-nats-") == true
      }
    }
    #expect(all.map(\.serverName) == ["c1-nats-0", "c1-nats-1", "c1-nats-2"])
    #expect(all.allSatisfy { $0.cluster.name == "c1-nats" })
    #expect(all.allSatisfy { $0.jetstream.config?.maxStorage == 1 << 30 })
    #expect(Set(all.compactMap { $0.jetstream.config?.storeDir }).count == 3)
  }
}

/// The pods of a release as processes of this test.
final class ServersOfRelease {
  private let folder: ConfigurationFolder
  private var processes: [ProcessIdentity] = []
  private var monitorPorts: [UInt16] = []
  private let names: [String]

  init(_ release: RenderedRelease, on ports: [UInt16]) throws {
    folder = try ConfigurationFolder()
    var free = ports
    names = release.pods.map(\.name)
    var promised: [PodAddress: Int] = [:]
    for pod in release.pods {
      for port in release.ports.keys {
        let address = release.key(of: pod).address(port)
        promised[address] = Int(free.removeLast())
        if port == .monitor { monitorPorts.append(UInt16(promised[address] ?? 0)) }
      }
    }
    let path = folder.path
    let texts = try LocalConfiguration.texts(
      of: release, clusters: [release.identity.cluster], isRelayed: false,
      places: { .init(store: "\(path)/\($0.name)", folder: path) },
      port: { address throws(CommandFailure) in
        guard let port = promised[address] else { throw CommandFailure(.failed, "nothing is promised to \(address)") }
        return port
      })
    for (pod, text) in zip(release.pods, texts) {
      let server = Daemon(
        try natsServerBinary(), ["-c", try folder.write(text, "\(pod.name).conf")],
        environment: ProcessInfo.processInfo.environment, log: "\(folder.path)/\(pod.name).log")
      processes.append(try server.start())
    }
  }

  deinit { stop() }

  func stop() {
    for process in processes { _ = process.signal(SIGTERM) }
    for process in processes where !process.waitForExit(until: .now + patience) {
      _ = process.signal(SIGKILL)
      _ = process.waitForExit(until: .now + patience)
    }
    processes = []
  }

  /// Waits until what the servers' `/varz` show is as it should be.
  func wait<Page: Decodable>(until isGood: ([Page]) -> Bool) throws -> [Page] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let pages: [Page]? = try eventually {
      guard processes.allSatisfy(\.isAlive) else { return nil }
      // A server whose `/varz` is read before its JetStream is up shows for ever that it has none.
      for port in monitorPorts { try page("/healthz", port) }
      return try monitorPorts.map { try decoder.decode(Page.self, from: Data(page("/varz", $0).utf8)) }
    } where: {
      $0.map(isGood) ?? true
    }
    if let pages { return pages }
    let logs = names.map { (try? String(contentsOfFile: "\(folder.path)/\($0).log", encoding: .utf8)) ?? "" }
    if logs.contains(where: { $0.contains("address already in use") }) { throw PortTaken() }
    throw ChartTestFailure(description: "a server has ended: \(logs)")
  }

  @discardableResult
  private func page(_ path: String, _ port: UInt16) throws -> String {
    let connection = try PlainConnection(port: port)
    try connection.send("GET \(path) HTTP/1.0\r\n\r\n")
    let answer = try connection.rest()
    guard answer.hasPrefix("HTTP/1.0 200 "), let body = answer.range(of: "\r\n\r\n") else {
      throw ChartTestFailure(description: answer)
    }
    return String(answer[body.upperBound...])
  }
}
