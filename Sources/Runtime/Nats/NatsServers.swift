import NATS
import SandboxSystem
import ValuesAndCommands

/// `server …`: asked over the system account, answered by every server of the supercluster.
extension NatsSubcommand {
  static let servers: [NatsSubcommand] = [
    sub(
      "server list", "Every server of the supercluster, and what it says of itself",
      flags: [
        Flag("--sort", .choice(ServerOrder.allCases.map(\.rawValue)), "by which column; by name if not given"),
        Flag("--reverse", .toggle, "the other way round"), .json,
      ] + serverSelection, gives: .list(Gives.server), example: "nats server list --sort name", as: .system, run: list),
    sub(
      "server ping", "How quickly every server answers", flags: [.json] + serverSelection,
      gives: .list(Gives.ping),
      example: "nats server ping", as: .system, run: ping),
    sub(
      "server info", "All variables of a server", Positional("NAME", offers: .servers), flags: [.json],
      gives: Gives.variables, example: "nats server info c1-nats-0", as: .system, run: info),
    sub(
      "rtt", "The round trip to every server of the current cluster",
      Positional(
        "ITERATIONS", as: .number(1...10_000), optional: true,
        help: "how many round trips, of which the mean counts; 5 if not given"),
      flags: [.json],
      gives: .list(Gives.roundTrip), example: "nats rtt 10 on c2", run: measure),
  ]

  /// Which servers a call is about.
  static let serverSelection =
    [
      Flag("--expect", .integer, "how many servers must answer; fewer are a failure"),
      Flag("--cluster", .text, "only those of this NATS cluster"),
      Flag("--name", .text, "only the one of this name"),
      Flag("--tag", .text, "only those with this tag, as az:c1; repeated: with all of them", aliases: ["--tags"]),
    ]

  @Sendable private static func list(_ call: NatsCall) throws(CommandFailure) -> Value {
    let order = call.words.string("--sort").flatMap(ServerOrder.init) ?? .name
    var answers = order.sorted(try selectedServers(call))
    if call.words.has("--reverse") { answers.reverse() }
    return call.present(.list(answers.map(\.value)), ServerTables.text(answers))
  }

  @Sendable private static func ping(_ call: NatsCall) throws(CommandFailure) -> Value {
    let answers = ServerOrder.rtt.sorted(try selectedServers(call))
    let rows = answers.map { answer in
      let entries: [(String, Value)] = [
        ("name", .string(answer.name)), ("cluster", .string(answer.cluster)), ("id", .string(answer.id)),
        ("rtt", .duration(answer.roundTrip)),
      ]
      return Value.map(ValueMap(entries))
    }
    let table = Table(
      header: ["Name", "Cluster", "RTT"], rows: answers.map { [$0.name, $0.cluster, ServerTables.rtt($0)] },
      alignments: [.left, .left, .right])
    return call.present(.list(rows), table.text)
  }

  @Sendable private static func info(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = call.words.positional(0)?.string ?? ""
    let servers = try answers(call).servers
    guard let server = servers.first(where: { $0.name == name }) else {
      let known = servers.map(\.name).sorted()
      throw CommandFailure(
        .failed, "no server \(name) answers",
        advice: "there are \(known.prefix(12).joined(separator: ", "))\(known.count > 12 ? " …" : "")")
    }
    let answer = try call.withConnection { connection throws(NATSError) in
      try connection.request(
        "$SYS.REQ.SERVER.\(server.id).VARZ", limit: call.limit(atMost: NatsCall.patience)
      ).payload
    }
    let reply = try call.reply(answer)
    let variables = reply.entries["data"] ?? reply
    return call.present(variables)
  }

  private static func answers(
    _ call: NatsCall, expect: Int? = nil
  ) throws(CommandFailure) -> (servers: [ServerAnswer], silent: [String]) {
    let found = try call.withConnection { connection throws(NATSError) in
      try ServerRound(connection, expected: expect).ask(limit: call.limit())
    }
    return (found.answers.map { ServerAnswer(NatsReply.value($0.reply), roundTrip: $0.roundTrip) }, found.silent)
  }

  /// The answers that the call selects. All servers are asked in any case: only so it is known when the answers are whole.
  static func selectedServers(_ call: NatsCall) throws(CommandFailure) -> [ServerAnswer] {
    try selection(call).servers
  }

  /// The same, and who is silent: servers and clusters that others are connected with. It is not known which of them a part
  /// would hold.
  static func selection(_ call: NatsCall) throws(CommandFailure) -> (servers: [ServerAnswer], silent: [String]) {
    let isPart = ["--cluster", "--name", "--tag"].contains { call.words.isGiven($0) }
    let expected = call.words.integer("--expect").map { Int($0) }
    let tags = call.words.all("--tag").flatMap { StreamFlags.parts($0.string) }
    let found = try answers(call, expect: isPart ? nil : expected)
    let answers = found.servers.filter { answer in
      (call.words.string("--cluster").map { $0 == answer.cluster } ?? true)
        && (call.words.string("--name").map { $0 == answer.name } ?? true)
        && tags.allSatisfy { answer.tags.contains($0) }
    }
    if let expected, answers.count < expected {
      throw CommandFailure(
        .failed, "\(answers.count) of \(expected) servers answered",
        said: Text("answers of " + answers.map(\.name).sorted().joined(separator: ", ")),
        advice: "see which servers run: nbx status")
    }
    return (answers, isPart ? [] : found.silent)
  }
}

/// `rtt`: how far away the servers of the current cluster are.
extension NatsSubcommand {
  @Sendable private static func measure(_ call: NatsCall) throws(CommandFailure) -> Value {
    let destination = try call.destination()
    // The mean of so many counts: the first ping on a connection is slower than the others.
    let pings = call.words.positional(0).flatMap { Int($0.string) } ?? 5
    var rows: [ValueMap] = []
    var failures: [NATSError] = []
    for endpoint in destination.endpoints {
      do throws(NATSError) {
        rows.append(try row(endpoint, destination, pings, call))
      } catch .cancelled(let activity, let server) {
        throw call.failure(.cancelled(activity, server: server))
      } catch {
        failures.append(error)
        let entries: [(String, Value)] = [
          ("server", .null), ("url", .string(endpoint.url)), ("rtt", .null),
        ]
        rows.append(ValueMap(entries))
      }
    }
    if failures.count == rows.count { throw call.failure(.allEndpointsFailed(failures), at: destination) }
    let value = Value.list(rows.map(Value.map))
    return call.present(value, value.displayed)
  }

  private static func row(
    _ endpoint: Endpoint, _ destination: NatsDestination, _ pings: Int, _ call: NatsCall
  ) throws(NATSError) -> ValueMap {
    var options = destination.options
    options.endpoints = [endpoint]
    let limit = call.limit(atMost: NatsCall.patience)
    let connection = try Connection.connect(options, limit: limit)
    defer { connection.close() }
    var total = Duration.zero
    for _ in 0..<pings { total += try connection.roundTrip(limit: limit) }
    let entries: [(String, Value)] = [
      ("server", .string(connection.info.serverName)), ("url", .string(endpoint.url)),
      ("rtt", .duration(DurationValue(total / pings))),
    ]
    return ValueMap(entries)
  }
}

/// What one server says of itself in answer to `$SYS.REQ.SERVER.PING`.
struct ServerAnswer: Sendable {
  /// The server's own fields, its statistics under `statsz`, and the round trip as `rtt`. What servers leave out when it is
  /// empty is there: `cluster`, `jetstream`, and under `statsz` `routes` and `gateways`.
  let value: Value
  let name: String
  let cluster: String
  let id: String
  let tags: [String]
  let roundTrip: DurationValue

  /// - Parameter reply: `{"server": …, "statsz": …}`, with times and sizes as values.
  init(_ reply: Value, roundTrip: DurationValue) {
    var server = reply.entries["server"]?.entries ?? ValueMap()
    var statistics = reply.entries["statsz"]?.entries ?? ValueMap()
    for (key, empty) in [("name", Value.string("")), ("cluster", .string("")), ("jetstream", .bool(false))]
    where server[key] == nil { server[key] = empty }
    for key in ["routes", "gateways"] where statistics[key] == nil { statistics[key] = .list([]) }
    server["statsz"] = .map(statistics)
    server["rtt"] = .duration(roundTrip)
    value = .map(server)
    name = server["name"]?.asText?.string ?? ""
    cluster = server["cluster"]?.asText?.string ?? ""
    id = server["id"]?.asText?.string ?? ""
    tags = (server["tags"]?.elements ?? []).compactMap { $0.asText?.string }
    self.roundTrip = roundTrip
  }

  func text(_ key: String) -> String { value.entries[key]?.asText?.string ?? "" }
  var hasJetStream: Bool { value[path: "jetstream"].isTrue }
  var statistics: ValueMap { value.entries["statsz"]?.entries ?? ValueMap() }
  /// A number among the statistics.
  func amount(_ key: String) -> Int64 { statistics[key]?.amount ?? 0 }
  var gateways: [Value] { statistics["gateways"]?.elements ?? [] }
  var routes: [Value] { statistics["routes"]?.elements ?? [] }
  var incomingGateways: Int64 { gateways.reduce(0) { $0 + ($1.entries["inbound_connections"]?.amount ?? 0) } }

  /// From its start to its answer, by its own clock.
  var uptime: DurationValue {
    guard case .time(let now) = value.entries["time"], case .time(let start) = statistics["start"] else {
      return DurationValue(nanoseconds: 0)
    }
    return DurationValue(nanoseconds: max(0, now.nanoseconds - start.nanoseconds))
  }
}

/// The columns by which servers are sorted: texts and `rtt` from the least on, amounts from the largest on.
enum ServerOrder: String, CaseIterable {
  case name, cluster, host, version, conns, subs, routes, gws, mem, cpu, slow, uptime, rtt

  /// Servers that are alike in the column are in the order of their names.
  func sorted(_ answers: [ServerAnswer]) -> [ServerAnswer] {
    let byName = answers.sorted { $0.name < $1.name }
    func least<Key: Comparable>(_ key: (ServerAnswer) -> Key) -> [ServerAnswer] { byName.sorted { key($0) < key($1) } }
    func most<Key: Comparable>(_ key: (ServerAnswer) -> Key) -> [ServerAnswer] { byName.sorted { key($0) > key($1) } }
    switch self {
    case .name: return byName
    case .cluster: return least(\.cluster)
    case .host: return least { $0.text("host") }
    case .version: return least { $0.text("ver") }
    case .rtt: return least(\.roundTrip)
    case .uptime: return most(\.uptime)
    case .routes: return most(\.routes.count)
    case .gws: return most(\.gateways.count)
    case .conns: return most { $0.amount("connections") }
    case .subs: return most { $0.amount("subscriptions") }
    case .mem: return most { $0.amount("mem") }
    case .cpu: return most { $0.amount("cpu") }
    case .slow: return most { $0.amount("slow_consumers") }
    }
  }
}

/// One question to every server of a supercluster, and the collecting of its answers.
///
/// How many there are nobody says beforehand, but every answer names the servers and gateways that its sender is connected
/// with and counts those that it knows. So the round is over as soon as all of these have answered; and where one is
/// missing, as when its region is paused, once it has been quiet for a while.
struct ServerRound {
  private let connection: Connection
  private let expected: Int?

  /// How long a round waits after an answer when it knows by name what is missing. On a busy machine all of 36 servers
  /// answered within 121 ms of the question.
  private static let quiet = Duration.milliseconds(300)
  /// The same when all that are named have answered and only the count is short: servers go on counting one that was killed
  /// for two and a half minutes.
  private static let quietIfCounted = Duration.milliseconds(100)
  /// The same when the caller knows that more must come.
  private static let quietIfExpected = Duration.seconds(2)

  /// - Parameter expected: how many servers there must be, where the caller knows.
  init(_ connection: Connection, expected: Int? = nil) {
    self.connection = connection
    self.expected = expected
  }

  /// One server's answer, `{"server": …, "statsz": …}`, and how long it took.
  struct Answer {
    let reply: Value
    let roundTrip: DurationValue
  }

  /// All answers, and who did not answer.
  struct Found {
    /// In the order in which they came.
    var answers: [Answer]
    /// Servers and clusters that others are connected with and that kept silent.
    var silent: [String]
  }

  /// Asks every server.
  ///
  /// - Throws: `noResponders` if the user is not of the system account, `timedOut` if not even one server answers.
  func ask(limit: Limit) throws(NATSError) -> Found {
    let subject = ServerPing.Question.statistics.subject
    let inbox = connection.newInbox()
    let subscription = try connection.subscribe(inbox)
    defer { subscription.unsubscribe() }
    let start = ContinuousClock.now
    try connection.publish(subject, reply: inbox, limit: limit)
    var answers: [Answer] = []
    var completeness = Completeness(expected: expected)
    while !completeness.isReached {
      let quiet =
        expected != nil
        ? ServerRound.quietIfExpected
        : completeness.hasAllNames ? ServerRound.quietIfCounted : ServerRound.quiet
      do throws(NATSError) {
        guard let next = try subscription.next(limit: limit.atMost(answers.isEmpty ? NatsCall.patience : quiet)) else {
          break
        }
        if next.payload.isEmpty, next.headers?.status == 503 {
          throw .noResponders(server: connection.server, subject: subject)
        }
        guard let reply = try? Value.json(next.payload) else {
          throw .malformedAnswer(server: connection.server, subject: subject, detail: "it is no valid JSON")
        }
        answers.append(Answer(reply: reply, roundTrip: DurationValue(start.duration(to: next.receivedAt))))
        completeness.note(reply)
      } catch .timedOut(_, let server) {
        if answers.isEmpty { throw .timedOut(.answer(subject: subject), server: server) }
        break
      }
    }
    return Found(answers: answers, silent: completeness.silent)
  }

  /// Tells from the answers so far whether more must come.
  struct Completeness {
    private let expected: Int?
    private var count = 0
    private var answered: Set<String> = []
    private var clusters: Set<String> = []
    /// Servers that routes lead to, and clusters that gateways lead to.
    private var missingServers: Set<String> = []
    private var missingClusters: Set<String> = []
    /// The most that any server says it knows of, itself included.
    private var active: Int64 = 0

    init(expected: Int?) { self.expected = expected }

    var isReached: Bool {
      if let expected { return count >= expected }
      return count > 0 && hasAllNames && Int64(count) >= active
    }

    /// Servers and clusters that an answer names and that have not answered.
    var silent: [String] { missingServers.sorted() + missingClusters.sorted().map { "cluster \($0)" } }

    /// Every server and cluster that an answer names has answered.
    var hasAllNames: Bool { missingServers.isEmpty && missingClusters.isEmpty }

    mutating func note(_ answer: Value) {
      count += 1
      let server = answer.entries["server"]?.entries ?? ValueMap()
      let statistics = answer.entries["statsz"]?.entries ?? ValueMap()
      if let name = server["name"]?.asText?.string {
        answered.insert(name)
        missingServers.remove(name)
      }
      if let cluster = server["cluster"]?.asText?.string {
        clusters.insert(cluster)
        missingClusters.remove(cluster)
      }
      for name in Self.names(statistics["routes"]) where !answered.contains(name) { missingServers.insert(name) }
      for name in Self.names(statistics["gateways"]) where !clusters.contains(name) { missingClusters.insert(name) }
      active = max(active, statistics["active_servers"]?.amount ?? 0)
    }

    private static func names(_ list: Value?) -> [String] {
      (list?.elements ?? []).compactMap { $0.entries["name"]?.asText?.string }
    }
  }
}
