import Foundation
import SandboxLocal
import SandboxSystem

#if canImport(Glibc)
  import Glibc
#endif

/// A real `nats-server` for one test, in a folder of its own, on ports that the system chose. A test that needs no more
/// than streams and subjects of its own takes a `TestAccount` of a server that is there already.
///
/// Without other accounts it has `$SYS` (user `sys`, password `sys`) and `JS` (user `js`, password `js`, JetStream on).
public final class TestServer: @unchecked Sendable {
  public let name: String
  public let folder: URL
  public private(set) var port: UInt16 = 0
  public private(set) var monitorPort: UInt16 = 0
  /// 0 where the configuration has no `websocket`.
  public private(set) var webSocketPort: UInt16 = 0
  private var process: ProcessIdentity?

  /// Starts a server and waits until it listens.
  ///
  /// - Parameters:
  ///   - port: a port to listen on, of `withFreePorts`; nil lets the system choose one.
  ///   - accounts: the part of the configuration about logins.
  ///   - extra: what else the configuration holds.
  public init(
    name: String = "test", port: UInt16? = nil, accounts: String = Accounts.usual, jetStream: Bool = true,
    extra: String = ""
  ) throws {
    self.name = name
    folder = URL(fileURLWithPath: try RunFolder.newPath())
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let store = jetStream ? "jetstream { store_dir: \"\(folder.path)/js\", max_mem: 1G, max_file: 8G }" : ""
    let configuration = """
      server_name: "\(name)"
      listen: "127.0.0.1:\(port.map(String.init) ?? "-1")"
      http: "127.0.0.1:-1"
      ports_file_dir: "\(folder.path)"
      log_file: "\(folder.path)/server.log"
      \(store)
      \(accounts)
      \(extra)
      """
    try configuration.write(to: folder.appendingPathComponent("nats.conf"), atomically: true, encoding: .utf8)
    try start()
  }

  deinit { stop() }

  /// `nats://user:password@127.0.0.1:port`
  public func url(_ user: String = "js") -> String { "nats://\(user):\(user)@127.0.0.1:\(port)" }

  /// What the server wrote to its log so far.
  public var log: String {
    (try? String(contentsOf: folder.appendingPathComponent("server.log"), encoding: .utf8)) ?? ""
  }

  private func start() throws {
    let process = try Daemon(
      natsServerBinary(), ["-c", folder.appendingPathComponent("nats.conf").path],
      environment: ProcessInfo.processInfo.environment, log: "/dev/null"
    ).start()
    self.process = process
    var ports: Ports?
    try eventually {
      ports = readPorts(of: process)
      return ports != nil || process.hasExited
    }
    guard let ports, let port = Ports.first(ports.nats) else {
      if log.contains("address already in use") { throw PortTaken() }
      throw TestServerError(description: "nats-server ended at once:\n\(log)")
    }
    self.port = port
    monitorPort = Ports.first(ports.monitoring) ?? 0
    webSocketPort = Ports.first(ports.websocket) ?? 0
  }

  private struct Ports: Decodable {
    var nats: [String]
    var monitoring: [String]?
    var websocket: [String]?

    static func first(_ urls: [String]?) -> UInt16? {
      urls?.lazy.compactMap { URL(string: $0)?.port }.first.flatMap { UInt16(exactly: $0) }
    }
  }

  /// The ports file is written once everything listens.
  private func readPorts(of process: ProcessIdentity) -> Ports? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    guard let file = names.first(where: { $0.hasSuffix("_\(process.pid).ports") }),
      let data = try? Data(contentsOf: folder.appendingPathComponent(file))
    else { return nil }
    return try? JSONDecoder().decode(Ports.self, from: data)
  }

  /// Stops the server: SIGTERM, after ten seconds SIGKILL. Its folder goes with it.
  public func stop() {
    signal(SIGTERM)
    if process?.waitForExit(until: .now + .seconds(10)) == false { crash() }
    process = nil
    try? FileManager.default.removeItem(at: folder)
  }

  /// Kills the server without a warning, keeps its folder, and starts it again with `restart`.
  public func crash() {
    signal(SIGKILL)
    _ = process?.waitForExit(until: .now + patience)
    process = nil
  }

  /// Starts the server again in its folder. Only a server with a port of its own is found where it was.
  public func restart() throws { try start() }

  /// Suspends the server: its sockets stay, and it does nothing.
  public func suspend() { signal(SIGSTOP) }

  /// Lets a suspended server go on.
  public func resume() { signal(SIGCONT) }

  private func signal(_ number: Int32) { _ = process?.signal(number) }
}

/// Somebody else was there first.
public struct PortTaken: Error {
  public init() {}
}

/// Does something with ports that are free, and once more with others where somebody takes one of them first.
///
/// No outgoing connection is given one of them: those of dozens of servers go through thousands of ephemeral ports.
public func withFreePorts<Result>(_ count: Int, _ body: ([UInt16]) throws -> Result) throws -> Result {
  var allocator = PortAllocator(promised: [], sandbox: UUID().uuidString)
  var triesLeft = 5
  while true {
    let ports = try (0..<count).map { _ in try allocator.take() }
    triesLeft -= 1
    do {
      return try body(ports)
    } catch let error as PortTaken {
      if triesLeft == 0 { throw error }
    }
  }
}
