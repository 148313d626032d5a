import Interpreter
import Synchronization
import TestSupport

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A relay on a thread of this process, in front of servers that the test plays, for clients that it plays, too.
final class RelayFixture {
  let folder: ScratchFolder
  private var orders = RelayOrders()
  private var thread: LaneThread?
  /// By the ports that clients have connected from: who they are.
  private let regions: Regions

  private final class Regions: Sendable {
    let byPort = Mutex<[UInt16: String]>([:])
  }

  private final class Started: Sendable {
    /// The relay's bell; -1 until there is one, -2 if there will be none.
    let bell = Atomic<Int32>(-1)
  }
  private let started = Started()

  init() throws {
    let folder = try ScratchFolder()
    self.folder = folder
    let regions = Regions()
    self.regions = regions
    let started = started
    try Folders.make(SandboxFolders(root: folder.path).relay)
    thread = LaneThread.start {
      guard
        let relay = try? Relay(
          RelayPlace(named: SandboxFolders(root: folder.path)),
          find: { peers in
            regions.byPort.withLock { known in
              Dictionary(uniqueKeysWithValues: peers.compactMap { peer in known[peer.asker].map { (peer, $0) } })
            }
          })
      else { return started.bell.store(-2, ordering: .sequentiallyConsistent) }
      started.bell.store(relay.bell, ordering: .sequentiallyConsistent)
      relay.run()
    }
    // As at its start it reports on its own.
    try eventually { access(folders.relayReport, F_OK) == 0 }
  }

  deinit {
    Relay.tell(.stop, started.bell.load(ordering: .sequentiallyConsistent))
    thread?.join()
  }

  /// Has the relay listen in front of a server.
  @discardableResult
  func put(
    before server: PlainServer, of region: String, over network: LinkNetwork = .gateways, at port: UInt16? = nil
  ) throws -> UInt16 {
    let port = try port ?? ClosedPort().number
    orders.listeners.append(.init(port: port, target: server.port, region: region, network: network))
    try obey()
    return port
  }

  func remove(_ port: UInt16) throws {
    orders.listeners.removeAll { $0.port == port }
    try obey()
  }

  func set(
    _ from: String, _ to: String, _ shape: LinkShape, over network: LinkNetwork = .gateways, bothWays: Bool = true
  ) throws {
    let link = DirectedLink(from: from, to: to, over: network)
    for link in bothWays ? [link, link.reversed] : [link] {
      orders.links.removeAll { $0.link == link }
      orders.links.append(.init(link: link, shape: shape))
    }
    try obey()
  }

  /// Has it do what the orders say, and returns when it does.
  @discardableResult
  func obey() throws -> RelayReport {
    orders.generation += 1
    try StateFile.write(orders, to: folders.relayOrders)
    let report = try self.report()
    guard report.generation == orders.generation else { throw RelayFixtureError("an old report") }
    return report
  }

  var folders: SandboxFolders { SandboxFolders(root: folder.path) }

  func report() throws -> RelayReport {
    unlink(folders.relayReport)
    Relay.tell(.orders, started.bell.load(ordering: .sequentiallyConsistent))
    return try eventually {
      guard case .state(let report) = StateFile.read(folders.relayReport, as: RelayReport.self) else {
        throw RelayFixtureError("no report")
      }
      return report
    } where: { _ in
      true
    }
  }

  /// Nil where nothing is set and nobody is through.
  func figures(_ from: String, _ to: String, over network: LinkNetwork = .gateways) throws -> RelayReport.Figures? {
    let link = DirectedLink(from: from, to: to, over: network)
    return try report().links.first { $0.link == link }
  }

  /// Somebody who connects to one of the relay's ports as a server of the region would.
  func client(of region: String?, to port: UInt16) throws -> PlainPeer {
    let peer = try PlainPeer()
    regions.byPort.withLock { $0[peer.port] = region }
    try peer.dial(port)
    return peer
  }

  /// Both ends of a connection that is through.
  func pair(of region: String?, to port: UInt16, at server: PlainServer) throws -> (PlainPeer, PlainPeer) {
    let client = try client(of: region, to: port)
    return (client, try server.accept())
  }
}

struct RelayFixtureError: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

/// A server that a test plays: who connects waits until it is accepted.
final class PlainServer {
  private let descriptor: Int32
  let port: UInt16

  init() throws {
    descriptor = try RelaySocket.listening(on: 0)
    port = portOf(descriptor)
  }

  deinit { close(descriptor) }

  /// Whether somebody waits to be accepted.
  var hasVisitor: Bool { isReady(descriptor, POLLIN, within: 0) }

  func accept() throws -> PlainPeer {
    guard isReady(descriptor, POLLIN, within: patienceInMilliseconds), let peer = RelaySocket.accepted(descriptor)
    else {
      throw RelayFixtureError("nobody connects")
    }
    return PlainPeer(peer.number, of: peer.port)
  }
}

/// One end of a TCP connection that a test plays.
final class PlainPeer {
  private(set) var descriptor: Int32
  let port: UInt16
  /// Of the other end, where that has connected to this one.
  private(set) var peerPort: UInt16 = 0

  /// Not connected yet, with a port of its own.
  init() throws {
    descriptor = TCPSocket.open(isBlocking: true)
    let problem = SocketAddress.loopback(0).bind(descriptor)
    guard problem == 0 else { throw RelayFixtureError("no port: \(problem)") }
    port = portOf(descriptor)
  }

  init(_ descriptor: Int32, of peer: UInt16) {
    self.descriptor = descriptor
    port = portOf(descriptor)
    peerPort = peer
  }

  deinit { hangUp() }

  func dial(_ port: UInt16) throws {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let descriptor = descriptor
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw RelayFixtureError("nobody listens on \(port): \(errno)") }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  func hangUp() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  func reset() {
    RelaySocket.resetWhenClosed(descriptor)
    hangUp()
  }

  func finish() { RelaySocket.finish(descriptor) }

  /// Sends as much as there is room for, and says how much.
  func sendSome(_ bytes: ArraySlice<UInt8>) throws -> Int {
    let sent = bytes.withUnsafeBytes { TCPSocket.send(descriptor, $0) }
    if sent < 0, errno != EAGAIN { throw RelayFixtureError("cannot send: \(errno)") }
    return max(sent, 0)
  }

  func send(_ text: String) throws {
    let bytes = Array(text.utf8)[...]
    guard try sendSome(bytes) == bytes.count else { throw RelayFixtureError("there is no room") }
  }

  /// Sends until nothing more is taken: then all that may be on its way is full.
  func sendAllThereIsRoomFor(_ bytes: [UInt8]) throws -> Int {
    var sent = 0
    while sent < bytes.count, isReady(descriptor, POLLOUT, within: 300) { sent += try sendSome(bytes[sent...]) }
    return sent
  }

  var hasSomething: Bool { isReady(descriptor, POLLIN, within: 0) }

  /// What has come, at least one byte; none at the end.
  func receive(most: Int = 1 << 16) throws -> [UInt8] {
    guard isReady(descriptor, POLLIN, within: patienceInMilliseconds) else { throw RelayFixtureError("nothing comes") }
    var bytes = [UInt8](repeating: 0, count: most)
    let count = recv(descriptor, &bytes, most, 0)
    guard count >= 0 else { throw PeerReset(number: errno) }
    return Array(bytes[..<count])
  }

  struct PeerReset: Error, Equatable {
    let number: Int32
  }

  /// So many bytes.
  func receive(count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = try receive(most: min(count - bytes.count, 1 << 16))
      guard !more.isEmpty else { throw RelayFixtureError("it ends after \(bytes.count) bytes") }
      bytes += more
    }
    return bytes
  }

  func receiveText(_ count: Int) throws -> String { String(decoding: try receive(count: count), as: UTF8.self) }
}

private let patienceInMilliseconds: Int32 = 180_000

private func isReady(_ descriptor: Int32, _ events: Int32, within limit: Int32) -> Bool {
  var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
  return poll(&entry, 1, limit) > 0
}

private func portOf(_ descriptor: Int32) -> UInt16 {
  var address = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  _ = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
      getsockname(descriptor, generic, &size)
    }
  }
  return UInt16(bigEndian: address.sin_port)
}

/// Sends bytes from one peer to another, and gives what came.
func passing(_ bytes: [UInt8], from sender: PlainPeer, to receiver: PlainPeer) throws -> [UInt8] {
  var came: [UInt8] = []
  var sent = 0
  while came.count < bytes.count {
    var entries = [
      pollfd(fd: sender.descriptor, events: sent < bytes.count ? Int16(POLLOUT) : 0, revents: 0),
      pollfd(fd: receiver.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&entries, 2, patienceInMilliseconds) > 0 else {
      throw RelayFixtureError("\(came.count) of \(bytes.count) bytes came")
    }
    if entries[0].revents != 0, sent < bytes.count { sent += try sender.sendSome(bytes[sent...]) }
    if entries[1].revents != 0 {
      let more = try receiver.receive()
      guard !more.isEmpty else { throw RelayFixtureError("it ended after \(came.count) bytes") }
      came += more
    }
  }
  return came
}
