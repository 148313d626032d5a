/// Until when something may go on, and what ends it before.
///
///     let answer = try connection.request("time", limit: .within(.seconds(2)))
public struct Limit: Sendable {
  /// When the time is over; nil: never.
  public var until: ContinuousClock.Instant?
  /// What may end it before; nil: nothing.
  public var stop: StopSignal?
  /// From which request on it ends: what changes something is let finish where others would stop.
  public var leastRequest: StopSignal.Request
  /// Hears again and again what is waited for, and how far that is; the words are made only where somebody shows them.
  public var onWait: (@Sendable (_ words: () -> (what: String, soFar: String)) -> Void)?

  /// Ends at `until`, or when `stop` asks for at least `leastRequest`.
  public init(
    until: ContinuousClock.Instant?, stop: StopSignal? = nil, leastRequest: StopSignal.Request = .windDown
  ) {
    self.until = until
    self.stop = stop
    self.leastRequest = leastRequest
  }

  /// A limit that ends `duration` from now.
  public static func within(_ duration: Duration, stop: StopSignal? = nil) -> Limit {
    Limit(until: .now + duration, stop: stop)
  }

  /// This limit, or `duration` from now if that is sooner.
  public func atMost(_ duration: Duration) -> Limit { notAfter(.now + duration) }

  /// This limit, or `end` if that is sooner.
  public func notAfter(_ end: ContinuousClock.Instant) -> Limit {
    var nearer = self
    nearer.until = until.map { min($0, end) } ?? end
    return nearer
  }

  /// The same, ended by what asks to stop from `request` on.
  public func givingUp(from request: StopSignal.Request) -> Limit {
    var limit = self
    limit.leastRequest = request
    return limit
  }

  /// Whether the time is over.
  public var hasPassed: Bool { until.map { $0 <= .now } ?? false }

  /// Whether it was told to end.
  public var isStopped: Bool { stop.map { $0.request >= leastRequest } ?? false }

  /// Whether it has ended, one way or the other.
  public var isOver: Bool { isStopped || hasPassed }

  /// "waiting for c1-nats-0 to listen" is shown behind "waiting for"; so is "the end of stopping c1-nats-0".
  package static func object(of text: String) -> String {
    let prefix = "waiting for "
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : "the end of \(text)"
  }

  /// What is left of the time, at most a day: whoever waits looks again after it.
  public var left: Duration { until.map { max(.zero, min($0 - .now, .seconds(86_400))) } ?? .seconds(86_400) }
}

extension Duration {
  /// Whole milliseconds for `poll(2)`, rounded up so that a wait does not spin at its end, and at most a minute.
  package var pollMilliseconds: Int32 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    guard seconds < 60 else { return 60_000 }
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  /// The duration in whole nanoseconds.
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
