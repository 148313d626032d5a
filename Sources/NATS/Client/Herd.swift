import Machine

/// Thousands of clients that hold a connection each and come back when it is lost, as applications do, all in one thread.
///
/// They do no more than log in and answer PING: what is measured is how long each is without a server.
public struct Herd: Sendable {
  /// Tried by each client in this order, first those of its home; after a loss from the next one on.
  public var endpoints: [Endpoint]
  /// As whom all of them log in.
  public var credentials: Credentials
  /// How many connections there are to be.
  public var clients: Int
  /// How long a client waits once none of the endpoints took it, and up to how much longer: as in nats.go, if not given.
  public var pause = Duration.seconds(2)
  public var jitter = Duration.milliseconds(100)
  /// How long one attempt may take, from the first packet to the accepted login.
  public var connectTime = Duration.seconds(2)

  public init(_ endpoints: [Endpoint], credentials: Credentials, clients: Int) {
    self.endpoints = endpoints
    self.credentials = credentials
    self.clients = clients
  }

  /// What became of them.
  public struct Outcome: Sendable {
    /// How long it took until all were connected the first time.
    public var connected = Duration.zero
    /// How often one lost its connection.
    public var losses = 0
    /// How long each was without one, as often as it came back.
    public var away: [Duration] = []
    /// How many have none at the end.
    public var lost = 0
    /// How many attempts failed after a loss.
    public var refusals = 0
    /// How many are at each endpoint at the end.
    public var places: [Endpoint: Int] = [:]
  }

  /// Connects all, and holds them for so long; longer attempts are cut off.
  ///
  /// - Parameter begun: is called once all are connected.
  /// - Throws: where a client can be connected nowhere at first, or logins of this kind are not known here.
  public func hold(for duration: Duration, limit: Limit, begun: () -> Void = {}) throws(NATSError) -> Outcome {
    guard let first = endpoints.first else { return Outcome() }
    var addresses: [SocketAddress] = []
    for endpoint in endpoints {
      guard let address = try Resolver.addresses(of: endpoint, limit: limit).first else {
        throw .unknownHost(server: endpoint, reason: "it has no address")
      }
      addresses.append(address)
    }
    Self.makeRoom(for: clients)
    let run = HerdRun(self, addresses, greeting: try greeting(first))
    let start = ContinuousClock.now
    while run.connectedCount < clients {
      if limit.isStopped { throw .cancelled(.connecting, server: first) }
      if limit.hasPassed { throw .timedOut(.connecting, server: first) }
      if let refusal = run.refusal {
        throw .authorizationFailed(server: first, login: credentials.login, text: refusal)
      }
      run.turn()
    }
    run.outcome.connected = start.duration(to: .now)
    run.isCounting = true
    begun()
    let end = ContinuousClock.now + duration
    while .now < end, !limit.isOver { run.turn() }
    return run.finish()
  }

  private func greeting(_ server: Endpoint) throws(NATSError) -> [UInt8] {
    let login: String
    switch credentials {
    case .none: login = ""
    case .user(let user, let password):
      login = #","user":\#(JSONValue.quoted(user)),"pass":\#(JSONValue.quoted(password))"#
    case .token(let token): login = #","auth_token":\#(JSONValue.quoted(token))"#
    case .nkey, .jwt:
      throw .signingFailed(
        server: server, detail: Problem("keys sign for one client at a time", advice: "log in by user and password"))
    }
    return Array(
      (#"CONNECT {"name":"nbx herd","verbose":false,"pedantic":false,"lang":"swift","version":"1.0.0","protocol":1"#
        + login + "}\r\nPING\r\n").utf8)
  }

  /// Every client has a descriptor, of which a process is given few at first.
  private static func makeRoom(for clients: Int) {
    var room = rlimit()
    #if canImport(Glibc)
      let files = RLIMIT_NOFILE.rawValue
      let resource = __rlimit_resource_t(files)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    guard getrlimit(resource, &room) == 0 else { return }
    let needed = rlim_t(clients + 256)
    guard room.rlim_cur < needed else { return }
    room.rlim_cur = min(room.rlim_max, needed)
    setrlimit(resource, &room)
  }
}

/// The state of a herd while it is held.
private final class HerdRun {
  private enum Phase { case away, connecting, greeting, up }

  private struct Client {
    var phase = Phase.away
    /// Which endpoint, in the herd's order.
    var place = -1
    /// Attempts since the loss.
    var attempts = 0
    var lostAt: ContinuousClock.Instant?
    /// Away: when to try again. On the way: until when.
    var due = ContinuousClock.now
  }

  private let herd: Herd
  private let addresses: [SocketAddress]
  private let greeting: [UInt8]
  private var clients: [Client]
  /// A descriptor below zero is passed over by `poll`.
  private var watched: [pollfd]
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)
  private(set) var connectedCount = 0
  private(set) var refusal: String?
  var outcome = Herd.Outcome()
  var isCounting = false

  init(_ herd: Herd, _ addresses: [SocketAddress], greeting: [UInt8]) {
    self.herd = herd
    self.addresses = addresses
    self.greeting = greeting
    clients = Array(repeating: Client(), count: herd.clients)
    watched = Array(repeating: pollfd(fd: -1, events: 0, revents: 0), count: herd.clients)
  }

  deinit { for entry in watched where entry.fd >= 0 { close(entry.fd) } }

  func finish() -> Herd.Outcome {
    for client in clients {
      if client.phase == .up {
        outcome.places[herd.endpoints[client.place], default: 0] += 1
      } else {
        outcome.lost += 1
      }
    }
    return outcome
  }

  /// Tries what is due, and waits for a moment until something happens.
  func turn() {
    let now = ContinuousClock.now
    for index in clients.indices {
      switch clients[index].phase {
      case .away where clients[index].due <= now: begin(index, now)
      case .connecting, .greeting: if clients[index].due <= now { fail(index, now) }
      default: break
      }
    }
    guard poll(&watched, nfds_t(watched.count), 2) > 0 else { return }
    let then = ContinuousClock.now
    for index in watched.indices where watched[index].fd >= 0 && watched[index].revents != 0 { happen(index, then) }
  }

  private func begin(_ index: Int, _ now: ContinuousClock.Instant) {
    clients[index].place = (clients[index].place + 1) % addresses.count
    let address = addresses[clients[index].place]
    let descriptor = TCPSocket.open(family: address.family)
    guard descriptor >= 0 else { return wait(index, now) }
    watched[index] = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    clients[index].phase = .connecting
    clients[index].due = now + herd.connectTime
    let status = address.connect(descriptor)
    if status != 0, status != EINPROGRESS, status != EINTR { fail(index, now) }
  }

  private func happen(_ index: Int, _ now: ContinuousClock.Instant) {
    let descriptor = watched[index].fd
    if clients[index].phase == .connecting {
      guard TCPSocket.problem(descriptor) == 0 else { return fail(index, now) }
      TCPSocket.disableNagle(descriptor)
      clients[index].phase = .greeting
      watched[index].events = Int16(POLLIN)
      // It is small: there is room for it. What a server has to say first need not be read for that.
      let sent = greeting.withUnsafeBytes { TCPSocket.send(descriptor, $0) }
      if sent != greeting.count { fail(index, now) }
      return
    }
    let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else { return fail(index, now) }
    answer(index, buffer[..<count], now)
  }

  /// Lines begin with what they are. One that is parted between two reads is the servers' INFO, which is of no interest: the
  /// short ones come whole.
  private func answer(_ index: Int, _ bytes: ArraySlice<UInt8>, _ now: ContinuousClock.Instant) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      if line.starts(with: "PING".utf8) {
        let pong = Array("PONG\r\n".utf8)
        _ = pong.withUnsafeBytes { TCPSocket.send(watched[index].fd, $0) }
      } else if line.starts(with: "PONG".utf8), clients[index].phase == .greeting {
        // Of thousands that come at once each takes its time.
        arrive(index, .now)
      } else if line.starts(with: "-ERR".utf8) {
        if !isCounting { refusal = String(decoding: line.dropFirst(5), as: UTF8.self) }
        return fail(index, now)
      }
    }
  }

  private func arrive(_ index: Int, _ now: ContinuousClock.Instant) {
    clients[index].phase = .up
    clients[index].attempts = 0
    connectedCount += 1
    if let lostAt = clients[index].lostAt { outcome.away.append(lostAt.duration(to: now)) }
    clients[index].lostAt = nil
  }

  /// A connection is gone, or an attempt has failed.
  private func fail(_ index: Int, _ now: ContinuousClock.Instant) {
    if watched[index].fd >= 0 { close(watched[index].fd) }
    watched[index] = pollfd(fd: -1, events: 0, revents: 0)
    if clients[index].phase == .up {
      connectedCount -= 1
      outcome.losses += 1
      clients[index].lostAt = now
    } else {
      clients[index].attempts += 1
      if isCounting { outcome.refusals += 1 }
    }
    wait(index, now)
  }

  /// The next endpoint is tried at once; when none took it, all of them later.
  private func wait(_ index: Int, _ now: ContinuousClock.Instant) {
    clients[index].phase = .away
    let hasTriedAll = clients[index].attempts > 0 && clients[index].attempts.isMultiple(of: addresses.count)
    let pause = herd.pause + herd.jitter * Double.random(in: 0...1)
    clients[index].due = hasTriedAll ? now + pause : now
  }
}
