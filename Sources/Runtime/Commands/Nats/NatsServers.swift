import Interpreter
import NATS

/// `server …`: asked over the system account, answered by every server of the supercluster.
extension NatsSubcommand {
  static let servers: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "server list", "Every server of the supercluster, and what it says of itself",
        flags: [
          Flag("--sort", .choice(ServerOrder.allCases.map(\.rawValue)), "by which column; by name if not given"),
          Flag("--reverse", .toggle, "the other way round"), .json,
        ] + serverSelection, example: "nats server list --sort name"), as: .system, run: list),
    NatsSubcommand(
      CommandForm(
        "server ping", "How quickly every server answers", flags: [.json] + serverSelection, example: "nats server ping"
      ),
      as: .system, run: ping),
    NatsSubcommand(
      CommandForm(
        "server info", "All variables of a server", positionals: [Positional("NAME")],
        flags: [.json] + Flag.ofConnection,
        example: "nats server info c1-nats-0"), as: .system, run: info),
  ]

  /// Which servers a call is about.
  static let serverSelection =
    [
      Flag("--expect", .integer, "how many servers must answer; fewer are a failure"),
      Flag("--cluster", .text, "only those of this NATS cluster"),
      Flag("--name", .text, "only the one of this name"),
      Flag("--tag", .text, "only those with this tag, as az:c1; repeated: with all of them", aliases: ["--tags"]),
    ] + Flag.ofConnection

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
    return call.present(variables, NatsDetails.text(variables))
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
