import Lexer

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
