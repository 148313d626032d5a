import Interpreter
import NATS

/// Making and changing streams, as `stream`, `kv` and `object` do it.
extension NatsCall {
  /// How long a stream may wait for JetStream to have a leader before it is made. Elections after the loss of a region took
  /// up to 6.5 s, after a start on a slow disk up to 35.
  static let readiness = Duration.seconds(60)

  /// Makes a stream; one that is there and just like it stays as it is.
  ///
  /// One that is there is not made once more: a cluster begins a stream with sources anew when it is asked to make it again,
  /// and answers nothing.
  func makeStream(_ name: String, _ configuration: ValueMap) throws(CommandFailure) -> Value {
    var (wasThere, wasAsked) = (false, false)
    let answer = try withJetStream { jetStream throws(NATSError) in
      try jetStream.requestWhenReady(
        "STREAM.CREATE.\(name)", NatsReply.document(.map(RelativeTimes.filled(configuration))),
        limit: limit(atMost: NatsCall.readiness), inFlight: limitInFlight
      ) { () throws(NATSError) in
        let info = try jetStream.streamInfo(name, limit: limit())
        wasThere = info.flatMap { try? Value.json($0) }?.entries["config"] != nil
        if !wasThere { wasAsked = true }
        return wasThere ? info : nil
      }
    }
    var present = try reply(answer).entries
    let made: Value? = wasThere ? nil : try made(name, configuration, answer)
    let after = (made?.entries ?? present)["config"]?.entries ?? ValueMap()
    if made == nil { try keepStream(name, configuration, like: after) }
    try Promises.checkMade(configuration, as: after, "stream \(name)", removal: "nats stream rm \(name) --force")
    if let made { return made }
    // A create of this call may have been answered too late.
    present["did_create"] = .bool(wasAsked)
    return NatsCall.streamInfo(try led(name, .map(present)))
  }

  /// Leaves a stream as it is.
  ///
  /// - Throws: what servers say where it is another one than is wanted.
  private func keepStream(
    _ name: String, _ configuration: ValueMap, like present: ValueMap
  ) throws(CommandFailure) {
    let wanted = try RelativeTimes.settled(configuration, like: present, of: "stream \(name)", refusal: 10058)
    if SameConfiguration.ofStream(wanted, present) { return }
    let hasSources = [wanted, present].contains { $0["sources"]?.elements?.isEmpty == false }
    let document = NatsReply.document(.map(SameConfiguration.ordered(wanted, like: present)))
    _ = try withJetStream { jetStream throws(NATSError) in
      let api = "STREAM.CREATE.\(name)"
      // Without sources nothing happens to it, and the server knows best what it takes for the same.
      guard hasSources else {
        return try jetStream.requestWhenReady(api, document, limit: limit(atMost: NatsCall.readiness))
      }
      throw .api(
        APIError(
          code: 400, errorCode: 10058, description: "stream name already in use with a different configuration",
          subject: "\(jetStream.prefix).\(api)", server: jetStream.connection.server))
    }
  }

  /// Lays `changes` over a stream's configuration.
  func editStream(_ name: String, _ changes: ValueMap) throws(CommandFailure) -> Value {
    let current = try ask("STREAM.INFO.\(name)").entries["config"]?.entries ?? ValueMap()
    try Promises.checkFixed(changes, of: "stream \(name)", as: current, ConfigurationKeys.fixedInStreams)
    let merged = RelativeTimes.merged(current, with: changes)
    let answer = try withJetStream { jetStream throws(NATSError) in
      try jetStream.requestWhenReady(
        "STREAM.UPDATE.\(name)", NatsReply.document(.map(merged)), limit: limit(atMost: NatsCall.readiness),
        inFlight: limitInFlight)
    }
    let made = try made(name, merged, answer)
    let after = made.entries["config"]?.entries ?? ValueMap()
    try Promises.check(RelativeTimes.filled(changes, like: current), before: current, after: after, of: name)
    return made
  }

  /// The stream that an answer to its making or changing tells of.
  private func made(_ name: String, _ configuration: ValueMap, _ answer: [UInt8]) throws(CommandFailure) -> Value {
    let change = try reply(answer)
    guard change.entries["config"] != nil else { throw notMade(name, configuration, change) }
    let made = try led(name, change)
    waitUntilListed(name, made.entries)
    return NatsCall.streamInfo(made)
  }

  /// How long JetStream's leader may take to hear of a stream that it has had made.
  private static let longestUnlisted = Duration.seconds(5)

  /// Waits until JetStream's leader tells of a new stream. On a busy machine the stream's own server may have answered the
  /// create by then, and whoever asks for the stream next would hear from the leader that there is none.
  private func waitUntilListed(_ name: String, _ made: ValueMap) {
    guard made["cluster"]?.entries["leader"] != nil else { return }
    let subject = made["config"]?.entries["subjects"]?.elements?.first?.asText?.string
    let end = ContinuousClock.now + NatsCall.longestUnlisted
    // Who may not ask for names, or hears nothing, goes on without.
    while .now < end,
      let names = try? streamNames(named: name, subject: subject, within: end - .now), !names.contains(name)
    {
      Pause.sleep(.milliseconds(20))
    }
  }

  /// Servers answer the create of a stream that none of them has room for as the removal of what they began with, a success.
  private func notMade(_ name: String, _ configuration: ValueMap, _ answer: Value) -> CommandFailure {
    let wantsMemory = configuration["storage"]?.asText?.string == "memory"
    return CommandFailure(
      .failed, "JetStream did not make \(name): it answers without a configuration", said: Text(answer.shown()),
      advice: (wantsMemory
        ? "the servers may have no memory storage: try --storage file" : "see what servers have room for")
        + "; first take away what is left of it: nats stream rm \(name) --force")
  }

  /// The reply to a change, with the state and the cluster as they are once the stream has a leader: right after a create
  /// the reply may name none, and the next publish would find nobody.
  private func led(_ name: String, _ change: Value) throws(CommandFailure) -> Value {
    guard let cluster = change.entries["cluster"]?.entries else { return change }
    if let leader = cluster["leader"]?.asText?.string, !leader.isEmpty { return change }
    let info = try withJetStream { jetStream throws(NATSError) in
      try jetStream.waitForLeader(ofStream: name, limit: limit())
    }
    return .map(change.entries.merged(with: try reply(info).entries))
  }

  /// What a reply says about a stream, without what it says about itself.
  static func streamInfo(_ reply: Value) -> Value {
    var entries = reply.entries
    // Total, offset and limit are of the page that a long list of subjects would come in.
    for key in ["type", "total", "offset", "limit"] { entries[key] = nil }
    return .map(entries)
  }

  /// Shows lines, or the value as JSON where `--json` is given, if the call is a statement.
  func present(_ value: Value, _ text: @autoclosure () -> String) -> Value {
    if words.isGiven("--json") {
      show(NatsReply.plain(value).json(indented: true).masked)
    } else {
      show(text())
    }
    return value
  }
}

extension Flag {
  static let json = Flag("--json", .toggle, "as JSON, not as a table", aliases: ["-j"])
  static let force = Flag("--force", .toggle, "without asking back, as always here", aliases: ["-f"])
}
