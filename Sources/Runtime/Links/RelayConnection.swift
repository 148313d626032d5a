import Machine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
