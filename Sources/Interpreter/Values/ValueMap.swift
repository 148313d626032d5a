/// A map that keeps the order in which its keys were put in. A copy costs nothing until it is changed. Keys are the same
/// if their code points are.
public struct ValueMap: Sendable, Sequence {
  private final class Storage: Sendable {
    let keys: [String]
    let values: [Value]
    /// Only for maps large enough that a search from the front would be slower.
    let places: [TextKey: Int]?

    init(keys: [String], values: [Value]) {
      self.keys = keys
      self.values = values
      places =
        keys.count > 12
        ? Dictionary(keys.enumerated().map { (TextKey($1), $0) }, uniquingKeysWith: { first, _ in first }) : nil
    }
  }

  private var storage: Storage

  /// A map without entries.
  public init() { storage = Storage(keys: [], values: []) }

  /// A key that comes twice keeps its first place and its last value.
  public init(_ entries: some Sequence<(String, Value)>) {
    var keys: [String] = []
    var values: [Value] = []
    var places: [TextKey: Int] = [:]
    for (key, value) in entries {
      if let place = places[TextKey(key)] {
        values[place] = value
      } else {
        places[TextKey(key)] = keys.count
        keys.append(key)
        values.append(value)
      }
    }
    storage = Storage(keys: keys, values: values)
  }

  /// How many entries there are.
  public var count: Int { storage.keys.count }
  /// Whether there is none.
  public var isEmpty: Bool { storage.keys.isEmpty }
  /// The keys, in the order of the entries.
  public var keys: [String] { storage.keys }
  /// The values, in the order of the entries.
  public var values: [Value] { storage.values }

  /// The value under a key, nil for none. A new key comes last.
  public subscript(key: String) -> Value? {
    get { place(of: key).map { storage.values[$0] } }
    set {
      var keys = storage.keys
      var values = storage.values
      switch (place(of: key), newValue) {
      case (let place?, let value?): values[place] = value
      case (let place?, nil):
        keys.remove(at: place)
        values.remove(at: place)
      case (nil, let value?):
        keys.append(key)
        values.append(value)
      case (nil, nil): return
      }
      storage = Storage(keys: keys, values: values)
    }
  }

  /// The map without these keys.
  func without(_ keys: Set<TextKey>) -> ValueMap { ValueMap(filter { !keys.contains(TextKey($0.0)) }) }

  /// The entries, in order.
  public func makeIterator() -> Zip2Sequence<[String], [Value]>.Iterator {
    zip(storage.keys, storage.values).makeIterator()
  }

  /// This map with `other` laid over it: where both hold a map the two are joined in the same way, else `other` wins.
  public func merged(with other: ValueMap) -> ValueMap { (try? merged(with: other, nil)) ?? self }

  /// The same, as an operation on values.
  func merged(with other: ValueMap, _ budget: Budget?) throws(ValueProblem) -> ValueMap {
    try budget?.spend(count)
    var entries = Array(self)
    var places = Dictionary(uniqueKeysWithValues: keys.enumerated().map { (TextKey($1), $0) })
    for (key, value) in other {
      try budget?.spend(4)
      guard let place = places[TextKey(key)] else {
        places[TextKey(key)] = entries.count
        entries.append((key, value))
        continue
      }
      if case .map(let below) = entries[place].1, case .map(let above) = value {
        entries[place].1 = .map(try below.merged(with: above, budget))
      } else {
        entries[place].1 = value
      }
    }
    return ValueMap(entries)
  }

  private func place(of key: String) -> Int? {
    if let places = storage.places { return places[TextKey(key)] }
    return storage.keys.firstIndex { $0.isExactly(key) }
  }
}

/// Values among which others are looked for as `==` does, in time that does not grow with their number.
struct ValueSet {
  /// Values that are the same have the same hash; few others do.
  private var buckets: [Int: [Value]] = [:]
  /// One value of each kind that can be compared with its like only.
  private var kinds: [ValueKind: Value] = [:]

  /// Puts a value in. Tells whether it was not there before.
  ///
  /// - Throws: if one that is there can't be the same: that is a slip, not a difference.
  mutating func insert(_ value: Value) throws(ValueProblem) -> Bool {
    let hash = try value.equalityHash()
    if try find(value, hash) { return false }
    buckets[hash, default: []].append(value)
    if kinds[value.kind] == nil { kinds[value.kind] = value }
    return true
  }

  func contains(_ value: Value) throws(ValueProblem) -> Bool { try find(value, try value.equalityHash()) }

  private func find(_ value: Value, _ hash: Int) throws(ValueProblem) -> Bool {
    let budget = Budget.ofThread
    for other in buckets[hash] ?? [] {
      try budget.spend()
      if try Value.areEqual(other, value) { return true }
    }
    for kind in kinds.values { _ = try Value.areEqual(kind, value) }
    return false
  }
}

extension Value {
  /// The same for values that are the same.
  fileprivate func equalityHash() throws(ValueProblem) -> Int {
    var hasher = Hasher()
    try hash(into: &hasher, levels: 8)
    return hasher.finalize()
  }

  /// - Parameter levels: what lies deeper makes no difference: it may stand in the value any number of times.
  private func hash(into hasher: inout Hasher, levels: Int) throws(ValueProblem) {
    try Budget.ofThread.spend()
    switch self {
    case .null, .later: break
    case .bool(let bool): hasher.combine(bool)
    case .int(let int): hasher.combine(int)
    case .float(let float):
      if let int = Int64(exactly: float) { hasher.combine(int) } else { hasher.combine(float) }
    case .duration(let duration): hasher.combine(duration.nanoseconds)
    case .size(let size): hasher.combine(size.bytes)
    case .time(let time): hasher.combine(time.nanoseconds)
    case .string, .secret, .cluster, .record: hasher.combine(TextKey(asText?.string ?? ""))
    case .outcome(let outcome): hasher.combine(outcome.isOK)
    case .list, .range:
      hasher.combine(elementCount)
      guard levels > 0, case .list(let elements) = self else {
        // A range is the same as the list of its numbers.
        if levels > 0, case .range(let range) = self, range.count <= Value.hashedElements {
          for int in range { hasher.combine(int) }
        }
        return
      }
      guard elements.count <= Value.hashedElements else { return }
      for element in elements { try element.hash(into: &hasher, levels: levels - 1) }
    case .map(let map):
      hasher.combine(map.count)
      guard levels > 0 else { return }
      // The order of its keys makes no difference.
      var sum = 0
      for (key, value) in map {
        var own = Hasher()
        own.combine(TextKey(key))
        try value.hash(into: &own, levels: levels - 1)
        sum &+= own.finalize()
      }
      hasher.combine(sum)
    }
  }

  /// Longer lists are told apart by their length only, until they are compared.
  private static let hashedElements = 10_000
}
