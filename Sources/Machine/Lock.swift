/// A pthread mutex. `Synchronization.Mutex` has no condition variable to wait on.
package final class Lock: @unchecked Sendable {
  @usableFromInline let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  package init() { pthread_mutex_init(mutex, nil) }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  @inlinable package func lock() { pthread_mutex_lock(mutex) }

  @inlinable package func unlock() { pthread_mutex_unlock(mutex) }

  @inlinable package func whileLocked<Result>(_ body: () -> Result) -> Result {
    lock()
    defer { unlock() }
    return body()
  }
}

/// Something that a thread waits for under a lock. Who waits holds the lock, and looks again after every wait.
package final class Condition: @unchecked Sendable {
  private let lock: Lock
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// It measures its waits with the monotonic clock, where there is a choice.
  package init(_ lock: Lock) {
    self.lock = lock
    #if canImport(Darwin)
      pthread_cond_init(condition, nil)
    #else
      var attributes = pthread_condattr_t()
      pthread_condattr_init(&attributes)
      pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
      pthread_cond_init(condition, &attributes)
      pthread_condattr_destroy(&attributes)
    #endif
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  package func wait() { pthread_cond_wait(condition, lock.mutex) }

  package func wait(for duration: Duration) {
    let (seconds, attoseconds) = max(duration, .zero).components
    // A wait of more than a day is cut to a day: every caller looks again after it.
    var time = timespec(tv_sec: Int(min(seconds, 86_400)), tv_nsec: Int(attoseconds / 1_000_000_000))
    #if canImport(Darwin)
      pthread_cond_timedwait_relative_np(condition, lock.mutex, &time)
    #else
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      time.tv_sec += now.tv_sec
      time.tv_nsec += now.tv_nsec
      if time.tv_nsec >= 1_000_000_000 {
        time.tv_sec += 1
        time.tv_nsec -= 1_000_000_000
      }
      pthread_cond_timedwait(condition, lock.mutex, &time)
    #endif
  }

  package func wakeOne() { pthread_cond_signal(condition) }

  package func wakeAll() { pthread_cond_broadcast(condition) }
}
