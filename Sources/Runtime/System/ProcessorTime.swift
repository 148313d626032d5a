#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What nbx costs the machine on which it measures others.
package enum ProcessorTime {
  /// How much of the processors this process has used so far, with all its threads. The programs that it runs, servers and
  /// their relay among them, are no part of it.
  package static var used: Duration {
    var time = timespec()
    return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0
      ? .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec) : .zero
  }
}
