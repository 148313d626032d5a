import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `nbx relay FOLDER`: what stands between the regions of a local sandbox.
public enum RelayProgram {
  /// -1 until there is a relay.
  private static let bell = Atomic<Int32>(-1)

  /// Runs until SIGTERM. SIGHUP has it do what its orders say now, and report.
  ///
  /// - Parameter folder: the sandbox's root; in its folder `relay` lie the orders, and there the report goes.
  /// - Returns: the exit code.
  public static func run(folder: String) -> Int32 {
    heed()
    DescriptorLimit.raise()
    do throws(ProcessError) {
      let relay = try Relay(folder: folder)
      bell.store(relay.bell, ordering: .relaxed)
      relay.run()
      return 0
    } catch {
      Terminal.standardError.write("nbx relay: \(error)\n")
      return 1
    }
  }

  private static func heed() {
    var action = sigaction()
    #if canImport(Glibc)
      action.__sigaction_handler.sa_handler = { RelayProgram.received($0) }
    #else
      action.__sigaction_u.__sa_handler = { RelayProgram.received($0) }
    #endif
    action.sa_flags = SA_RESTART
    var heard = sigset_t()
    sigemptyset(&heard)
    for signal in [SIGHUP, SIGINT, SIGTERM] {
      sigaction(signal, &action, nil)
      sigaddset(&heard, signal)
    }
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
    signal(SIGPIPE, SIG_IGN)
  }

  private static func received(_ signal: Int32) {
    // Whoever is interrupted may be about to look at it.
    let before = errno
    let bell = bell.load(ordering: .relaxed)
    if bell >= 0 {
      Relay.tell(signal == SIGHUP ? .orders : .stop, bell)
    } else if signal != SIGHUP {
      // The orders are read once there is a relay; nothing has begun that would have to be ended.
      _exit(0)
    }
    errno = before
  }
}
