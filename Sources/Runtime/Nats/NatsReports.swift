import NATS
import SandboxSystem
import ValuesAndCommands

/// `server report …`: what all servers together say of connections, accounts, JetStream, gateways and routes.
extension NatsSubcommand {
  static let reports: [NatsSubcommand] = [
    sub(
      "server report connections", "Every client's connection",
      flags: connectionReport.flags + [
        Flag("--account", .text, "only those of this account"), Flag("--username", .text, "only those of this user"),
        Flag(
          "--subject", .text, "with --account: only those that subscribe to this subject", aliases: ["--filter-subject"]
        ),
      ] + serverSelection, gives: .list(Gives.connectionRow),
      example: "nats server report connections --sort in-msgs --top 10", as: .system, run: reportConnections),
    sub(
      "server report accounts", "The connections of each account, and what went through them",
      flags: accountReport.flags + [Flag("--account", .text, "only this one")] + serverSelection,
      gives: .list(Gives.accountRow), example: "nats server report accounts --sort conns", as: .system,
      run: reportAccounts),
    sub(
      "server report jetstream", "What each server with JetStream holds, and who leads",
      flags: jetStreamReport.flags + serverSelection, gives: .list(Gives.jetStreamRow),
      example: "nats server report jetstream --sort msgs", as: .system, run: reportJetStream),
    sub(
      "server report gateways", "Every connection between clusters, as each of its ends sees it",
      flags: gatewayReport.flags + [Flag("--filter-name", .text, "only those with this cluster")] + serverSelection,
      gives: .list(Gives.gatewayRow), example: "nats server report gateways --filter-name c2", as: .system,
      run: reportGateways),
    sub(
      "server report routes", "Every connection between the servers of a cluster, as each of its ends sees it",
      flags: routeReport.flags + serverSelection, gives: .list(Gives.routeRow),
      example: "nats server report routes --sort rtt --top 5", as: .system, run: reportRoutes),
  ]

  private static let connectionReport = ServerReport(
    title: "Connections",
    columns: [
      ("CID", "cid"), ("Name", "name"), ("Server", "server"), ("Cluster", "cluster"), ("IP", "ip"),
      ("Account", "account"),
      ("Uptime", "uptime"), ("RTT", "rtt"), ("In Msgs", "in_msgs+"), ("Out Msgs", "out_msgs+"),
      ("In Bytes", "in_bytes+"),
      ("Out Bytes", "out_bytes+"), ("Subs", "subscriptions+"),
    ],
    sorts: [
      "in-bytes", "out-bytes", "in-msgs", "out-msgs", "uptime", "cid", "subs", "rtt", "name", "server", "cluster",
      "account",
    ])

  private static let accountReport = ServerReport(
    title: "Accounts",
    columns: [
      ("Account", "account"), ("Connections", "connections+"), ("In Msgs", "in_msgs+"), ("Out Msgs", "out_msgs+"),
      ("In Bytes", "in_bytes+"), ("Out Bytes", "out_bytes+"), ("Subs", "subscriptions+"),
    ], sorts: ["in-bytes", "out-bytes", "in-msgs", "out-msgs", "conns", "subs", "account"])

  private static let jetStreamReport = ServerReport(
    title: "JetStream",
    columns: [
      ("Server", "server"), ("Cluster", "cluster"), ("Streams", "streams+"), ("Consumers", "consumers+"),
      ("Messages", "messages+"), ("Bytes", "bytes+"), ("Memory", "memory+"), ("File", "storage+"),
      ("API Req", "api.total+"),
      ("API Err", "api.errors+"), ("Meta Leader", "meta_cluster.leader"),
    ],
    sorts: ["name", "cluster", "streams", "consumers", "msgs", "mbytes", "mem", "file", "api", "err"])

  private static let gatewayReport = ServerReport(
    title: "Gateways",
    columns: [
      ("Server", "server"), ("Cluster", "cluster"), ("Kind", "kind"), ("Remote", "name"), ("Configured", "configured"),
      ("IP", "ip"), ("Port", "port"), ("Uptime", "uptime"), ("RTT", "rtt"), ("In Bytes", "in_bytes+"),
      ("Out Bytes", "out_bytes+"),
    ], sorts: ["server", "cluster", "name", "kind", "rtt", "uptime", "in-bytes", "out-bytes"])

  private static let routeReport = ServerReport(
    title: "Routes",
    columns: [
      ("Server", "server"), ("Cluster", "cluster"), ("Remote", "remote_name"), ("Account", "account"), ("IP", "ip"),
      ("Port", "port"), ("Uptime", "uptime"), ("RTT", "rtt"), ("Subs", "subscriptions"), ("In Bytes", "in_bytes+"),
      ("Out Bytes", "out_bytes+"),
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
      throw .misused("`--subject` needs `--account` beside it", advice: "for example: --account JS")
    }
    var rows: [ValueMap] = []
    for answer in try ServerSurvey.ask(.connections, .map(question), call) {
      let connections = answer.data["connections"]?.elements ?? []
      if let total = answer.data["total"]?.amount, total > Int64(connections.count) {
        throw .failed(
          "\(answer.server.name) has \(Figures.grouped(total)) connections, of which it tells \(connections.count)",
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

/// Rows about servers, sorted as the call says: a list of maps as a value, a table as a statement.
struct ServerReport {
  let title: String
  let columns: ValueTable.Columns
  /// What `--sort` takes; a hyphen there is an underscore in the key. The first is what is sorted by otherwise.
  let sorts: [String]

  /// Short words of the nats CLI for longer keys.
  private static let longerKeys = [
    "conns": "connections", "subs": "subscriptions", "msgs": "messages", "file": "storage", "mem": "memory",
    "api": "api.total", "err": "api.errors", "mbytes": "bytes",
  ]

  var flags: [Flag] {
    [
      Flag("--sort", .choice(sorts), "by what; by \(sorts[0]) if not given"),
      Flag("--reverse", .toggle, "the other way round"),
      Flag("--top", .positive, "only so many rows, the first ones"), .json,
    ]
  }

  /// The rows in their order; those that are alike stay as they came.
  func finished(_ rows: [ValueMap], _ call: NatsCall) throws(CommandFailure) -> Value {
    let choice = call.words.string("--sort") ?? sorts[0]
    let key = Self.longerKeys[choice] ?? String(choice.map { $0 == "-" ? "_" : $0 })
    var sorted = rows.sorted { Self.precedes($0[path: key], $1[path: key]) }
    if call.words.has("--reverse") { sorted.reverse() }
    if let top = call.words.integer("--top") { sorted = Array(sorted.prefix(Int(clamping: top))) }
    let table = ValueTable(title, none: "\(title): none", columns)
    return call.present(.list(sorted.map(Value.map)), table.text(sorted.map(Value.map)))
  }

  /// Texts from A to Z, times and numbers of connections from the least on, amounts from the largest on.
  private static func precedes(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.string(let a), .string(let b)): a < b
    case (.time(let a), .time(let b)): a.nanoseconds < b.nanoseconds
    case (.duration(let a), .duration(let b)): a > b
    case (.null, _): false
    case (_, .null): true
    default: a.amount > b.amount
    }
  }
}

extension ValueMap {
  /// What stands at the ends of some paths, each by another name, or what is given where there is nothing.
  func picked(_ fields: [(name: String, path: String, else: Value)]) -> ValueMap {
    ValueMap(
      fields.map { field in
        let value = field.path.isEmpty ? .null : self[path: field.path]
        return (field.name, value.isNull ? field.else : value)
      })
  }

  /// These entries before the others'; a key that both have keeps this value.
  func followed(by others: ValueMap) -> ValueMap {
    var all = self
    for (key, value) in others where all[key] == nil { all[key] = value }
    return all
  }
}

/// One question to every server that a call selects, such as after its connections.
///
/// The servers are counted first: so it is known whose answer is missing. A report is given without those, and never passes
/// for whole.
enum ServerSurvey {
  /// A server's answer; its `server` and `cluster` are told by name.
  struct Answer {
    let server: ServerAnswer
    let data: ValueMap
  }

  /// How long a server that was there a moment ago may take for an answer.
  private static let patience = Duration.seconds(5)

  static func ask(
    _ question: ServerPing.Question, _ body: Value = [:], _ call: NatsCall
  ) throws(CommandFailure) -> [Answer] {
    let (servers, absent) = try NatsSubcommand.selection(call)
    let ids = Set(servers.map(\.id))
    let replies = try call.withConnection { connection throws(NATSError) in
      try Self.replies(connection, question, NatsReply.document(body), ids, call)
    }
    var byID: [String: Value] = [:]
    for reply in replies {
      let value = NatsReply.value(reply)
      if let id = value.entries["server"]?.entries["id"]?.asText?.string { byID[id] = value }
    }
    var answers: [Answer] = []
    var silent = absent
    for server in servers.sorted(by: { $0.name < $1.name }) {
      guard let reply = byID[server.id] else {
        silent.append(server.name)
        continue
      }
      if let refusal = reply.entries["error"]?.entries["description"]?.asText?.string {
        throw .failed("\(server.name) refuses: \(refusal)")
      }
      answers.append(Answer(server: server, data: reply.entries["data"]?.entries ?? ValueMap()))
    }
    guard !answers.isEmpty || silent.isEmpty else {
      throw .failed(
        "no answer from \(silent.joined(separator: ", "))", advice: "see which servers run: nbx status",
        details: FailureDetails("timed-out"))
    }
    if !silent.isEmpty {
      call.warn("no answer from \(silent.joined(separator: ", ")): what follows is without them; see nbx status")
    }
    return answers
  }

  /// The answers until those of all `ids` are there.
  private static func replies(
    _ connection: Connection, _ question: ServerPing.Question, _ body: [UInt8], _ ids: Set<String>, _ call: NatsCall
  ) throws(NATSError) -> [Value] {
    let inbox = connection.newInbox()
    let subscription = try connection.subscribe(inbox)
    defer { subscription.unsubscribe() }
    try connection.publish(question.subject, body, reply: inbox, limit: call.limit())
    let limit = call.limit(atMost: patience)
    var missing = ids
    var replies: [Value] = []
    while !missing.isEmpty {
      let message: Message?
      do throws(NATSError) {
        message = try subscription.next(limit: limit)
      } catch {
        guard case .timedOut = error, call.call.deadline > .now else { throw error }
        return replies
      }
      guard let message, let reply = try? Value.json(message.payload) else { continue }
      if let id = reply.entries["server"]?.entries["id"]?.asText?.string { missing.remove(id) }
      replies.append(reply)
    }
    return replies
  }
}
