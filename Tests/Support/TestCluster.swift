import Foundation

/// Servers that know each other by their routes, and other clusters by gateways.
public struct TestCluster: Sendable {
  public let servers: [TestServer]

  public init(_ name: String = "test", count: Int = 3, accounts: String = Accounts.usual) throws {
    self = try TestCluster.linked([(name, count)], accounts: accounts)[0]
  }

  private init(servers: [TestServer]) { self.servers = servers }

  /// One server by itself.
  init(server: TestServer) { servers = [server] }

  /// Clusters that are linked by gateways; a single one has none.
  public static func linked(
    _ clusters: [(name: String, count: Int)], accounts: String = Accounts.usual
  ) throws -> [TestCluster] {
    let count = clusters.reduce(0) { $0 + $1.count }
    return try withFreePorts(2 * count) { ports in
      var (routePorts, gatewayPorts) = (ports[..<count], ports[count...])
      let members = clusters.map { cluster in
        Members(
          name: cluster.name, routes: Array(routePorts.popFirst(cluster.count)),
          gateways: Array(gatewayPorts.popFirst(cluster.count)))
      }
      let gateways = "[\(members.map(\.gateway).joined(separator: ", "))]"
      return try members.map { TestCluster(servers: try $0.start(members.count > 1 ? gateways : nil, accounts)) }
    }
  }

  public func stop() { for server in servers { server.stop() } }

  /// What one cluster is made of.
  private struct Members {
    let name: String
    let routes, gateways: [UInt16]

    var gateway: String { "{ name: \(name), urls: [\(urls(gateways))] }" }

    private func urls(_ ports: [UInt16]) -> String {
      ports.map { "\"nats://127.0.0.1:\($0)\"" }.joined(separator: ", ")
    }

    func start(_ allGateways: String?, _ accounts: String) throws -> [TestServer] {
      try routes.indices.map { index in
        let gateway = allGateways.map {
          "gateway { name: \(name), listen: \"127.0.0.1:\(gateways[index])\", gateways: \($0) }"
        }
        return try TestServer(
          name: "\(name)-\(index)", accounts: accounts,
          extra: """
            cluster { name: \(name), listen: "127.0.0.1:\(routes[index])", routes: [\(urls(routes))] }
            server_tags: ["az:\(name)"]
            \(gateway ?? "")
            """)
      }
    }
  }
}

extension ArraySlice {
  /// Takes the first few away.
  fileprivate mutating func popFirst(_ count: Int) -> ArraySlice {
    defer { removeFirst(count) }
    return prefix(count)
  }
}
