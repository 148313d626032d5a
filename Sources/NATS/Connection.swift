/// A connection to a NATS server, or to the next one when that is lost. Safe to use from any number of threads.
///
///     let connection = try Connection.connect(.init(urls: "nats://js:js@127.0.0.1:4222"), limit: .within(.seconds(5)))
///     defer { connection.close() }
///     let answer = try connection.request("time", limit: .within(.seconds(2)))
///
/// Two threads serve it, one that reads and one that sends what others left to be sent, until `close` is called.
public final class Connection: @unchecked Sendable {
  public let options: Options

  // Everything below is guarded by `lock`.
  let lock = Lock()
  /// There is something for the sending thread to do.
  let work: Condition
  /// The state changed, there is room in `outgoing`, or a PONG came.
  let changed: Condition

  var state = State.connected
  var socket: Socket?
  var serverInfo: ServerInfo
  var endpointIndex: Int

  var outgoing = OutgoingBuffer()
  /// What the one who sends has taken from `outgoing` and not yet sent whole.
  var underway: [UInt8] = []
  var underwayOffset = 0
  var isSending = false
  var senderSleeps = false
  var lastPublish = ContinuousClock.now
  var roomWaiters = 0

  var subscriptions: [Int: Subscription] = [:]
  var lastID = Connection.inboxID
  var requests: [Int: PendingRequest] = [:]
  let inbox: String
  /// What the server said of publishes that it refused, by their subjects, each time's last.
  var publishRefusals: [String: (refusal: NATSError, at: ContinuousClock.Instant)] = [:]
  /// Why no answer can come: the login may not subscribe to the inbox.
  var inboxRefusal: NATSError?
  var pings: [Ping] = []
  /// How many of `pings` have left for the server.
  var sentPings = 0

  enum State {
    case connected
    case away
    case closed(NATSError)
  }

  /// A request that waits for its answers.
  struct PendingRequest {
    var subject: String
    var mailbox: Mailbox
  }

  /// The subscription that all answers to requests come through.
  static let inboxID = 1

  /// As much may wait to be sent before publishers wait, in bytes.
  static let sendBound = 1 << 20

  /// As much is worth a system call of its own, in bytes: it leaves at once, on whichever thread sees it.
  static let chunkSize = 64 << 10

  private init(_ handshake: Handshake, options: Options, endpointIndex: Int) {
    self.options = options
    self.endpointIndex = endpointIndex
    work = Condition(lock)
    changed = Condition(lock)
    socket = handshake.socket
    serverInfo = handshake.info
    inbox = "\(options.inboxPrefix).\(UniqueID.next())."
  }

  /// A subject for answers that nobody else has: the prefix of the options, and 22 letters and digits of chance.
  public func newInbox() -> String { "\(options.inboxPrefix).\(UniqueID.next())" }

  /// Connects to the first of the endpoints that accepts, within `limit` in all and `options.connectTime` each.
  public static func connect(_ options: Options, limit: WaitLimit) throws(NATSError) -> Connection {
    try Names.checkInbox(options.inboxPrefix)
    var failures: [NATSError] = []
    for (index, endpoint) in options.endpoints.enumerated() {
      do throws(NATSError) {
        let handshake = try Handshake(with: endpoint, options: options, limit: limit.atMost(options.connectTime))
        let connection = Connection(handshake, options: options, endpointIndex: index)
        try connection.start(handshake)
        return connection
      } catch .cancelled(let activity, let server) {
        throw .cancelled(activity, server: server)
      } catch {
        failures.append(error)
      }
      if limit.deadline <= .now { break }
    }
    guard let first = failures.first else { throw .noEndpoints }
    throw failures.count == 1 ? first : .allEndpointsFailed(failures)
  }

  private func start(_ handshake: Handshake) throws(NATSError) {
    outgoing.append(line: "SUB \(inbox)* \(Self.inboxID)")
    for body in [{ self.readUntilClosed(handshake.socket, handshake.parser) }, { self.sendUntilClosed() }]
      as [@Sendable () -> Void]
    {
      let status = Platform.startThread(body)
      if status != 0 {
        end(.connectionClosed(server: handshake.socket.server))
        throw .cannotStartThread(errno: status)
      }
    }
  }

  /// The server that the connection is with, or was with last.
  public var server: Endpoint { lock.whileLocked { currentServer } }

  /// What that server last said of itself.
  public var info: ServerInfo { lock.whileLocked { serverInfo } }

  /// True while the connection is there; false while it is being set up again, and once it is closed.
  public var isConnected: Bool {
    lock.whileLocked { if case .connected = state { true } else { false } }
  }

  var currentServer: Endpoint { options.endpoints[endpointIndex] }

  /// Sends what waits, as far as that goes within `limit`, and closes. Does not wait for the server: see `drain`.
  public func close(limit: WaitLimit = .within(.milliseconds(500))) {
    lock.lock()
    while case .connected = state, !outgoing.isEmpty || !underway.isEmpty || isSending {
      if isSending {
        guard let pause = try? limit.nextPause(.sending, server: currentServer) else { break }
        roomWaiters += 1
        changed.wait(for: min(pause, .milliseconds(10)))
        roomWaiters -= 1
      } else if (try? sendOnce(limit: limit)) == nil {
        break
      }
    }
    lock.unlock()
    end(.connectionClosed(server: server))
  }

  /// Ends every subscription, waits until the server has everything, and closes. What has arrived may still be taken.
  public func drain(limit: WaitLimit) throws(NATSError) {
    for subscription in lock.whileLocked({ Array(subscriptions.values) }) { announceEnd(of: subscription) }
    // After the PONG nothing more can come for them.
    try flush(limit: limit)
    for subscription in lock.whileLocked({ Array(subscriptions.values) }) { subscription.mailbox.close(.finished) }
    end(.connectionClosed(server: server))
  }

  /// Closes for good, for `reason`: every wait ends with it.
  func end(_ reason: NATSError) {
    lock.lock()
    defer { lock.unlock() }
    if case .closed = state { return }
    state = .closed(reason)
    socket?.shutDown()
    socket = nil
    for subscription in subscriptions.values { subscription.mailbox.close(.failed(reason)) }
    for request in requests.values { request.mailbox.close(.failed(reason)) }
    for ping in pings { ping.outcome = .failure(reason) }
    subscriptions = [:]
    requests = [:]
    pings = []
    outgoing.removeAll()
    work.wakeAll()
    changed.wakeAll()
  }
}
