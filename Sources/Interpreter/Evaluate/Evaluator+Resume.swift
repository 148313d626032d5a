/// Takes a run up where an earlier one has left it.
extension Evaluator {
  /// Goes on within a statement.
  func resume(
    _ statement: Statement, at inner: ResumePoint.Inner, _ frame: inout Frame
  ) throws(Failure) -> Completion {
    switch (statement, inner) {
    case (.step(let node), .step(let point)): return try step(node, &frame, from: point)
    case (.conditional(let node), .branch(let index, let point)): return try branch(node, index, &frame, from: point)
    case (.foreach(let node), .pass(let pass, let source, let point)):
      return try passes(node, try elements(source, node, &frame), &frame, from: pass, at: point)
    case (.foreach(let node), .lanes(let states, let source)):
      return .value(try atOnce(node, try elements(source, node, &frame), &frame, states: states))
    case (.parallel(let block, _), .lanes(let states, _)):
      return .value(try parallel(block, &frame, states: states))
    case (.run(let node), .recipe(let point)):
      try run(node, &frame, from: point)
      return .value(.null)
    case (.expression(let expression), .task(let point)):
      guard case .call(let call) = expression.form, case .task(let task) = call.callee else { break }
      return .value(try self.call(task, call, &frame, from: point))
    default: break
    }
    return try execute(statement, &frame)
  }

  private func elements(_ stored: StoredValue?, _ node: Foreach, _ frame: inout Frame) throws(Failure) -> Value {
    if let value = stored?.value { return value }
    return try evaluate(node.source, &frame)
  }

  /// Gives the frame of a recipe the values that it had; those with secrets are found out again.
  func restore(
    _ frame: inout Frame, of unit: Unit, arguments: [String: Value], at point: ResumePoint
  ) throws(Failure) {
    let stored = point.frameLocals
    for (slot, value) in stored.values.enumerated() where slot < frame.locals.count { frame.locals[slot] = value }
    bindGivenNames(of: unit, in: &frame)
    for parameter in unit.parameters where stored.heldBack.contains(parameter.variable.slot) {
      try bind(parameter, arguments, &frame)
    }
    try reread(unit.body, at: point, stored.heldBack, &frame)
  }

  /// The same for a lane, whose frame is a copy of the one around it.
  func restoreLane(
    _ frame: inout Frame, _ block: Block, at point: ResumePoint,
    _ bind: (inout Frame) throws(Failure) -> Void
  ) throws(Failure) {
    let stored = point.frameLocals
    for (slot, value) in stored.values.enumerated()
    where slot < frame.locals.count && !stored.heldBack.contains(slot) {
      frame.locals[slot] = value
    }
    try bind(&frame)
    try reread(block, at: point, stored.heldBack, &frame)
  }

  /// Evaluates again what was held back, in the order in which it was bound.
  func reread(
    _ block: Block, at point: ResumePoint, _ heldBack: Set<Int>, _ frame: inout Frame
  ) throws(Failure) {
    let done = block.statements.prefix(point.statement)
    for statement in done {
      switch statement {
      case .bind(let node) where heldBack.contains(node.variable.slot): _ = try execute(statement, &frame)
      case .assign(let node) where heldBack.contains(node.variable.slot): _ = try execute(statement, &frame)
      case .use: _ = try execute(statement, &frame)
      default:
        guard !statement.assignedSlots.isDisjoint(with: heldBack) else { continue }
        throw failure(
          .misuse, "the run can't be taken up: a secret was changed here, and secrets are not kept", statement.span,
          frame, advice: "run the recipe from its start, without --resume")
      }
    }
    guard point.statement < block.statements.count else { return }
    switch (block.statements[point.statement], point.inner) {
    case (.step(let node), .step(let inner)): try reread(node.body, at: inner, heldBack, &frame)
    case (.conditional(let node), .branch(let index, let inner)):
      let body = index < node.branches.count ? node.branches[index].body : node.otherwise
      if let body { try reread(body, at: inner, heldBack, &frame) }
    case (.foreach(let node), .pass(let pass, let source, let inner)):
      if node.variables.contains(where: { heldBack.contains($0.slot) }) {
        let elements = try elements(source, node, &frame)
        let element = try applied(node.source.span, frame) { () throws(ValueProblem) in
          try elements.loopElements().dropFirst(pass).first ?? .null
        }
        try bind(element, to: node.variables, node.source.span, &frame)
      }
      try reread(node.body, at: inner, heldBack, &frame)
    default: break
    }
  }
}
