import Machine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
