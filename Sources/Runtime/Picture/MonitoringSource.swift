import NATS
import SandboxSystem
import ValuesAndCommands

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
    func pages(_ page: Monitoring.Page, query: String = "", of endpoints: [Endpoint]) -> [Value] {
      Monitoring.get(page, query: query, of: endpoints, limit: .within(MonitoringSource.patience)).map { result in
        guard case .success(let response) = result, response.status == 200 else { return .null }
        return (try? Value.json(response.body)) ?? .null
      }
    }
    let all = pages(.variables, of: servers.map(\.endpoint))
    // Whoever kept silent is not asked again.
    let answering = zip(servers, all).filter { !$1.isNull }
    let known = answering.map(\.0.endpoint)
    let routes = pages(.routes, of: known)
    let gateways = pages(.gateways, of: known)
    let leaves = answering.filter { MonitoringSource.hasLeafnodes($0.1) }.map(\.0.endpoint)
    let leafnodes = Dictionary(zip(leaves, pages(.leafnodes, of: leaves)), uniquingKeysWith: { first, _ in first })
    let jetStream = pages(.jetStream, query: MonitoringSource.streams, of: known)
    return answering.indices.map { index in
      MonitoringReport(
        monitorURL: answering[index].0.url, variables: answering[index].1, routes: routes[index],
        gateways: gateways[index], leafnodes: leafnodes[known[index]] ?? .null, jetStream: jetStream[index])
    }
  }

  // MARK: System account

  private func overSystemAccount(_ status: TargetStatus, expected: Int) -> [MonitoringReport] {
    guard let connection = connect(status, as: NatsAccounts().system) else { return [] }
    defer { connection.close() }
    // An answer is `{"server": …, "data": …}`.
    func pages(_ question: ServerPing.Question, filter: String = "") -> [String: Value] {
      let until = Connection.AnswerCount(expected: expected, quiet: .milliseconds(400))
      let answers =
        (try? ServerPing(connection).ask(
          question, filter: Array(filter.utf8), until: until, limit: .within(MonitoringSource.patience))) ?? []
      let read = answers.compactMap { answer -> (String, Value)? in
        guard let page = try? Value.json(answer.bytes), let name = page.name("server.name") else { return nil }
        return page[at: "data"].map { (name, $0) }
      }
      return Dictionary(read, uniquingKeysWith: { first, _ in first })
    }
    let variables = pages(.variables)
    let (routes, gateways) = (pages(.routes), pages(.gateways))
    let leafnodes = variables.values.contains(where: MonitoringSource.hasLeafnodes) ? pages(.leafnodes) : [:]
    let jetStream = pages(.jetStream, filter: #"{"accounts":true,"streams":true,"config":true}"#)
    return variables.sorted { $0.key < $1.key }.map { name, page in
      MonitoringReport(
        variables: page, routes: routes[name] ?? .null, gateways: gateways[name] ?? .null,
        leafnodes: leafnodes[name] ?? .null, jetStream: jetStream[name] ?? .null)
    }
  }

  /// Whether there is more to ask of a server: it is a leaf, or has some.
  private static func hasLeafnodes(_ variables: Value) -> Bool {
    variables[path: "leafnodes"].amount > 0 || !variables[path: "leaf.remotes"].all.isEmpty
  }

  // MARK: Streams

  /// The names of all streams of the JetStream account, also of those that nobody who answers has a copy of. None if
  /// nobody tells.
  func streamNames(_ status: TargetStatus) -> [String] {
    guard let connection = connect(status, as: NatsAccounts().jetStream) else { return [] }
    defer { connection.close() }
    let limit = Limit.within(.seconds(1))
    let pages = (try? JetStream(connection).pages("STREAM.NAMES", limit: limit)) ?? []
    return pages.flatMap { (try? Value.json($0))?.names("streams") ?? [] }
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

/// What one server's monitoring says, as it came. A page that did not come is null.
struct MonitoringReport: Sendable {
  /// Where it was read, as `TargetStatus.Server.monitorURL`; nil if a server sent it by itself.
  var monitorURL: String?
  /// `/varz`
  var variables: Value
  /// `/routez`
  var routes = Value.null
  /// `/gatewayz`
  var gateways = Value.null
  /// `/leafz`
  var leafnodes = Value.null
  /// `/jsz?accounts=true&streams=true&config=true`
  var jetStream = Value.null

  var name: String { variables.name("server_name") ?? variables.name("server_id") ?? "" }

  /// The NATS cluster that it says it is in; empty if it is in none.
  var cluster: String { variables[path: "cluster"].name() ?? "" }
}

extension Value {
  /// The text under a key of a page's part.
  func name(_ key: String = "name") -> String? { self[path: key].asText?.string }

  func names(_ key: String) -> [String] { self[path: key].all.compactMap { $0.asText?.string } }

  /// Where it is to lead, as `host:port`.
  var urls: [String] { names("urls") }
}
