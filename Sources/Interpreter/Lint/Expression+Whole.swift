extension Expression {
  /// Whether every part of it is evaluated, whatever the values are, so that a part that must fail fails the whole.
  var isEvaluatedWhole: Bool {
    switch form {
    case .literal, .name: true
    case .text(let pieces): pieces.allSatisfy { $0.expression?.isEvaluatedWhole ?? true }
    case .list(let elements): elements.allSatisfy(\.isEvaluatedWhole)
    case .map(let entries): entries.allSatisfy(\.value.isEvaluatedWhole)
    case .negate(let operand), .not(let operand), .field(let operand, _): operand.isEvaluatedWhole
    case .binary(_, let left, let right), .index(let left, let right):
      left.isEvaluatedWhole && right.isEvaluatedWhole
    case .method(let call):
      call.base.isEvaluatedWhole
        && call.arguments.allSatisfy { if case .value(let value) = $0 { value.isEvaluatedWhole } else { false } }
    case .call(let call): call.arguments.allSatisfy(\.value.isEvaluatedWhole)
    case .and, .or, .coalesce, .conditional, .comprehension, .attempt, .command, .statement, .missing: false
    }
  }
}
