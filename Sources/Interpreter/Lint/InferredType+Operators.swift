extension InferredType {
  /// What an operator makes of two values, or why it can make nothing of any two of these types: found out by trying.
  ///
  /// - Parameter pattern: of `matches`, if it is written out.
  static func applying(
    _ op: BinaryOperator, _ a: InferredType, _ b: InferredType, pattern: Value? = nil
  ) -> Result<InferredType, ValueProblem> {
    guard a.isKnown, b.isKnown else { return .success(result(op)) }
    do throws(ValueProblem) {
      let result = InferredType(of: try Value.apply(op, a.sample, pattern ?? b.sample))
      guard result.base == .list else { return .success(result) }
      switch op {
      // An empty list is taken for one of elements that nobody knows.
      case .add: return .success(a.joined(with: b))
      case .subtract: return .success(a)
      default: return .success(result)
      }
    } catch {
      return error.kind == .wrong ? .failure(error) : .success(result(op))
    }
  }

  /// What an operator gives, whatever it is applied to.
  static func result(_ op: BinaryOperator) -> InferredType {
    switch op {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn, .matches: .bool
    case .closedRange, .halfOpenRange: InferredType(.list, of: .int)
    case .add, .subtract, .multiply, .divide, .remainder: .unknown
    }
  }
}
