/// One direction of a link as the relay has it: what is set, who waits for its rate, and what has passed.
final class LinkPath: Alarm {
  let link: DirectedLink
  let pace: LinkPace
  /// How many connections are through.
  var connections = 0
  /// How many bytes were handed on.
  private(set) var bytes: Int64 = 0
  /// For how long the last ones were held: a mean of those that passed lately, all of which came over the link as it is.
  private(set) var delay: Int64?
  /// When it was last changed.
  private var since: Int64 = 0

  private(set) var isPlain = true
  private(set) var cut: LinkShape.Cut?
  private(set) var capacity = 0
  private let loop: RelayLoop
  /// In the order in which they go on.
  private var waiting: [RelayStream] = []

  /// How long a queue there may be where the rate is, in nanoseconds: a network's own is of that kind.
  private static let longestQueue: Int64 = 100_000_000

  init(_ link: DirectedLink, in loop: RelayLoop) {
    self.link = link
    self.loop = loop
    pace = LinkPace(seed: UInt64(bitPattern: RelayLoop.clock))
  }

  /// - Returns: whether that changes anything.
  func set(_ shape: LinkShape, reversed: LinkShape, at now: Int64) -> Bool {
    let before = (pace.shape, pace.roundTrip)
    pace.set(shape, reversed: reversed)
    isPlain = pace.shape.isPlain
    cut = pace.shape.cut
    capacity = pace.capacity
    if before.0 != pace.shape {
      since = now
      delay = nil
    }
    return before != (pace.shape, pace.roundTrip)
  }

  /// Notes bytes that were handed on.
  ///
  /// - Parameter arrival: when the last of them came.
  func note(_ count: Int, from arrival: Int64, at now: Int64) {
    bytes += Int64(count)
    // What waited while the link was another one says nothing of how it is now.
    guard arrival >= since else { return }
    let held = now - arrival
    delay = delay.map { $0 + (held - $0) / 8 } ?? held
  }

  // MARK: The rate, which all connections share

  /// Whether so much is to leave that nobody may put more behind it.
  func isFull(at now: Int64) -> Bool { pace.backlog(at: now) > Self.longestQueue }

  /// How much one connection may put behind the others at once.
  var turn: Int { pace.shape.rate == nil ? .max : max(2 * pace.burst, 4096) }

  /// The stream reads on when there is room again, after those that have waited longer.
  func wait(_ stream: RelayStream, at now: Int64) {
    waiting.append(stream)
    if waiting.count == 1 { loop.alarms.set(self, at: now + pace.backlog(at: now) - Self.longestQueue / 2) }
  }

  override func ring(at now: Int64) { letGo() }

  func letGo() {
    loop.alarms.remove(self)
    let released = waiting
    waiting = []
    for stream in released { stream.goOn() }
  }
}
