import Foundation

/// An account of a test's own on servers that all tests share: its streams and subjects are nobody else's.
///
/// It is for tests that neither end nor suspend a server and count nothing that is the whole server's.
public struct TestAccount: Sendable {
  /// The user and the password are the same. The user `NAME-limited` may only use the subject `ok` and answers,
  /// `NAME-deaf` may hear none.
  public let name: String
  public let clusters: [TestCluster]

  public var servers: [TestServer] { clusters.flatMap(\.servers) }
  public var server: TestServer { servers[0] }

  public init(on shared: SharedServers = .single) throws { (name, clusters) = try shared.nextAccount() }

  /// The URL of the first server, with the login of the account, or of one of its other users.
  public func url(_ kind: Accounts.Kind = .all) -> String { server.url(name + kind.rawValue) }

  /// `ws://user:password@127.0.0.1:port`; only the single server has one.
  public var webSocketURL: String { "ws://\(name):\(name)@127.0.0.1:\(server.webSocketPort)" }
}

/// Servers that are started when the first test asks for an account of theirs, and end with the tests.
public final class SharedServers: @unchecked Sendable {
  /// One server by itself, with JetStream and WebSockets.
  public static let single = SharedServers { accounts in
    [
      TestCluster(
        server: try TestServer(
          name: "shared", accounts: accounts,
          extra: "websocket { listen: \"127.0.0.1:-1\", no_tls: true, compression: true }"))
    ]
  }

  /// Three servers, `shared-0` to `shared-2`.
  public static let cluster = SharedServers { [try TestCluster("shared", accounts: $0)] }

  /// Two clusters that are linked by gateways: `left-0`, `left-1` and `right-0`.
  public static let linked = SharedServers { try TestCluster.linked([("left", 2), ("right", 1)], accounts: $0) }

  private let start: (String) throws -> [TestCluster]
  private let lock = NSLock()
  private var clusters: [TestCluster] = []
  /// Those whose accounts are all given away: tests still use them, and a server ends with its last reference.
  private var former: [TestCluster] = []
  private var names: [String] = []

  private init(_ start: @escaping (String) throws -> [TestCluster]) { self.start = start }

  /// Where all accounts are given away, other servers are started.
  fileprivate func nextAccount() throws -> (String, [TestCluster]) {
    try lock.withLock {
      if names.isEmpty {
        let all = (0..<100).map { "A\($0)" }
        former += clusters
        clusters = try start(Accounts.named(all))
        names = all
      }
      return (names.removeFirst(), clusters)
    }
  }
}

/// The part of a server's configuration about logins.
public enum Accounts {
  /// The users of an account, by what their names end with.
  public enum Kind: String, Sendable {
    case all = ""
    case limited = "-limited"
    case deaf = "-deaf"
  }

  public static let usual = usual(users: "{ user: js, password: js }")

  /// The usual ones, but that `js` may not publish to a subject; the user `admin` may.
  public static func denying(_ subject: String) -> String {
    usual(
      users: """
        { user: js, password: js, permissions: { publish: { allow: ">", deny: "\(subject)" } } }
        { user: admin, password: admin }
        """)
  }

  private static func usual(users: String) -> String {
    """
    accounts {
      \(system)
      JS { jetstream: enabled, users: [\(users)] }
    }
    system_account: "$SYS"
    """
  }

  private static let system = "$SYS { users: [{ user: sys, password: sys }] }"

  /// Accounts with JetStream, each with its users.
  static func named(_ names: [String]) -> String {
    let limited = #"permissions: { publish: ["ok", "_INBOX.>"], subscribe: ["ok", "_INBOX.>"] }"#
    let deaf = #"permissions: { publish: [">"], subscribe: ["ok"] }"#
    let accounts = names.map { name in
      """
        \(name) {
          jetstream: enabled
          users: [
            { user: \(name), password: \(name) }
            { user: \(name)-limited, password: \(name)-limited, \(limited) }
            { user: \(name)-deaf, password: \(name)-deaf, \(deaf) }
          ]
        }
      """
    }
    return """
      accounts {
        \(system)
      \(accounts.joined(separator: "\n"))
      }
      system_account: "$SYS"
      """
  }
}
