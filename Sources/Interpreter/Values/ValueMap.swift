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

  public var count: Int { storage.keys.count }
  public var isEmpty: Bool { storage.keys.isEmpty }
  public var keys: [String] { storage.keys }
  public var values: [Value] { storage.values }

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
