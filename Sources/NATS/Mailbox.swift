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
    if waiters > 0 { changed.wakeAll() }
  }

  func deliver(_ message: Message) {
    lock.lock()
    defer { lock.unlock() }
    put(message)
    if waiters > 0 { changed.wakeAll() }
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
  func next(_ activity: NATSError.Activity, server: Endpoint, limit: WaitLimit) throws(NATSError) -> Message? {
    lock.lock()
    defer { lock.unlock() }
    while true {
      if let message = take() { return message }
      switch end {
      case .finished: return nil
      case .failed(let error): throw error
      case nil: break
      }
      let pause = try limit.nextPause(activity, server: server)
      waiters += 1
      changed.wait(for: pause)
      waiters -= 1
    }
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
