import Interpreter
import NATS

/// `server report …`: what all servers together say of connections, accounts, JetStream, gateways and routes.
extension NatsSubcommand {
  static let reports: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "server report connections", "Every client's connection",
        flags: connectionReport.flags + [
          Flag("--account", .text, "only those of this account"),
          Flag("--username", .text, "only those of this user"),
          Flag(
            "--subject", .text, "with --account: only those that subscribe to this subject",
            aliases: ["--filter-subject"]),
        ] + serverSelection, example: "nats server report connections --sort in-msgs --top 10"),
      as: .system, run: reportConnections),
    NatsSubcommand(
      CommandForm(
        "server report accounts", "The connections of each account, and what went through them",
        flags: accountReport.flags + [Flag("--account", .text, "only this one")] + serverSelection,
        example: "nats server report accounts --sort conns"), as: .system, run: reportAccounts),
    NatsSubcommand(
      CommandForm(
        "server report jetstream", "What each server with JetStream holds, and who leads",
        flags:
          jetStreamReport.flags + serverSelection, example: "nats server report jetstream --sort msgs"),
      as: .system, run: reportJetStream),
    NatsSubcommand(
      CommandForm(
        "server report gateways", "Every connection between clusters, as each of its ends sees it",
        flags: gatewayReport.flags + [Flag("--filter-name", .text, "only those with this cluster")] + serverSelection,
        example: "nats server report gateways --filter-name c2"), as: .system, run: reportGateways),
    NatsSubcommand(
      CommandForm(
        "server report routes", "Every connection between the servers of a cluster, as each of its ends sees it",
        flags: routeReport.flags + serverSelection, example: "nats server report routes --sort rtt --top 5"),
      as: .system, run: reportRoutes),
  ]

  private static let connectionReport = ServerReport(
    title: "Connections",
    columns: [
      .init("CID", "cid"), .init("Name", "name"), .init("Server", "server"), .init("Cluster", "cluster"),
      .init("IP", "ip"), .init("Account", "account"), .init("Uptime", "uptime"), .init("RTT", "rtt"),
      .init("In Msgs", "in_msgs", summed: true), .init("Out Msgs", "out_msgs", summed: true),
      .init("In Bytes", "in_bytes", summed: true), .init("Out Bytes", "out_bytes", summed: true),
      .init("Subs", "subscriptions", summed: true),
    ],
    sorts: [
      "in-bytes", "out-bytes", "in-msgs", "out-msgs", "uptime", "cid", "subs", "rtt", "name", "server", "cluster",
      "account",
    ])

  private static let accountReport = ServerReport(
    title: "Accounts",
    columns: [
      .init("Account", "account"), .init("Connections", "connections", summed: true),
      .init("In Msgs", "in_msgs", summed: true), .init("Out Msgs", "out_msgs", summed: true),
      .init("In Bytes", "in_bytes", summed: true), .init("Out Bytes", "out_bytes", summed: true),
      .init("Subs", "subscriptions", summed: true),
    ], sorts: ["in-bytes", "out-bytes", "in-msgs", "out-msgs", "conns", "subs", "account"])

  private static let jetStreamReport = ServerReport(
    title: "JetStream",
    columns: [
      .init("Server", "server"), .init("Cluster", "cluster"), .init("Streams", "streams", summed: true),
      .init("Consumers", "consumers", summed: true), .init("Messages", "messages", summed: true),
      .init("Bytes", "bytes", summed: true), .init("Memory", "memory", summed: true),
      .init("File", "storage", summed: true), .init("API Req", "api.total", summed: true),
      .init("API Err", "api.errors", summed: true), .init("Meta Leader", "meta_cluster.leader"),
    ],
    sorts: ["name", "cluster", "streams", "consumers", "msgs", "mbytes", "mem", "file", "api", "err"])

  private static let gatewayReport = ServerReport(
    title: "Gateways",
    columns: [
      .init("Server", "server"), .init("Cluster", "cluster"), .init("Kind", "kind"), .init("Remote", "name"),
      .init("Configured", "configured"), .init("IP", "ip"), .init("Port", "port"), .init("Uptime", "uptime"),
      .init("RTT", "rtt"), .init("In Bytes", "in_bytes", summed: true), .init("Out Bytes", "out_bytes", summed: true),
    ], sorts: ["server", "cluster", "name", "kind", "rtt", "uptime", "in-bytes", "out-bytes"])

  private static let routeReport = ServerReport(
    title: "Routes",
    columns: [
      .init("Server", "server"), .init("Cluster", "cluster"), .init("Remote", "remote_name"),
      .init("Account", "account"), .init("IP", "ip"), .init("Port", "port"), .init("Uptime", "uptime"),
      .init("RTT", "rtt"), .init("Subs", "subscriptions"), .init("In Bytes", "in_bytes", summed: true),
      .init("Out Bytes", "out_bytes", summed: true),
    ], sorts: ["server", "cluster", "remote-name", "rtt", "uptime", "subs", "in-bytes", "out-bytes"])

  /// The server's and the cluster's name, which every row begins with.
  private static func place(_ answer: ServerSurvey.Answer) -> ValueMap {
    ValueMap([("server", .string(answer.server.name)), ("cluster", .string(answer.server.cluster))])
  }

  /// So many connections of a server are asked for: more are a failure, not a report that leaves some out.
  private static let mostConnections = 65_536

  private static func connections(_ call: NatsCall) throws(CommandFailure) -> [ValueMap] {
    var question = ValueMap([("auth", .bool(true)), ("limit", .int(Int64(mostConnections)))])
    for (flag, key) in [("--account", "acc"), ("--username", "user"), ("--subject", "filter_subject")] {
      if let text = call.words.form.flags.contains(where: { $0.name == flag }) ? call.words.string(flag) : nil {
        question[key] = .string(text)
      }
    }
    // Servers look for a subject in one account only.
    guard question["filter_subject"] == nil || question["acc"] != nil else {
      throw CommandFailure(.misused, "`--subject` needs `--account` beside it", advice: "for example: --account JS")
    }
    var rows: [ValueMap] = []
    for answer in try ServerSurvey.ask(.connections, .map(question), call) {
      let connections = answer.data["connections"]?.elements ?? []
      if let total = answer.data["total"]?.amount, total > Int64(connections.count) {
        throw CommandFailure(
          .failed,
          "\(answer.server.name) has \(ServerTables.grouped(total)) connections, of which it tells \(connections.count)",
          advice: "ask for less: --account, --username or --subject")
      }
      rows += connections.map { place(answer).followed(by: $0.entries) }
    }
    return rows
  }

  @Sendable private static func reportConnections(_ call: NatsCall) throws(CommandFailure) -> Value {
    try connectionReport.finished(try connections(call), call)
  }

  @Sendable private static func reportAccounts(_ call: NatsCall) throws(CommandFailure) -> Value {
    var accounts: [String: ValueMap] = [:]
    for connection in try connections(call) {
      let name = connection["account"]?.asText?.string ?? ""
      var account = accounts[name] ?? ValueMap([("account", .string(name)), ("connections", .int(0))])
      account["connections"] = .int((account["connections"]?.amount ?? 0) + 1)
      for key in ["in_msgs", "out_msgs", "subscriptions"] {
        account[key] = .int((account[key]?.amount ?? 0) + (connection[key]?.amount ?? 0))
      }
      for key in ["in_bytes", "out_bytes"] {
        account[key] = .size(SizeValue(bytes: (account[key]?.amount ?? 0) + (connection[key]?.amount ?? 0)))
      }
      accounts[name] = account
    }
    return try accountReport.finished(accounts.sorted { $0.key < $1.key }.map(\.value), call)
  }

  @Sendable private static func reportJetStream(_ call: NatsCall) throws(CommandFailure) -> Value {
    let answers = try ServerSurvey.ask(.jetStream, [:], call).filter { answer in
      if case .bool(true)? = answer.data["disabled"] { false } else { true }
    }
    // The server's name once more, as what `--sort name` says.
    let rows = answers.map { answer in
      place(answer).followed(by: ValueMap([("name", .string(answer.server.name))])).followed(by: answer.data)
    }
    return try jetStreamReport.finished(rows, call)
  }

  @Sendable private static func reportGateways(_ call: NatsCall) throws(CommandFailure) -> Value {
    let filter = call.words.string("--filter-name")
    var rows: [ValueMap] = []
    for answer in try ServerSurvey.ask(.gateways, [:], call) {
      for (kind, key) in [("outbound", "outbound_gateways"), ("inbound", "inbound_gateways")] {
        for (name, remote) in answer.data[key]?.entries ?? ValueMap() where filter.map({ $0 == name }) ?? true {
          for gateway in remote.elements ?? [remote] {
            var row = place(answer)
            row["kind"] = .string(kind)
            row["name"] = .string(name)
            row["configured"] = gateway.entries["configured"] ?? false
            // The connection's own name is that of the server at its other end.
            var connection = gateway.entries["connection"]?.entries ?? ValueMap()
            connection["remote_id"] = connection["name"]
            connection["name"] = nil
            rows.append(row.followed(by: connection))
          }
        }
      }
    }
    return try gatewayReport.finished(rows, call)
  }

  @Sendable private static func reportRoutes(_ call: NatsCall) throws(CommandFailure) -> Value {
    var rows: [ValueMap] = []
    for answer in try ServerSurvey.ask(.routes, [:], call) {
      for route in answer.data["routes"]?.elements ?? [] {
        rows.append(place(answer).followed(by: route.entries))
      }
    }
    return try routeReport.finished(rows, call)
  }
}
