import Foundation
import Interpreter
import TestSupport
import Testing

@testable import SandboxRuntime

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
    // Another process may take a port before the server does; then all of it is tried once more.
    for _ in 1...3 {
      let servers = try ServersOfRelease(release)
      defer { servers.stop() }
      do {
        return try check(servers)
      } catch is ServersOfRelease.EndedEarly {}
    }
    throw ServersOfRelease.EndedEarly()
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
  struct EndedEarly: Error {}

  private let folder: ConfigurationFolder
  private var processes: [ProcessIdentity] = []
  private var monitorPorts: [UInt16] = []

  init(_ release: RenderedRelease) throws {
    folder = try ConfigurationFolder()
    var promised: [PodAddress: Int] = [:]
    for pod in release.pods {
      for port in pod.ports.keys {
        let identity = release.identity
        let address = PodAddress(
          cluster: identity.cluster, namespace: identity.namespace, pod: pod.name, port: port)
        promised[address] = Int(try TestServer.freePort())
        if port == .monitor { monitorPorts.append(UInt16(promised[address] ?? 0)) }
      }
    }
    for pod in release.pods {
      let text = try LocalConfiguration.text(
        for: pod, of: release, clusters: [release.identity.cluster], storeFolder: "\(folder.path)/\(pod.name)",
        podFolder: folder.path
      ) { address throws(ChartProblem) in
        guard let port = promised[address] else { throw ChartProblem("nothing is promised to \(address)") }
        return port
      }
      let server = Daemon(
        try natsServerBinary(), ["-c", try folder.write(text, "\(pod.name).conf")],
        environment: ProcessInfo.processInfo.environment, log: "\(folder.path)/\(pod.name).log")
      processes.append(try server.start())
    }
  }

  deinit { stop() }

  func stop() {
    for process in processes { _ = process.signal(SIGTERM) }
    for process in processes where !process.waitForExit(until: .now + .seconds(60)) {
      _ = process.signal(SIGKILL)
      _ = process.waitForExit(until: .now + .seconds(60))
    }
    processes = []
  }

  /// Waits until what the servers' `/varz` show is as it should be.
  func wait<Page: Decodable>(until isGood: ([Page]) -> Bool) throws -> [Page] {
    let end = Date().addingTimeInterval(120)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var last = "nothing"
    while Date() < end {
      guard processes.allSatisfy(\.isAlive) else { throw EndedEarly() }
      do {
        let bodies = try monitorPorts.map(page)
        last = bodies.joined(separator: "\n")
        let pages = try bodies.map { try decoder.decode(Page.self, from: Data($0.utf8)) }
        if isGood(pages) { return pages }
      } catch { last = "\(error)" }
      usleep(100_000)
    }
    throw ChartTestFailure(description: "not whole within 120 s: \(last)")
  }

  private func page(_ port: UInt16) throws -> String {
    let connection = try PlainConnection(port: port)
    try connection.send("GET /varz HTTP/1.0\r\n\r\n")
    let answer = try connection.rest()
    guard let body = answer.range(of: "\r\n\r\n") else { throw ChartTestFailure(description: "no answer") }
    return String(answer[body.upperBound...])
  }
}
