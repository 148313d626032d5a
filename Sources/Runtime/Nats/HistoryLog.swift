import NATS
import SandboxSystem
import Synchronization
import Verdicts

/// Where a recording's clients write down what they did and were told: lines in memory or in a file. Safe to use from
/// any number of threads.
final class HistoryLog: Sendable {
  private struct State {
    var lines: [UInt8] = []
    var operations = 0
    var told: [History.Operation.Told: Int] = [:]
    var last = ContinuousClock.now
    var figures = RatedFigures()
  }

  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// From the recording's start, in nanoseconds.
  var now: Int64 { start.duration(to: .now).nanoseconds }

  /// The moment of such a time.
  func moment(_ time: Int64) -> ContinuousClock.Instant { start + .nanoseconds(time) }

  /// The time of such a moment.
  func time(_ moment: ContinuousClock.Instant) -> Int64 { start.duration(to: moment).nanoseconds }

  func add(_ operation: History.Operation) {
    // Written before the lock is taken, so that nobody waits for it.
    var line: [UInt8] = []
    line.reserveCapacity(200)
    operation.appendLine(to: &line)
    state.withLock { state in
      state.lines.append(contentsOf: line)
      state.operations += 1
      state.told[operation.told, default: 0] += 1
      state.last = .now
      state.figures.add(operation)
    }
  }

  /// Whether nothing was added for so long.
  func isQuiet(for duration: Duration) -> Bool { last + duration <= .now }

  /// When the last one was added; if there is none, when the log was made.
  var last: ContinuousClock.Instant { state.withLock { $0.last } }

  /// How many operations there are.
  var count: Int { state.withLock { $0.operations } }

  func count(_ told: History.Operation.Told) -> Int { state.withLock { $0.told[told] ?? 0 } }

  /// The operations over time, for the report of a run.
  var figures: RatedFigures { state.withLock { $0.figures } }

  /// The lines that nobody has taken yet, which are taken by that.
  func takeLines() -> [UInt8] {
    state.withLock { state in
      var lines: [UInt8] = []
      swap(&lines, &state.lines)
      return lines
    }
  }
}

extension RatedFigures {
  /// A client does one thing after the other, so that each operation is due when it begins.
  fileprivate mutating func add(_ operation: History.Operation) {
    guard let end = operation.end.map(Duration.nanoseconds) else { return }
    let begin = Duration.nanoseconds(operation.begin)
    intend(CollectionOfOne(begin), until: end)
    switch operation.told {
    case .ok: send(dueAt: begin, acknowledgedAt: end)
    case .refused: refuse(dueAt: begin, operation.why ?? "refused")
    case .unknown: miss(dueAt: begin, waited: end - begin, operation.why ?? "unknown")
    }
  }
}

/// A client of a recording: with which servers of which region it is, and what it is called.
///
/// It does one thing after the other. While its connection is away it waits, as any client does; what was under way
/// when that was lost, or stays without an answer, is unknown.
struct HistoryClient: Sendable {
  let name: String
  let region: String
  let connection: Connection
  let jetStream: JetStream
  let log: HistoryLog
  /// How long an operation may wait for its answer.
  let patience: Duration
  /// Ends every wait at once.
  let stop: StopSignal

  var limit: Limit { Limit.within(patience, stop: stop).givingUp(from: .kill) }

  /// Waits while the connection is away; false if the recording is over before it is back.
  func isThere(until isOver: () -> Bool) -> Bool {
    while !connection.isConnected {
      if isOver() { return false }
      do throws(NATSError) {
        try connection.waitUntilConnected(limit: .within(.milliseconds(50)))
      } catch .timedOut {
        continue
      } catch {
        return false
      }
    }
    return true
  }

  /// Does something, and writes down when, and what came of it.
  ///
  /// - Returns: what was written down.
  @discardableResult
  func note(
    _ operation: History.Operation, _ body: (inout History.Operation) throws(NATSError) -> Void
  ) -> History.Operation {
    var operation = operation
    operation.client = name
    operation.region = region
    operation.begin = log.now
    do throws(NATSError) {
      try body(&operation)
      operation.told = .ok
    } catch {
      operation.told = error.isRefusal ? .refused : .unknown
      operation.why = error.told
    }
    operation.end = log.now
    operation.by = operation.by ?? connection.info.serverName
    log.add(operation)
    return operation
  }

  /// An operation of this client that is still to be done.
  func operation(_ kind: History.Operation.Kind, _ key: String, _ value: String? = nil) -> History.Operation {
    History.Operation(kind, client: name, region: region, begin: 0, key: key, value: value)
  }

  /// Publishes once, and waits for the stream's word.
  func publish(
    _ subject: String, _ value: String, headers: Headers? = nil
  ) throws(NATSError) -> PublishAcknowledgement {
    let answer = try connection.request(subject, Array(value.utf8), headers: headers, limit: limit)
    return try jetStream.acknowledgement(in: answer, subject: subject)
  }
}

extension NATSError {
  /// Whether somebody said that it was not done; of all else nobody knows.
  fileprivate var isRefusal: Bool {
    switch self {
    case .api, .noResponders, .permissionDenied, .payloadTooLarge, .headersUnsupported, .outgoingBufferFull,
      .invalidName,
      .wrongRevision:
      true
    default: false
    }
  }

  /// Why, without the server, which is noted beside it.
  fileprivate var told: String {
    switch self {
    case .api(let refusal): "\(refusal.description) (\(refusal.number))"
    case .noResponders: "nobody listens there"
    case .connectionLost(_, let loss): "the connection was lost: \(loss)"
    case .timedOut: "no answer in time"
    case .cancelled: "ended by the user"
    default: reason
    }
  }
}
