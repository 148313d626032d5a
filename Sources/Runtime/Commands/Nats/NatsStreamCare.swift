import Interpreter
import NATS

/// `stream …`: what is done now and then, such as moving a leader or making a copy.
extension NatsSubcommand {
  static let streamCare: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "stream report",
        "Every stream with its consumers, its size, what it lost, and its replicas; * leads, ! is away",
        flags: [.json] + Flag.ofConnection, example: "nats stream report"), as: .jetStream, run: report),
    NatsSubcommand(
      CommandForm(
        "stream subjects", "How many messages a stream has of each subject",
        positionals: [Positional("NAME"), Positional("FILTER", optional: true)], flags: [.json] + Flag.ofConnection,
        example: "nats stream subjects ORDERS 'orders.*'"), as: .jetStream, run: subjects),
    NatsSubcommand(
      CommandForm(
        "stream rmm", "Takes one message away", positionals: [Positional("NAME"), Positional("SEQ", as: .integer)],
        flags: [.force] + Flag.ofConnection, example: "nats stream rmm ORDERS 12 --force"),
      as: .jetStream, changesSomething: true, run: removeMessage),
    NatsSubcommand(
      CommandForm(
        "stream copy", "Makes a stream configured as another one, without its messages",
        positionals: [Positional("NAME"), Positional("NEW")],
        flags: StreamFlags.all + [.json] + Flag.ofConnection, document: "what differs, over which flags are laid",
        example: "nats stream copy ORDERS RETURNS --subjects 'returns.>'"),
      as: .jetStream, changesSomething: true, run: copy),
    NatsSubcommand(
      CommandForm(
        "stream seal", "Closes a stream for good: nothing comes to it and nothing goes",
        positionals: [Positional("NAME")],
        flags: [.force] + Flag.ofConnection, example: "nats stream seal ORDERS --force"),
      as: .jetStream, changesSomething: true, run: seal),
    NatsSubcommand(
      CommandForm(
        "stream cluster step-down", "Lets another server lead a stream, and waits until it does",
        positionals: [Positional("NAME")],
        flags: [Flag("--preferred", .text, "the server that is to lead")] + StreamFlags.placement + Flag.ofConnection,
        example: "nats stream cluster step-down ORDERS --preferred c2-xr-js-nats-0"),
      as: .jetStream, changesSomething: true, run: stepDown),
    NatsSubcommand(
      CommandForm(
        "stream cluster peer-remove", "Takes a server out of a stream's replicas; JetStream finds another one",
        positionals: [Positional("NAME"), Positional("SERVER")],
        flags: [Flag("--force", .toggle, "also its only one, with all messages", aliases: ["-f"])] + Flag.ofConnection,
        example: "nats stream cluster peer-remove ORDERS c2-xr-js-nats-0 --force"),
      as: .jetStream, changesSomething: true, run: removePeer),
  ]

  @Sendable private static func report(_ call: NatsCall) throws(CommandFailure) -> Value {
    let listing = try call.streams()
    let rows = listing.streams.map(StreamReport.row)
    return call.present(.list(rows.map(Value.map)), listing.annotated(StreamReport.table(rows)))
  }

  @Sendable private static func subjects(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let filter = call.words.positional(1)?.string ?? ">"
    try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(filter) }
    var all: [(String, Value)] = []
    while true {
      let page = try call.ask(
        "STREAM.INFO.\(name)", ["subjects_filter": .string(filter), "offset": .int(Int64(all.count))])
      let found = page.entries["state"]?.entries["subjects"]?.entries ?? ValueMap()
      all += Array(found)
      if found.isEmpty || all.count >= page.entries["total"]?.amount ?? 0 { break }
    }
    let counts = ValueMap(all.sorted { $0.0 < $1.0 })
    return call.present(.map(counts), counts.isEmpty ? "no messages" : NatsDetails.text(.map(counts)))
  }

  @Sendable private static func removeMessage(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let sequence = try call.sequence(at: 1)
    _ = try call.withJetStream(mayRepeat: false) { jetStream throws(NATSError) in
      try jetStream.request(
        "STREAM.MSG.DELETE.\(name)", NatsReply.document(["seq": .int(sequence)]),
        limit: call.limit(atMost: NatsCall.patience))
    }
    call.show("message \(sequence) of \(name) is taken away")
    return ["stream": .string(name), "seq": .int(sequence)]
  }

  @Sendable private static func copy(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let new = call.words.positional(1)?.string ?? ""
    try call.checked { () throws(NATSError) in try Names.checkStream(new) }
    let changes = try StreamFlags.configuration(call, name: new)
    let original = try call.ask("STREAM.INFO.\(name)").entries["config"]?.entries ?? ValueMap()
    let made = try call.makeStream(new, original.merged(with: changes))
    return call.present(made, NatsDetails.text(made))
  }

  @Sendable private static func seal(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let sealed = try call.editStream(name, ValueMap([("sealed", true)]))
    call.show("stream \(name) is sealed")
    return sealed
  }

  @Sendable private static func stepDown(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    return try LeaderMove(info: "STREAM.INFO.\(name)", request: "STREAM.LEADER.STEPDOWN.\(name)", of: "stream \(name)")
      .run(call)
  }

  @Sendable private static func removePeer(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkStream)
    let peer = call.words.positional(1)?.string ?? ""
    let isOnlyPeer = try isOnlyPeer(peer, of: name, call)
    if isOnlyPeer, !call.words.has("--force") {
      throw CommandFailure(
        .misused, "\(peer) is the only server that holds stream \(name): all its messages would be lost",
        advice: "give it more replicas first: nats stream edit \(name) --replicas 3; or lose them: --force")
    }
    _ = try call.withJetStream(mayRepeat: false) { jetStream throws(NATSError) in
      try jetStream.request(
        "STREAM.PEER.REMOVE.\(name)", NatsReply.document(["peer": .string(peer)]),
        limit: call.limit(atMost: NatsCall.patience))
    }
    call.show("\(peer) holds stream \(name) no longer\(isOnlyPeer ? "; its messages are lost" : "")")
    return ["stream": .string(name), "peer": .string(peer), "lost": .bool(isOnlyPeer)]
  }

  private static func isOnlyPeer(_ peer: String, of name: String, _ call: NatsCall) throws(CommandFailure) -> Bool {
    let cluster = try call.ask("STREAM.INFO.\(name)").entries["cluster"]?.entries ?? ValueMap()
    return (cluster["replicas"]?.elements ?? []).isEmpty && cluster["leader"]?.asText?.string == peer
  }
}

extension NatsCall {
  /// The word at that place as a number from 1 on.
  func sequence(at place: Int) throws(CommandFailure) -> Int64 {
    let word = words.positional(place)?.string ?? ""
    guard let number = Int64(word), number > 0 else {
      throw CommandFailure(.misused, "`\(word)` is no sequence: those are numbers from 1 on")
    }
    return number
  }
}
