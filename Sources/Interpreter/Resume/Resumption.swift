/// Where a failed or interrupted run can be taken up again, to be kept until then.
public struct Resumption: Sendable {
  let point: ResumePoint

  init(_ point: ResumePoint) { self.point = point }

  /// Whether something has been done that need not be done again.
  var isWorthKeeping: Bool {
    if case .again = point.inner { return point.statement > 0 }
    return true
  }

  /// The same as JSON. Values with secrets in them are left out: they are found out again.
  public var packed: Value { point.packed }

  /// - Parameters:
  ///   - packed: what `packed` gave, for the same recipe.
  ///   - clusters: the run's.
  /// - Returns: nil if it is damaged.
  public init?(packed: Value, clusters: [Cluster]) {
    guard let point = ResumePoint(packed: packed, clusters: clusters) else { return nil }
    self.point = point
  }
}

/// Which part of a recipe is run.
public enum RunPart: Sendable {
  case whole
  /// The step of that name, and all that follows.
  case from(step: String)
  /// The step of that name alone.
  case only(step: String)
  /// What an earlier run has left.
  case rest(Resumption)
}
