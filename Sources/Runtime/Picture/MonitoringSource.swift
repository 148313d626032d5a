import NATS

/// Where the servers' monitoring is read: through their own ports where these are known, else through the system account.
struct MonitoringSource: Sendable {
  let target: any Target

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
    let limit = WaitLimit.within(.seconds(1))
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
