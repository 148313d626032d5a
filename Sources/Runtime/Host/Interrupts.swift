import Interpreter

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ctrl-C and its kin: the first asks the run to stop, the second ends everything at once, the third ends nbx itself.
public enum Interrupts {
  /// From now on the signals are taken by a thread of their own; to be called before any other thread is started.
  public static func watch(_ stop: StopSignal) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGPIPE, SIG_IGN)
    let waited = signals
    _ = LaneThread.start {
      var seen = 0
      while true {
        var waited = waited
        var signal: Int32 = 0
        guard sigwait(&waited, &signal) == 0 else { continue }
        seen += 1
        if seen == 3 { _exit(130) }
        stop.ask(seen == 1 ? .interrupt : .kill)
      }
    }
  }
}
