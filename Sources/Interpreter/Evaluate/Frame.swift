/// What a body of statements works on: its values, and where and how it runs. Every lane has its own.
struct Frame: Sendable {
  /// The values of the names bound in this body, by slot.
  var locals: [Value]
  /// Of a task: the values of its file's own names.
  var outer: [Value] = []
  var place: Place
  /// In a plan: a `return` may have ended the task before.
  var mayHaveReturned = false
  /// In a plan: a run of the task may not come here.
  var isOneWay = false
  /// Set while an asserted expression is evaluated.
  var trace: Trace?

  init(size: Int, place: Place) {
    locals = Array(repeating: .null, count: size)
    self.place = place
  }
}

/// Where and how statements run.
struct Place: Sendable {
  /// The file that they stand in.
  var unit: Unit
  /// Whether they are the file's own statements, not a task's.
  var isFileLevel = true
  var cluster: Cluster?
  /// The step that is looked for, while all others are passed over; nil in an ordinary run.
  var search: StepSearch?
  /// Whether it may be met again behind the block that is run, by what sees the names that the block changes.
  var mayMeetStepAfter = false
  var deadline: Deadline? { didSet { bounds = Budget.Bounds(until: deadline?.instant, stop) } }
  var stop: StopSignal { didSet { bounds = Budget.Bounds(until: deadline?.instant, stop) } }
  /// What of both an operation on values asks for.
  private(set) var bounds: Budget.Bounds
  /// The names of the lanes that lead here.
  var lane = ""
  /// The address below which the thread's stack must not grow.
  var stackFloor: UInt = 0

  init(unit: Unit, cluster: Cluster?, stop: StopSignal) {
    self.unit = unit
    self.cluster = cluster
    self.stop = stop
    bounds = Budget.Bounds(until: nil, stop)
  }
}

/// When something must have ended, and what says so.
final class Deadline: Sendable {
  let instant: ContinuousClock.Instant
  /// What sets the limit: `within 30s` of a step, or the default.
  let limit: String
  /// The limit around this one.
  let outer: Deadline?

  private init(instant: ContinuousClock.Instant, limit: String, outer: Deadline?) {
    self.instant = instant
    self.limit = limit
    self.outer = outer
  }

  /// The nearer of the limit around and a new one.
  static func nearest(_ outer: Deadline?, _ duration: Duration, _ limit: String) -> Deadline {
    let instant = ContinuousClock.now.advanced(by: duration)
    if let outer, outer.instant <= instant { return outer }
    return Deadline(instant: instant, limit: limit, outer: outer)
  }

  var hasPassed: Bool { ContinuousClock.now >= instant }

  /// Whether this is `other` or surrounds it.
  func surrounds(_ other: Deadline?) -> Bool {
    var next = other
    while let current = next {
      if current === self { return true }
      next = current.outer
    }
    return false
  }
}

/// What came of a statement.
enum Completion {
  case value(Value)
  /// `return` in a task: nothing more of its body runs.
  case returned(Value)

  var value: Value {
    switch self {
    case .value(let value), .returned(let value): value
    }
  }
}
