/// A connection to a NATS server, or to the next one when that is lost. Safe to use from any number of threads.
///
///     let connection = try Connection.connect(.init(urls: "nats://js:js@127.0.0.1:4222"), limit: .within(.seconds(5)))
///     defer { connection.close() }
///     let answer = try connection.request("time", limit: .within(.seconds(2)))
///
/// Two threads serve it, one that reads and one that sends what others left to be sent, until `close` is called.
public final class Connection: @unchecked Sendable {
  /// What it was made with.
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

  /// What waits to be sent.
  var outgoing = ByteBuffer()
  /// What the one who sends has taken from `outgoing` and not yet sent whole. While somebody sends it is for them alone.
  var underway = ByteBuffer()
  var isSending = false
  var senderSleeps = false
  var lastSend = ContinuousClock.now
  var roomWaiters = 0

  var subscriptions: [Int: Subscription] = [:]
  var lastID = Connection.inboxID
  var requests: [Int: PendingRequest] = [:]
  let inbox: String
  /// What the server said of publishes that it refused, by their subjects, each time's last.
  var publishRefusals: [String: (refusal: NATSError, at: ContinuousClock.Instant)] = [:]
  /// Why no answer can come: the login may not subscribe to the inbox.
  var inboxRefusal: NATSError?
  /// Asked once the connection is closed for good.
  let closing = StopSignal()
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
  public static func connect(_ options: Options, limit: Limit) throws(NATSError) -> Connection {
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
      if limit.hasPassed { break }
    }
    guard let first = failures.first else { throw .noEndpoints }
    throw failures.count == 1 ? first : .allEndpointsFailed(failures)
  }

  private func start(_ handshake: Handshake) throws(NATSError) {
    outgoing.append(line: "SUB \(inbox)* \(Self.inboxID)")
    for body in [{ self.readUntilClosed(handshake.socket, handshake.parser) }, { self.sendUntilClosed() }]
      as [@Sendable () -> Void]
    {
      do throws(NATSError) { try Platform.startThread(body) } catch {
        end(.connectionClosed(server: handshake.socket.server))
        throw error
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
  public func close(limit: Limit = .within(.milliseconds(500))) {
    lock.lock()
    while case .connected = state, isSending || !outgoing.isEmpty || !underway.isEmpty {
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
  public func drain(limit: Limit) throws(NATSError) {
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
    closing.ask(.kill)
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

/// What happens to a connection by itself.
public enum ConnectionEvent: Sendable {
  case lost(NATSError)
  case reconnected(Endpoint)
  /// An `-ERR` that leaves the connection open, such as a permissions violation.
  case serverError(Endpoint, text: String)
}

extension Connection {
  /// Where a connection leads, as whom, and how it is kept.
  public struct Options: Sendable {
    /// Tried in this order, and after a loss from the next one on. Addresses that servers tell of are not used: behind port
    /// forwarding they lead nowhere.
    public var endpoints: [Endpoint]
    /// As whom servers are asked to let it in.
    public var credentials: Credentials
    /// Shown in the server's list of connections.
    public var name: String
    /// How long one attempt at one endpoint may take, from the first packet to the accepted login.
    public var connectTime: Duration = .seconds(2)
    /// How many rounds of all endpoints are tried after a loss; nil: until the connection is closed.
    public var reconnectRounds: Int?
    /// How many bytes of publishes are kept while the connection is away.
    public var reconnectBuffer = 8 << 20
    /// After this much silence the server is asked with PING; after two unanswered ones it counts as lost.
    public var pingInterval: Duration = .seconds(30)
    /// What reply subjects begin with.
    public var inboxPrefix = "_INBOX"
    /// Called on the reading thread; must not block.
    public var onEvent: (@Sendable (ConnectionEvent) -> Void)?

    /// Options for servers that are known one by one.
    public init(_ endpoints: [Endpoint], credentials: Credentials = .none, name: String = "nbx") {
      self.endpoints = endpoints
      self.credentials = credentials
      self.name = name
    }

    /// Options for servers as URLs give them, such as `nats://js:js@127.0.0.1:4222,nats://127.0.0.1:4223`.
    ///
    /// The first login among the URLs holds for all.
    public init(urls: String, name: String = "nbx") throws(NATSError) {
      let addresses = try Address.list(urls)
      self.init(addresses.map(\.endpoint), name: name)
      if let login = addresses.first(where: { $0.user != nil }), let user = login.user {
        credentials = login.password.map { .user(user, password: $0) } ?? .token(user)
      }
    }
  }
}

extension Connection {
  /// A server's address as URL text gives it, and the login, if it names one.
  public struct Address: Sendable, Equatable {
    /// Where the server listens.
    public var endpoint: Endpoint
    /// The user, or the token where there is no password; nil if the URL names none.
    public var user: String?
    /// The password; nil if the URL names none.
    public var password: String?

    /// Reads a comma-separated list such as `nats://js:js@127.0.0.1:4222,other`. The port defaults to 4222.
    public static func list(_ text: String) throws(NATSError) -> [Address] {
      var addresses: [Address] = []
      // Whether a comma may be part of a login: none stood behind the last scheme.
      var mayBeCut = true
      for part in text.split(separator: ",") {
        // Blanks around a comma are no part of an address.
        let part = part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        if part.isEmpty { continue }
        do throws(NATSError) {
          let url = try URLParts(String(part))
          let isCut = url.scheme == nil && url.user != nil && mayBeCut && !addresses.isEmpty
          if url.mayHideLogin || isCut {
            throw .invalidURL(
              url: "", problem: .init("an @ stands where none is looked for", advice: URLLogins.escaping))
          }
          if url.scheme != nil || addresses.isEmpty { mayBeCut = url.user == nil }
          addresses.append(Address(endpoint: try endpoint(of: url), user: url.user, password: url.password))
        } catch .invalidURL(_, let problem) {
          throw .invalidURL(url: URLParts.redacted(text), problem: problem)
        }
      }
      return addresses
    }

    private static func endpoint(of url: URLParts) throws(NATSError) -> Endpoint {
      let endpoint = Endpoint(host: url.host, port: url.port ?? 4222)
      switch url.scheme {
      case nil, "nats": return endpoint
      case "ws": return Endpoint(host: url.host, port: url.port ?? 80, transport: .webSocket(path: url.target))
      // Before anything is sent: the login must not travel in clear where TLS is meant.
      case "tls": throw .tlsRequired(server: endpoint)
      case "wss": throw .tlsRequired(server: Endpoint(host: url.host, port: url.port ?? 443))
      case .some(let scheme):
        throw .invalidURL(
          url: "", problem: .init("\(scheme) is not spoken here", advice: "use nats://host:port or ws://host:port"))
      }
    }
  }
}
