import Machine
import SandboxSystem
import Synchronization

/// Stands between the servers of regions, and lets their links be as long, as thin and as unsafe as it is told.
///
/// All of it runs on the thread that calls `run`, but for the search for who has connected.
final class Relay: Alarm {
  /// What it can be told, by a byte to `bell`.
  enum Word: UInt8 {
    /// There are new orders.
    case orders = 1
    case answers = 2
    case stop = 3
  }

  private final class Ear: Watcher {
    private let heard: () -> Void

    init(_ descriptor: Int32, _ heard: @escaping () -> Void) {
      self.heard = heard
      super.init(descriptor)
    }

    override func isReady(_ ready: Interest, at now: Int64) { heard() }
  }

  private let place: RelayPlace
  private let loop: RelayLoop
  private let pipe: OwnedPipe
  private let peers: PeerSearch

  private var generation = 0
  private var shapes: [DirectedLink: LinkShape] = [:]
  private var paths: [DirectedLink: LinkPath] = [:]
  private var ports: [UInt16: RelayPort] = [:]
  private var refused: [RelayReport.RefusedPort] = []
  private var connections: [ObjectIdentifier: RelayConnection] = [:]
  /// Those of which nobody knows yet who has connected.
  private var asked: [PeerPorts: RelayConnection] = [:]
  /// Those that accept nobody for a while.
  private var resting: [RelayPort] = []
  private var isReportDue = false
  private var isStopped = false

  /// How many accepted connections one port may have before others have their turn.
  private static let mostAtOnce = 64
  /// How long a port rests when the machine has no room for more connections, in nanoseconds.
  private static let rest: Int64 = 100_000_000

  /// - Parameters:
  ///   - place: that of its orders and of its reports.
  ///   - find: the regions of those that are servers of the sandbox; called on another thread.
  init(
    _ place: RelayPlace, find: @escaping @Sendable ([PeerPorts]) -> [PeerPorts: String]
  ) throws(ProcessError) {
    self.place = place
    loop = try RelayLoop()
    pipe = try OwnedPipe()
    pipe.readEnd.makeNonBlocking()
    pipe.writeEnd.makeNonBlocking()
    let bell = pipe.writeEnd.number
    peers = try PeerSearch(find: find) { Relay.tell(.answers, bell) }
  }

  convenience init(_ place: RelayPlace) throws(ProcessError) {
    let servers = SandboxPeers(place)
    try self.init(place) { servers.find($0) }
  }

  /// A descriptor by which it is told something; it is there until `run` returns.
  var bell: Int32 { pipe.writeEnd.number }

  /// Any thread may do so, and a signal's handler.
  static func tell(_ word: Word, _ bell: Int32) {
    var byte = word.rawValue
    _ = write(bell, &byte, 1)
  }

  /// Does what its orders say, until it is told to stop.
  func run() {
    let ear = Ear(pipe.readEnd.number) { [unowned self] in listen() }
    loop.watch(ear, .read)
    obey()
    while !isStopped {
      if isReportDue { report() }
      loop.turn()
    }
    peers.stop()
    for connection in connections.values { connection.close() }
    for port in ports.values { loop.bury(port, reset: false) }
    loop.watch(ear, [])
  }

  private func listen() {
    var words = [UInt8](repeating: 0, count: 64)
    let count = read(pipe.readEnd.number, &words, words.count)
    guard count > 0 else { return }
    let heard = Set(words[..<count].compactMap(Word.init))
    if heard.contains(.stop) { isStopped = true }
    if heard.contains(.orders) { obey() }
    if heard.contains(.answers) { passOn() }
  }

  // MARK: Orders

  private func obey() {
    let path = place.folders.relayOrders
    switch StateFile.read(path, as: RelayOrders.self) {
    case .state(let orders): apply(orders)
    case .missing: break
    case .damaged: complain("\(path) cannot be read: what was set before holds on")
    }
    // Ports that are given up are closed at the end of this turn; the report comes after it.
    isReportDue = true
  }

  private func apply(_ orders: RelayOrders) {
    generation = orders.generation
    listen(on: orders.listeners)
    shapes = Dictionary(orders.links.map { ($0.link, $0.shape) }, uniquingKeysWith: { _, last in last })
    forgetPaths(besides: Set(orders.listeners.map(\.region)))
    for link in shapes.keys { _ = path(link) }
    let now = RelayLoop.clock
    let changed = paths.values.filter { shape($0, at: now) }
    guard !changed.isEmpty else { return }
    let changedOnes = Set(changed.map { ObjectIdentifier($0) })
    var lines: [ObjectIdentifier: [DelayLine]] = [:]
    for stream in connections.values.flatMap(\.streams) {
      guard let path = stream.path, changedOnes.contains(ObjectIdentifier(path)) else { continue }
      lines[ObjectIdentifier(path), default: []].append(stream.line)
    }
    for path in changed {
      path.pace.retime(lines[ObjectIdentifier(path)] ?? [], at: now)
      path.letGo()
    }
    for connection in Array(connections.values) where changed.contains(where: connection.goesOver) {
      connection.linkHasChanged(at: now)
    }
  }

  private func listen(on listeners: [RelayOrders.Listener]) {
    refused = []
    let wanted = Set(listeners.map(\.port))
    for (number, port) in ports where !wanted.contains(number) {
      loop.bury(port, reset: false)
      ports[number] = nil
    }
    for listener in listeners {
      if let port = ports[listener.port] {
        port.listener = listener
        continue
      }
      do throws(ProcessError) {
        let number = try RelaySocket.listening(on: listener.port)
        let port = RelayPort(number, for: listener) { [unowned self] in accept($0, at: $1) }
        ports[listener.port] = port
        loop.watch(port, .read)
      } catch {
        guard case .system(_, let problem) = error else { continue }
        refused.append(RelayReport.RefusedPort(port: listener.port, reason: problem))
        complain("port \(listener.port) of 127.0.0.1 for \(listener.region): \(errorText(problem))")
      }
    }
  }

  private func path(_ link: DirectedLink) -> LinkPath {
    if let path = paths[link] { return path }
    let path = LinkPath(link, in: loop)
    _ = shape(path, at: RelayLoop.clock)
    paths[link] = path
    return path
  }

  private func shape(_ path: LinkPath, at now: Int64) -> Bool {
    path.set(shapes[path.link] ?? LinkShape(), reversed: shapes[path.link.reversed] ?? LinkShape(), at: now)
  }

  /// Of regions that are gone nothing is told any more.
  private func forgetPaths(besides regions: Set<String>) {
    paths = paths.filter { link, path in
      regions.contains(link.from) && regions.contains(link.to) || connections.values.contains { $0.goesOver(path) }
    }
  }

  // MARK: Connections

  private func accept(_ port: RelayPort, at now: Int64) {
    for _ in 0..<Self.mostAtOnce {
      guard let (number, from) = RelaySocket.accepted(port.descriptor) else {
        let hasNoRoom = [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno)
        if hasNoRoom { rest(port, at: now) }
        return
      }
      let peer = PeerPorts(asker: from, relay: port.listener.port)
      let connection = RelayConnection(number, of: peer, to: port, in: loop, at: now) { [unowned self] in forget($0) }
      connections[ObjectIdentifier(connection)] = connection
      asked[peer] = connection
      peers.ask(peer)
    }
  }

  /// Whoever waits to be accepted stays ready, and would be asked after for ever.
  private func rest(_ port: RelayPort, at now: Int64) {
    loop.watch(port, [])
    resting.append(port)
    loop.alarms.set(self, at: now + Self.rest)
  }

  override func ring(at now: Int64) {
    for port in resting where ports[port.listener.port] === port { loop.watch(port, .read) }
    resting = []
  }

  /// It is known who has connected.
  private func passOn() {
    let now = RelayLoop.clock
    for (peer, region) in peers.takeAnswers() {
      guard let connection = asked.removeValue(forKey: peer) else { continue }
      let listener = connection.port.listener
      guard let region, region != listener.region else {
        connection.begin(over: nil, at: now)
        continue
      }
      let there = DirectedLink(from: region, to: listener.region, over: listener.network)
      connection.begin(over: (path(there), path(there.reversed)), at: now)
    }
  }

  private func forget(_ connection: RelayConnection) {
    connections[ObjectIdentifier(connection)] = nil
    if asked[connection.peer] === connection { asked[connection.peer] = nil }
  }

  // MARK: Telling

  private func report() {
    isReportDue = false
    var held: [DirectedLink: Int64] = [:]
    for stream in connections.values.flatMap(\.streams) {
      if let path = stream.path { held[path.link, default: 0] += Int64(stream.line.held) }
    }
    let figures = paths.values.map { path in
      RelayReport.Figures(
        link: path.link, connections: path.connections, bytes: path.bytes, held: held[path.link] ?? 0,
        delay: path.delay)
    }
    let report = RelayReport(
      generation: generation, refused: refused,
      links: figures.sorted {
        ($0.link.from, $0.link.to, $0.link.network.rawValue) < ($1.link.from, $1.link.to, $1.link.network.rawValue)
      })
    do throws(MachineError) {
      try StateFile.write(report, to: place.folders.relayReport)
    } catch {
      complain("\(error)")
    }
  }

  /// In its log: nobody else hears it.
  private func complain(_ text: String) { Terminal.standardError.write("nbx relay: \(text)\n") }
}

/// A port on which the relay listens for servers of other regions.
final class RelayPort: Watcher {
  /// What it is for; that may change.
  var listener: RelayOrders.Listener
  private let accept: (RelayPort, Int64) -> Void

  var target: UInt16 { listener.target }

  /// - Parameter accept: is called when somebody has connected.
  init(
    _ descriptor: Int32, for listener: RelayOrders.Listener, accept: @escaping (RelayPort, Int64) -> Void
  ) {
    self.listener = listener
    self.accept = accept
    super.init(descriptor)
  }

  override func isReady(_ ready: Interest, at now: Int64) { accept(self, now) }
}

/// Where a relay has its orders. Its working folder is the sandbox's, and goes with it where nbx's home is moved; once that is
/// gone, what is there under its name counts.
struct RelayPlace: Sendable {
  /// By the path that it was started with.
  let named: SandboxFolders
  /// Whether the working folder is the sandbox's.
  var follows = false

  var folders: SandboxFolders { follows && Folders.isFolder("./relay") ? SandboxFolders(root: ".") : named }

  /// The folders in which each region has its own, by whole paths: where it was started, and where it is.
  var regions: [String] {
    guard follows, let here = Paths.resolved(".") else { return [named.regions] }
    let now = SandboxFolders(root: here).regions
    return now == named.regions ? [now] : [named.regions, now]
  }
}

/// `nbx relay FOLDER`: what stands between the regions of a local sandbox.
package enum RelayProgram {
  /// -1 until there is a relay.
  private static let bell = Atomic<Int32>(-1)

  /// Runs until SIGTERM. SIGHUP has it do what its orders say now, and report.
  ///
  /// - Parameter folder: the sandbox's root; in its folder `relay` lie the orders, and there the report goes.
  /// - Returns: the exit code.
  package static func run(folder: String) -> Int32 {
    heed()
    DescriptorLimit.raise()
    do throws(ProcessError) {
      let relay = try Relay(RelayPlace(named: SandboxFolders(root: folder), follows: chdir(folder) == 0))
      bell.store(relay.bell, ordering: .relaxed)
      relay.run()
      return 0
    } catch {
      Terminal.standardError.write("nbx relay: \(error)\n")
      return 1
    }
  }

  private static func heed() {
    var action = sigaction()
    #if canImport(Glibc)
      action.__sigaction_handler.sa_handler = { RelayProgram.received($0) }
    #else
      action.__sigaction_u.__sa_handler = { RelayProgram.received($0) }
    #endif
    action.sa_flags = SA_RESTART
    var heard = sigset_t()
    sigemptyset(&heard)
    for signal in [SIGHUP, SIGINT, SIGTERM] {
      sigaction(signal, &action, nil)
      sigaddset(&heard, signal)
    }
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
    // Whoever writes is told all the same that nobody reads, or that there is no room.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  private static func received(_ signal: Int32) {
    // Whoever is interrupted may be about to look at it.
    let before = errno
    let bell = bell.load(ordering: .relaxed)
    if bell >= 0 {
      Relay.tell(signal == SIGHUP ? .orders : .stop, bell)
    } else if signal != SIGHUP {
      // The orders are read once there is a relay; nothing has begun that would have to be ended.
      _exit(0)
    }
    errno = before
  }
}
