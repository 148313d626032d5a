/// What happens to a connection by itself.
public enum ConnectionEvent: Sendable {
  case lost(NATSError)
  case reconnected(Endpoint)
  /// An `-ERR` that leaves the connection open, such as a permissions violation.
  case serverError(Endpoint, text: String)
}

extension Connection {
  public struct Options: Sendable {
    /// Tried in this order, and after a loss from the next one on. Addresses that servers tell of are not used: behind port
    /// forwarding they lead nowhere.
    public var endpoints: [Endpoint]
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
