import Lexer

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
    var given = try self.given(node.call, &frame, isStatement: true)
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
    let own = companion.end().map { failure($0, node.call, given, frame) }
    switch result {
    case .success(let completion):
      if let own { throw own }
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
    _ = try command(node.call, &frame, isStatement: true)
    return try plan.enter(.meanwhile, at: location(node.body.span, frame)) { () throws(Failure) in
      try execute(node.body, &frame, wantsValue: wantsValue)
    }
  }
}
