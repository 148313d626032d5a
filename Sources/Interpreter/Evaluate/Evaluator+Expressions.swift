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
      if let plan, let later = plan.noticing(value.laterField(name.text)) { return later }
      if case .map(let map) = value, let inner = map[name.text] { return inner }
      return try applied(name.span, frame) { () throws(ValueProblem) in try value.field(name.text) }
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
