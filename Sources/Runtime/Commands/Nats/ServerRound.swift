import Interpreter
import NATS

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
