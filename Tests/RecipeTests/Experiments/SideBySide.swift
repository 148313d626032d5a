import Interpreter
import Synchronization

/// Does the same for several at once, for each in a thread of its own.
func sideBySide<Element: Sendable, Found: Sendable>(
  _ elements: [Element], _ body: @escaping @Sendable (Element) throws -> Found
) throws -> [Found] {
  let results = elements.map { _ in Later<Found>() }
  let threads = zip(elements, results).map { element, result in
    LaneThread.start { result.value.withLock { $0 = Result { try body(element) } } }
  }
  for (thread, (element, result)) in zip(threads, zip(elements, results)) {
    if let thread { thread.join() } else { result.value.withLock { $0 = Result { try body(element) } } }
  }
  return try results.compactMap { try $0.value.withLock { $0 }?.get() }
}

private final class Later<Found: Sendable>: Sendable {
  let value = Mutex<Result<Found, any Error>?>(nil)
}
