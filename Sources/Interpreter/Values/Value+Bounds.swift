/// How large values may grow. What would be larger is a failure, behind which defers run; memory that is used up is not.
extension Value {
  /// A list of more elements would take all memory.
  static let mostElements = 10_000_000
  static let mostKeys = 1_000_000
  /// As much as is kept of a program's output.
  static let mostBytes = 64 << 20
  /// As deep as JSON is read. What walks through a value takes stack for each level.
  static let deepest = 512

  /// Whether it has no parts and no letters, so that nothing done with it takes long.
  var isSimple: Bool {
    switch self {
    case .null, .bool, .int, .float, .duration, .size, .time: true
    default: false
    }
  }

  /// The elements of a list, or of a range that is not too long to be one.
  func boundedElements() throws(ValueProblem) -> [Value] {
    guard case .range(let range) = self else { return elements ?? [] }
    var elements: [Value] = []
    let count = try boundedCount()
    guard count > 0 else { return elements }
    elements.reserveCapacity(count)
    let budget = Budget.ofThread
    for int in range.first...range.last {
      try budget.spend()
      elements.append(.int(int))
    }
    return elements
  }

  /// How many elements a list has, or a range that is not too long to be one.
  func boundedCount() throws(ValueProblem) -> Int {
    if case .range(let range) = self, range.count > Value.mostElements {
      throw .wrong(
        "the range \(range.first)..\(range.last) is too long to be a list",
        advice: "a list holds at most \(Value.mostElements) elements; `foreach` goes over any range")
    }
    return Int(elementCount)
  }

  static func checkCount(_ elements: Int) throws(ValueProblem) {
    guard elements > mostElements else { return }
    throw .wrong("a list holds at most \(mostElements) elements", advice: "work on a part of it at a time")
  }

  static func checkBytes(_ bytes: Int) throws(ValueProblem) {
    guard bytes > mostBytes else { return }
    throw .wrong("text holds at most 64 MiB", advice: "work on a part of it at a time")
  }

  /// A list that is not too long to be one.
  static func bounded(_ elements: [Value]) throws(ValueProblem) -> Value {
    try checkCount(elements.count)
    return .list(elements)
  }

  /// Text that is not too long to be one.
  static func bounded(_ text: Text) throws(ValueProblem) -> Value {
    try checkBytes(text.string.utf8.count)
    return Value(text)
  }

  static func bounded(_ map: ValueMap) throws(ValueProblem) -> Value {
    guard map.count <= mostKeys else {
      throw .wrong("a map holds at most \(mostKeys) keys", advice: "work on a part of it at a time")
    }
    return .map(map)
  }

  /// The value, if it is not nested too deeply. Going through it each time would make a loop that builds a long list
  /// quadratic: one value in sixteen is looked at, and one that grows deeper and deeper is met soon enough.
  func checkedDepth() throws(ValueProblem) -> Value {
    switch self {
    case .list, .map, .outcome: guard Budget.ofThread.drawsOneIn(16) else { return self }
    default: return self
    }
    if isDeeper(than: Value.deepest) {
      throw .wrong(
        "the value is nested more than \(Value.deepest) levels deep", advice: "keep its parts side by side in one list")
    }
    return self
  }

  /// Whether it is nested so deeply, as far as its first hundred thousand parts show.
  func isDeeper(than depth: Int) -> Bool {
    var left = 100_000
    return isDeeper(than: depth, &left)
  }

  /// - Parameter left: how many values are still looked at.
  private func isDeeper(than depth: Int, _ left: inout Int) -> Bool {
    for inner in innerValues {
      left -= 1
      if left < 0 { return false }
      switch inner {
      case .list, .map, .outcome: if depth == 1 || inner.isDeeper(than: depth - 1, &left) { return true }
      default: break
      }
    }
    return false
  }

  /// The values that it is made of.
  private var innerValues: [Value] {
    switch self {
    case .list(let elements): elements
    case .map(let map): map.values
    case .outcome(let outcome): [outcome.value]
    default: []
    }
  }

  /// The value as the document of a command, which would be written to its end whatever its size.
  func checkedDocument() throws(ValueProblem) {
    if let text = asText { return try Value.checkBytes(text.string.utf8.count) }
    try Value.checkBytes(json(limit: Value.mostBytes).string.utf8.count)
    try Budget.ofThread.spend()
  }
}
