/// Where messages wait for whoever takes them: of a subscription, or of a request.
final class Mailbox: @unchecked Sendable {
  private let lock = Lock()
  private let changed: Condition
  private let limit: (messages: Int, bytes: Int)

  // Two stacks make a queue: what arrives is put on one, and turned over when the other is empty.
  private var arrived: [Message] = []
  private var ready: [Message] = []
  private var waitingBytes = 0
  private var waiters = 0
  /// The least that any of those who wait wants to be woken for.
  private var wanted = Int.max
  private var end: End?
  private var droppedCount = 0

  /// Why no more will come.
  enum End {
    case finished
    case failed(NATSError)
  }

  init(messages: Int, bytes: Int) {
    limit = (messages, bytes)
    changed = Condition(lock)
  }

  /// How many messages found no room.
  var dropped: Int { lock.whileLocked { droppedCount } }

  var count: Int { lock.whileLocked { arrived.count + ready.count } }

  func deliver(_ messages: ArraySlice<(subscription: Int, message: Message)>) {
    lock.lock()
    defer { lock.unlock() }
    for entry in messages { put(entry.message) }
    if waiters > 0, arrived.count + ready.count >= wanted { changed.wakeAll() }
  }

  func deliver(_ message: Message) {
    lock.lock()
    defer { lock.unlock() }
    put(message)
    if waiters > 0, arrived.count + ready.count >= wanted { changed.wakeAll() }
  }

  private func put(_ message: Message) {
    guard end == nil else { return }
    // One message always finds room, however large: else it could never be taken.
    let waiting = arrived.count + ready.count
    guard waiting == 0 || (waiting < limit.messages && waitingBytes + message.size <= limit.bytes) else {
      droppedCount += 1
      return
    }
    waitingBytes += message.size
    arrived.append(message)
  }

  /// Nothing more will come. What waits may still be taken.
  func close(_ reason: End) {
    lock.whileLocked { if end == nil { end = reason } }
    changed.wakeAll()
  }

  /// The next message; nil once the mailbox is finished and empty.
  func next(
    _ activity: @autoclosure () -> NATSError.Activity, server: @autoclosure () -> Endpoint, limit: WaitLimit
  ) throws(NATSError) -> Message? {
    lock.lock()
    defer { lock.unlock() }
    if let message = take() { return message }
    return try waitForMore(1, activity(), server: server(), limit: limit) ? take() : nil
  }

  /// All that waits, once it is `least` messages: fewer at the end of the limit, none once the mailbox is finished and empty.
  func nextBatch(
    atLeast least: Int, _ activity: @autoclosure () -> NATSError.Activity, server: @autoclosure () -> Endpoint,
    limit: WaitLimit
  ) throws(NATSError) -> [Message] {
    lock.lock()
    defer { lock.unlock() }
    if arrived.count + ready.count < least {
      do throws(NATSError) {
        guard try waitForMore(least, activity(), server: server(), limit: limit) else { return [] }
      } catch {
        guard case .timedOut = error, !(arrived.isEmpty && ready.isEmpty) else { throw error }
      }
    }
    var batch: [Message] = []
    if ready.isEmpty {
      swap(&batch, &arrived)
    } else {
      batch = ready.reversed() + arrived
      ready.removeAll(keepingCapacity: true)
      arrived.removeAll(keepingCapacity: true)
    }
    waitingBytes = 0
    return batch
  }

  /// Waits until there are `least` messages, or the last ones; false if there are none. The caller holds the lock.
  private func waitForMore(
    _ least: Int, _ activity: NATSError.Activity, server: Endpoint, limit: WaitLimit
  ) throws(NATSError) -> Bool {
    while arrived.count + ready.count < least {
      if let end {
        if !(arrived.isEmpty && ready.isEmpty) { return true }
        guard case .failed(let error) = end else { return false }
        throw error
      }
      let pause = try limit.nextPause(activity, server: server)
      waiters += 1
      wanted = min(wanted, least)
      changed.wait(for: pause)
      waiters -= 1
      if waiters == 0 { wanted = .max }
    }
    return true
  }

  private func take() -> Message? {
    if ready.isEmpty {
      guard !arrived.isEmpty else { return nil }
      swap(&ready, &arrived)
      ready.reverse()
    }
    let message = ready.removeLast()
    waitingBytes -= message.size
    return message
  }
}
