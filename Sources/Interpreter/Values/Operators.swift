public enum BinaryOperator: String, CaseIterable, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case isIn = "in"
  case matches
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
  case closedRange = ".."
  case halfOpenRange = "..<"

  /// Whether it compares its operands with each other.
  package var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }
}

extension Value {
  /// What a binary operator makes of two values.
  package static func apply(_ op: BinaryOperator, _ a: Value, _ b: Value) throws(ValueProblem) -> Value {
    switch op {
    case .equal: return .bool(try areEqual(a, b))
    case .notEqual: return .bool(try !areEqual(a, b))
    case .less: return .bool(try isLess(a, b))
    case .greater: return .bool(try isLess(b, a))
    case .lessOrEqual: return .bool(try !isLess(b, a))
    case .greaterOrEqual: return .bool(try !isLess(a, b))
    case .isIn: return .bool(try contains(b, a))
    case .matches: return .bool(try matches(a, b))
    case .closedRange, .halfOpenRange: return try range(op, a, b)
    case .add: return try add(a, b)
    case .subtract: return try subtract(a, b)
    case .multiply: return try multiply(a, b)
    case .divide: return try divide(a, b)
    case .remainder: return try remainder(a, b)
    }
  }

  package static func negated(_ value: Value) throws(ValueProblem) -> Value {
    switch value {
    case .int(let int):
      if int == .min { throw overflow("-") }
      return .int(-int)
    case .float(let float): return .float(-float)
    case .duration(let duration):
      if duration.nanoseconds == .min { throw overflow("-") }
      return .duration(DurationValue(nanoseconds: -duration.nanoseconds))
    case .size(let size):
      if size.bytes == .min { throw overflow("-") }
      return .size(SizeValue(bytes: -size.bytes))
    default: throw .wrong("`-` takes a number, not \(value.typeWithArticle)")
    }
  }

  private static func matches(_ a: Value, _ b: Value) throws(ValueProblem) -> Bool {
    guard let text = a.asText?.string, let shown = b.asText?.masked, let pattern = b.asText?.string else {
      throw .wrong("`matches` takes text and a pattern, not \(a.typeWithArticle) and \(b.typeWithArticle)")
    }
    let compiled: LinearPattern
    do throws(PatternProblem) {
      compiled = try LinearPattern(pattern)
    } catch {
      // What is wrong with it quotes some of it.
      var parts = SecretParts()
      if let text = b.asText { parts.add(text, within: .words) }
      let reason = parts.covering(Text(error.message)).masked
      throw .wrong("the pattern \(quoted(shown)) can't be read: \(reason)", advice: error.advice)
    }
    return try compiled.matches(text)
  }

  private static func range(_ op: BinaryOperator, _ a: Value, _ b: Value) throws(ValueProblem) -> Value {
    guard case .int(let first) = a, case .int(let last) = b else {
      throw .wrong("`\(op.rawValue)` takes two ints, not \(a.typeWithArticle) and \(b.typeWithArticle)")
    }
    if op == .closedRange { return .range(RangeValue(first: first, last: last)) }
    return last == .min ? .list([]) : .range(RangeValue(first: first, last: last - 1))
  }

  private static func add(_ a: Value, _ b: Value) throws(ValueProblem) -> Value {
    switch (a, b) {
    case (.int(let a), .int(let b)): return .int(try checked(a.addingReportingOverflow(b), "+"))
    case (.float, .float), (.int, .float), (.float, .int): return .float(try finite(a.number + b.number, "+"))
    case (.duration(let a), .duration(let b)):
      return .duration(
        DurationValue(nanoseconds: try checked(a.nanoseconds.addingReportingOverflow(b.nanoseconds), "+")))
    case (.size(let a), .size(let b)):
      return .size(SizeValue(bytes: try checked(a.bytes.addingReportingOverflow(b.bytes), "+")))
    case (.time(let a), .duration(let b)):
      return .time(TimeValue(nanoseconds: try checked(a.nanoseconds.addingReportingOverflow(b.nanoseconds), "+")))
    case (.list, .list), (.list, .range), (.range, .list), (.range, .range):
      let count = try a.boundedCount() + b.boundedCount()
      try checkCount(count)
      try Budget.ofThread.spend(count / 8 + 1)
      return .list(try a.boundedElements() + b.boundedElements())
    case (.map(let a), .map(let b)):
      try a.checkMerge(b)
      // It has to be copied.
      try Budget.ofThread.spend(a.count)
      return .map(a.merged(with: b))
    default:
      guard a.isTextual, b.isTextual, var text = a.asText, let more = b.asText else {
        let advice =
          a.isTextual || b.isTextual ? "write both into one string: \"$a$b\"" : "`+` joins two values of one kind"
        throw mismatch("+", a, b, advice: advice)
      }
      let bytes = text.string.utf8.count + more.string.utf8.count
      try checkBytes(bytes)
      try Budget.ofThread.spend(bytes / 256 + 1)
      text.append(more)
      return Value(text)
    }
  }

  private static func subtract(_ a: Value, _ b: Value) throws(ValueProblem) -> Value {
    switch (a, b) {
    case (.int(let a), .int(let b)): return .int(try checked(a.subtractingReportingOverflow(b), "-"))
    case (.float, .float), (.int, .float), (.float, .int): return .float(try finite(a.number - b.number, "-"))
    case (.duration(let a), .duration(let b)):
      return .duration(
        DurationValue(nanoseconds: try checked(a.nanoseconds.subtractingReportingOverflow(b.nanoseconds), "-")))
    case (.size(let a), .size(let b)):
      return .size(SizeValue(bytes: try checked(a.bytes.subtractingReportingOverflow(b.bytes), "-")))
    case (.time(let a), .duration(let b)):
      return .time(TimeValue(nanoseconds: try checked(a.nanoseconds.subtractingReportingOverflow(b.nanoseconds), "-")))
    case (.time(let a), .time(let b)):
      return .duration(
        DurationValue(nanoseconds: try checked(a.nanoseconds.subtractingReportingOverflow(b.nanoseconds), "-")))
    case (.list, _), (.range, _):
      var taken = ValueSet()
      for element in b.kind == .list ? try b.boundedElements() : [b] { _ = try taken.insert(element) }
      var kept: [Value] = []
      for element in try a.boundedElements() where try !taken.contains(element) { kept.append(element) }
      return .list(kept)
    default: throw mismatch("-", a, b)
    }
  }

  private static func multiply(_ a: Value, _ b: Value) throws(ValueProblem) -> Value {
    switch (a, b) {
    case (.int(let a), .int(let b)): return .int(try checked(a.multipliedReportingOverflow(by: b), "*"))
    case (.float, .float), (.int, .float), (.float, .int): return .float(try finite(a.number * b.number, "*"))
    case (.duration(let length), .int), (.duration(let length), .float):
      return .duration(DurationValue(nanoseconds: try scaled(length.nanoseconds, b)))
    case (.int, .duration(let length)), (.float, .duration(let length)):
      return .duration(DurationValue(nanoseconds: try scaled(length.nanoseconds, a)))
    case (.size(let size), .int), (.size(let size), .float): return .size(SizeValue(bytes: try scaled(size.bytes, b)))
    case (.int, .size(let size)), (.float, .size(let size)): return .size(SizeValue(bytes: try scaled(size.bytes, a)))
    default: throw mismatch("*", a, b)
    }
  }

  private static func divide(_ a: Value, _ b: Value) throws(ValueProblem) -> Value {
    switch (a, b) {
    case (.int, .int(0)), (.float, .int(0)), (.int, .float(0)), (.float, .float(0)), (.duration, .int(0)),
      (.duration, .float(0)), (.size, .int(0)), (.size, .float(0)):
      throw .wrong("division by zero")
    case (.int(let a), .int(let b)): return .int(try checked(a.dividedReportingOverflow(by: b), "/"))
    case (.float, .float), (.int, .float), (.float, .int): return .float(try finite(a.number / b.number, "/"))
    case (.duration(let a), .duration(let b)) where b.nanoseconds != 0:
      return .float(Double(a.nanoseconds) / Double(b.nanoseconds))
    case (.size(let a), .size(let b)) where b.bytes != 0: return .float(Double(a.bytes) / Double(b.bytes))
    case (.duration(let a), .int), (.duration(let a), .float):
      return .duration(DurationValue(nanoseconds: try scaled(a.nanoseconds, .float(1 / b.number))))
    case (.size(let a), .int), (.size(let a), .float):
      return .size(SizeValue(bytes: try scaled(a.bytes, .float(1 / b.number))))
    case (.duration, .duration), (.size, .size): throw .wrong("division by zero")
    default: throw mismatch("/", a, b)
    }
  }

  private static func remainder(_ a: Value, _ b: Value) throws(ValueProblem) -> Value {
    switch (a, b) {
    case (.int, .int(0)), (.float, .int(0)), (.int, .float(0)), (.float, .float(0)): throw .wrong("division by zero")
    case (.int(let a), .int(let b)): return .int(b == -1 ? 0 : a % b)
    case (.float, .float), (.int, .float), (.float, .int):
      return .float(a.number.truncatingRemainder(dividingBy: b.number))
    default: throw mismatch("%", a, b)
    }
  }

  /// The number as a float; 0 for what is none, which callers rule out first.
  package var number: Double {
    switch self {
    case .int(let int): Double(int)
    case .float(let float): float
    default: 0
    }
  }

  var isTextual: Bool {
    switch self {
    case .string, .secret, .cluster, .record: true
    default: false
    }
  }

  private static func scaled(_ amount: Int64, _ factor: Value) throws(ValueProblem) -> Int64 {
    if case .int(let factor) = factor { return try checked(amount.multipliedReportingOverflow(by: factor), "*") }
    guard let result = Int64(exactly: (Double(amount) * factor.number).rounded()) else { throw overflow("*") }
    return result
  }

  @inline(__always)
  package static func checked(_ result: (partialValue: Int64, overflow: Bool), _ op: String) throws(ValueProblem)
    -> Int64
  {
    if result.overflow { throw overflow(op) }
    return result.partialValue
  }

  /// What is too large for a float is infinite to the machine, and then nothing at all is right.
  static func finite(_ result: Double, _ op: String) throws(ValueProblem) -> Double {
    if result.isFinite { return result }
    throw .wrong("the result of `\(op)` is more than a float holds", advice: "the largest is 1.7976931348623157e+308")
  }

  private static func overflow(_ op: String) -> ValueProblem {
    .wrong("the result of `\(op)` is more than 64 bits hold", advice: "use floats: 1.0 * x")
  }

  private static func mismatch(_ op: String, _ a: Value, _ b: Value, advice: String? = nil) -> ValueProblem {
    .wrong("`\(op)` does not take \(a.typeWithArticle) and \(b.typeWithArticle)", advice: advice)
  }

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
  package var elementCount: Int64 {
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
  package static func contains(_ container: Value, _ value: Value) throws(ValueProblem) -> Bool {
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
