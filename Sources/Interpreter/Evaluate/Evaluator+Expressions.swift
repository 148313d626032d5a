import Lexer

extension Evaluator {
  /// The value of an expression.
  func evaluate(_ expression: Expression, _ frame: inout Frame) throws(Failure) -> Value {
    if frame.trace == nil { return try compute(expression, &frame) }
    return try traced(expression, &frame)
  }

  private func traced(_ expression: Expression, _ frame: inout Frame) throws(Failure) -> Value {
    let trace = frame.trace
    do throws(Failure) {
      let value = try compute(expression, &frame)
      trace?.note(expression, value)
      return value
    } catch {
      trace?.note(expression, failed: error)
      throw error
    }
  }

  private func compute(_ expression: Expression, _ frame: inout Frame) throws(Failure) -> Value {
    switch expression.form {
    case .literal(let value): return value
    case .name:
      let slot = expression.slot
      return slot >= 0 ? frame.locals[slot] : frame.outer[-1 - slot]
    case .binary(let op, let left, let right):
      if frame.trace == nil, let quick = Evaluator.quick(op, left, right, frame) { return quick }
      let a = try evaluate(left, &frame)
      let b = try evaluate(right, &frame)
      if case .int(let a) = a, case .int(let b) = b, let quick = Evaluator.quick(op, a, b) { return quick }
      if let plan, let later = plan.noticing(Value.later(op, a, b)) { return later }
      if a.isSimple, b.isSimple {
        return try appliedAtOnce(expression.span, frame) { () throws(ValueProblem) in try Value.apply(op, a, b) }
      }
      return try applied(expression.span, frame) { () throws(ValueProblem) in try Value.apply(op, a, b) }
    case .field(let base, let name):
      let value = try evaluate(base, &frame)
      if let plan, let later = plan.noticing(value.laterField(name.text, name.members)) { return later }
      if case .map(let map) = value, let inner = map[name.text] { return inner }
      return try applied(name.span, frame) { () throws(ValueProblem) in try value.field(name.text, name.members) }
    case .and(let left, let right):
      let first = try truth(left, "and", &frame)
      if first == .no { return .bool(false) }
      let second = try secondTruth(first, "if", left, right, "and", &frame)
      return first == .yes || second == .no ? second.value : .knownLater
    case .or(let left, let right):
      let first = try truth(left, "or", &frame)
      if first == .yes { return .bool(true) }
      let second = try secondTruth(first, "unless", left, right, "or", &frame)
      return first == .no || second == .yes ? second.value : .knownLater
    case .not(let operand):
      let truth = try truth(operand, "not", &frame)
      return truth == .later ? .knownLater : .bool(truth == .no)
    case .conditional(let test, let yes, let no):
      switch try truth(test, "if", &frame) {
      case .yes: return try evaluate(yes, &frame)
      case .no: return try evaluate(no, &frame)
      case .later: return try laterChoice(test, yes, no, &frame)
      }
    case .text(let pieces): return Value(try text(pieces, &frame))
    default: return try computeRarer(expression, &frame)
    }
  }

  /// The forms of which loops are seldom made: apart, so that the frames of the others stay small.
  private func computeRarer(_ expression: Expression, _ frame: inout Frame) throws(Failure) -> Value {
    switch expression.form {
    case .list, .map, .comprehension, .method, .attempt, .statement:
      let value = try computeNested(expression, &frame)
      return try appliedAtOnce(expression.span, frame) { () throws(ValueProblem) in try value.checkedDepth() }
    case .negate(let operand):
      let value = try evaluate(operand, &frame)
      if value.isLater { return value }
      return try appliedAtOnce(expression.span, frame) { () throws(ValueProblem) in try Value.negated(value) }
    case .coalesce(let left, let right): return try coalesce(left, right, &frame)
    case .index(let base, let index):
      let value = try evaluate(base, &frame)
      let place = try evaluate(index, &frame)
      if value.isLater || place.isLater {
        plan?.noteUnknown()
        return .knownLater
      }
      return try appliedAtOnce(expression.span, frame) { () throws(ValueProblem) in try value.element(at: place) }
    case .call(let call):
      do throws(Failure) {
        return try self.call(call, expression.span, &frame)
      } catch {
        // Only a call that is a statement of its own can be entered again.
        throw error.with(trail: .lost)
      }
    case .command(let call): return try command(call, &frame, isStatement: false)
    default: return .null
    }
  }

  /// The forms by which a value comes to hold others.
  private func computeNested(_ expression: Expression, _ frame: inout Frame) throws(Failure) -> Value {
    switch expression.form {
    case .list(let elements):
      var values: [Value] = []
      values.reserveCapacity(elements.count)
      for element in elements { values.append(try evaluate(element, &frame)) }
      return .list(values)
    case .map(let entries): return try map(entries, &frame)
    case .comprehension(let node): return try comprehension(node, &frame)
    case .method(let call): return try method(call, expression.span, &frame)
    case .attempt(let attempt): return try self.attempt(attempt, &frame)
    case .statement(let statement):
      let trace = frame.trace
      frame.trace = nil
      defer { frame.trace = trace }
      let before = frame.locals
      do throws(Failure) {
        return try execute(statement, &frame, wantsValue: true).value
      } catch {
        throw error.with(trail: .restart(before))
      }
    default: return .null
    }
  }

  /// The whole number that a literal or a name of this frame holds, without evaluating anything.
  @inline(__always)
  private static func int(_ expression: Expression, _ frame: borrowing Frame) -> Int64? {
    switch expression.shape {
    case .int:
      guard case .literal(.int(let int)) = expression.form else { return nil }
      return int
    case .name:
      let slot = expression.slot
      guard slot >= 0, case .int(let int) = frame.locals[slot] else { return nil }
      return int
    case .other: return nil
    }
  }

  /// What becomes of two whole numbers that are at hand; nil if either must be evaluated.
  @inline(__always)
  private static func quick(
    _ op: BinaryOperator, _ left: Expression, _ right: Expression, _ frame: borrowing Frame
  ) -> Value? {
    guard let a = int(left, frame), let b = int(right, frame) else { return nil }
    return quick(op, a, b)
  }

  @inline(__always)
  static func quick(_ expression: Expression, _ frame: borrowing Frame) -> Value? {
    guard case .binary(let op, let left, let right) = expression.form else { return nil }
    return quick(op, left, right, frame)
  }

  /// Whole numbers with the operators that loops are made of; nil leaves it to `Value.apply`.
  @inline(__always)
  private static func quick(_ op: BinaryOperator, _ a: Int64, _ b: Int64) -> Value? {
    switch op {
    case .add:
      let (sum, overflow) = a.addingReportingOverflow(b)
      return overflow ? nil : .int(sum)
    case .subtract:
      let (difference, overflow) = a.subtractingReportingOverflow(b)
      return overflow ? nil : .int(difference)
    case .less: return .bool(a < b)
    case .lessOrEqual: return .bool(a <= b)
    case .greater: return .bool(a > b)
    case .greaterOrEqual: return .bool(a >= b)
    case .equal: return .bool(a == b)
    case .notEqual: return .bool(a != b)
    default: return nil
    }
  }

  /// An operation that may take long, and looks at the limits around it.
  @inline(__always)
  func applied<Result>(
    _ span: Span, _ frame: borrowing Frame, _ operation: () throws(ValueProblem) -> Result
  ) throws(Failure) -> Result {
    do throws(ValueProblem) {
      return try Budget.within(frame.place.bounds, operation)
    } catch {
      throw failure(error, span, frame)
    }
  }

  /// An operation that takes no time worth a look.
  @inline(__always)
  func appliedAtOnce<Result>(
    _ span: Span, _ frame: borrowing Frame, _ operation: () throws(ValueProblem) -> Result
  ) throws(Failure) -> Result {
    do throws(ValueProblem) {
      return try operation()
    } catch {
      throw failure(error, span, frame)
    }
  }

  /// What a condition comes to. Only a plan knows conditions that come out later.
  enum Truth {
    case yes, no, later

    init(_ bool: Bool) { self = bool ? .yes : .no }

    var value: Value { self == .later ? .knownLater : .bool(self == .yes) }
  }

  /// An expression as a condition: a bool, or an outcome.
  func truth(_ expression: Expression, _ what: String, _ frame: inout Frame) throws(Failure) -> Truth {
    let value = try evaluate(expression, &frame)
    if case .bool(let bool) = value { return Truth(bool) }
    if value.isLater {
      plan?.noteUnknown()
      return .later
    }
    return Truth(try appliedAtOnce(expression.span, frame) { () throws(ValueProblem) in try value.truth(what) })
  }
}

/// Text, maps, comprehensions, and the expressions that handle what is missing or fails.
extension Evaluator {
  // MARK: Text

  /// Copying as many bytes or elements takes longer than a look at the clock.
  static let longCopy = 16 << 10

  /// The text of a string, or of a word: that is data, and amounts are exact in it.
  func text(_ pieces: [TextPiece], _ frame: inout Frame, isWord: Bool = false) throws(Failure) -> Text {
    var text = Text("")
    for piece in pieces {
      switch piece {
      case .text(let part): text.append(part)
      case .expression(let expression):
        text.append(try self.text(expression, &frame, isWord: isWord))
        let bytes = text.string.utf8.count
        if bytes > Evaluator.longCopy {
          try checkGoingOn(expression.span, frame)
          try applied(expression.span, frame) { () throws(ValueProblem) in try Value.checkBytes(bytes) }
        }
      }
    }
    return text
  }

  private func text(_ expression: Expression, _ frame: inout Frame, isWord: Bool) throws(Failure) -> Text {
    let value = try evaluate(expression, &frame)
    guard let text = isWord ? value.asWord : value.asText else {
      throw failure(
        .value, "\(value.typeWithArticle) in text", expression.span, frame,
        advice: "`.json` writes it out; `.join(\" \")` makes a list one text; `...$list` gives a word for each element")
    }
    return text
  }

  // MARK: Lists, maps, `??`

  func map(_ entries: [MapEntry], _ frame: inout Frame) throws(Failure) -> Value {
    var flat: [(String, Value)] = []
    var isNested = false
    var hasKeyKnownLater = false
    for entry in entries {
      let value = try evaluate(entry.value, &frame)
      switch entry.key {
      case .text(let key):
        let key = try evaluate(key, &frame)
        if key.isLater {
          hasKeyKnownLater = true
          continue
        }
        flat.append((try applied(entry.keySpan, frame) { () throws(ValueProblem) in try key.asKey() }, value))
      case .path(let path):
        if path.count == 1 {
          flat.append((path[0], value))
        } else {
          isNested = true
          flat.append((path[0], path.dropFirst().reversed().reduce(value) { .map(ValueMap([($1, $0)])) }))
        }
      }
    }
    // Which keys there are is known later.
    if plan != nil, hasKeyKnownLater { return .knownLater }
    // Keys in quotes with `$` in them may turn out alike too.
    guard isNested || Set(flat.map { TextKey($0.0) }).count < flat.count else { return .map(ValueMap(flat)) }
    var merged = ValueMap()
    for (index, (key, value)) in flat.enumerated() {
      guard let below = merged[key] else {
        merged[key] = value
        continue
      }
      guard let joined = below.joined(with: value) else {
        throw failure(
          .value, "the key `\(key)` a second time", entries[index].keySpan, frame,
          advice: "lay one map over another with `+`")
      }
      merged[key] = joined
    }
    return .map(merged)
  }

  func comprehension(_ node: Comprehension, _ frame: inout Frame) throws(Failure) -> Value {
    let source = try evaluate(node.source, &frame)
    let outer = (frame.trace, frame.place.cluster)
    frame.trace = nil
    defer { (frame.trace, frame.place.cluster) = outer }
    if let plan, source.isLater {
      let names = node.variables.map { frame.place.unit.file.text($0.span) }.joined(separator: ", ")
      let text = "for each \(names) in \(frame.place.unit.file.shownText(node.source.span))"
      for variable in node.variables { frame.locals[variable.slot] = .knownLater }
      return try planElement(node, text, plan, &frame)
    }
    if node.condition == nil, source.elementCount > Value.mostElements { throw givesTooMuch(node.source.span, frame) }
    var values: [Value] = []
    var isCountKnown = true
    try forEach(source, node.variables, node.source.span, &frame) { frame throws(Failure) in
      if let condition = node.condition {
        switch try self.truth(condition, "if", &frame) {
        case .no: return true
        case .yes: break
        case .later:
          isCountKnown = false
          guard let plan = self.plan else { return true }
          let text = "if \(frame.place.unit.file.shownText(condition.span))"
          _ = try self.planPerhaps(text, node.element, plan, &frame)
          return true
        }
      }
      try self.add(try self.evaluate(node.element, &frame), to: &values, node.source.span, frame)
      return true
    }
    return isCountKnown ? .list(values) : .knownLater
  }

  func coalesce(
    _ left: Expression, _ right: Expression, _ frame: inout Frame
  ) throws(Failure) -> Value {
    do throws(Failure) {
      let value = try evaluate(left, &frame)
      if case .null = value { return try evaluate(right, &frame) }
      if let plan, value.isLater {
        _ = try planPerhaps("if there is no \(frame.place.unit.file.shownText(left.span))", right, plan, &frame)
        return .knownLater
      }
      return value
    } catch {
      guard error.kind == .missing else { throw error }
      return try evaluate(right, &frame)
    }
  }

  func attempt(_ attempt: Attempt, _ frame: inout Frame) throws(Failure) -> Value {
    let unknowns = plan?.unknowns
    let before = frame.locals
    do throws(Failure) {
      let value =
        switch attempt.body {
        case .expression(let expression): try evaluate(expression, &frame)
        case .block(let block): try execute(block, &frame, wantsValue: true).value
        }
      // Whether its commands work is known later.
      if let plan, plan.unknowns != unknowns || value.isLater { return .knownLater }
      return .outcome(Outcome(value: value))
    } catch {
      try rethrowUnlessHandled(error.with(trail: .restart(before)), frame)
      return .outcome(Outcome(error: error.message, details: error.details))
    }
  }

  /// Throws the failure on if no `try` here may take care of it, else shows it quietly.
  func rethrowUnlessHandled(_ failure: Failure, _ frame: borrowing Frame) throws(Failure) {
    guard failure.canBeHandled else { throw failure }
    if let limit = failure.deadline, limit.surrounds(frame.place.deadline) { throw failure }
    for diagnostic in failure.diagnostics { emit(.handled(diagnostic), frame) }
  }
}

extension Value {
  /// Two maps joined, where no path is in both; nil if one is.
  fileprivate func joined(with other: Value) -> Value? {
    guard case .map(var mine) = self, case .map(let theirs) = other else { return nil }
    for (key, value) in theirs {
      guard let below = mine[key] else {
        mine[key] = value
        continue
      }
      guard let joined = below.joined(with: value) else { return nil }
      mine[key] = joined
    }
    return .map(mine)
  }
}
