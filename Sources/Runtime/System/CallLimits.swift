import Synchronization
import ValuesAndCommands

extension Invocation {
  /// How long this call may wait for something: until its deadline, or `duration` from now if that is sooner.
  ///
  /// - Parameter request: from which request to stop on the wait ends.
  package func limit(atMost duration: Duration? = nil, givingUpFrom request: StopSignal.Request = .windDown) -> Limit {
    let limit = Limit(until: deadline, stop: stop, leastRequest: request)
    return duration.map(limit.atMost) ?? limit
  }
}

/// The limit of a call that does many things one after the other, and how it tells of them.
package struct CallLimits: Sendable {
  /// What has begun is let finish when another lane fails.
  package let limit: Limit
  package let say: @Sendable (Text) -> Void

  package init(_ call: Invocation, atMost duration: Duration? = nil) {
    let silence = Silence(of: call)
    var limit = call.limit(atMost: duration, givingUpFrom: .interrupt)
    limit.onWait = { silence.note($0) }
    self.limit = limit
    say = call.say
  }

  /// Throws once the wait is over.
  ///
  /// - Parameters:
  ///   - doing: as in "waiting for c1-nats-0 to listen".
  ///   - request: from which request on it gives up: what has not begun is not begun when another lane fails.
  package func check(_ doing: @autoclosure () -> String, givingUpFrom request: StopSignal.Request = .interrupt)
    throws(CommandFailure)
  {
    if limit.givingUp(from: request).isStopped { throw CommandFailure(.interrupted, "stopped while \(doing())") }
    if limit.hasPassed { throw CommandFailure(.timedOut, "the time was over while \(doing())") }
  }

  /// Sleeps for so many milliseconds, less if the deadline is nearer; throws as `check` does.
  package func pause(
    _ milliseconds: Int32, _ doing: @autoclosure () -> String, givingUpFrom request: StopSignal.Request = .interrupt
  ) throws(CommandFailure) {
    try check(doing(), givingUpFrom: request)
    limit.onWait? { (Limit.object(of: doing()), "") }
    poll(nil, 0, min(milliseconds, limit.left.pollMilliseconds))
  }
}

extension CommandFailure {
  package init(_ kind: Kind, of problem: Problem, ran: Text? = nil) {
    self.init(
      kind, Text(problem.reason), said: problem.said.map { Text($0) }, advice: problem.advice, ran: ran)
  }

  /// What the machine refused.
  init(_ error: MachineError) {
    switch error {
    case .stopped: self.init(.interrupted, of: error.problem)
    case .lockHeld: self.init(.timedOut, of: error.problem)
    case .oddServerVersion: self.init(.misused, of: error.problem)
    default: self.init(.failed, of: error.problem)
    }
  }

  package init(_ error: ProcessError) { self.init(.failed, of: error.problem) }
}

extension Invocation {
  /// Does what no other nbx of this home, nor another lane of this one, may be about at the same time: waits for its turn.
  ///
  /// - Parameters:
  ///   - what: the same word for all that may not meet, and another one for all else.
  ///   - purpose: what is done, for those who wait, as in "setting links".
  package func inTurn<Result>(
    _ what: String, for purpose: String, in environment: [String: String],
    _ body: () throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    let turn = try onThisMachine { () throws(MachineError) in
      let locks = try Home.folder(environment: environment) + "/locks"
      try Folders.make(locks)
      let name = what.replacing("/", with: "_").prefix(200)
      return try FileLock.acquire("\(locks)/\(name)", for: purpose, limit: limit())
    }
    defer { turn.vanish() }
    return try body()
  }
}

/// Does what may be refused by the machine, as a part of a command.
package func onThisMachine<Result>(_ body: () throws(MachineError) -> Result) throws(CommandFailure) -> Result {
  do { return try body() } catch { throw CommandFailure(error) }
}

/// Tells what a call waits for, once it has been silent for long.
package final class Silence: Sendable {
  private let progress: @Sendable (_ what: String, _ soFar: String?) -> Void
  private let begun = ContinuousClock.now
  private let told = Mutex<(what: String, at: ContinuousClock.Instant)?>(nil)

  /// Whoever shows it waits for a second of its own.
  private static let patience = Duration.seconds(1)
  private static let pause = Duration.milliseconds(200)

  package init(of call: Invocation) { progress = call.progress }

  /// Hears what is waited for, and how far it is; from any thread, and again and again.
  package func note(_ words: () -> (what: String, soFar: String)) {
    let now = ContinuousClock.now
    guard begun.duration(to: now) > Self.patience else { return }
    let (what, soFar) = words()
    let isDue = told.withLock { told in
      if let last = told, last.at.duration(to: now) < Self.pause { return false }
      told = (what, now)
      return true
    }
    if isDue { progress(what, soFar) }
  }

  /// The call is over.
  package func end() {
    if let last = told.withLock({ $0 }) { progress(last.what, nil) }
  }

  /// For waits that have nothing else by which to tell their end.
  deinit { end() }
}
