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

  /// How many bytes of values are kept, roughly: more would take long to write, and to read again.
  public static let mostBytes = 4 << 20

  /// Why a run can't be kept.
  public enum Obstacle: Error, Sendable {
    /// Its values take more than `mostBytes`.
    case tooLarge
    case stopped
  }

  /// The same as JSON. Values with secrets in them are left out: they are found out again.
  ///
  /// - Parameter isStopped: asked again and again.
  public func packed(unless isStopped: @escaping () -> Bool = { false }) throws(Obstacle) -> Value {
    var archive = ValueArchive(hiding: secrets, unless: isStopped)
    let packed = try point.packed(&archive)
    guard !libraries.isEmpty, case .map(var map) = packed else { return packed }
    var kept = ValueMap()
    for (index, values) in libraries.sorted(by: { $0.key < $1.key }) {
      kept[String(index)] = try values.packed(&archive)
    }
    map["libraries"] = .map(kept)
    return .map(map)
  }

  /// - Parameters:
  ///   - packed: what `packed(unless:)` gave, for the same recipe.
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
