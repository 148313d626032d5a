import Lexer
import NATS
import SandboxSystem
import ValuesAndCommands

/// One call of `nats`: its words, and the way to the servers that it is about.
struct NatsCall: Sendable {
  let words: ParsedWords
  let call: Invocation
  let subcommand: NatsSubcommand
  let target: any ClusterDirectory
  let accounts: NatsAccounts
  let contexts: Contexts
  let connections: NatsConnections
  let signer: OpenSSL
  let silence: Silence

  /// How long one question may stay without an answer.
  static let patience = Duration.seconds(5)

  /// The limit of the call, or `duration` from now if that is sooner.
  func limit(atMost duration: Duration? = nil) -> Limit {
    told(call.limit(atMost: duration, givingUpFrom: subcommand.changesSomething ? .interrupt : .windDown))
  }

  /// How long a change is waited for that is on its way already: an interrupt does not take it back, a second one asks for
  /// no more care.
  var limitInFlight: Limit { told(call.limit(givingUpFrom: .kill)) }

  private func told(_ limit: Limit) -> Limit {
    var limit = limit
    limit.onWait = { [silence] in silence.note($0) }
    return limit
  }

  /// Does something over a connection that the run shares.
  ///
  /// A connection that broke unnoticed, as when a region was stopped meanwhile, is replaced and `body` done again, unless
  /// that could do something twice.
  func withConnection<Result>(
    mayRepeat: Bool = true, _ body: (Connection) throws(NATSError) -> Result
  ) throws(CommandFailure) -> Result {
    var isFirst = true
    while true {
      let destination = try destination()
      do throws(NATSError) {
        let lease = try connections.lease(destination, limit: limit(atMost: .seconds(10)))
        defer { lease.end() }
        return try NatsCall.heard(lease.connection, body)
      } catch .connectionLost(let server, let loss) {
        guard isFirst, mayRepeat else { throw failure(.connectionLost(server: server, loss), at: destination) }
        isFirst = false
      } catch {
        throw failure(error, at: destination)
      }
    }
  }

  /// What `body` gives. A question that waited in vain on a connection that is away was heard by nobody.
  private static func heard<Result>(
    _ connection: Connection, _ body: (Connection) throws(NATSError) -> Result
  ) throws(NATSError) -> Result {
    do throws(NATSError) {
      return try body(connection)
    } catch {
      if case .timedOut(_, let server) = error, !connection.isConnected {
        throw .connectionLost(server: server, .closedByServer)
      }
      throw error
    }
  }

  /// As `withConnection`, with the JetStream that the login reaches.
  func withJetStream<Result>(
    mayRepeat: Bool = true, _ body: (JetStream) throws(NATSError) -> Result
  ) throws(CommandFailure) -> Result {
    let context = try context()
    let domain = words.string("--js-domain")
    return try withConnection(mayRepeat: mayRepeat) { connection throws(NATSError) in
      if let domain { return try body(JetStream(connection, domain: domain)) }
      return try body(context?.jetStream(over: connection) ?? JetStream(connection))
    }
  }

  /// A question to JetStream's interface that changes nothing, asked again for a while as long as there is no leader.
  func ask(_ api: String, _ body: Value? = nil) throws(CommandFailure) -> Value {
    let bytes = body.map(NatsReply.document) ?? []
    let answer = try withJetStream { jetStream throws(NATSError) in
      try jetStream.requestWhenReady(api, bytes, limit: limit(atMost: NatsCall.patience))
    }
    return try reply(answer)
  }

  /// Asks JetStream for a change, once: asked again after a lost connection it might refuse what it has just done.
  func tell(_ api: String, _ body: Value? = nil) throws(CommandFailure) {
    let bytes = body.map(NatsReply.document) ?? []
    _ = try withJetStream(mayRepeat: false) { jetStream throws(NATSError) in
      try jetStream.request(api, bytes, limit: limit(atMost: NatsCall.patience))
    }
  }

  /// An answer's JSON, its times, durations and sizes as such.
  func reply(_ answer: [UInt8]) throws(CommandFailure) -> Value {
    do throws(JSONProblem) {
      return NatsReply.value(try Value.json(answer))
    } catch {
      throw .failed(
        "the answer is no JSON: \(error.message) (byte \(error.offset))",
        said: Text(String(decoding: answer.prefix(200), as: UTF8.self)),
        advice: "check that nothing but a NATS server answers there")
    }
  }

  /// Checks something, such as a name, before it travels.
  func checked(_ check: () throws(NATSError) -> Void) throws(CommandFailure) {
    do throws(NATSError) { try check() } catch { throw failure(error) }
  }

  /// The first word behind the form's own, which the grammar has seen to; it is a name that `check` accepts.
  func name(_ check: (String) throws(NATSError) -> Void) throws(CommandFailure) -> String {
    let name = words.positional(0)?.string ?? ""
    try checked { () throws(NATSError) in try check(name) }
    return name
  }

  /// The word at that place, else the document.
  func body(behind place: Int) throws(CommandFailure) -> String {
    switch (words.positional(place), call.document) {
    case (.some, .some):
      throw .misused(
        "`nats \(words.path)` has two bodies: the last word, and what `with` brings", advice: "leave one of them out")
    case (let word?, nil): return word.string
    case (nil, let document?): return String(decoding: document.documentBytes(), as: UTF8.self)
    case (nil, nil): return ""
    }
  }

  /// Shows lines if the call is a statement.
  func show(_ text: @autoclosure () -> String) {
    guard call.isStatement else { return }
    for line in text().split(separator: "\n", omittingEmptySubsequences: false) {
      call.say(call.secrets.covering(String(line)))
    }
  }
}

extension NatsCall {
  /// As long as one try to publish: where JetStream itself is lost, there is no time to wait for it.
  private static let lookup = Duration.milliseconds(250)

  /// Whether JetStream says that no stream takes the subject; false if one does, and if nobody says anything in time.
  func isUntaken(_ subject: String, by jetStream: JetStream) -> Bool {
    let question = NatsReply.document(["subject": .string(subject)])
    guard let answer = try? jetStream.request("STREAM.NAMES", question, limit: limit(atMost: Self.lookup)),
      let page = try? reply(answer).entries
    else { return false }
    return page["total"]?.amount == 0 && (page["streams"]?.elements ?? []).isEmpty
  }

  /// What to do about a subject that no stream takes: what is spelt much like it, and how to see the others. Where the
  /// streams can't be asked for, that is no reason to tell of anything else.
  func nearestSubject(to subject: String) -> String {
    let known = ((try? streams().streams) ?? []).flatMap { stream in
      (stream.entries["config"]?.entries["subjects"]?.elements ?? []).compactMap { $0.asText?.string }
    }
    if let nearest = nearestSpelling(to: subject, among: known) { return "did you mean \(nearest)?" }
    return "see which subjects streams take: nats stream ls; or make one: nats stream add NAME --subjects \(subject)"
  }
}

/// Nobody takes a subject while its stream has no leader, and nobody ever does if it is misspelt: JetStream knows its
/// streams in either case.
final class UntakenSubject {
  private let subject: String
  private let call: NatsCall
  /// When JetStream is asked: not at once, since a leader is soon there in most cases, and again if it said nothing.
  private var nextLook = ContinuousClock.now + NatsCall.patience

  /// The server by which JetStream said that no stream takes it.
  private var server: Endpoint?

  init(_ subject: String, of call: NatsCall) { (self.subject, self.call) = (subject, call) }

  /// Throws `error`, which says that nobody listened, once it is certain that nobody will.
  func look(_ error: NATSError, _ jetStream: JetStream) throws(NATSError) {
    guard nextLook <= .now else { return }
    if call.isUntaken(subject, by: jetStream) {
      server = jetStream.connection.server
      throw error
    }
    nextLook = .now + .seconds(1)
  }

  /// What the call fails with: `error`, unless it is certain why nobody listened.
  func explanation(of error: CommandFailure) -> CommandFailure {
    guard let server else { return error }
    return CommandFailure(
      .failed, "no stream takes \(subject)", advice: call.nearestSubject(to: subject), server: server.description,
      details: error.details)
  }
}

/// Commands that take one thing after the other: what came is not thrown away because something behind it fails.
extension NatsCall {
  /// What `body` has gathered when it is over. Where it fails behind the first, what came is given, and said is what is
  /// missing. Only where the call's own time is over, or it was told to stop, it fails; what came is the outcome's value
  /// then.
  ///
  /// - Parameter value: what is made of one of them.
  func gathering<Element>(
    _ what: String, as value: (Element) -> Value, _ body: (inout [Element]) throws(CommandFailure) -> Void
  ) throws(CommandFailure) -> [Element] {
    var came: [Element] = []
    do throws(CommandFailure) {
      try body(&came)
    } catch {
      guard !came.isEmpty else { throw error }
      let count = Figures.grouped(Int64(came.count))
      guard error.kind == .failed else {
        throw error.having(done: .list(came.map(value)), "of \(what) had come: \(count)")
      }
      warn("these are not all \(what): \(error.reason.masked)")
    }
    return came
  }

  /// The same of what is gathered as values.
  func gathering(
    _ what: String, _ body: (inout [Value]) throws(CommandFailure) -> Void
  ) throws(CommandFailure) -> [Value] {
    func itself(_ value: Value) -> Value { value }
    return try gathering(what, as: itself, body)
  }

  /// Says something that has to be known of a value, also where nothing else is shown.
  func warn(_ text: String) { call.say(call.covering(Text(text))) }
}

extension CommandFailure {
  /// The same failure, with what was done before it.
  func having(done value: Value, _ text: String) -> CommandFailure {
    var failure = self
    failure.details.value = value
    var said = Text(text)
    if let more = failure.said {
      said.append("\n")
      said.append(more)
    }
    failure.said = said
    return failure
  }
}
