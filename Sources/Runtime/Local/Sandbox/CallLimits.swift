import Interpreter

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Until when a call may wait, and what ends its waits before.
struct CallLimits: Sendable {
  let deadline: ContinuousClock.Instant
  let stop: StopSignal
  let say: @Sendable (Text) -> Void
  private let silence: Silence

  init(_ call: Invocation, atMost limit: Duration? = nil) {
    deadline = limit.map { min(call.deadline, .now + $0) } ?? call.deadline
    stop = call.stop
    say = call.say
    silence = Silence(of: call)
  }

  /// Throws once the wait is over.
  ///
  /// - Parameters:
  ///   - doing: as in "waiting for c1-nats-0 to listen".
  ///   - request: from which request on it gives up: what has begun is let finish when another lane fails, what has not
  ///     is not begun.
  func check(_ doing: @autoclosure () -> String, givingUpFrom request: StopSignal.Request = .interrupt)
    throws(CommandFailure)
  {
    if stop.request >= request { throw CommandFailure(.interrupted, "stopped while \(doing())") }
    if deadline <= .now { throw CommandFailure(.timedOut, "the time was over while \(doing())") }
  }

  /// Sleeps for so many milliseconds, less if the deadline is nearer; throws as `check` does.
  func pause(
    _ milliseconds: Int32, _ doing: @autoclosure () -> String, givingUpFrom request: StopSignal.Request = .interrupt
  ) throws(CommandFailure) {
    try check(doing(), givingUpFrom: request)
    silence.note { (Silence.object(of: doing()), "") }
    poll(nil, 0, min(milliseconds, (deadline - .now).roundedUpMilliseconds))
  }

  /// For the parts that ask in their own words whether to stop.
  var shouldStop: () -> StopRequest {
    { [stop] in
      switch stop.request {
      case .none: .none
      case .windDown, .interrupt: .gently
      case .kill: .atOnce
      }
    }
  }
}

extension CommandFailure {
  /// What the machine refused.
  init(_ error: MachineError) {
    switch error {
    case .stopped: self.init(.interrupted, error.description)
    case .lockHeld: self.init(.timedOut, error.description)
    case .oddServerVersion: self.init(.misused, error.description)
    default:
      let lines = error.description.split(separator: "\n", maxSplits: 1)
      self.init(.failed, String(lines[0]), said: lines.count > 1 ? Text(String(lines[1])) : nil)
    }
  }

  init(_ error: ProcessError) { self.init(.failed, error.description) }
}

/// Does what may be refused by the machine, as a part of a command.
func onThisMachine<Result>(_ body: () throws(MachineError) -> Result) throws(CommandFailure) -> Result {
  do { return try body() } catch { throw CommandFailure(error) }
}
