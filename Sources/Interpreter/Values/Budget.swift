#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What an operation on values asks while it goes over them: whether there is time left. Each thread has one, and
/// whoever looks at many elements or letters spends a step for each; only now and then a step is a look at the clock.
///
/// Outside of an operation there is always time: nobody would take notice of a text that was left half written.
final class Budget {
  /// The limit around an operation, to be held without counting.
  final class Bounds: Sendable {
    fileprivate let limit: Limit

    init(until end: ContinuousClock.Instant?, _ stop: StopSignal) { limit = Limit(until: end, stop: stop) }
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
  static func within<Result>(
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
  func spend(_ steps: Int = 1) throws(ValueProblem) {
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
  static func bounding(_ bounds: Bounds, _ act: () -> Void) {
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

  static var ofThread: Budget {
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
