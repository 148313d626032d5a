/// A server's monitoring port.
///
///     let body = try Monitoring(Endpoint(host: "127.0.0.1", port: 8222)).get(.variables, limit: .within(.seconds(2))).body
public struct Monitoring: Sendable {
  /// The monitoring port, not the one that clients take.
  public let endpoint: Endpoint
  /// What asks it.
  public var client = HTTPClient()

  /// Asks nobody yet.
  public init(_ endpoint: Endpoint) { self.endpoint = endpoint }

  /// The pages that a server has; the raw value is the path.
  public enum Page: String, Sendable, CaseIterable {
    case variables = "/varz"
    case jetStream = "/jsz"
    case connections = "/connz"
    case routes = "/routez"
    case gateways = "/gatewayz"
    case leafnodes = "/leafz"
    case subscriptions = "/subsz"
    case accounts = "/accountz"
    /// Status 200 when healthy, else 503 with the reason.
    case health = "/healthz"
  }

  /// Where a page is; `query` as in `get`.
  public func url(_ page: Page, query: String = "") -> String {
    "http://\(endpoint)\(page.rawValue)" + (query.isEmpty ? "" : "?\(query)")
  }

  /// Gets a page. `query` is as in a URL: `streams=true&config=true`.
  public func get(_ page: Page, query: String = "", limit: Limit) throws(NATSError) -> HTTPResponse {
    try client.get(url(page, query: query), limit: limit)
  }

  /// Gets one page of many servers at once, a thread each. The results are in the order of `servers`.
  public static func get(
    _ page: Page, query: String = "", of servers: [Endpoint], limit: Limit
  ) -> [Result<HTTPResponse, NATSError>] {
    LaneThread.each(servers, isDeep: false) { server in
      Result { () throws(NATSError) in try Monitoring(server).get(page, query: query, limit: limit) }
    }
  }
}

/// Questions to every server of a supercluster at once, asked as a user of the system account.
///
///     let servers = try ServerPing(connection).ask(.statistics, until: .init(expected: 36), limit: .within(.seconds(2)))
public struct ServerPing: Sendable {
  /// A connection as a user of the system account.
  public let connection: Connection

  /// Asks nobody yet.
  public init(_ connection: Connection) { self.connection = connection }

  /// What is asked; the raw value is the last part of the subject.
  public enum Question: String, Sendable, CaseIterable {
    /// `{"server": …, "statsz": …}` of each server.
    case statistics = ""
    case variables = "VARZ"
    case jetStream = "JSZ"
    case connections = "CONNZ"
    case routes = "ROUTEZ"
    case gateways = "GATEWAYZ"
    case leafnodes = "LEAFZ"
    case subscriptions = "SUBSZ"
    case accounts = "ACCOUNTZ"
    case health = "HEALTHZ"
    /// Servers answer this one whatever the filter (2.11.4).
    case identity = "IDZ"

    /// The subject that every server listens to.
    public var subject: String { "$SYS.REQ.SERVER.PING" + (rawValue.isEmpty ? "" : ".\(rawValue)") }
  }

  /// One server's answer.
  public struct Answer: Sendable {
    /// JSON as it came.
    public var bytes: [UInt8]
    /// From the question to the arrival of this answer, in nanoseconds.
    public var roundTrip: Int64
  }

  /// Asks all servers, or those that `filter` selects, and collects their answers in the order in which they came.
  ///
  /// Give the expected number where it is known: the call then returns with the last answer. Else it ends when no answer came
  /// for `until.quiet`, or at the deadline.
  ///
  /// - Parameters:
  ///   - filter: JSON with `cluster`, `server_name`, `tags`, `domain` or what the question itself takes; empty for all.
  /// - Throws: `noResponders` if the user is not of the system account.
  public func ask(
    _ question: Question = .statistics, filter: [UInt8] = [], until: Connection.AnswerCount, limit: Limit
  ) throws(NATSError) -> [Answer] {
    let start = ContinuousClock.now
    let answers = try connection.requestMany(question.subject, filter, until: until, limit: limit)
    return answers.map { Answer(bytes: $0.payload, roundTrip: start.duration(to: $0.receivedAt).nanoseconds) }
  }
}
