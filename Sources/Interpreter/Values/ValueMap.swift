/// A map that keeps the order in which its keys were put in. A copy costs nothing until it is changed. Keys are the same
/// if their code points are.
public struct ValueMap: Sendable, Sequence {
  private var storage = Storage()

  /// A map without entries.
  public init() {}

  /// A key that comes twice keeps its first place and its last value.
  public init(_ entries: some Sequence<(String, Value)>) {
    for (key, value) in entries { storage.entries.set(key, value) }
  }

  /// How many entries there are.
  public var count: Int { storage.entries.keys.count }
  /// Whether there is none.
  public var isEmpty: Bool { storage.entries.keys.isEmpty }
  /// The keys, in the order of the entries.
  public var keys: [String] { storage.entries.keys }
  /// The values, in the order of the entries.
  public var values: [Value] { storage.entries.values }

  /// The value under a key, nil for none. A new key comes last.
  public subscript(key: String) -> Value? {
    get { storage.entries.place(of: key).map { storage.entries.values[$0] } }
    set {
      own()
      if let newValue { storage.entries.set(key, newValue) } else { storage.entries.remove(key) }
    }
  }

  /// The map without these keys.
  package func without(_ keys: Set<TextKey>) -> ValueMap {
    var map = self
    map.remove(keys)
    return map
  }

  /// Takes these keys away.
  package mutating func remove(_ keys: Set<TextKey>) {
    // Of many at once each would move all that stand behind it.
    if keys.count > ValueMap.mostMoved {
      self = ValueMap(filter { !keys.contains(TextKey($0.0)) })
    } else if keys.contains(where: { storage.entries.place(of: $0.text) != nil }) {
      own()
      for key in keys { storage.entries.remove(key.text) }
    }
  }

  private static let mostMoved = 8

  /// The entries, in order.
  public func makeIterator() -> Zip2Sequence<[String], [Value]>.Iterator {
    zip(storage.entries.keys, storage.entries.values).makeIterator()
  }

  /// This map with `other` laid over it: where both hold a map the two are joined in the same way, else `other` wins.
  public func merged(with other: ValueMap) -> ValueMap {
    var map = self
    map.merge(other)
    return map
  }

  /// Lays the other over it. Where nobody else holds the map, nor those within that change, nothing of it is copied: a loop
  /// that makes a map larger takes a time that grows with what it adds.
  package mutating func merge(_ other: ValueMap) {
    if isEmpty { self = other }
    guard !other.isEmpty, storage !== other.storage else { return }
    own()
    for (key, value) in other { storage.entries.lay(value, over: key) }
  }

  /// Spends the steps that it takes to lay the other over it, and looks whether the result is too large, before anything
  /// is changed.
  package func checkMerge(_ other: ValueMap) throws(ValueProblem) {
    let budget = Budget.ofThread
    var count = count
    for (key, value) in other {
      try budget.spend(4)
      guard let below = self[key] else {
        count += 1
        continue
      }
      if case .map(let below) = below, case .map(let above) = value { try below.checkMerge(above) }
    }
    try Value.checkKeys(count)
  }

  /// Makes sure that nobody else sees what is changed.
  private mutating func own() {
    guard !isKnownUniquelyReferenced(&storage) else { return }
    storage = Storage(storage.entries)
  }

  /// What copies of a map share until one of them is changed.
  private final class Storage: @unchecked Sendable {
    /// Changed only by whoever has it alone.
    var entries: Entries

    init(_ entries: Entries = Entries()) { self.entries = entries }
  }
}

/// What a map consists of. Putting an entry in, and taking one away, takes a time that hardly grows with their number.
private struct Entries {
  private(set) var keys: [String] = []
  private(set) var values: [Value] = []
  /// By its key the number of an entry, in maps large enough that a search from the front would be slower.
  private var numbers: [TextKey: Int]?
  /// The numbers in the order of the entries, once one was taken away; before that an entry's number is its place.
  private var order: [Int]?
  private var nextNumber = 0

  private static let mostSearched = 12

  func place(of key: String) -> Int? {
    guard let numbers else { return keys.firstIndex { $0.isExactly(key) } }
    guard let number = numbers[TextKey(key)] else { return nil }
    guard let order else { return number }
    // In order, as new ones come last.
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      if order[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  mutating func set(_ key: String, _ value: Value) {
    if let place = place(of: key) { values[place] = value } else { append(key, value) }
  }

  /// Puts a value under a key; where both it and what is there are maps, they are joined.
  mutating func lay(_ value: Value, over key: String) {
    guard let place = place(of: key) else { return append(key, value) }
    guard case .map(var below) = values[place], case .map(let above) = value else {
      values[place] = value
      return
    }
    // Out of its place: two who hold it would make a copy of it.
    values[place] = .null
    below.merge(above)
    values[place] = .map(below)
  }

  private mutating func append(_ key: String, _ value: Value) {
    keys.append(key)
    values.append(value)
    numbers?[TextKey(key)] = nextNumber
    order?.append(nextNumber)
    nextNumber += 1
    if numbers == nil, keys.count > Entries.mostSearched { number() }
  }

  /// Numbers all entries anew.
  private mutating func number() {
    numbers = Dictionary(uniqueKeysWithValues: keys.enumerated().map { (TextKey($1), $0) })
    order = nil
    nextNumber = keys.count
  }

  mutating func remove(_ key: String) {
    guard let place = place(of: key) else { return }
    keys.remove(at: place)
    values.remove(at: place)
    guard numbers != nil else {
      nextNumber = keys.count
      return
    }
    numbers?[TextKey(key)] = nil
    if order == nil {
      // The last one to be put in may go without a trace.
      if place == keys.count {
        nextNumber = place
        return
      }
      order = Array(0..<nextNumber)
    }
    order?.remove(at: place)
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
  package mutating func insert(_ value: Value) throws(ValueProblem) -> Bool {
    let hash = try value.equalityHash()
    if try find(value, hash) { return false }
    buckets[hash, default: []].append(value)
    if kinds[value.kind] == nil { kinds[value.kind] = value }
    return true
  }

  package func contains(_ value: Value) throws(ValueProblem) -> Bool { try find(value, try value.equalityHash()) }

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
