import Interpreter
import NATS

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

  /// An answer's JSON, its times, durations and sizes as such.
  func reply(_ answer: [UInt8]) throws(CommandFailure) -> Value {
    do throws(JSONProblem) {
      return NatsReply.value(try Value.json(answer))
    } catch {
      throw CommandFailure(
        .failed, "the answer is no JSON: \(error.message) (byte \(error.offset))",
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

  /// `--count`, where it is given, is 1 or more.
  func checkCount() throws(CommandFailure) {
    if let count = words.integer("--count"), count < 1 {
      throw CommandFailure(.misused, "`--count` takes 1 or more, not \(count)")
    }
  }

  /// The word at that place, else the document.
  func body(behind place: Int) throws(CommandFailure) -> String {
    switch (words.positional(place), call.document) {
    case (.some, .some):
      throw CommandFailure(
        .misused, "`nats \(words.path)` has two bodies: the last word, and what `with` brings",
        advice: "leave one of them out")
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

extension Value {
  /// The entries, if this is a map; else none.
  var entries: ValueMap {
    if case .map(let map) = self { map } else { ValueMap() }
  }

  /// The number, if this is an int; else 0.
  var amount: Int64 {
    switch self {
    case .int(let int): int
    case .size(let size): size.bytes
    case .float(let float): Int64(exactly: float.rounded()) ?? 0
    default: 0
    }
  }
}
