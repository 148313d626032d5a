import NATS
import SandboxSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where the servers' monitoring is read: through their own ports where these are known, else through the system account.
struct MonitoringSource: Sendable {
  let target: any ClusterDirectory

  /// Whoever takes longer counts as silent. On a busy machine an answer may take a second.
  private static let patience = Duration.seconds(4)
  private static let streams = "accounts=true&streams=true&config=true"

  /// The reports of all servers that run and answer.
  func reports(of status: TargetStatus) -> [MonitoringReport] {
    let running = status.servers.filter { $0.state == "running" }
    let pages = running.compactMap { server in
      MonitoringSource.endpoint(server.monitorURL).map { (url: server.monitorURL, endpoint: $0) }
    }
    if !pages.isEmpty { return overHTTP(pages) }
    return running.isEmpty ? [] : overSystemAccount(status, expected: running.count)
  }

  static func endpoint(_ url: String) -> Endpoint? {
    guard let parts = try? URLParts(url), let port = parts.port else { return nil }
    return Endpoint(host: parts.host, port: port)
  }

  // MARK: Monitoring ports

  private func overHTTP(_ servers: [(url: String, endpoint: Endpoint)]) -> [MonitoringReport] {
    func pages<Page: Decodable & Sendable>(
      _ page: Monitoring.Page, query: String = "", of endpoints: [Endpoint], _ type: Page.Type
    ) -> [Page?] {
      Monitoring.get(page, query: query, of: endpoints, limit: .within(MonitoringSource.patience)).map { result in
        guard case .success(let response) = result, response.status == 200 else { return nil }
        return MonitoringReport.page(type, response.body)
      }
    }
    let all = pages(.variables, of: servers.map(\.endpoint), MonitoringReport.Variables.self)
    // Whoever kept silent is not asked again.
    let answering = zip(servers, all).compactMap { server, variables in variables.map { (server, $0) } }
    let known = answering.map(\.0.endpoint)
    let routes = pages(.routes, of: known, MonitoringReport.Routes.self)
    let gateways = pages(.gateways, of: known, MonitoringReport.Gateways.self)
    let leaves = answering.filter { $0.1.hasLeafnodes }.map(\.0.endpoint)
    let leafPages = pages(.leafnodes, of: leaves, MonitoringReport.Leafnodes.self)
    let leafnodes = Dictionary(zip(leaves, leafPages), uniquingKeysWith: { first, _ in first })
    let jetStream = pages(
      .jetStream, query: MonitoringSource.streams, of: known, MonitoringReport.JetStream.self)
    return answering.indices.map { index in
      MonitoringReport(
        monitorURL: answering[index].0.url, variables: answering[index].1, routes: routes[index],
        gateways: gateways[index], leafnodes: leafnodes[known[index]] ?? nil, jetStream: jetStream[index])
    }
  }

  // MARK: System account

  /// An answer is `{"server": …, "data": …}`.
  private struct Envelope<Page: Decodable>: Decodable {
    struct Server: Decodable { var name: String? }
    var server: Server?
    var data: Page?
  }

  private func overSystemAccount(_ status: TargetStatus, expected: Int) -> [MonitoringReport] {
    guard let connection = connect(status, as: NatsAccounts().system) else { return [] }
    defer { connection.close() }
    func pages<Page: Decodable>(
      _ question: ServerPing.Question, filter: String = "", _ type: Page.Type
    ) -> [String: Page] {
      let until = Connection.AnswerCount(expected: expected, quiet: .milliseconds(400))
      let answers =
        (try? ServerPing(connection).ask(
          question, filter: Array(filter.utf8), until: until, limit: .within(MonitoringSource.patience))) ?? []
      let read = answers.compactMap { MonitoringReport.page(Envelope<Page>.self, $0.bytes) }
      return Dictionary(
        read.compactMap { answer in answer.server?.name.flatMap { name in answer.data.map { (name, $0) } } },
        uniquingKeysWith: { first, _ in first })
    }
    let variables = pages(.variables, MonitoringReport.Variables.self)
    let routes = pages(.routes, MonitoringReport.Routes.self)
    let gateways = pages(.gateways, MonitoringReport.Gateways.self)
    let leafnodes =
      variables.values.contains(where: \.hasLeafnodes) ? pages(.leafnodes, MonitoringReport.Leafnodes.self) : [:]
    let jetStream = pages(
      .jetStream, filter: #"{"accounts":true,"streams":true,"config":true}"#, MonitoringReport.JetStream.self)
    return variables.sorted { $0.key < $1.key }.map { name, page in
      MonitoringReport(
        variables: page, routes: routes[name], gateways: gateways[name], leafnodes: leafnodes[name],
        jetStream: jetStream[name])
    }
  }

  // MARK: Streams

  /// The names of all streams of the JetStream account, also of those that nobody who answers has a copy of. None if
  /// nobody tells.
  func streamNames(_ status: TargetStatus) -> [String] {
    guard let connection = connect(status, as: NatsAccounts().jetStream) else { return [] }
    defer { connection.close() }
    struct Names: Decodable { var streams: [String]? }
    let limit = Limit.within(.seconds(1))
    let pages = (try? JetStream(connection).pages("STREAM.NAMES", limit: limit)) ?? []
    return pages.flatMap { MonitoringReport.page(Names.self, $0)?.streams ?? [] }
  }

  /// To the first region through which servers are reached.
  private func connect(_ status: TargetStatus, as login: NatsAccounts.Login) -> Connection? {
    for (index, region) in status.regions.enumerated() {
      let cluster = target.cluster(named: region.name, index: index)
      let addresses = (try? target.clientAddresses(of: cluster)) ?? []
      let endpoints = addresses.compactMap { address in
        UInt16(exactly: address.port).map { Endpoint(host: address.host, port: $0) }
      }
      guard !endpoints.isEmpty else { continue }
      let options = Connection.Options(endpoints, credentials: .user(login.user, password: login.password))
      if let connection = try? Connection.connect(options, limit: .within(MonitoringSource.patience)) {
        return connection
      }
    }
    return nil
  }
}

extension MonitoringReport.Variables {
  /// Whether there is more to ask: it is a leaf, or has some.
  fileprivate var hasLeafnodes: Bool { (leafnodes ?? 0) > 0 || leaf?.remotes?.isEmpty == false }
}

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
