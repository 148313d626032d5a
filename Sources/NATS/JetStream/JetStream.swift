/// JetStream's interface: requests in JSON under `$JS.API.`, and publishes that a stream confirms.
///
///     let jetStream = JetStream(connection)
///     let info = try jetStream.request("STREAM.INFO.ORDERS", limit: .within(.seconds(5)))
///
/// Answers are handed on as the bytes that came; only their `error` is read here.
public struct JetStream: Sendable {
  /// What carries the requests.
  public let connection: Connection
  /// What every request's subject begins with, `$JS.API` for the account's own JetStream.
  public let prefix: String

  /// The JetStream that this account reaches, or the one of `domain`, across leafnodes.
  public init(_ connection: Connection, domain: String? = nil) {
    self.init(connection, prefix: domain.map { "$JS.\($0).API" } ?? "$JS.API")
  }

  /// A JetStream behind any other prefix, as accounts that import one have.
  public init(_ connection: Connection, prefix: String) {
    self.connection = connection
    self.prefix = prefix
  }

  /// Asks `api`, such as `STREAM.CREATE.ORDERS`, and returns the answer's bytes.
  ///
  /// Throws `api` with what JetStream refused, and `noResponders` if the account has no JetStream.
  public func request(_ api: String, _ body: [UInt8] = [], limit: Limit) throws(NATSError) -> [UInt8] {
    try request(api, body, again: nil, limit: limit)
  }

  private func request(_ api: String, _ body: [UInt8], again: Duration?, limit: Limit) throws(NATSError) -> [UInt8] {
    let subject = "\(prefix).\(api)"
    let answers = try connection.requestMany(subject, body, until: .init(expected: 1, again: again), limit: limit)
    guard let answer = answers.first else { throw .connectionClosed(server: connection.server) }
    try throwRefusal(in: answer.payload, subject: subject)
    return answer.payload
  }

  /// Servers tell of themselves 0.3, 1.3, 3.3, 7.3 and 15.3 s after their start (seen of 2.11.4). Until JetStream's leader has
  /// heard that of a server it takes it for offline, though it may be current in its group.
  private static let meetingPatience = Duration.seconds(10)

  /// How soon what changes nothing is asked anew: nobody may have led what it is about, and then the question is lost.
  private static func pause(behind api: String) -> Duration? {
    let parts = api.split(separator: ".", maxSplits: 2)
    let onlyAsks = ["INFO", "NAMES", "LIST"].contains(parts.dropFirst().first ?? parts[0])
    return onlyAsks || api.hasPrefix("STREAM.MSG.GET.") ? .milliseconds(250) : nil
  }

  /// As `request`, tried again until the deadline while JetStream has no leader yet, as right after a start.
  ///
  /// Only for what may be asked twice: it is asked again when the answer did not come within two seconds, what changes
  /// nothing sooner.
  ///
  /// - Parameters:
  ///   - inFlight: for a question that changes something, how long it is waited for once it is sent, if that differs: it
  ///     cannot be taken back, and who cleans up after a cancelled wait should find what it has made.
  ///   - isDone: looked at before each try; what it gives is the answer, and the question is not asked.
  public func requestWhenReady(
    _ api: String, _ body: [UInt8] = [], limit: Limit, inFlight: Limit? = nil,
    unless isDone: () throws(NATSError) -> [UInt8]? = { () throws(NATSError) in nil }
  ) throws(NATSError) -> [UInt8] {
    let meeting = limit.atMost(Self.meetingPatience)
    var pause = Duration.milliseconds(20)
    var reason: NATSError?
    // Why it was asked again says more than that the time is over.
    func saying(_ error: NATSError) -> NATSError {
      if case .timedOut = error, let reason { reason } else { error }
    }
    while true {
      do throws(NATSError) {
        if let answer = try isDone() { return answer }
        return try request(
          api, body, again: Self.pause(behind: api), limit: (inFlight ?? limit).atMost(.seconds(2)))
      } catch {
        guard error.mayPass && !limit.hasPassed || error.missesPeers && !meeting.isOver else { throw saying(error) }
        reason = error
      }
      do throws(NATSError) {
        try limit.sleep(pause, .answer(subject: "\(prefix).\(api)"), server: connection.server)
      } catch {
        throw saying(error)
      }
      pause = min(pause * 2, .milliseconds(250))
    }
  }

  /// What INFO says of a stream, asked once; nil if there is none, or if this login may not ask.
  public func streamInfo(_ stream: String, limit: Limit) throws(NATSError) -> [UInt8]? {
    do throws(NATSError) {
      return try request("STREAM.INFO.\(stream)", limit: limit.atMost(.seconds(2)))
    } catch .api(let refusal) where refusal.errorCode != 10008 {
      return nil
    } catch .permissionDenied {
      return nil
    }
  }

  /// Takes a stream away. As long as it has no leader it is asked again; that it is gone then is what was asked for.
  public func removeStream(_ stream: String, limit: Limit) throws(NATSError) {
    try Names.checkStream(stream)
    let api = "STREAM.DELETE.\(stream)"
    do throws(NATSError) {
      _ = try request(api, limit: limit.atMost(.seconds(2)))
      return
    } catch {
      guard error.mayPass, !limit.hasPassed else { throw error }
    }
    do throws(NATSError) {
      _ = try requestWhenReady(api, limit: limit)
    } catch {
      guard case .api(let refusal) = error, refusal.errorCode == 10059 else { throw error }
    }
  }

  /// Waits until the stream's INFO names a leader, and returns that INFO. A stream outside a cluster needs none.
  ///
  /// Right after a create INFO may name no leader, or nobody may answer: both are asked again. A stream that does not exist
  /// is refused at once.
  public func waitForLeader(ofStream stream: String, limit: Limit) throws(NATSError) -> [UInt8] {
    try Names.checkStream(stream)
    var pause = Duration.milliseconds(10)
    while true {
      do throws(NATSError) {
        let answer = try request("STREAM.INFO.\(stream)", limit: limit.atMost(.seconds(2)))
        let info: StreamInfo = try decode(answer, subject: "\(prefix).STREAM.INFO.\(stream)")
        if info.cluster.map({ $0.leader?.isEmpty == false }) ?? true { return answer }
      } catch {
        guard error.mayPass, !limit.hasPassed else { throw error }
      }
      try limit.sleep(pause, .leader(stream: stream), server: connection.server)
      pause = min(pause * 2, .milliseconds(200))
    }
  }

  private struct StreamInfo: Decodable {
    struct Cluster: Decodable { var leader: String? }
    var cluster: Cluster?
  }

  private struct Answer: Decodable {
    struct Refusal: Decodable {
      var code: Int?
      var errorCode: Int?
      var description: String?

      private enum CodingKeys: String, CodingKey {
        case code, description
        case errorCode = "err_code"
      }
    }
    var error: Refusal?

    init?(plain bytes: [UInt8]) {
      var refusal: Refusal?
      let isPlain = PlainJSON.read(bytes) { object, name, value in
        guard object == "error" else { return name != "error" }
        var read = refusal ?? Refusal()
        switch (name, value) {
        case ("code", .number(let number)): read.code = Int(clamping: number)
        case ("err_code", .number(let number)): read.errorCode = Int(clamping: number)
        case ("description", .text(let text)): read.description = String(decoding: text, as: UTF8.self)
        default: return false
        }
        refusal = read
        return true
      }
      guard isPlain else { return nil }
      error = refusal
    }
  }

  /// Throws what JetStream refused, if the answer says so.
  func throwRefusal(in answer: [UInt8], subject: String) throws(NATSError) {
    let read: Answer
    if let plain = Answer(plain: answer) { read = plain } else { read = try decode(answer, subject: subject) }
    guard let refusal = read.error else { return }
    throw .api(
      APIError(
        code: refusal.code ?? 0, errorCode: refusal.errorCode ?? 0,
        description: refusal.description ?? "no reason given", subject: subject, server: connection.server))
  }

  func decode<Value: Decodable>(_ answer: [UInt8], subject: String) throws(NATSError) -> Value {
    do {
      return try Coding.value(json: answer)
    } catch {
      throw .malformedAnswer(server: connection.server, subject: subject, detail: decodingDetail(error))
    }
  }
}

extension NATSError {
  /// True where servers that a stream could lie on are taken for offline.
  fileprivate var missesPeers: Bool {
    // 10005: no suitable peers.
    guard case .api(let error) = self else { return false }
    return error.errorCode == 10005 && error.description.contains("peer offline")
  }

  /// True for what a JetStream cluster says, or leaves unsaid, while it elects its leaders.
  var mayPass: Bool {
    switch self {
    case .noResponders, .connectionLost: true
    case .timedOut(.answer, _): true
    // 10008: JetStream is temporarily unavailable.
    case .api(let error): error.errorCode == 10008
    default: false
    }
  }
}

extension JetStream {
  /// Every page of a listing, such as `STREAM.LIST`, `STREAM.NAMES` or `CONSUMER.LIST.ORDERS`, as the bytes that came.
  ///
  /// What was asked while a leader was lost is never answered: so it is asked again.
  ///
  /// - Parameters:
  ///   - subject: only streams that take this subject.
  public func pages(
    _ api: String, subject: String? = nil, limit: Limit
  ) throws(NATSError) -> [[UInt8]] {
    var pages: [[UInt8]] = []
    var offset = 0
    while true {
      let answer = try page(api, PageRequest(offset: offset, subject: subject).encoded, limit)
      let page: Page = try decode(answer, subject: "\(prefix).\(api)")
      pages.append(answer)
      let (next, isBehindAll) = offset.addingReportingOverflow(page.limit)
      if isBehindAll || next >= page.total { return pages }
      offset = next
      if page.limit < 1 {
        throw .malformedAnswer(
          server: connection.server, subject: "\(prefix).\(api)", detail: "its pages hold \(page.limit) entries")
      }
    }
  }

  private func page(_ api: String, _ question: [UInt8], _ limit: Limit) throws(NATSError) -> [UInt8] {
    // Names are known to who is asked; for all else it gathers words of other servers for four seconds.
    let tryFor = Duration.seconds(api.hasSuffix("NAMES") ? 2 : 6)
    while true {
      do throws(NATSError) {
        return try request(api, question, limit: limit.atMost(tryFor))
      } catch {
        guard case .timedOut(.answer, _) = error, !limit.hasPassed else { throw error }
      }
    }
  }

  /// Asks several questions at once, such as `STREAM.INFO.ORDERS` of several streams, so that one that stays without an
  /// answer does not keep the others waiting. The answers are in the questions' order; each is what `request` would return
  /// or throw. Throws itself if the connection is lost, or the limit says that nobody waits any more.
  public func requestEach(_ apis: [String], limit: Limit) throws(NATSError) -> [Result<[UInt8], NATSError>] {
    var asked: [(subject: String, token: Int, mailbox: Mailbox)] = []
    defer { for question in asked { connection.forget(question.token) } }
    for api in apis {
      let subject = "\(prefix).\(api)"
      let (token, mailbox) = try connection.ask(subject, [], headers: nil, answers: 16, limit: limit)
      asked.append((subject, token, mailbox))
    }
    var answers: [Result<[UInt8], NATSError>] = []
    for question in asked {
      do throws(NATSError) {
        answers.append(.success(try answer(question.subject, question.mailbox, limit)))
      } catch {
        switch error {
        case .api, .timedOut, .noResponders: answers.append(.failure(error))
        default: throw error
        }
      }
    }
    return answers
  }

  private func answer(_ subject: String, _ mailbox: Mailbox, _ limit: Limit) throws(NATSError) -> [UInt8] {
    let server = connection.server
    guard let answer = try mailbox.next(.answer(subject: subject), server: server, limit: limit) else {
      throw .connectionClosed(server: server)
    }
    if answer.saysNoResponders { throw .noResponders(server: server, subject: subject) }
    try throwRefusal(in: answer.payload, subject: subject)
    return answer.payload
  }

  private struct Page: Decodable {
    var total: Int
    var limit: Int
  }

  private struct PageRequest: Encodable {
    var offset: Int
    var subject: String?

    /// An integer and a text: nothing that the encoder could refuse.
    var encoded: [UInt8] { (try? Coding.json(self)) ?? [] }
  }
}
