import Lexer
import Synchronization

/// `during COMMAND { }`: a command that goes on while a block runs.
extension Evaluator {
  func during(_ node: During, _ frame: inout Frame, wantsValue: Bool) throws(Failure) -> Completion {
    let before = frame.locals
    let place = frame.place
    defer { frame.place = place }
    do throws(Failure) {
      if let plan { return try planDuring(node, plan, &frame, wantsValue: wantsValue) }
      return try runAlongside(node, &frame, wantsValue: wantsValue)
    } catch {
      // The command has ended by then: only both can be done again.
      throw error.with(trail: .restart(before))
    }
  }

  private func runAlongside(_ node: During, _ frame: inout Frame, wantsValue: Bool) throws(Failure) -> Completion {
    var given = try self.given(node.call, &frame, isStatement: node.variable == nil)
    if node.call.limit == nil {
      // Each command of the block has its own limit, so that the block ends.
      given.deadline = .nearest(frame.place.deadline, Evaluator.longestBlock, "a block of `during` has a day")
      given.invocation.deadline = given.deadline.instant
    } else {
      frame.place.deadline = given.deadline
    }
    // An interrupt ends the block, and the end of the block the command.
    let stop = StopSignal(below: frame.place.stop, hearing: .kill)
    given.invocation.stop = stop

    let name = "during \(given.written.masked.truncated(to: 60))"
    let start = ContinuousClock.now
    emit(.stepStarted(name), frame)
    do throws(Failure) {
      let completion = try runAlongside(node, given, stop, &frame, wantsValue: wantsValue)
      emit(.stepEnded(name, took: start.duration(to: .now), failed: false), frame)
      return completion
    } catch {
      emit(.stepEnded(name, took: start.duration(to: .now), failed: error.kind != .skipped), frame)
      throw error
    }
  }

  private func runAlongside(
    _ node: During, _ given: GivenCommand, _ stop: StopSignal, _ frame: inout Frame, wantsValue: Bool
  ) throws(Failure) -> Completion {
    guard let companion = CompanionCommand(given, stop) else {
      throw failure(.command, "the system has no thread left for \(node.call.name)", node.call.nameSpan, frame)
    }
    let result: Result<Completion, Failure>
    do throws(Failure) {
      while !companion.hasBegun { try rest(for: .milliseconds(1), node.span, frame) }
      // What could not even begin is reported, and nothing done without it.
      result =
        companion.hasFailed ? .success(.value(.null)) : .success(try execute(node.body, &frame, wantsValue: wantsValue))
    } catch {
      result = .failure(error)
    }
    let hasBlockEnded = if case .success = result { true } else { false }
    let ended = companion.end(inItsTimeBelow: hasBlockEnded ? frame.place.stop : nil)
    let own = ended.failure.map { failure($0, node.call, given, frame) }
    switch result {
    case .success(let completion):
      if let own { throw own }
      if let variable = node.variable { frame.locals[variable.slot] = ended.value }
      return completion
    case .failure(let failure):
      // A limit that is over for both is told once.
      guard let own, own.kind != .timeOut else { throw failure }
      // A block that was skipped or stopped has not failed, but the command has.
      throw failure.canBeHandled || failure.kind == .interrupted ? failure.adding([own]) : own
    }
  }

  private func planDuring(
    _ node: During, _ plan: PlanRecorder, _ frame: inout Frame, wantsValue: Bool
  ) throws(Failure) -> Completion {
    let given = try command(node.call, &frame, isStatement: node.variable == nil)
    let completion = try plan.enter(.meanwhile, at: location(node.body.span, frame)) { () throws(Failure) in
      try execute(node.body, &frame, wantsValue: wantsValue)
    }
    if let variable = node.variable { frame.locals[variable.slot] = given }
    return completion
  }
}

/// A command that goes on in a thread of its own, while a block runs.
final class CompanionCommand: Sendable {
  private struct State {
    var hasBegun = false
    var hasEnded = false
    var value = Value.null
    var failure: CommandFailure?
  }

  private let stop: StopSignal
  /// Whether it comes to its end when it is told to wind down, and gives what it has.
  private let endsEarly: Bool
  private let thread: LaneThread
  private let state: SharedState

  private final class SharedState: Sendable {
    let state = Mutex(State())
  }

  /// Starts it; nil if the system has no more threads.
  ///
  /// - Parameter stop: what tells it to end.
  init?(_ given: GivenCommand, _ stop: StopSignal) {
    let shared = SharedState()
    var invocation = given.invocation
    invocation.begun = { shared.state.withLock { $0.hasBegun = true } }
    let thread = LaneThread.start { [invocation] in
      do throws(CommandFailure) {
        let value = try given.command.run(invocation)
        shared.state.withLock { state in
          state.hasEnded = true
          state.value = value
        }
      } catch {
        shared.state.withLock { state in
          state.hasEnded = true
          state.failure = error
        }
      }
    }
    guard let thread else { return nil }
    self.stop = stop
    self.thread = thread
    endsEarly = given.command.grammar.endsEarly(given.invocation.words, of: given.command.name)
    state = shared
  }

  /// Whether the block may begin: it said so, or is over already.
  var hasBegun: Bool { state.state.withLock { $0.hasBegun || $0.hasEnded } }

  var hasFailed: Bool { state.state.withLock { $0.failure != nil } }

  /// Ends it, and waits for that.
  ///
  /// - Parameter outer: what may interrupt a command that comes to its end in its own time; nil: nobody wants what it gives,
  ///   and it has no such time.
  /// - Returns: what it gave, and why it had failed, if not because it was told to end.
  func end(inItsTimeBelow outer: StopSignal?) -> (value: Value, failure: CommandFailure?) {
    let before = state.state.withLock { $0.failure }
    let isWanted = endsEarly && outer != nil
    if let outer, endsEarly {
      stop.ask(.windDown)
      while !state.state.withLock({ $0.hasEnded }), outer.request < .interrupt { Pause.sleep(.milliseconds(2)) }
    }
    stop.ask(.interrupt)
    thread.join()
    let (value, after) = state.state.withLock { ($0.value, $0.failure) }
    return (value, before ?? (isWanted ? after : nil))
  }
}
