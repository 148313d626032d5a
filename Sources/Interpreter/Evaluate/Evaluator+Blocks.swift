import Lexer

/// Blocks: their statements, and what they defer.
extension Evaluator {
  /// Runs the statements of a block, then what they deferred, last first, whatever happened.
  ///
  /// - Parameter point: where an earlier run left it; nil for from its start.
  func execute(
    _ block: Block, _ frame: inout Frame, wantsValue: Bool = false, from point: ResumePoint? = nil
  ) throws(Failure) -> Completion {
    // Loops are made of blocks that hold nothing out of the ordinary: those come first, in as little code as can be.
    if point == nil, !block.hasDefer, frame.place.search == nil {
      return try executeAll(block, &frame, wantsValue: wantsValue)
    }
    return try executeRarer(block, &frame, wantsValue: wantsValue, from: point)
  }

  /// Every statement, one after the other.
  private func executeAll(_ block: Block, _ frame: inout Frame, wantsValue: Bool) throws(Failure) -> Completion {
    let last = block.statements.count - 1
    if last < 0 { return .value(.null) }
    var index = 0
    do throws(Failure) {
      while index < last {
        if case .returned(let value) = try execute(block.statements[index], &frame) { return .returned(value) }
        index += 1
      }
      return try execute(block.statements[last], &frame, wantsValue: wantsValue)
    } catch {
      throw wantsValue ? error.with(trail: .lost) : error.leavingBlock(at: index, frame.locals)
    }
  }

  /// Blocks that defer something, that are taken up, or in which a step is looked for.
  @inline(never)
  private func executeRarer(
    _ block: Block, _ frame: inout Frame, wantsValue: Bool, from point: ResumePoint?
  ) throws(Failure) -> Completion {
    guard block.hasDefer else {
      if let point { return try goOn(block, &frame, wantsValue: wantsValue, from: point) }
      return try searchAll(block, &frame, wantsValue: wantsValue)
    }
    var deferred: [Block] = []
    let before = point?.entry?.completed(from: frame) ?? frame.locals
    let result: Result<Completion, Failure>
    do throws(Failure) {
      result = .success(try executeDeferring(block, &frame, wantsValue: wantsValue, from: point, &deferred))
    } catch {
      // What was deferred is undone by then: only the block as a whole can be taken up.
      result = .failure(
        deferred.isEmpty ? error.leavingBlock(enteredWith: before) : error.with(trail: .restart(before)))
    }
    // So it is if one of the deferred blocks fails.
    let failures = runDeferred(deferred, &frame).map { $0.with(trail: .restart(before)) }
    switch result {
    case .success(let completion):
      if let first = failures.first { throw first.adding(Array(failures.dropFirst())) }
      return completion
    case .failure(let failure):
      // A block that was skipped or stopped has not failed, but what it deferred has.
      if failure.kind == .skipped || failure.kind == .stopped, let first = failures.first {
        throw first.adding(Array(failures.dropFirst()))
      }
      throw failure.adding(failures)
    }
  }

  /// The statements that an earlier run has not done.
  private func goOn(
    _ block: Block, _ frame: inout Frame, wantsValue: Bool, from point: ResumePoint
  ) throws(Failure) -> Completion {
    var index = point.statement
    guard index < block.statements.count else { return .value(.null) }
    do throws(Failure) {
      var completion = try resume(block.statements[index], at: point.inner, &frame)
      while case .value = completion, index + 1 < block.statements.count {
        index += 1
        let isLast = index + 1 == block.statements.count
        completion = try execute(block.statements[index], &frame, wantsValue: wantsValue && isLast)
      }
      return completion
    } catch {
      throw wantsValue ? error.with(trail: .lost) : error.leavingBlock(at: index, frame.locals)
    }
  }

  private func executeDeferring(
    _ block: Block, _ frame: inout Frame, wantsValue: Bool, from point: ResumePoint?, _ deferred: inout [Block]
  ) throws(Failure) -> Completion {
    var last = Completion.value(.null)
    let valued = block.statements.lastIndex { if case .defer = $0 { false } else { true } }
    let first = point?.statement ?? 0
    for (index, statement) in block.statements.enumerated().dropFirst(first) {
      if case .defer(let late, _) = statement {
        if let search = frame.place.search, search.isPast, !block.mayHoldStep(search.name, after: index) { continue }
        deferred.append(late)
        continue
      }
      do throws(Failure) {
        if frame.place.search != nil {
          last = try search(block, at: index, &frame)
        } else if let point, index == first {
          last = try resume(statement, at: point.inner, &frame)
        } else {
          last = try execute(statement, &frame, wantsValue: wantsValue && index == valued)
        }
      } catch {
        throw wantsValue ? error.with(trail: .lost) : error.leavingBlock(at: index, frame.locals)
      }
      if case .returned = last { return last }
    }
    return last
  }

  /// Runs deferred blocks. Neither an interrupt nor a limit that has passed keeps them from running; each has a minute.
  func runDeferred(_ blocks: [Block], _ frame: inout Frame) -> [Failure] {
    let place = frame.place
    defer { frame.place = place }
    var failures: [Failure] = []
    for block in blocks.reversed() {
      if let search = place.search, block.statements.contains(where: { $0.namesStep(search.name) }) {
        search.markFound()
      }
      frame.place.stop = StopSignal(below: place.stop, hearing: .kill)
      frame.place.search = nil
      frame.place.deadline = .nearest(nil, Evaluator.deferLimit, "a deferred block has one minute")
      do throws(Failure) {
        if let plan {
          _ = try plan.enter(.deferred, at: location(block.span, frame)) { () throws(Failure) in
            try execute(block, &frame)
          }
        } else {
          _ = try execute(block, &frame)
        }
      } catch {
        failures.append(error.noting("while", "running a deferred block"))
      }
    }
    return failures
  }
}
