/// Values among which others are looked for as `==` does, in time that does not grow with their number.
struct ValueSet {
  /// Values that are the same have the same hash; few others do.
  private var buckets: [Int: [Value]] = [:]
  /// One value of each kind that can be compared with its like only.
  private var kinds: [String: Value] = [:]

  /// Puts a value in. Tells whether it was not there before.
  ///
  /// - Throws: if one that is there can't be the same: that is a slip, not a difference.
  mutating func insert(_ value: Value) throws(ValueProblem) -> Bool {
    let hash = try value.equalityHash()
    if try find(value, hash) { return false }
    buckets[hash, default: []].append(value)
    if kinds[value.typeName] == nil { kinds[value.typeName] = value }
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
