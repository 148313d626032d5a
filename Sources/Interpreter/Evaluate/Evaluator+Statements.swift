import Lexer

extension Evaluator {
  func execute(_ statement: Statement, _ frame: inout Frame, wantsValue: Bool = false) throws(Failure) -> Completion {
    switch statement {
    case .assign(let node):
      if frame.trace == nil, let quick = Evaluator.quick(node.value, frame) {
        frame.locals[node.variable.slot] = quick
        return .value(.null)
      }
      frame.locals[node.variable.slot] = try assigned(node, &frame)
      return .value(.null)
    case .bind(let node):
      frame.locals[node.variable.slot] = try evaluate(node.value, &frame)
      return .value(.null)
    case .expression(let expression):
      if case .command(let call) = expression.form {
        return .value(try command(call, &frame, isStatement: !wantsValue))
      }
      if case .call(let call) = expression.form, case .task(let task) = call.callee {
        return .value(try self.call(task, call, &frame))
      }
      return .value(try evaluate(expression, &frame))
    case .conditional(let node):
      for (index, branch) in node.branches.enumerated() {
        switch try truth(branch.condition, "if", &frame) {
        case .yes: return try self.branch(node, index, &frame, wantsValue: wantsValue)
        case .no: continue
        case .later:
          guard let plan else { continue }
          return try planBranches(node, from: index, plan, &frame, wantsValue: wantsValue)
        }
      }
      if node.otherwise == nil { return .value(.null) }
      return try branch(node, node.branches.count, &frame, wantsValue: wantsValue)
    case .foreach(let node): return try foreach(node, &frame, wantsValue: wantsValue)
    default: return try executeRarer(statement, &frame, wantsValue: wantsValue)
    }
  }

  /// The statements of which loops are seldom made: apart, so that the frames of the others stay small.
  private func executeRarer(
    _ statement: Statement, _ frame: inout Frame, wantsValue: Bool
  ) throws(Failure) -> Completion {
    switch statement {
    case .parallel(let block, _): return .value(try parallel(block, &frame, wantsValue: wantsValue))
    case .step(let node): return try step(node, &frame, wantsValue: wantsValue)
    case .retry(let node): return try retry(node, &frame, wantsValue: wantsValue)
    case .during(let node): return try during(node, &frame, wantsValue: wantsValue)
    case .return(let value, let span):
      let value = try value.map { value throws(Failure) in try evaluate(value, &frame) } ?? .null
      if let plan, frame.isOneWay { plan.note(.ending("return"), at: location(span, frame)) }
      return .returned(value)
    case .use(let node):
      guard let unit = node.unit else { return .value(.null) }
      let values = try library(unit, frame.place)
      for (library, own) in node.imported { frame.locals[own] = values[library] }
      return .value(.null)
    case .run(let node): try run(node, &frame)
    case .wait(let node): try wait(node, &frame)
    case .assert(let node): try assert(node, &frame)
    case .attempt(let node): return try attempt(node, &frame, wantsValue: wantsValue)
    case .print(let values, let span):
      try checkGoingOn(span, frame)
      let width = room(frame)
      var line: [String] = []
      for value in values {
        let shown = try evaluate(value, &frame)
        line.append(
          try applied(value.span, frame) { () throws(ValueProblem) in
            let text = Table.fitting(width) { shown.displayed }
            try Budget.ofThread.spend()
            return text
          })
      }
      // Whoever shows it may have to wait for a reader.
      try applied(span, frame) { () throws(ValueProblem) in
        emit(.said(Text(line.joined(separator: " "))), frame)
        if OperationLimit.isReached { throw .outOfTime }
      }
    case .fail(let reason, let span):
      throw Failure(.stated, try sentence(reason, &frame), at: location(span, frame))
    case .skip(let reason, let span):
      throw Failure(.skipped, try sentence(reason, &frame), at: location(span, frame))
    default: break
    }
    return .value(.null)
  }

  /// The text of a `fail`, an `assert`, a step.
  func sentence(_ expression: Expression, _ frame: inout Frame) throws(Failure) -> Text {
    let value = try evaluate(expression, &frame)
    return value.asText ?? Text(value.shown(limit: 200))
  }

  private func assigned(_ node: Assign, _ frame: inout Frame) throws(Failure) -> Value {
    let slot = node.variable.slot
    if let removal = node.removal, plan == nil, frame.trace == nil, case .map = frame.locals[slot] {
      return try shrunk(node, by: removal, &frame)
    }
    guard let addition = node.addition, frame.trace == nil else { return try evaluate(node.value, &frame) }
    switch frame.locals[slot] {
    case .list, .string, .map: break
    default: return try evaluate(node.value, &frame)
    }
    let more = try evaluate(addition, &frame)
    // What grows is taken out of its place first, else adding to it would copy it.
    if case .list(let added) = more, case .list(var list) = frame.locals[slot] {
      if added.count > Evaluator.longCopy { try checkGoingOn(addition.span, frame) }
      try applied(node.value.span, frame) { () throws(ValueProblem) in try Value.checkCount(list.count + added.count) }
      frame.locals[slot] = .null
      list.append(contentsOf: added)
      return .list(list)
    }
    if case .string(let added) = more, case .string(var text) = frame.locals[slot] {
      let bytes = text.utf8.count + added.utf8.count
      if added.utf8.count > Evaluator.longCopy { try checkGoingOn(addition.span, frame) }
      try applied(node.value.span, frame) { () throws(ValueProblem) in try Value.checkBytes(bytes) }
      frame.locals[slot] = .null
      text += added
      return .string(text)
    }
    if case .map(let added) = more, case .map(var map) = frame.locals[slot] {
      try applied(node.value.span, frame) { () throws(ValueProblem) in try map.checkMerge(added) }
      frame.locals[slot] = .null
      map.merge(added)
      return .map(map)
    }
    let grown = frame.locals[slot]
    if let plan, let later = plan.noticing(Value.later(.add, grown, more)) { return later }
    return try applied(node.value.span, frame) { () throws(ValueProblem) in try Value.apply(.add, grown, more) }
  }

  /// A map without some of its keys, in its own place: others may be many.
  private func shrunk(_ node: Assign, by removal: Expression, _ frame: inout Frame) throws(Failure) -> Value {
    let slot = node.variable.slot
    let taken = try evaluate(removal, &frame)
    let keys = try applied(node.value.span, frame) { () throws(ValueProblem) in try taken.asKeys("without") }
    guard case .map(var map) = frame.locals[slot] else { return try evaluate(node.value, &frame) }
    frame.locals[slot] = .null
    map.remove(keys)
    return .map(map)
  }

  /// One branch of an `if`; the one behind the last is `else`.
  func branch(
    _ node: Conditional, _ index: Int, _ frame: inout Frame, wantsValue: Bool = false, from point: ResumePoint? = nil
  ) throws(Failure) -> Completion {
    let body = index < node.branches.count ? node.branches[index].body : node.otherwise
    guard let body else { return .value(.null) }
    do throws(Failure) {
      return try execute(body, &frame, wantsValue: wantsValue, from: point)
    } catch {
      throw error.leavingStatement { .branch(index, $0) }
    }
  }

  private func attempt(
    _ node: TryStatement, _ frame: inout Frame, wantsValue: Bool
  ) throws(Failure) -> Completion {
    let before = frame.locals
    do throws(Failure) {
      if let plan { return try planAttempt(node, plan, &frame, wantsValue: wantsValue) }
      return try execute(node.body, &frame, wantsValue: wantsValue)
    } catch {
      try rethrowUnlessHandled(error.with(trail: .restart(before)), frame)
      guard let handler = node.handler else { return .value(.null) }
      if let variable = node.error { frame.locals[variable.slot] = Value(error.message) }
      do throws(Failure) {
        return try execute(handler, &frame, wantsValue: wantsValue)
      } catch {
        throw error.with(trail: .restart(before))
      }
    }
  }

  func step(
    _ node: Step, _ frame: inout Frame, wantsValue: Bool = false, from point: ResumePoint? = nil
  ) throws(Failure) -> Completion {
    try checkGoingOn(node.span, frame)
    let name = try sentence(node.name, &frame).masked
    let place = frame.place
    defer { frame.place = place }
    if let cluster = node.cluster { frame.place.cluster = try self.cluster(cluster, &frame) }
    if let limit = node.limit {
      let duration = try duration(limit, "within", &frame)
      frame.place.deadline = .nearest(
        place.deadline, duration.duration,
        "`within \(duration.text)` of the step \"\(name)\" (\(location(node.span, frame).description))")
    }
    if let plan {
      return try plan.enter(.step(name), at: location(node.span, frame)) { () throws(Failure) in
        try execute(node.body, &frame, wantsValue: wantsValue, from: point)
      }
    }
    let start = ContinuousClock.now
    emit(.stepStarted(name), frame)
    do throws(Failure) {
      let completion = try execute(node.body, &frame, wantsValue: wantsValue, from: point)
      emit(.stepEnded(name, took: start.duration(to: .now), failed: false), frame)
      return completion
    } catch {
      emit(.stepEnded(name, took: start.duration(to: .now), failed: error.kind != .skipped), frame)
      throw error.leavingStatement { .step($0) }
    }
  }

  func run(_ node: RunRecipe, _ frame: inout Frame, from point: ResumePoint? = nil) throws(Failure) {
    guard let unit = node.unit else { return }
    try checkGoingOn(node.span, frame)
    try checkStack(node.span, frame)
    var arguments: [String: Value] = [:]
    // What an earlier run has kept is not evaluated again.
    let isKept = point?.frameLocals.heldBack.isEmpty ?? false
    for argument in node.arguments where !isKept {
      arguments[argument.name] = try runArgument(argument.value, &frame)
    }
    var place = frame.place
    place.unit = unit
    place.isFileLevel = true
    place.mayMeetStepAfter = false
    place.cluster = clusters.first
    let title = unit.title ?? unit.file.path
    if let plan {
      do throws(Failure) {
        try plan.enter(.recipe(title), at: location(node.span, frame)) { () throws(Failure) in
          try run(unit, arguments: arguments, place, from: point)
        }
      } catch {
        guard error.kind == .skipped else { throw error }
      }
      return
    }
    let start = ContinuousClock.now
    emit(.stepStarted(title), frame)
    do throws(Failure) {
      try run(unit, arguments: arguments, place, from: point)
      emit(.stepEnded(title, took: start.duration(to: .now), failed: false), frame)
    } catch {
      emit(.stepEnded(title, took: start.duration(to: .now), failed: error.kind != .skipped), frame)
      guard error.kind == .skipped else { throw error.leavingStatement { .recipe($0) } }
      emit(.skipped(error.title.masked), frame)
    }
  }

  /// A lone `$x` keeps its type, everything else is text.
  private func runArgument(_ word: Word, _ frame: inout Frame) throws(Failure) -> Value {
    if case .value(let value) = word.content { return try evaluate(value, &frame) }
    return Value(try text(word.pieces(in: frame.place.unit.file), &frame, isWord: true))
  }

  // MARK: Values of statements

  func duration(_ expression: Expression, _ what: String, _ frame: inout Frame) throws(Failure) -> DurationValue {
    let value = try evaluate(expression, &frame)
    // In a plan nothing takes time.
    if value.isLater { return DurationValue(Evaluator.commandLimit) }
    guard case .duration(let duration) = value else {
      throw failure(
        .value, "`\(what)` takes a duration, not \(value.typeWithArticle)", expression.span, frame,
        advice: "30s, 5m or 500ms")
    }
    guard duration.nanoseconds >= 0 else {
      throw failure(
        .value, "`\(what)` takes a duration from 0s on, not \(duration.text)", expression.span, frame,
        advice: "30s, 5m or 500ms")
    }
    return duration
  }

  /// The cluster that `on` names.
  func cluster(_ expression: Expression, _ frame: inout Frame) throws(Failure) -> Cluster {
    let value = try evaluate(expression, &frame)
    if case .cluster(let cluster) = value { return cluster }
    if case .later(let text) = value { return Cluster(name: text.masked, index: 0, context: text.masked) }
    guard let text = value.asText else {
      throw failure(.value, "`on` takes a cluster, not \(value.typeWithArticle)", expression.span, frame)
    }
    if let cluster = clusters.first(where: { $0.name.isExactly(text.string) }) { return cluster }
    let names = clusters.map(\.name)
    let name = text.masked
    let advice = Cluster.advice(onUnknown: name, among: names)
    throw failure(.misuse, "this run has no cluster \(name)", expression.span, frame, advice: advice)
  }
}

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
      emit(.deferStarted, frame)
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
