import Machine

/// What an operation on values asks while it goes over them: whether there is time left. Each thread has one, and
/// whoever looks at many elements or letters spends a step for each; only now and then a step is a look at the clock.
///
/// Outside of an operation there is always time: nobody would take notice of a text that was left half written.
package final class Budget {
  /// The limit around an operation, to be held without counting.
  package final class Bounds: Sendable {
    fileprivate let limit: Limit

    package init(until end: ContinuousClock.Instant?, _ stop: StopSignal) { limit = Limit(until: end, stop: stop) }
  }

  /// A step takes some ten nanoseconds, so that there are some thousand looks a second.
  private static let stepsBetweenLooks = 20_000
  /// One operation takes no longer, even where nothing around it has a limit.
  private static let longestOperation = Duration.seconds(600)

  // Counting references to it would cost more than most operations. The place that holds it outlives them.
  private unowned(unsafe) var bounds: Bounds?
  private var left = Budget.stepsBetweenLooks
  private var firstLook: ContinuousClock.Instant?
  private var isOver = false
  private var dice = UInt64.random(in: 0...(.max))

  /// Runs an operation within bounds.
  @inline(__always)
  package static func within<Result>(
    _ bounds: Bounds, _ operation: () throws(ValueProblem) -> Result
  ) throws(ValueProblem) -> Result {
    let budget = ofThread
    budget.bounds = bounds
    defer { budget.end() }
    return try operation()
  }

  /// Spends steps, and tells whether there is time for them.
  @inline(__always)
  func allows(_ steps: Int = 1) -> Bool {
    left -= steps
    return left >= 0 || look()
  }

  @inline(__always)
  package func spend(_ steps: Int = 1) throws(ValueProblem) {
    if !allows(steps) { throw .outOfTime }
  }

  /// Looks whether there is time left.
  fileprivate func looks() -> Bool {
    left = -1
    return look()
  }

  private func look() -> Bool {
    guard !isOver else { return false }
    if let bounds {
      let now = ContinuousClock.now
      let start = firstLook ?? now
      firstLook = start
      isOver = bounds.limit.isOver || start.duration(to: now) > Budget.longestOperation
      if isOver { return false }
    }
    left = Budget.stepsBetweenLooks
    return true
  }

  /// Runs what has no value of its own within bounds.
  package static func bounding(_ bounds: Bounds, _ act: () -> Void) {
    let budget = ofThread
    budget.bounds = bounds
    act()
    budget.end()
  }

  private func end() {
    bounds = nil
    firstLook = nil
    guard isOver else { return }
    isOver = false
    left = Budget.stepsBetweenLooks
  }

  /// True once in so many times, at random.
  func drawsOneIn(_ many: UInt64) -> Bool {
    dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (dice >> 33) % many == 0
  }

  // MARK: The thread's own

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { Budget.release($0) }
    return key
  }()

  package static var ofThread: Budget {
    if let known = pthread_getspecific(key) { return Unmanaged<Budget>.fromOpaque(known).takeUnretainedValue() }
    let budget = Budget()
    pthread_setspecific(key, Unmanaged.passRetained(budget).toOpaque())
    return budget
  }

  private static func release(_ budget: UnsafeMutableRawPointer?) {
    guard let budget else { return }
    Unmanaged<Budget>.fromOpaque(budget).release()
  }
}

/// The limit around what a thread does for a recipe: a host asks for it while it takes long to show something.
public enum OperationLimit {
  /// Whether it has passed, or the run is being stopped. Outside of an operation there is always time.
  public static var isReached: Bool { !Budget.ofThread.looks() }
}

/// How large values may grow. What would be larger is a failure, behind which defers run; memory that is used up is not.
extension Value {
  /// A list of more elements would take all memory.
  package static let mostElements = 10_000_000
  static let mostKeys = 1_000_000
  /// As much as is kept of a program's output.
  package static let mostBytes = 64 << 20
  /// As deep as JSON is read. What walks through a value takes stack for each level.
  package static let deepest = 512

  /// Whether it has no parts and no letters, so that nothing done with it takes long.
  package var isSimple: Bool {
    switch self {
    case .null, .bool, .int, .float, .duration, .size, .time: true
    default: false
    }
  }

  /// The elements of a list, or of a range that is not too long to be one.
  package func boundedElements() throws(ValueProblem) -> [Value] {
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

  package static func checkCount(_ elements: Int) throws(ValueProblem) {
    guard elements > mostElements else { return }
    throw .wrong("a list holds at most \(mostElements) elements", advice: "work on a part of it at a time")
  }

  package static func checkBytes(_ bytes: Int) throws(ValueProblem) {
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

  static func checkKeys(_ keys: Int) throws(ValueProblem) {
    guard keys > mostKeys else { return }
    throw .wrong("a map holds at most \(mostKeys) keys", advice: "work on a part of it at a time")
  }

  static func bounded(_ map: ValueMap) throws(ValueProblem) -> Value {
    try checkKeys(map.count)
    return .map(map)
  }

  /// The value, if it is not nested too deeply. Going through it each time would make a loop that builds a long list
  /// quadratic: one value in sixteen is looked at, and one that grows deeper and deeper is met soon enough.
  package func checkedDepth() throws(ValueProblem) -> Value {
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
  package func checkedDocument() throws(ValueProblem) {
    if let text = asText { return try Value.checkBytes(text.string.utf8.count) }
    try Value.checkBytes(json(limit: Value.mostBytes).string.utf8.count)
    try Budget.ofThread.spend()
  }
}
