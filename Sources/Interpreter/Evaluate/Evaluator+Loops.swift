import Lexer

extension Evaluator {
  func foreach(_ node: Foreach, _ frame: inout Frame, wantsValue: Bool) throws(Failure) -> Completion {
    let source = try evaluate(node.source, &frame)
    if let plan, source.isLater || source.isTooLongToPlan {
      return try planPass(node, plan, &frame, wantsValue: wantsValue)
    }
    switch node.order {
    case .oneByOne: return try oneByOne(node, source, &frame, wantsValue: wantsValue)
    case .allAtOnce, .atMost: return .value(try atOnce(node, source, &frame, wantsValue: wantsValue))
    }
  }

  /// Between two looks at the clock and at whether the run is being stopped.
  static let passesBetweenChecks = 256

  private func oneByOne(
    _ node: Foreach, _ source: Value, _ frame: inout Frame, wantsValue: Bool
  ) throws(Failure) -> Completion {
    let cluster = frame.place.cluster
    defer { frame.place.cluster = cluster }
    if let plan { return try planPasses(node, source, plan, &frame, wantsValue: wantsValue) }
    return try passes(node, source, &frame, wantsValue: wantsValue)
  }

  /// The passes of a loop that goes on one by one.
  ///
  /// - Parameters:
  ///   - first: the pass to begin with.
  ///   - point: where an earlier run left that pass.
  func passes(
    _ node: Foreach, _ source: Value, _ frame: inout Frame, wantsValue: Bool = false, from first: Int = 0,
    at point: ResumePoint? = nil
  ) throws(Failure) -> Completion {
    var values: [Value] = []
    var returned: Value?
    var pass = first
    do throws(Failure) {
      try forEach(source, node.variables, node.source.span, &frame, from: first) { frame throws(Failure) in
        let completion: Completion
        if let point, pass == first {
          completion = try self.execute(node.body, &frame, wantsValue: wantsValue, from: point)
        } else {
          completion = try self.execute(node.body, &frame, wantsValue: wantsValue)
        }
        pass += 1
        if case .returned(let value) = completion {
          returned = value
          return false
        }
        if wantsValue { try self.add(completion.value, to: &values, node.source.span, frame) }
        return true
      }
    } catch {
      let reached = pass
      // Stopped between two passes: the next one is due.
      if !wantsValue, case .lost = error.trail {
        let next = ResumePoint(statement: 0, inner: .again, locals: StoredLocals(frame.locals))
        throw error.with(trail: .statement(.pass(reached, of: StoredValue(value: source), next)))
      }
      throw error.leavingStatement { .pass(reached, of: StoredValue(value: source), $0) }
    }
    if let returned { return .returned(returned) }
    return .value(wantsValue ? .list(values) : .null)
  }

  /// Adds to what a loop gives, which has an end that memory can hold.
  func add(_ value: Value, to values: inout [Value], _ span: Span, _ frame: borrowing Frame) throws(Failure) {
    guard values.count < Value.mostElements else { throw givesTooMuch(span, frame) }
    values.append(value)
  }

  func givesTooMuch(_ span: Span, _ frame: borrowing Frame) -> Failure {
    failure(.value, "a loop can't give more than \(Value.mostElements) values", span, frame)
  }

  /// Calls the body for each element, bound to the names, until it gives false; over clusters each is the current one
  /// meanwhile.
  func forEach(
    _ source: Value, _ variables: [Variable], _ span: Span, _ frame: inout Frame, from start: Int = 0,
    _ body: (inout Frame) throws(Failure) -> Bool
  ) throws(Failure) {
    switch source {
    case .later:
      for variable in variables { frame.locals[variable.slot] = .knownLater }
      _ = try body(&frame)
      return
    case .range(let range) where variables.count == 1:
      guard range.last >= range.first else { return }
      let slot = variables[0].slot
      var passes = 0
      var next = range.first + Int64(start)
      while true {
        if passes % Evaluator.passesBetweenChecks == 0 { try checkGoingOn(span, frame) }
        frame.locals[slot] = .int(next)
        guard try body(&frame), next < range.last else { return }
        passes += 1
        next += 1
      }
    case .range, .list, .map: break
    default:
      throw failure(
        .value, "a loop goes over a list or a map, not \(source.typeWithArticle)", span, frame,
        advice: "text has `.lines` and `.split(…)`, a number has `1..n`")
    }
    let elements = try applied(span, frame) { () throws(ValueProblem) in try source.loopElements() }
    for (pass, element) in elements.enumerated().dropFirst(start) {
      if pass % Evaluator.passesBetweenChecks == 0 { try checkGoingOn(span, frame) }
      try bind(element, to: variables, span, &frame)
      if case .cluster(let cluster) = element { frame.place.cluster = cluster }
      guard try body(&frame) else { return }
    }
  }

  /// The lanes of a loop that goes through all elements at once.
  ///
  /// - Parameter states: how far an earlier run has got in each.
  func atOnce(
    _ node: Foreach, _ source: Value, _ frame: inout Frame, wantsValue: Bool = false,
    states: [ResumePoint.LaneState]? = nil
  ) throws(Failure) -> Value {
    switch source {
    case .list, .map, .range: break
    default:
      throw failure(.value, "a loop goes over a list or a map, not \(source.typeWithArticle)", node.source.span, frame)
    }
    var most: Int?
    if case .atMost(let count) = node.order {
      let value = try evaluate(count, &frame)
      if case .int(let number) = value, number > 0 {
        most = Int(clamping: number)
      } else if !value.isLater {
        throw failure(.value, "`parallel` takes a whole number above 0", count.span, frame)
      }
    }
    let (elements, names) = try applied(node.source.span, frame) { () throws(ValueProblem) in
      let elements = try source.loopElements()
      return (elements, try Evaluator.names(of: elements, in: source))
    }
    if let states, states.count != names.count {
      throw failure(
        .misuse, "the run can't be taken up: there were \(states.count) lanes, now there are \(names.count)",
        node.source.span, frame, advice: "run the recipe from its start, without --resume")
    }
    let bodies = Array(repeating: node.body, count: names.count)
    let lanes = Lanes(
      names: names, bodies: bodies, most: most, span: node.span, over: StoredValue(value: source), states: states)
    return try self.lanes(lanes, frame, wantsValue: wantsValue) { index, frame throws(Failure) in
      try self.bind(elements[index], to: node.variables, node.source.span, &frame)
      if case .cluster(let cluster) = elements[index] { frame.place.cluster = cluster }
    }
  }

  /// How the lanes or passes over elements are called.
  static func names(of elements: [Value], in source: Value) throws(ValueProblem) -> [String] {
    let budget = Budget.ofThread
    var names: [String] = []
    for (index, element) in elements.enumerated() {
      try budget.spend(8)
      if case .list(let pair) = element, case .map = source {
        names.append(pair[0].printed)
      } else {
        names.append((element.asText?.masked ?? "\(index + 1)").truncated(to: 24))
      }
    }
    return names
  }

  /// The statements of a block as lanes.
  func parallel(
    _ block: Block, _ frame: inout Frame, wantsValue: Bool = false, states: [ResumePoint.LaneState]? = nil
  ) throws(Failure) -> Value {
    let names = block.statements.enumerated().map { $1.laneName ?? "\($0 + 1)" }
    let bodies = block.statements.map { Block(statements: [$0], span: $0.span) }
    let lanes = Lanes(names: names, bodies: bodies, most: nil, span: block.span, over: nil, states: states)
    return try self.lanes(lanes, frame, wantsValue: wantsValue) { _, _ in }
  }

  func retry(_ node: Retry, _ frame: inout Frame, wantsValue: Bool) throws(Failure) -> Completion {
    if let plan { return try planRetry(node, plan, &frame, wantsValue: wantsValue) }
    let count = try retryCount(node, &frame)
    let before = frame.locals
    let pause =
      try node.pause.map { pause throws(Failure) in try duration(pause, "every", &frame).duration } ?? .seconds(1)
    var tries: Int64 = 0
    while true {
      tries += 1
      try checkGoingOn(node.span, frame)
      do throws(Failure) {
        return try execute(node.body, &frame, wantsValue: wantsValue)
      } catch {
        let failure = error.with(trail: .restart(before))
        // What makes no sense, whatever the state of the world, makes none the next time.
        if error.kind == .misuse { throw failure }
        if tries == count, error.canBeHandled { throw failure.noting("tried", count == 1 ? "once" : "\(count) times") }
        try rethrowUnlessHandled(failure, frame)
      }
      try rest(for: pause, node.span, frame)
    }
  }

  /// How often something is tried. In a plan it is not asked for.
  func retryCount(_ node: Retry, _ frame: inout Frame) throws(Failure) -> Int64 {
    let value = try evaluate(node.count, &frame)
    if value.isLater { return 1 }
    guard case .int(let count) = value, count > 0 else {
      throw failure(.value, "`retry` takes a whole number above 0", node.count.span, frame)
    }
    return count
  }

  /// Does nothing for a while; ends at once if the run is being stopped.
  func rest(for pause: Duration, _ span: Span, _ frame: borrowing Frame) throws(Failure) {
    let end = ContinuousClock.now.advanced(by: pause)
    while true {
      try checkGoingOn(span, frame)
      let left = ContinuousClock.now.duration(to: end)
      if left <= .zero { return }
      Pause.sleep(min(left, .milliseconds(10)))
    }
  }
}

extension Statement {
  /// How it is called as a lane: a step, or a branch that is one, gives it its name, and what only makes lanes of its
  /// own needs none.
  fileprivate var laneName: String? {
    switch self {
    case .step(let step):
      guard case .literal(let name) = step.name.form else { return nil }
      return name.printed.truncated(to: 24)
    case .conditional(let node):
      guard node.otherwise == nil, node.branches.count == 1, node.branches[0].body.statements.count == 1 else {
        return nil
      }
      return node.branches[0].body.statements[0].laneName
    case .parallel: return ""
    case .foreach(let node): if case .oneByOne = node.order { return nil } else { return "" }
    default: return nil
    }
  }
}

extension Value {
  /// Whether a plan goes through a loop over it but once.
  fileprivate var isTooLongToPlan: Bool {
    guard case .range(let range) = self else { return false }
    return range.count > 100_000
  }

  /// What a loop goes over: of a map, its entries as lists of key and value.
  func loopElements() throws(ValueProblem) -> [Value] {
    guard case .map(let map) = self else { return try boundedElements() }
    try Budget.ofThread.spend(map.count)
    return map.map { .list([.string($0.0), $0.1]) }
  }
}
