import Interpreter
import NATS
import Synchronization

/// One client of a bench: its connection, its share, and how long it may go on.
struct BenchClient: Sendable {
  let number: Int
  let messages: Int
  let connection: Connection
  let limit: Limit
  fileprivate let done: Counter

  /// Tells that so many more messages are done.
  func note(_ count: Int = 1) { done.add(count) }
}

/// The clients of a bench, a thread and a connection each, which begin once all of them are connected.
enum BenchClients {
  /// Runs `body` for every client, and sums up what they did. Where one fails the others stop as well.
  static func run(
    _ load: BenchLoad, _ call: NatsCall, _ what: String, eachTakesAll: Bool = false,
    _ body: @escaping @Sendable (BenchClient) throws(NATSError) -> BenchFigures
  ) throws(CommandFailure) -> BenchFigures {
    let destination = try call.destination()
    let outcome = BenchOutcome()
    var clients: [BenchClient] = []
    defer { for client in clients { client.connection.close() } }
    let whole = call.limit()
    var limit = whole
    limit.stop = StopSignal(below: whole.stop)
    limit.onWait = nil
    let done = Counter()
    do throws(NATSError) {
      for number in 0..<load.clients {
        let connection = try Connection.connect(destination.options, limit: call.limit(atMost: .seconds(10)))
        clients.append(
          BenchClient(
            number: number, messages: eachTakesAll ? load.messages : load.share(of: number), connection: connection,
            limit: limit, done: done))
      }
    } catch {
      throw call.failure(error, at: destination)
    }
    let total = clients.reduce(0) { $0 + $1.messages }
    let threads = clients.map { client in
      LaneThread.start { [limit] in
        do throws(NATSError) {
          outcome.end(.success(try body(client)))
        } catch {
          outcome.end(.failure(error))
          limit.stop?.ask(.kill)
        }
      }
    }
    for thread in threads where thread == nil {
      outcome.end(.failure(.cannotStartThread(errno: 11)))
      limit.stop?.ask(.kill)
    }
    let progress = BenchProgress(call, load.showsProgress ? what : nil, total: total)
    while outcome.ended < clients.count { progress.wait(done.value) }
    progress.end()
    for thread in threads { thread?.join() }
    do throws(NATSError) {
      return try outcome.figures.get()
    } catch {
      throw call.failure(error, at: destination).having(
        done: ["clients": .int(Int64(clients.count)), "msgs": .int(Int64(done.value)), "of": .int(Int64(total))],
        "\(ServerTables.grouped(Int64(done.value))) of \(ServerTables.grouped(Int64(total))) messages were done")
    }
  }
}

/// Counts what all clients have done.
final class Counter: Sendable {
  private let number = Atomic<Int>(0)

  var value: Int { number.load(ordering: .relaxed) }
  func add(_ count: Int) { number.add(count, ordering: .relaxed) }
}

/// How the clients ended: the sum of what they did, or the first failure.
private final class BenchOutcome: Sendable {
  private let state = Mutex<(ended: Int, sum: BenchFigures?, failure: NATSError?)>((0, nil, nil))

  var ended: Int { state.withLock { $0.ended } }

  var figures: Result<BenchFigures, NATSError> {
    state.withLock { state in state.failure.map { .failure($0) } ?? .success(state.sum ?? BenchFigures()) }
  }

  func end(_ result: Result<BenchFigures, NATSError>) {
    state.withLock { state in
      state.ended += 1
      switch result {
      case .success(let figures):
        if state.sum == nil { state.sum = figures } else { state.sum?.add(figures) }
      case .failure(let error): if state.failure == nil { state.failure = error }
      }
    }
  }
}

/// Waits for the end of a bench, and tells how far it is.
final class BenchProgress {
  private let call: NatsCall
  private let what: String?
  private let total: Int
  private var lastTold = ContinuousClock.now
  private var pause = Duration.milliseconds(1)
  private var hasTold = false

  /// - Parameter what: what it is called; nil tells nothing.
  init(_ call: NatsCall, _ what: String?, total: Int) {
    self.call = call
    self.what = what
    self.total = total
  }

  /// Sleeps for a moment, and tells how far it is.
  func wait(_ done: Int) {
    Pause.sleep(pause)
    pause = min(pause * 2, .milliseconds(50))
    tell(done)
  }

  /// Tells how far it is, from a second on, ten times a second.
  func tell(_ done: Int) {
    let now = ContinuousClock.now
    guard let what, lastTold.duration(to: now) > (hasTold ? .milliseconds(100) : .seconds(1)) else { return }
    hasTold = true
    lastTold = now
    let share = total > 0 ? done * 100 / total : 0
    call.call.progress(
      what, "\(ServerTables.grouped(Int64(done))) of \(ServerTables.grouped(Int64(total))), \(share) %")
  }

  func end() {
    if hasTold, let what { call.call.progress(what, nil) }
  }
}
