#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A pthread mutex. `Synchronization.Mutex` has no condition variable to wait on.
final class Lock: @unchecked Sendable {
  fileprivate let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() { pthread_mutex_init(mutex, nil) }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }

  func unlock() { pthread_mutex_unlock(mutex) }

  func whileLocked<Result>(_ body: () -> Result) -> Result {
    lock()
    defer { unlock() }
    return body()
  }
}

/// Something that a thread waits for under a lock. Who waits holds the lock, and looks again after every wait.
final class Condition: @unchecked Sendable {
  private let lock: Lock
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init(_ lock: Lock) {
    self.lock = lock
    Platform.initialize(condition)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  func wait() { pthread_cond_wait(condition, lock.mutex) }

  func wait(for duration: Duration) { Platform.wait(condition, lock.mutex, for: duration) }

  func wakeOne() { pthread_cond_signal(condition) }

  func wakeAll() { pthread_cond_broadcast(condition) }
}
