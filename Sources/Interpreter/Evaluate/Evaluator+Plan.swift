import Lexer

/// What a plan does in place of running: it goes through the recipe, and where something is only known during a run it
/// goes through every way that the run may take, once.
extension Evaluator {
  /// Takes down a command. What it gives back is known later.
  func planned(
    _ call: CommandCall, _ invocation: Invocation, _ written: Text, _ plan: PlanRecorder, _ frame: inout Frame
  ) throws(Failure) -> Value {
    let command = program.vocabulary.command(call.symbol)
    let limit = try call.limit.map { limit throws(Failure) in try plannedLimit(limit, &frame) }
    do throws(CommandFailure) {
      let commands = try command.plan(invocation)
      let cluster = command.concernsCluster ? invocation.cluster : nil
      plan.note(commands, on: cluster, within: limit, at: location(call.span, frame))
      return .knownLater
    } catch {
      let covering = invocation.covering
      throw Failure(
        .misuse, Text("\(call.name) would fail (\(covering(error.reason).masked))"), at: location(call.nameSpan, frame),
        label: Text("would run: \(written.masked)"),
        notes: error.advice.map { [("try", covering(Text($0)))] } ?? [])
    }
  }

  /// A limit as a person reads it.
  private func plannedLimit(_ limit: Expression, _ frame: inout Frame) throws(Failure) -> String {
    let value = try evaluate(limit, &frame)
    return value.isLater ? value.printed : try duration(limit, "within", &frame).text
  }

  /// Goes through branches of which it is not known whether they are taken, from the first such one on.
  func planBranches(
    _ node: Conditional, from first: Int, _ plan: PlanRecorder, _ frame: inout Frame, wantsValue: Bool
  ) throws(Failure) -> Completion {
    let file = frame.place.unit.file
    var ways = Ways(frame, changing: Statement.conditional(node).assignedSlots)
    // An `else` says nothing without what stands before it.
    var bare: [PlanNode] = []
    func branchWay(_ text: String, _ body: Block, _ frame: inout Frame) throws(Failure) {
      let before = plan.shownCount
      try way(text, body.span, plan, &ways, &frame) { frame throws(Failure) in
        try self.execute(body, &frame, wantsValue: wantsValue)
      }
      if plan.shownCount > before {
        plan.insert(bare, at: before)
        bare = []
      } else {
        bare.append(PlanNode(.maybe(text), at: location(body.span, frame)))
      }
    }
    for branch in node.branches[first...] {
      let condition = branch.condition
      let isFirst = condition === node.branches[first].condition
      let truth = isFirst ? .later : try self.truth(condition, "if", &frame)
      if truth == .no { continue }
      let text = "\(isFirst ? "if" : "else if") \(file.shownText(condition.span))"
      try branchWay(text, branch.body, &frame)
      if truth == .yes { return ways.completion(&frame, isComplete: true) }
    }
    guard let otherwise = node.otherwise else { return ways.completion(&frame, isComplete: false) }
    try branchWay("else", otherwise, &frame)
    return ways.completion(&frame, isComplete: true)
  }

  /// Goes through something that may happen, or happen several times.
  ///
  /// - Parameter changed: the places of the names that it may change.
  func planOnce(
    _ text: String, _ span: Span, changing changed: Set<Int>, _ plan: PlanRecorder, _ frame: inout Frame,
    _ body: (inout Frame) throws(Failure) -> Completion
  ) throws(Failure) -> Completion {
    var ways = Ways(frame, changing: changed)
    try way(text, span, plan, &ways, &frame, body)
    return ways.completion(&frame, isComplete: false)
  }

  private func way(
    _ text: String, _ span: Span, _ plan: PlanRecorder, _ ways: inout Ways, _ frame: inout Frame,
    _ body: (inout Frame) throws(Failure) -> Completion
  ) throws(Failure) {
    frame.locals = ways.start
    let place = frame.place
    let isOneWay = frame.isOneWay
    frame.isOneWay = true
    defer {
      frame.place = place
      frame.isOneWay = isOneWay
    }
    try plan.enter(.maybe(text), at: location(span, frame), isUncertain: true) { () throws(Failure) in
      do throws(Failure) {
        ways.add(try body(&frame), frame.locals)
      } catch {
        // It would end here only if this way is taken at all.
        if error.kind == .interrupted { throw error }
        let ending = error.kind == .skipped ? "skip" : "fail"
        // A plan has a line for it, whatever more it would say.
        plan.note(.ending("\(ending): \(error.title.masked.prefix { !$0.isNewline })"), at: error.location)
      }
    }
  }

  /// The body of a loop whose elements are known later, gone through once.
  func planPass(
    _ node: Foreach, _ plan: PlanRecorder, _ frame: inout Frame, wantsValue: Bool
  ) throws(Failure) -> Completion {
    let file = frame.place.unit.file
    let names = node.variables.map { file.text($0.span) }.joined(separator: ", ")
    let text = "for each \(names) in \(file.shownText(node.source.span))"
    let changed = node.body.assignedSlots
    return try planOnce(text, node.span, changing: changed, plan, &frame) { frame throws(Failure) in
      // What one pass changes, the next one does not know.
      for slot in changed { frame.locals[slot] = .knownLater }
      for variable in node.variables { frame.locals[variable.slot] = .knownLater }
      return try self.execute(node.body, &frame, wantsValue: wantsValue)
    }
  }

  /// Lanes or passes over elements that are known, in their order.
  func planItems(
    _ kind: PlanNode.Kind, _ names: [String], _ span: Span, _ plan: PlanRecorder, _ frame: inout Frame,
    _ body: (Int, inout Frame) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    var values: [Value] = []
    try plan.enter(kind, at: location(span, frame)) { () throws(Failure) in
      for (index, name) in names.enumerated() {
        try checkGoingOn(span, frame)
        try plan.enterItem(index, name) { () throws(Failure) in values.append(try body(index, &frame)) }
      }
    }
    return .list(values)
  }

  /// A loop over elements that are known: every pass, in its order.
  func planPasses(
    _ node: Foreach, _ source: Value, _ plan: PlanRecorder, _ frame: inout Frame, wantsValue: Bool
  ) throws(Failure) -> Completion {
    let elements = try applied(node.source.span, frame) { () throws(ValueProblem) in try source.loopElements() }
    let cluster = frame.place.cluster
    defer { frame.place.cluster = cluster }
    if elements.count > 1, mayReturn(from: node, with: elements[0], plan, frame) {
      return try planPass(node, plan, &frame, wantsValue: wantsValue)
    }
    var returned: Value?
    let names = try applied(node.source.span, frame) { () throws(ValueProblem) in
      try Evaluator.names(of: elements, in: source)
    }
    let values = try planItems(.passes, names, node.span, plan, &frame) { index, frame throws(Failure) in
      if returned != nil { return .null }
      try bind(elements[index], to: node.variables, node.source.span, &frame)
      if case .cluster(let cluster) = elements[index] { frame.place.cluster = cluster }
      let completion = try execute(node.body, &frame, wantsValue: wantsValue)
      if case .returned(let value) = completion { returned = value }
      return completion.value
    }
    if let returned { return .returned(returned) }
    return .value(wantsValue ? values : .null)
  }

  /// Whether the first pass of a loop may return from its task: then nobody knows how many passes follow it.
  private func mayReturn(
    from node: Foreach, with element: Value, _ plan: PlanRecorder, _ frame: borrowing Frame
  ) -> Bool {
    guard node.body.holdsReturn else { return false }
    var own = copy frame
    own.mayHaveReturned = false
    return plan.tryingOut { () throws(Failure) in
      try bind(element, to: node.variables, node.source.span, &own)
      if case .cluster(let cluster) = element { own.place.cluster = cluster }
      _ = try execute(node.body, &own)
      return own.mayHaveReturned
    }
  }

  func planWait(_ node: Wait, _ plan: PlanRecorder, _ frame: inout Frame) throws(Failure) {
    let file = frame.place.unit.file
    let text = try node.text.map { text throws(Failure) in try sentence(text, &frame).masked }
    plan.noteUnknown()
    let limit =
      try node.limit.map { limit throws(Failure) in try plannedLimit(limit, &frame) }
      ?? DurationValue(Evaluator.waitLimit).text
    let kind = PlanNode.Kind.wait(text ?? file.shownText(node.condition.span).truncated(to: 80), within: limit)
    try plan.enter(kind, at: location(node.span, frame), isUncertain: true) { () throws(Failure) in
      do throws(Failure) {
        _ = try evaluate(node.condition, &frame)
      } catch {
        // What is missing now may be there then.
        guard error.kind == .missing else { throw error }
      }
    }
  }

  /// `try { } else err { }`: whether the body fails is known later, unless all that it does is known.
  func planAttempt(
    _ node: TryStatement, _ plan: PlanRecorder, _ frame: inout Frame, wantsValue: Bool
  ) throws(Failure) -> Completion {
    let before = plan.unknowns
    let start = frame.locals
    let body = try execute(node.body, &frame, wantsValue: wantsValue)
    guard let handler = node.handler, plan.unknowns > before else { return body }
    var ways = Ways(frame, changing: Statement.attempt(node).assignedSlots)
    ways.add(body, frame.locals)
    ways.start = start
    try way("if that fails", handler.span, plan, &ways, &frame) { frame throws(Failure) in
      if let variable = node.error { frame.locals[variable.slot] = .knownLater }
      return try self.execute(handler, &frame, wantsValue: wantsValue)
    }
    return ways.completion(&frame, isComplete: true)
  }

  func planRetry(
    _ node: Retry, _ plan: PlanRecorder, _ frame: inout Frame, wantsValue: Bool
  ) throws(Failure) -> Completion {
    let file = frame.place.unit.file
    _ = try retryCount(node, &frame)
    let pause = node.pause.map { ", every \(file.shownText($0.span))" } ?? ""
    let text = "up to \(file.shownText(node.count.span)) times\(pause)"
    return try plan.enter(.maybe(text), at: location(node.span, frame)) { () throws(Failure) in
      try execute(node.body, &frame, wantsValue: wantsValue)
    }
  }
}

/// What becomes of a frame on the ways that a run may take.
private struct Ways {
  /// The values before the first of them.
  var start: [Value]
  /// The places of the names that they may change.
  private let changed: Set<Int>
  private var ends: [(completion: Completion, locals: [Value])] = []

  init(_ frame: borrowing Frame, changing changed: Set<Int>) {
    start = frame.locals
    self.changed = changed
  }

  mutating func add(_ completion: Completion, _ locals: [Value]) { ends.append((completion, locals)) }

  /// Joins the ways: a name that has not the same value on all of them is known later.
  ///
  /// - Parameter isComplete: one of the ways is sure to be taken.
  func completion(_ frame: inout Frame, isComplete: Bool) -> Completion {
    let all = ends.map(\.locals) + (isComplete && !ends.isEmpty ? [] : [start])
    var joined = all[0]
    for other in all.dropFirst() {
      for slot in changed where !joined[slot].isSame(as: other[slot]) { joined[slot] = .knownLater }
    }
    frame.locals = joined
    let returns = ends.filter { if case .returned = $0.completion { true } else { false } }
    if isComplete, !ends.isEmpty, returns.count == ends.count { return .returned(.knownLater) }
    if !returns.isEmpty { frame.mayHaveReturned = true }
    return .value(.knownLater)
  }
}

/// Expressions of which a plan does not know whether a run evaluates them.
extension Evaluator {
  /// The value of an expression that a run may never evaluate.
  func planPerhaps(
    _ text: String, _ expression: Expression, _ plan: PlanRecorder, _ frame: inout Frame
  ) throws(Failure) -> Value {
    var value = Value.knownLater
    let changed = Statement.expression(expression).assignedSlots
    _ = try planOnce(text, expression.span, changing: changed, plan, &frame) { frame throws(Failure) in
      do throws(Failure) {
        value = try self.evaluate(expression, &frame)
      } catch {
        // Nothing tells that it will be so.
        guard error.kind == .missing || error.kind == .value else { throw error }
      }
      return .value(.null)
    }
    return value
  }

  /// What one of two expressions gives, of which it is known later which.
  func laterChoice(
    _ test: Expression, _ yes: Expression, _ no: Expression, _ frame: inout Frame
  ) throws(Failure) -> Value {
    guard let plan else { return .knownLater }
    let first = try planPerhaps("if \(frame.place.unit.file.shownText(test.span))", yes, plan, &frame)
    let second = try planPerhaps("else", no, plan, &frame)
    return first.isSame(as: second) ? first : .knownLater
  }

  /// The right side of `and` or `or`, which a run may never come to.
  func secondTruth(
    _ first: Truth, _ when: String, _ left: Expression, _ right: Expression, _ what: String, _ frame: inout Frame
  ) throws(Failure) -> Truth {
    guard let plan, first == .later else { return try truth(right, what, &frame) }
    let value = try planPerhaps("\(when) \(frame.place.unit.file.shownText(left.span))", right, plan, &frame)
    if case .bool(let bool) = value { return Truth(bool) }
    return .later
  }

  /// One element of a list of which it is known later how many it has.
  func planElement(
    _ node: Comprehension, _ text: String, _ plan: PlanRecorder, _ frame: inout Frame
  ) throws(Failure) -> Value {
    if let condition = node.condition { _ = try planPerhaps(text, condition, plan, &frame) }
    _ = try planPerhaps(text, node.element, plan, &frame)
    return .knownLater
  }
}
