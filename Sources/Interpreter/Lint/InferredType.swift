/// What can be told of a value's type before the run: nothing, or its type, and of a list perhaps that of its elements.
/// Where it is not sure it says nothing: what a command or a task gives is unknown.
struct InferredType: Equatable, Sendable {
  enum Base: UInt8, Sendable {
    case unknown, null, bool, int, float
    /// A string or a secret.
    case text
    case duration, size, time, cluster, list, map, outcome
  }

  let base: Base
  /// Of a list, as far as it is the same for all of its elements.
  let element: Base

  @inline(__always)
  init(_ base: Base, of element: Base = .unknown) {
    self.base = base
    self.element = element
  }

  static let unknown = InferredType(.unknown)
  static let bool = InferredType(.bool)
  static let int = InferredType(.int)
  static let text = InferredType(.text)
  static let map = InferredType(.map)
  static let outcome = InferredType(.outcome)
  static let clusters = InferredType(.list, of: .cluster)

  static func list(of element: InferredType) -> InferredType { InferredType(.list, of: element.base) }

  @inline(__always)
  var isKnown: Bool { base != .unknown }

  /// Of a list's elements.
  var elementType: InferredType { InferredType(element) }

  /// Whether a loop over it may set the current cluster.
  var mayHoldClusters: Bool {
    base == .unknown || (base == .list && (element == .unknown || element == .cluster))
  }

  init(of value: Value) {
    switch value {
    case .null: self.init(.null)
    case .bool: self.init(.bool)
    case .int: self.init(.int)
    case .float: self.init(.float)
    case .string, .secret: self.init(.text)
    case .duration: self.init(.duration)
    case .size: self.init(.size)
    case .time: self.init(.time)
    case .cluster: self.init(.cluster)
    case .list(let elements):
      var common = elements.first.map { InferredType(of: $0) } ?? .unknown
      for element in elements.dropFirst() { common = common.joined(with: InferredType(of: element)) }
      self.init(.list, of: common.base)
    case .range: self.init(.list, of: .int)
    case .map: self.init(.map)
    case .outcome: self.init(.outcome)
    case .record, .later: self.init(.unknown)
    }
  }

  /// What is known of a value that is of the one type or of the other.
  func joined(with other: InferredType) -> InferredType {
    guard base == other.base else { return .unknown }
    return element == other.element ? self : InferredType(base)
  }
}

extension InferredType {
  /// Several types at once.
  struct Set: OptionSet, Sendable {
    let rawValue: UInt16
    init(rawValue: UInt16) { self.rawValue = rawValue }
    init(_ base: Base) { rawValue = 1 << base.rawValue }

    /// What `if` and its like take.
    static let conditions: Set = [Set(.bool), Set(.outcome)]
    static let ints = Set(.int)
    static let durations = Set(.duration)
    static let lists = Set(.list)
    static let loopSources: Set = [Set(.list), Set(.map)]
    static let clusterNames: Set = [Set(.text), Set(.cluster)]
    static let numbers: Set = [Set(.int), Set(.float)]
    /// What can be written into a text.
    static let written: Set = [
      Set(.bool), Set(.int), Set(.float), Set(.text), Set(.duration), Set(.size), Set(.time), Set(.cluster),
    ]
  }

  /// Whether the value may be of one of the types.
  @inline(__always)
  func mayBe(_ types: Set) -> Bool { base == .unknown || types.contains(Set(base)) }
}

extension InferredType {
  /// Some value of the type: what an operation makes of it tells what it makes of all of them.
  var sample: Value {
    switch base {
    case .unknown, .null: .null
    case .bool: true
    case .int: 1
    case .float: .float(1)
    case .text: "a"
    case .duration: .duration(DurationValue(nanoseconds: 1))
    case .size: .size(SizeValue(bytes: 1))
    case .time: .time(TimeValue(nanoseconds: 0))
    case .cluster: .cluster(Cluster(name: "a", index: 0))
    case .list: .list(element == .unknown ? [] : [elementType.sample])
    case .map: [:]
    case .outcome: .outcome(Outcome(value: .null))
    }
  }

  /// The type's name with its article, as messages use it.
  var withArticle: String { sample.typeWithArticle }
}
