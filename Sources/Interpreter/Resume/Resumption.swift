/// Where a failed or interrupted run can be taken up again, to be kept until then.
public struct Resumption: Sendable {
  let point: ResumePoint
  /// The values of the libraries' names, by the place of the unit.
  let libraries: [Int: StoredLocals]

  /// Those of the run, none of which is kept.
  private let secrets: SecretRegistry

  init(_ point: ResumePoint, libraries: [Int: StoredLocals], secrets: SecretRegistry) {
    self.point = point
    self.libraries = libraries
    self.secrets = secrets
  }

  /// Whether something has been done that need not be done again.
  var isWorthKeeping: Bool {
    if case .again = point.inner { return point.statement > 0 }
    return true
  }

  /// The same as JSON. Values with secrets in them are left out: they are found out again.
  public var packed: Value {
    let packed = point.packed(hiding: secrets)
    guard !libraries.isEmpty, case .map(var map) = packed else { return packed }
    let sorted = libraries.sorted { $0.key < $1.key }
    map["libraries"] = .map(ValueMap(sorted.map { (String($0.key), $0.value.packed(hiding: secrets)) }))
    return .map(map)
  }

  /// - Parameters:
  ///   - packed: what `packed` gave, for the same recipe.
  ///   - clusters: the run's.
  /// - Returns: nil if it is damaged.
  public init?(packed: Value, clusters: [Cluster]) {
    guard let point = ResumePoint(packed: packed, clusters: clusters), case .map(let map) = packed else { return nil }
    var libraries: [Int: StoredLocals] = [:]
    if case .map(let kept)? = map["libraries"] {
      for (index, values) in kept {
        guard let index = Int(index), let values = values.elements else { return nil }
        libraries[index] = StoredLocals(packed: values, clusters: clusters)
      }
    }
    self.init(point, libraries: libraries, secrets: SecretRegistry())
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

extension Program {
  /// Whether the recipe's first statement does several things, of which some may be done when it fails.
  public var beginsWithSeveral: Bool {
    guard let first = main.body.statements.first else { return false }
    var seen: Set<ObjectIdentifier> = []
    return !first.innerStatements(&seen).isEmpty
  }
}
