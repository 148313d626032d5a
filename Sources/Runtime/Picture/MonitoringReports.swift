#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What one server's monitoring says, as far as a picture needs it. A page that did not come is nil.
struct MonitoringReport: Sendable {
  /// Reads a page; nil if it is none.
  static func page<Page: Decodable>(_ type: Page.Type, _ bytes: [UInt8]) -> Page? {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try? decoder.decode(type, from: Data(bytes))
  }

  /// Where it was read, as `TargetStatus.Server.monitorURL`; nil if a server sent it by itself.
  var monitorURL: String?
  var variables: Variables
  var routes: Routes?
  var gateways: Gateways?
  var leafnodes: Leafnodes?
  var jetStream: JetStream?

  /// `/varz`
  struct Variables: Decodable, Sendable {
    struct Cluster: Decodable, Sendable {
      var name: String?
      /// Where it listens for routes; nil if it takes none.
      var clusterPort: Int?
      /// Where its routes are to lead, as `host:port`.
      var urls: [String]?
    }
    struct Gateway: Decodable, Sendable {
      var name: String?
      var gateways: [RemoteGateway]?
      /// Whether gateways that it does not name itself are turned away.
      var rejectUnknown: Bool?
    }
    struct RemoteGateway: Decodable, Sendable {
      var name: String?
      var urls: [String]?
    }
    /// Where it is a leaf, and where it takes leaves.
    struct Leaf: Decodable, Sendable { var remotes: [RemoteHub]? }
    struct RemoteHub: Decodable, Sendable {
      var localAccount: String?
      var urls: [String]?
    }
    struct JetStream: Decodable, Sendable {
      struct Config: Decodable, Sendable {}
      var config: Config?
    }

    var serverName: String?
    var serverId: String?
    var version: String?
    var uptime: String?
    var mem: Int64?
    var cpu: Double?
    var connections: Int64?
    var subscriptions: Int64?
    var routes: Int64?
    var leafnodes: Int64?
    var slowConsumers: Int64?
    var inMsgs: Int64?
    var outMsgs: Int64?
    var tags: [String]?
    var cluster: Cluster?
    var gateway: Gateway?
    var leaf: Leaf?
    var jetstream: JetStream?

    var name: String { serverName ?? serverId ?? "" }
  }

  /// `/routez`
  struct Routes: Decodable, Sendable {
    struct Route: Decodable, Sendable {
      var remoteName: String?
      var rtt: String?
    }
    var routes: [Route]?
  }

  /// `/gatewayz`
  struct Gateways: Decodable, Sendable {
    struct Outbound: Decodable, Sendable { var connection: Connection? }
    struct Connection: Decodable, Sendable { var rtt: String? }
    var outboundGateways: [String: Outbound]?
  }

  /// `/leafz`
  struct Leafnodes: Decodable, Sendable {
    struct Leaf: Decodable, Sendable {
      /// What the server at the other end calls itself.
      var name: String?
      /// Whether this end is the leaf's.
      var isSpoke: Bool?
      var account: String?
      var rtt: String?
    }
    var leafs: [Leaf]?
  }

  /// `/jsz?accounts=true&streams=true&config=true`
  struct JetStream: Decodable, Sendable {
    struct Meta: Decodable, Sendable {
      var leader: String?
      var clusterSize: Int?
      var replicas: [Replica]?
    }
    struct Replica: Decodable, Sendable {
      var name: String?
      var current: Bool?
      var offline: Bool?
      var lag: Int64?
    }
    struct Account: Decodable, Sendable {
      var name: String?
      var streamDetail: [Stream]?
    }
    struct Stream: Decodable, Sendable {
      struct Cluster: Decodable, Sendable {
        var name: String?
        var leader: String?
        var replicas: [Replica]?
      }
      struct Config: Decodable, Sendable { var subjects: [String]? }
      struct State: Decodable, Sendable {
        var messages: Int64?
        var bytes: Int64?
        var consumerCount: Int64?
      }
      var name: String?
      var cluster: Cluster?
      var config: Config?
      var state: State?
    }
    var metaCluster: Meta?
    var accountDetails: [Account]?
  }
}

/// Durations as servers write them in their reports: `119µs`, `1.332958ms`, `1m2.5s`.
enum ServerDuration {
  private static let units: [(name: String, nanoseconds: Double)] = [
    ("ns", 1), ("µs", 1e3), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
  ]

  /// In nanoseconds; nil if it is no such text.
  static func nanoseconds(_ text: String) -> Int64? {
    var rest = text[...]
    var total = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isNumber || $0 == "." }
      rest = rest.dropFirst(digits.count)
      guard let amount = Double(digits),
        let unit = units.first(where: { rest.hasPrefix($0.name) && $0.name != "m" })
          ?? units.first(where: { rest.hasPrefix($0.name) })
      else { return nil }
      total += amount * unit.nanoseconds
      rest = rest.dropFirst(unit.name.count)
    }
    return total < 9e18 ? Int64(total) : nil
  }
}
