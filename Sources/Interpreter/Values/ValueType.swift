/// The kinds of values.
public enum ValueKind: UInt8, CaseIterable, Sendable {
  /// Only a run knows it.
  case unknown
  case null, bool, int, float
  /// Text; what is only known to be text may hold secrets.
  case string
  /// Text of which some part is surely secret.
  case secret
  case duration, size, time, cluster, list, map, outcome
  /// What a program gives.
  case record

  /// Its name, as messages use it.
  public var name: String { self == .unknown ? "value that is known later" : String(describing: self) }

  /// Its name with its article: `an int`.
  public var withArticle: String {
    switch self {
    case .null: name
    case .int, .outcome: "an \(name)"
    default: "a \(name)"
    }
  }
}

/// Several kinds of values at once.
public struct ValueKinds: ExpressibleByArrayLiteral, Equatable, Sendable {
  private let bits: UInt16

  /// These kinds and no others.
  public init(arrayLiteral kinds: ValueKind...) {
    bits = kinds.reduce(0) { $0 | 1 << UInt16($1.rawValue) }
  }

  private init(bits: UInt16) { self.bits = bits }

  /// Whether a value of that kind is meant, too.
  @inline(__always)
  public func contains(_ kind: ValueKind) -> Bool { bits & 1 << UInt16(kind.rawValue) != 0 }

  /// The kinds, in the order of their declaration.
  public var all: [ValueKind] { ValueKind.allCases.filter(contains) }

  package static let any = ValueKinds(bits: .max)
  package static let texts: ValueKinds = [.string, .secret]
  /// What `if` and its like take.
  package static let conditions: ValueKinds = [.bool, .outcome]
  package static let clusterNames: ValueKinds = [.string, .secret, .cluster]
  /// What can be written into a text.
  package static let written: ValueKinds = [
    .bool, .int, .float, .string, .secret, .duration, .size, .time, .cluster, .record,
  ]
}

/// What can be told of a value before the run: nothing, or its kind, and of a list perhaps that of its elements. Where it
/// is not sure it says nothing: what a command or a task gives is unknown.
package struct ValueType: Sendable {
  package let kind: ValueKind
  /// Of a list, as far as it is the same for all of its elements.
  package let elementKind: ValueKind
  /// What more is known of it, for whoever types: the check needs no more than kinds.
  private let parts: Parts?

  private indirect enum Parts {
    /// All of it, as it is in a session.
    case value(Value)
    case element(ValueType)
    case entries([Entry])
    /// What a command gives, and what its part of that is.
    case given(Shape, help: String)
  }

  package typealias Entry = (key: String, type: ValueType)

  @inline(__always)
  package init(_ kind: ValueKind, of element: ValueKind = .unknown) {
    self.init(kind, of: element, nil)
  }

  @inline(__always)
  private init(_ kind: ValueKind, of element: ValueKind = .unknown, _ parts: Parts?) {
    self.kind = kind
    elementKind = element
    self.parts = parts
  }

  package static let unknown = ValueType(.unknown)
  package static let bool = ValueType(.bool)
  package static let int = ValueType(.int)
  package static let string = ValueType(.string)
  package static let map = ValueType(.map)
  package static let outcome = ValueType(.outcome)
  package static let clusters = ValueType(.list, of: .cluster)

  package static func list(of element: ValueType) -> ValueType {
    ValueType(.list, of: element.kind, element.parts == nil ? nil : .element(element))
  }

  /// A map of which keys are known; it may have others.
  package static func map(_ entries: [Entry]) -> ValueType { ValueType(.map, .entries(entries)) }

  /// Of a value that is at hand, with all that is in it.
  package static func known(_ value: Value) -> ValueType {
    let type = ValueType(of: value)
    return ValueType(type.kind, of: type.elementKind, .value(value))
  }

  /// Of what a command gives.
  package static func given(_ shape: Shape, help: String = "") -> ValueType {
    ValueType(shape.kind, of: shape.element.kind, .given(shape, help: help))
  }

  package init(of value: Value) {
    switch value {
    case .range: self.init(.list, of: .int)
    case .list(let elements):
      var common = elements.first.map { ValueType(of: $0) } ?? .unknown
      for element in elements.dropFirst() where common.isKnown { common = common.joined(with: ValueType(of: element)) }
      self.init(.list, of: common.kind)
    default: self.init(value.kind)
    }
  }

  @inline(__always)
  package var isKnown: Bool { kind != .unknown }

  /// Of a list's elements.
  package var element: ValueType {
    switch parts {
    case .element(let element): element
    case .value(.list(let elements)): elements.first.map(ValueType.known) ?? .unknown
    case .given(let shape, _): .given(shape.element)
    default: ValueType(elementKind)
    }
  }

  /// The entries of a map, as far as they are known.
  package var entries: [Entry] {
    switch parts {
    case .entries(let entries): entries
    case .value(.map(let map)): map.map { ($0.0, .known($0.1)) }
    case .given(let shape, _): shape.fields.map { ($0.name, .given($0.shape, help: $0.help)) }
    default: []
    }
  }

  /// The type of the value that is held under a key, if there is one.
  package func entry(_ key: String) -> ValueType? {
    if case .value(.map(let map)) = parts { return map[key].map(ValueType.known) }
    return entries.last { $0.key == key }?.type
  }

  /// In a few words.
  package var summary: String {
    switch parts {
    case .value(let value): value.summary
    case .given(let shape, let help): help.isEmpty ? shape.summary : "\(shape.summary): \(help)"
    default: isKnown ? kind.withArticle : ""
    }
  }

  /// Whether the value may be of one of the kinds.
  @inline(__always)
  package func mayBe(_ kinds: ValueKinds) -> Bool { kind == .unknown || kinds.contains(kind) }

  /// Whether a loop over it may set the current cluster.
  package var mayHoldClusters: Bool {
    !isKnown || (kind == .list && (elementKind == .unknown || elementKind == .cluster))
  }

  /// Of a recipe's parameter that has a default of this type: what a run gives it is made alike, or refused. One whose
  /// default is null takes anything.
  package var ofParameter: ValueType { kind == .null ? .unknown : ValueType(kind) }

  /// What is known of a value that is of the one type or of the other.
  package func joined(with other: ValueType) -> ValueType {
    guard kind == other.kind else {
      return ValueKinds.texts.contains(kind) && ValueKinds.texts.contains(other.kind) ? .string : .unknown
    }
    return elementKind == other.elementKind ? self : ValueType(kind)
  }

  /// Some value of the type: what an operation makes of it tells what it makes of all of them.
  package var sample: Value {
    switch kind {
    case .unknown, .null: .null
    case .bool: true
    case .int: 1
    case .float: .float(1)
    case .string: "a"
    case .secret: .secret(.secret("a"))
    case .duration: .duration(DurationValue(nanoseconds: 1))
    case .size: .size(SizeValue(bytes: 1))
    case .time: .time(TimeValue(nanoseconds: 0))
    case .cluster: .cluster(Cluster(name: "a", index: 0))
    case .list: .list(elementKind == .unknown ? [] : [ValueType(elementKind).sample])
    case .map: [:]
    case .outcome: .outcome(Outcome(value: .null))
    case .record: .record(ProgramRecord(out: "a", err: "", code: 0))
    }
  }

  // MARK: Operators

  /// What an operator makes of two values, or why it can make nothing of any two of these types: found out by trying.
  ///
  /// - Parameter pattern: of `matches`, if it is written out.
  package static func applying(
    _ op: BinaryOperator, _ a: ValueType, _ b: ValueType, pattern: Value? = nil
  ) -> Result<ValueType, ValueProblem> {
    guard a.isKnown, b.isKnown else { return .success(result(op)) }
    do throws(ValueProblem) {
      let result = ValueType(of: try Value.apply(op, a.sample, pattern ?? b.sample))
      switch (op, result.kind) {
      // An empty list is taken for one of elements that nobody knows.
      case (.add, .list): return .success(a.joined(with: b))
      case (.subtract, .list): return .success(a)
      case (.add, .map): return .success(a.parts == nil && b.parts == nil ? .map : .map(a.entries + b.entries))
      // Which parts of it are secret is not told by what it is made of.
      case (_, .secret): return .success(.string)
      default: return .success(result)
      }
    } catch {
      return error.kind == .wrong ? .failure(error) : .success(result(op))
    }
  }

  /// What an operator gives, whatever it is applied to.
  package static func result(_ op: BinaryOperator) -> ValueType {
    switch op {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn, .matches: .bool
    case .closedRange, .halfOpenRange: ValueType(.list, of: .int)
    case .add, .subtract, .multiply, .divide, .remainder: .unknown
    }
  }

  // MARK: What stands behind a dot

  /// What stands behind a dot without arguments, or why no value of this type has it.
  package func field(_ name: String, _ members: [Member]) -> Result<ValueType, ValueProblem> {
    switch kind {
    // A map's keys are its own, and `??` covers what null lacks.
    case .unknown, .null, .map: return .success(.unknown)
    default: break
    }
    if let member = members.first(where: { $0.belongs(to: kind) && $0.isWrittenBare }) {
      return .success(member.signature.gives.type(on: self))
    }
    do throws(ValueProblem) {
      return .success(ValueType(of: try sample.field(name, members)))
    } catch {
      return .failure(error)
    }
  }

  /// What one of these methods or fields gives.
  ///
  /// - Parameter last: the last argument, or what it gives if that is a function.
  package func result(of members: [Member], _ last: ValueType = .unknown) -> ValueType {
    guard let first = members.first?.signature.gives.type(on: self, last) else { return .unknown }
    return members.dropFirst().reduce(first) { $0.joined(with: $1.signature.gives.type(on: self, last)) }
  }
}

extension Value {
  /// The value in a few words, as a list of names shows it.
  package var summary: String {
    switch self {
    case .list(let elements): "a list of \(elements.count)"
    case .map(let map): "a map of \(map.count)"
    case .record: "what a program gave"
    default: (asText?.masked ?? kind.withArticle).truncated(to: 80)
    }
  }
}
