extension Value {
  /// Whether two values are the same.
  ///
  /// - Throws: if they are of types that can't be the same: that is a slip, not a difference.
  static func areEqual(_ a: Value, _ b: Value) throws(ValueProblem) -> Bool {
    switch (a, b) {
    case (.null, .null): return true
    case (.null, _), (_, .null): return false
    case (.bool(let a), .bool(let b)): return a == b
    case (.int(let a), .int(let b)): return a == b
    case (.float(let a), .float(let b)): return a == b
    case (.int(let int), .float(let float)), (.float(let float), .int(let int)): return Int64(exactly: float) == int
    case (.duration(let a), .duration(let b)): return a == b
    case (.size(let a), .size(let b)): return a == b
    case (.time(let a), .time(let b)): return a == b
    case (.cluster(let a), .cluster(let b)): return a == b
    case (.range(let a), .range(let b)):
      return a.count == b.count && (a.count == 0 || a.first == b.first)
    case (.list, .list), (.list, .range), (.range, .list):
      if case .range(let range) = a, range.count != b.elementCount { return false }
      if case .range(let range) = b, range.count != a.elementCount { return false }
      return try areEqual(a.elements ?? [], b.elements ?? [])
    case (.map(let a), .map(let b)):
      guard a.count == b.count else { return false }
      let budget = Budget.ofThread
      for (key, value) in a {
        try budget.spend()
        guard let other = b[key] else { return false }
        if try !areEqual(value, other) { return false }
      }
      return true
    case (.outcome(let a), .outcome(let b)): return a.isOK == b.isOK
    default:
      if let a = a.comparableText, let b = b.comparableText { return a.isExactly(b) }
      throw .wrong(
        "\(a.typeWithArticle) is never equal to \(b.typeWithArticle)",
        advice: "compare values of one type: `\"$x\"` makes text, `.int` a number of it")
    }
  }

  private static func areEqual(_ a: [Value], _ b: [Value]) throws(ValueProblem) -> Bool {
    guard a.count == b.count else { return false }
    let budget = Budget.ofThread
    for index in a.indices {
      try budget.spend()
      if try !areEqual(a[index], b[index]) { return false }
    }
    return true
  }

  /// How many elements a list has.
  var elementCount: Int64 {
    switch self {
    case .list(let elements): Int64(elements.count)
    case .range(let range): range.count
    default: 0
    }
  }

  /// The text by which strings, secrets, clusters and programs' output compare with each other.
  private var comparableText: String? {
    switch self {
    case .string, .secret, .cluster, .record: asText?.string
    default: nil
    }
  }

  /// Whether `a` comes before `b`.
  ///
  /// - Throws: if the two have no order.
  static func isLess(_ a: Value, _ b: Value) throws(ValueProblem) -> Bool {
    switch (a, b) {
    case (.int(let a), .int(let b)): return a < b
    case (.float(let a), .float(let b)): return a < b
    case (.int(let a), .float(let b)): return isBelow(a, b)
    case (.float(let a), .int(let b)): return isAbove(b, a)
    case (.duration(let a), .duration(let b)): return a < b
    case (.size(let a), .size(let b)): return a < b
    case (.time(let a), .time(let b)): return a < b
    default:
      if let a = a.comparableText, let b = b.comparableText {
        try Budget.ofThread.spend(min(a.utf8.count, b.utf8.count) / 8 + 1)
        // The bytes of UTF-8 have the order of the letters that they stand for.
        return a.utf8.lexicographicallyPrecedes(b.utf8)
      }
      if case .null = a { throw orderOfNull(b) }
      if case .null = b { throw orderOfNull(a) }
      throw .wrong(
        "\(a.typeWithArticle) and \(b.typeWithArticle) have no order",
        advice: "numbers, durations, sizes, times and text can be ordered, each with its like")
    }
  }

  /// Whether an int is less than a float. As a float it might be another number: those have 53 bits.
  private static func isBelow(_ int: Int64, _ float: Double) -> Bool {
    guard let floor = Int64(exactly: float.rounded(.down)) else { return float > 0 }
    return int < floor || (int == floor && Double(floor) < float)
  }

  /// Whether an int is more than a float.
  private static func isAbove(_ int: Int64, _ float: Double) -> Bool {
    guard let floor = Int64(exactly: float.rounded(.down)) else { return float < 0 }
    return int > floor
  }

  /// What is null may be there later: a wait goes on.
  private static func orderOfNull(_ other: Value) -> ValueProblem {
    .missing("null and \(other.typeWithArticle) have no order", advice: "`??` gives a value in its place")
  }

  /// Whether the value is an element, a key or a part of `container`.
  static func contains(_ container: Value, _ value: Value) throws(ValueProblem) -> Bool {
    switch container {
    case .list(let elements):
      let budget = Budget.ofThread
      for element in elements {
        try budget.spend()
        if try areEqual(element, value) { return true }
      }
      return false
    case .range(let range):
      guard case .int(let int) = value else {
        throw .wrong("a range holds ints, not \(value.typeWithArticle)")
      }
      return range.first <= int && int <= range.last
    case .map(let map):
      guard let key = value.asText else { throw .wrong("a map's keys are text, not \(value.typeWithArticle)") }
      return map[key.string] != nil
    default:
      guard let text = container.comparableText, let part = value.asText?.string else {
        throw .wrong("`in` looks into a list, a map or text, not into \(container.typeWithArticle)")
      }
      return try ByteSearch(Array(part.utf8)).range(in: Array(text.utf8)[...]) != nil
    }
  }
}
