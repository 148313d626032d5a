/// A thread of its own, by default with a stack that nested recipes can't exhaust.
package struct LaneThread: @unchecked Sendable {
  private let thread: pthread_t

  /// Evaluation takes up to about 1 KiB a level in a release build and ten times that in a debug build; the pages of a
  /// stack are taken only when touched.
  private static let stackSize = 256 << 20

  /// What is left of the stack below this address is for the deepest nesting that one file can have.
  package static var stackFloor: UInt {
    var here: UInt8 = 0
    let top = withUnsafePointer(to: &here) { UInt(bitPattern: $0) }
    return top - UInt(stackSize) + UInt(stackSize) / 4
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a thread; nil if the system has no more, with the reason in `errno`.
  ///
  /// - Parameter isDeep: whether it evaluates recipes. Others have the system's usual stack.
  package static func start(isDeep: Bool = true, _ body: @escaping @Sendable () -> Void) -> LaneThread? {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    if isDeep { pthread_attr_setstacksize(&attributes, stackSize) }
    let box = Unmanaged.passRetained(Body(body))
    #if canImport(Darwin)
      var thread: pthread_t?
      let status = pthread_create(&thread, &attributes, { LaneThread.enter($0) }, box.toOpaque())
    #else
      var thread = pthread_t()
      let status = pthread_create(&thread, &attributes, { LaneThread.enter($0) }, box.toOpaque())
    #endif
    guard status == 0 else {
      box.release()
      errno = status
      return nil
    }
    #if canImport(Darwin)
      return thread.map(LaneThread.init(thread:))
    #else
      return LaneThread(thread: thread)
    #endif
  }

  package func join() { pthread_join(thread, nil) }

  /// Nobody will wait for it: what it has taken is given back as soon as it ends.
  package func detach() { pthread_detach(thread) }

  /// Runs the body in a thread of its own and waits for it; in this thread if there are no more.
  package static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result {
    let box = ResultBox<Result>()
    guard let thread = start({ box.result = body() }) else { return body() }
    thread.join()
    return box.result ?? body()
  }

  /// What the body gives for each element, in their order; each has a thread of its own, as far as the system has them.
  package static func each<Element: Sendable, Result: Sendable>(
    _ elements: [Element], isDeep: Bool = true, _ body: @escaping @Sendable (Element) -> Result
  ) -> [Result] {
    let started = elements.map { element in
      let box = ResultBox<Result>()
      return (element: element, box: box, thread: start(isDeep: isDeep) { box.result = body(element) })
    }
    return started.map { element, box, thread in
      thread?.join()
      return box.result ?? body(element)
    }
  }

  private final class ResultBox<Result: Sendable>: @unchecked Sendable {
    var result: Result?
  }

  private static func enter(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
    return nil
  }
}

/// Puts the thread to sleep.
package enum Pause {
  /// Sleeps at most so long; a signal ends it earlier.
  package static func sleep(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(clamping: seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    nanosleep(&time, nil)
  }
}
