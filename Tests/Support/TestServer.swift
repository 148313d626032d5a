import Foundation
import SandboxRuntime

#if canImport(Glibc)
  import Glibc
#endif

/// A real `nats-server` for one test, in a folder of its own, on ports that the system chose.
///
/// Without other accounts it has `$SYS` (user `sys`, password `sys`) and `JS` (user `js`, password `js`, JetStream on).
public final class TestServer: @unchecked Sendable {
  public let name: String
  public let folder: URL
  public private(set) var port: UInt16 = 0
  public private(set) var monitorPort: UInt16 = 0
  private var process: pid_t = 0

  public static let usualAccounts = """
    accounts {
      $SYS { users: [{ user: sys, password: sys }] }
      JS { jetstream: enabled, users: [{ user: js, password: js }] }
    }
    system_account: "$SYS"
    """

  /// Starts a server and waits until it listens.
  ///
  /// - Parameters:
  ///   - port: a port to listen on; nil lets the system choose one.
  ///   - accounts: the part of the configuration about logins.
  ///   - extra: what else the configuration holds.
  public init(
    name: String = "test", port: UInt16? = nil, accounts: String = usualAccounts, jetStream: Bool = true,
    extra: String = ""
  ) throws {
    self.name = name
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("nbx-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let store = jetStream ? "jetstream { store_dir: \"\(folder.path)/js\", max_mem: 64M, max_file: 256M }" : ""
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
    let binary = try natsServerBinary()
    process = try spawn([binary, "-c", folder.appendingPathComponent("nats.conf").path])
    let end = Date().addingTimeInterval(30)
    while Date() < end {
      var status: Int32 = 0
      if waitpid(process, &status, WNOHANG) == process {
        process = 0
        throw TestServerError(description: "nats-server ended at once:\n\(log)")
      }
      if let ports = readPorts() {
        (port, monitorPort) = ports
        return
      }
      usleep(10_000)
    }
    stop()
    throw TestServerError(description: "nats-server did not listen within 30 s:\n\(log)")
  }

  private struct Ports: Decodable {
    var nats: [String]
    var monitoring: [String]?
  }

  /// The ports file is written once everything listens.
  private func readPorts() -> (UInt16, UInt16)? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    guard let file = names.first(where: { $0.hasSuffix("\(process).ports") }),
      let data = try? Data(contentsOf: folder.appendingPathComponent(file)),
      let ports = try? JSONDecoder().decode(Ports.self, from: data),
      let client = ports.nats.lazy.compactMap({ URL(string: $0)?.port }).first
    else { return nil }
    return (UInt16(client), UInt16(ports.monitoring?.lazy.compactMap { URL(string: $0)?.port }.first ?? 0))
  }

  /// Stops the server: SIGTERM, after five seconds SIGKILL. Its folder goes with it.
  public func stop() {
    kill(SIGTERM)
    if process != 0, !waitForEnd(seconds: 5) {
      kill(SIGKILL)
      _ = waitForEnd(seconds: 5)
    }
    try? FileManager.default.removeItem(at: folder)
  }

  /// Kills the server without a warning, keeps its folder, and starts it again with `restart`.
  public func crash() {
    kill(SIGKILL)
    _ = waitForEnd(seconds: 5)
  }

  /// Starts the server again in its folder. Only a server with a port of its own is found where it was.
  public func restart() throws { try start() }

  /// Suspends the server: its sockets stay, and it does nothing.
  public func suspend() { kill(SIGSTOP) }

  /// Lets a suspended server go on.
  public func resume() { kill(SIGCONT) }

  private func kill(_ signal: Int32) {
    #if canImport(Glibc)
      if process != 0 { _ = Glibc.kill(process, signal) }
    #else
      if process != 0 { _ = Darwin.kill(process, signal) }
    #endif
  }

  private func waitForEnd(seconds: Double) -> Bool {
    guard process != 0 else { return true }
    let end = Date().addingTimeInterval(seconds)
    var status: Int32 = 0
    while Date() < end {
      if waitpid(process, &status, WNOHANG) == process {
        process = 0
        return true
      }
      usleep(5_000)
    }
    return false
  }

  /// A port that nobody listens on right now, and that no outgoing connection is given before somebody does: those of
  /// dozens of servers go through thousands of ephemeral ports.
  public static func freePort() throws -> UInt16 {
    var ports = PortAllocator(promised: [], sandbox: UUID().uuidString)
    return try ports.take()
  }
}

/// Starts a program without a shell, its output thrown away. `Foundation.Process` waits for grandchildren, this does not.
private func spawn(_ arguments: [String]) throws -> pid_t {
  #if canImport(Glibc)
    var actions = posix_spawn_file_actions_t()
  #else
    var actions: posix_spawn_file_actions_t?
  #endif
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
  var list = arguments.map { strdup($0) } + [nil]
  defer { for argument in list { free(argument) } }
  #if canImport(Glibc)
    let environment = environ
  #else
    let environment = _NSGetEnviron().pointee
  #endif
  var process: pid_t = 0
  let status = posix_spawn(&process, arguments[0], &actions, nil, &list, environment)
  guard status == 0 else {
    throw TestServerError(description: "cannot start \(arguments[0]): \(String(cString: strerror(status)))")
  }
  return process
}
