import Machine
import SandboxSystem

/// What one direction of a link does to bytes, for all connections that go over it: they share its rate.
///
/// It knows no clock: times are nanoseconds of whatever clock its callers have.
final class LinkPace {
  private(set) var shape = LinkShape()
  /// How long it takes until a loss is noticed at its beginning, in nanoseconds.
  private(set) var roundTrip: Int64 = 0
  /// When the last byte that was let through has left for the other end.
  private var busyUntil: Int64 = 0
  private var random: UInt64

  /// What TCP puts into one segment on a usual path, in bytes.
  static let segment = 1448
  /// How long TCP waits at least before it sends again (Linux: `TCP_RTO_MIN`), in nanoseconds.
  private static let shortestRecovery: Int64 = 200_000_000
  /// For how long a burst may last where there is a rate, in nanoseconds.
  private static let longestBurst: Int64 = 5_000_000
  /// Bytes that leave at this time have been told to wait until a cut ends; adding to it does not overflow.
  static let never = Int64.max / 4

  /// - Parameter seed: decides which segments are lost, and which way jitter goes.
  init(seed: UInt64) { random = seed }

  /// - Parameter reversed: how the link's other direction behaves.
  func set(_ new: LinkShape, reversed: LinkShape) {
    shape = new
    shape.delay = min(max(new.delay, 0), LinkShape.longestDelay)
    shape.jitter = min(max(new.jitter, 0), LinkShape.longestDelay)
    shape.rate = new.rate.map { max($0, 1) }
    roundTrip = shape.delay + min(max(reversed.delay, 0), LinkShape.longestDelay)
  }

  /// How many bytes one connection may have on their way: then its reader waits, and TCP tells the sender.
  var capacity: Int {
    if let rate = shape.rate {
      let seconds = Double(shape.delay + shape.jitter) / 1e9 + 0.1
      return Int(min(max(Double(rate) * seconds, Double(Self.smallCapacity)), Double(Self.largeCapacity)))
    }
    // After losses TCP has little on its way at once.
    if shape.loss > 0 { return Self.smallCapacity }
    return shape.delay + shape.jitter > 0 ? Self.largeCapacity : 0
  }

  static let smallCapacity = 64 << 10
  private static let largeCapacity = 4 << 20

  /// How many bytes may come at once.
  var burst: Int {
    guard let rate = shape.rate else { return .max }
    return max(Self.segment, Int(rate / (1_000_000_000 / Self.longestBurst)))
  }

  // MARK: The rate

  /// When bytes that come now have been let through.
  func departure(of count: Int, at now: Int64) -> Int64 {
    guard shape.cut == nil else { return Self.never }
    guard let rate = shape.rate else { return now }
    busyUntil = max(busyUntil, now) + Int64((Double(count) * 1e9 / Double(rate)).rounded(.up))
    return busyUntil
  }

  /// How long what is to be let through keeps others waiting, in nanoseconds.
  func backlog(at now: Int64) -> Int64 { shape.rate == nil ? 0 : max(0, busyUntil - now) }

  /// Nothing is before those that are now told anew when they leave.
  fileprivate func restart(at now: Int64) { busyUntil = now }

  // MARK: Chance

  /// For how long bytes that have left are on their way, in nanoseconds.
  ///
  /// - Parameters:
  ///   - sway: how far the delay is from its middle, from -1 to 1 jitters.
  ///   - isLost: whether they had to be sent again.
  func travel(sway: Double, isLost: Bool) -> Int64 {
    let time = shape.delay + Int64(Double(shape.jitter) * sway)
    // Whoever takes losses away does not want to wait for the last of them.
    return max(time, 0) + (isLost && shape.loss > 0 ? max(roundTrip, Self.shortestRecovery) : 0)
  }

  func drawSway() -> Double { shape.jitter > 0 ? draw() * 2 - 1 : 0 }

  /// How many of these bytes come before the first that is lost; nil where none is.
  func bytesBeforeLoss(in count: Int) -> Int? {
    guard shape.loss > 0 else { return nil }
    // How many segments come before the first lost one is distributed geometrically.
    let segments = log(1 - draw()) / log1p(-min(shape.loss, 0.999_999))
    let bytes = segments.rounded(.down) * Double(Self.segment)
    return bytes < Double(count) ? Int(bytes) : nil
  }

  /// From 0 to less than 1 (SplitMix64).
  private func draw() -> Double {
    random &+= 0x9e37_79b9_7f4a_7c15
    var mixed = random
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
  }
}

extension LinkPace {
  /// After a change: what has not left yet leaves as the link is now, in the order in which it came, whosever it is; and
  /// all that is on its way arrives as if the delay had always been what it is now.
  ///
  /// - Parameter lines: those of all connections that go over the link.
  func retime(_ lines: [DelayLine], at now: Int64) {
    restart(at: now)
    var waiting: [(departure: Int64, arrival: Int64, line: Int, place: DelayLine.Place)] = []
    for (number, line) in lines.enumerated() {
      for place in line.places(leavingAfter: now) {
        waiting.append((line.departure(place), line.arrival(place), number, place))
      }
    }
    waiting.sort {
      ($0.departure, $0.arrival, $0.line, $0.place) < ($1.departure, $1.arrival, $1.line, $1.place)
    }
    for entry in waiting { lines[entry.line].leave(entry.place, at: now, by: self) }
    for line in lines { line.retime(by: self) }
  }
}

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
