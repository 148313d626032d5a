import Machine
import SandboxSystem

/// A connection from whoever connected to the relay's port, to the server behind it.
final class RelayConnection: Alarm {
  private enum Stage {
    /// Nobody knows yet who has connected.
    case asked
    /// Over a link that is cut.
    case held
    /// As if TCP's first segments were on their way.
    case beginning
    case connecting
    case through
    case over
  }

  let port: RelayPort
  let peer: PeerPorts
  private let loop: RelayLoop
  private let isOver: (RelayConnection) -> Void
  private let asker: RelayEnd
  private var target: RelayEnd?
  private var stage = Stage.asked
  /// From whoever connected to the server, and back; nil within a region.
  private var there: LinkPath?
  private var back: LinkPath?
  private var begun: Int64

  /// - Parameter isOver: is called once, when it is closed.
  init(
    _ descriptor: Int32, of peer: PeerPorts, to port: RelayPort, in loop: RelayLoop, at now: Int64,
    isOver: @escaping (RelayConnection) -> Void
  ) {
    self.port = port
    self.peer = peer
    self.loop = loop
    self.isOver = isOver
    begun = now
    asker = RelayEnd(descriptor)
    super.init()
    asker.connection = self
  }

  /// Whether either direction goes over the path.
  func goesOver(_ path: LinkPath) -> Bool { there === path || back === path }

  /// Its directions, once it is through.
  var streams: [RelayStream] { [asker.outgoing, asker.incoming].compactMap { $0 } }

  // MARK: Beginning

  /// It is known who has connected.
  func begin(over paths: (there: LinkPath, back: LinkPath)?, at now: Int64) {
    guard stage == .asked else { return }
    there = paths?.there
    back = paths?.back
    stage = .beginning
    goOn(at: now)
  }

  /// The link that it goes over has changed.
  func linkHasChanged(at now: Int64) {
    switch stage {
    case .held:
      // The asker's first segment comes again, and gets through now.
      begun = now
      goOn(at: now)
    case .beginning:
      goOn(at: now)
    case .connecting, .through:
      if isRefused { return close(resetting: [asker, target].compactMap { $0 }) }
      asker.outgoing?.linkHasChanged(isAnswered: back?.cut == nil, at: now)
      // The connection may be over by now: then there is none.
      asker.incoming?.linkHasChanged(isAnswered: there?.cut == nil, at: now)
    case .asked, .over: break
    }
  }

  private var isRefused: Bool { there?.cut == .refused || back?.cut == .refused }

  private func goOn(at now: Int64) {
    if isRefused { return close(resetting: [asker]) }
    if there?.cut != nil || back?.cut != nil {
      stage = .held
      loop.alarms.remove(self)
      // Behind a pulled cable it would not be connected yet: once it gives up, there was nothing.
      loop.watch(asker, .end)
      return
    }
    loop.watch(asker, [])
    // SYN, its answer, and the acknowledgement by which the server knows of the connection.
    let due = begun + 2 * (there?.pace.shape.delay ?? 0) + (back?.pace.shape.delay ?? 0)
    if due > now {
      stage = .beginning
      loop.alarms.set(self, at: due)
    } else {
      connect(at: now)
    }
  }

  override func ring(at now: Int64) { goOn(at: now) }

  private func connect(at now: Int64) {
    loop.alarms.remove(self)
    switch RelaySocket.connecting(to: port.target) {
    case .failed:
      close(resetting: [asker])
    case .connected(let number):
      passOn(to: makeTarget(number), at: now)
    case .connecting(let number):
      stage = .connecting
      loop.watch(makeTarget(number), .write)
    }
  }

  private func makeTarget(_ number: Int32) -> RelayEnd {
    let end = RelayEnd(number)
    end.connection = self
    target = end
    return end
  }

  private func passOn(to target: RelayEnd, at now: Int64) {
    stage = .through
    there?.connections += 1
    back?.connections += 1
    let up = RelayStream(from: asker, to: target, over: there, in: loop)
    let down = RelayStream(from: target, to: asker, over: back, in: loop)
    asker.outgoing = up
    target.incoming = up
    target.outgoing = down
    asker.incoming = down
    // It may have been cut meanwhile.
    linkHasChanged(at: now)
  }

  // MARK: Being through

  func isReady(_ end: RelayEnd, _ ready: Interest, at now: Int64) {
    switch stage {
    case .held: close()
    case .connecting:
      guard TCPSocket.problem(end.descriptor) == 0 else { return close(resetting: [asker]) }
      passOn(to: end, at: now)
    case .through:
      if ready.contains(.write) { end.incoming?.unblock(at: now) }
      if ready.contains(.read) { end.outgoing?.read(at: now) }
    case .asked, .beginning, .over: break
    }
  }

  /// Whether both ends have been told that nothing more comes.
  var isFinished: Bool { streams.allSatisfy(\.isFinished) }

  /// An end is gone: the other is told, as late as the link has it.
  func fail(_ end: RelayEnd, at now: Int64) {
    guard stage == .through, !end.isDead else { return }
    end.isDead = true
    end.incoming?.abandon()
    end.outgoing?.end(.reset, at: now)
    end.outgoing?.goOn(at: now)
    if asker.isDead, target?.isDead != false { close() }
  }

  // MARK: The end

  /// Closes both ends.
  ///
  /// - Parameter ends: those that are told that the connection is lost.
  func close(resetting ends: [RelayEnd] = []) {
    guard stage != .over else { return }
    if stage == .through {
      there?.connections -= 1
      back?.connections -= 1
    }
    stage = .over
    loop.alarms.remove(self)
    for end in [asker, target].compactMap({ $0 }) {
      end.outgoing?.abandon()
      loop.bury(end, reset: ends.contains { $0 === end })
    }
    for end in [asker, target].compactMap({ $0 }) {
      end.connection = nil
      end.outgoing = nil
      end.incoming = nil
      end.isDead = true
    }
    isOver(self)
  }
}

extension RelayEnd {
  /// Has it watched for what can be done with it now.
  func update(in loop: RelayLoop) {
    var interest: Interest = []
    if !isDead {
      if outgoing?.isReading == true { interest.insert(.read) }
      if let incoming, incoming.isBlocked, !incoming.isCut { interest.insert(.write) }
    }
    loop.watch(self, interest)
  }
}

/// One of the two sockets of a connection that goes through the relay.
final class RelayEnd: Watcher {
  /// Until it is closed.
  var connection: RelayConnection?
  /// Once the connection is through: what comes from here, and what goes here.
  var outgoing: RelayStream?
  var incoming: RelayStream?
  /// Whether nothing can be written to it any more.
  var isDead = false

  override func isReady(_ ready: Interest, at now: Int64) {
    connection?.isReady(self, ready, at: now)
  }
}

/// One direction of a connection that is through: from one of its sockets to the other.
final class RelayStream: Alarm {
  let path: LinkPath?
  private let loop: RelayLoop
  private let source: RelayEnd
  private let sink: RelayEnd
  let line = DelayLine()

  /// Whether the sink has been told that nothing more comes.
  private(set) var isFinished = false
  /// Whether nothing more is to be read.
  private var isEnded = false
  /// Whether the sink takes nothing at present.
  private(set) var isBlocked = false
  /// Whether so much is held that nothing is read at present.
  private var isFull = false
  /// Whether the path is asked to tell when there is room.
  private var isWaiting = false
  /// How much may still pass while nothing comes back; nil while something does.
  private var window: Int?

  /// What TCP sends before it has to be told that it arrived, in bytes.
  private static let silentWindow = 64 << 10
  /// How often one stream is read before others have their turn.
  private static let turns = 2

  init(from source: RelayEnd, to sink: RelayEnd, over path: LinkPath?, in loop: RelayLoop) {
    self.path = path
    self.loop = loop
    self.source = source
    self.sink = sink
  }

  var isCut: Bool { path?.cut != nil }

  /// Whether the source is to be watched for bytes.
  var isReading: Bool { !isEnded && !isFull && !isWaiting && window != 0 && !isCut }

  /// How much this one may hold; 0 where bytes go on at once, unless the sink takes none.
  private var capacity: Int {
    guard let path else { return 0 }
    return loop.isShort ? min(path.capacity, LinkPace.smallCapacity) : path.capacity
  }

  // MARK: From the source

  /// Reads what has come.
  func read(at now: Int64) {
    var now = now
    for _ in 0..<Self.turns where isReading {
      if let path, path.isFull(at: now) {
        isWaiting = true
        path.wait(self, at: now)
        break
      }
      let most = room
      let count = recv(source.descriptor, loop.buffer.baseAddress, most, 0)
      if count > 0 {
        // Others may have had their turn since this one's began, and nothing is to come before its time.
        if path?.isPlain == false { now = RelayLoop.clock }
        window = window.map { $0 - count }
        guard pass(UnsafeRawBufferPointer(rebasing: loop.buffer[..<count]), at: now) else { return }
        // What is not full was all that there was; what more comes is told anew.
        if count < most || path?.pace.shape.rate != nil { break }
      } else if count == 0 {
        end(.finish, at: now)
        break
      } else if errno == EAGAIN {
        break
      } else if errno != EINTR {
        source.connection?.fail(source, at: now)
        return
      }
    }
    // Mostly all of it has gone on, and nothing is to be done.
    if !line.isEmpty || !isReading { goOn(at: now) }
  }

  /// How much is read at once.
  private var room: Int {
    var room = min(loop.buffer.count, window ?? .max)
    guard let path, !path.isPlain else { return room }
    room = min(room, path.turn)
    return min(room, max(capacity - line.cost, 4096))
  }

  /// False: the connection is over.
  private func pass(_ bytes: UnsafeRawBufferPointer, at now: Int64) -> Bool {
    var rest = bytes
    if line.isEmpty, !isBlocked, path?.isPlain ?? true {
      let sent = TCPSocket.send(sink.descriptor, bytes)
      if sent == bytes.count {
        path?.note(sent, from: now, at: now)
        return true
      }
      if sent < 0, errno != EAGAIN, errno != EINTR {
        sink.connection?.fail(sink, at: now)
        return false
      }
      if sent > 0 { path?.note(sent, from: now, at: now) }
      isBlocked = true
      rest = UnsafeRawBufferPointer(rebasing: bytes[max(sent, 0)...])
    }
    change { line.push(rest, at: now, by: path?.pace) }
    isFull = line.cost >= capacity
    return true
  }

  /// Nothing more comes: the sink is to be told, behind the last byte.
  func end(_ end: DelayLine.End, at now: Int64) {
    isEnded = true
    change { line.push(end, at: now, by: path?.pace) }
  }

  private func change<Result>(_ body: () -> Result) -> Result {
    let before = line.cost
    defer { loop.held += line.cost - before }
    return body()
  }

  // MARK: To the sink

  override func ring(at now: Int64) { goOn(at: now) }

  /// The sink takes something again.
  func unblock(at now: Int64) {
    isBlocked = false
    goOn(at: now)
  }

  /// Others have had their turn at the path's rate.
  func goOn() {
    isWaiting = false
    source.update(in: loop)
  }

  /// The link has changed.
  ///
  /// - Parameter isAnswered: whether something can come back.
  func linkHasChanged(isAnswered: Bool, at now: Int64) {
    window = isAnswered ? nil : window ?? Self.silentWindow
    isFull = line.cost > 0 && line.cost >= capacity
    goOn(at: now)
  }

  /// Hands on what is due, and sees to it that the rest gets its turn.
  func goOn(at now: Int64) {
    guard handOver(at: now) else { return }
    if isFull, line.isEmpty || line.cost <= capacity / 4 * 3 { isFull = false }
    if let next = line.nextRelease, !isBlocked, !isCut {
      loop.alarms.set(self, at: next)
    } else {
      loop.alarms.remove(self)
    }
    source.update(in: loop)
    sink.update(in: loop)
  }

  /// False: the connection is over, or the sink is gone.
  private func handOver(at now: Int64) -> Bool {
    while !isBlocked, !isCut {
      let due = line.due(at: now, into: loop.vectors)
      guard due.bytes > 0 else {
        guard let end = change({ line.takeEnd(at: now) }) else { return true }
        guard end == .finish else {
          sink.connection?.close(resetting: [sink])
          return false
        }
        RelaySocket.finish(sink.descriptor)
        isFinished = true
        guard sink.connection?.isFinished != true else {
          sink.connection?.close()
          return false
        }
        continue
      }
      let sent = RelaySocket.send(
        sink.descriptor, UnsafeMutableBufferPointer(rebasing: loop.vectors[..<due.vectors]))
      if sent >= 0 {
        let arrival = change { line.drop(sent) }
        path?.note(sent, from: arrival, at: now)
        isBlocked = sent < due.bytes
      } else if errno == EAGAIN {
        isBlocked = true
      } else if errno != EINTR {
        sink.connection?.fail(sink, at: now)
        return false
      }
    }
    return true
  }

  /// The sink is gone: nothing more is read for it, and what is on its way is lost.
  func abandon() {
    isEnded = true
    isBlocked = false
    change { line.discard() }
    loop.alarms.remove(self)
    source.update(in: loop)
  }
}
