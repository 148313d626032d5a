import Synchronization
import ValuesAndCommands

/// Ctrl-C and its kin: the first asks the run to stop, the second ends everything at once. If nothing comes of that for a
/// second, the next one ends nbx itself; what comes sooner is a key that is held down, or haste.
package final class Interrupts: Sendable {
  /// A signal's handler may do little more than set numbers, so this one does no more; who waits looks every few
  /// milliseconds.
  private static let shared = Interrupts()

  private let stop = StopSignal()
  private let seen = Atomic<Int>(0)
  private let hasToEnd = Atomic<Bool>(false)
  /// When the second one came, by a clock that nobody sets, in nanoseconds; 0 before that is written down: signals that come
  /// together are received by several threads at once.
  private let secondAt = Atomic<UInt64>(0)
  private static let patience: UInt64 = 1_000_000_000

  /// From now on the signals ask the run to stop that holds this. Those that whoever started nbx had ignored stay so, as
  /// `nohup` and a shell's background jobs have it.
  package static func watched() -> StopSignal {
    // Made here, since a handler must not make anything.
    let stop = shared.stop
    var action = sigaction()
    #if canImport(Glibc)
      action.__sigaction_handler.sa_handler = { Interrupts.shared.received($0) }
    #else
      action.__sigaction_u.__sa_handler = { Interrupts.shared.received($0) }
    #endif
    action.sa_flags = SA_RESTART
    // A parent that holds signals back hands that on to its children.
    var heard = sigset_t()
    sigemptyset(&heard)
    for signal in [SIGINT, SIGTERM, SIGHUP] where !Signals.isIgnored(signal) {
      sigaction(signal, &action, nil)
      sigaddset(&heard, signal)
    }
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
    signal(SIGPIPE, SIG_IGN)
    return stop
  }

  /// What the signals ask, for what is waited for outside of a run.
  package static var request: StopSignal { shared.stop }

  /// Whether nbx itself was told to end, not only what it runs.
  package static var hasToEnd: Bool { shared.hasToEnd.load(ordering: .relaxed) }

  /// Whether a signal has come since the last statement.
  package static var isAskedToStop: Bool { shared.seen.load(ordering: .relaxed) > 0 }

  /// What the last signal does before nbx ends at once; it may do no more than a signal's handler may.
  nonisolated(unsafe) private static var lastAct: @convention(c) () -> Void = {}

  /// Sets what is still to be done when nbx ends at once.
  package static func atTheVeryEnd(_ act: @escaping @convention(c) () -> Void) { lastAct = act }

  /// Begins anew with the next statement of a session: a Ctrl-C before has ended the one before.
  package static func withdraw() {
    shared.secondAt.store(0, ordering: .relaxed)
    shared.seen.store(0, ordering: .relaxed)
    shared.stop.withdraw()
  }

  /// A signal's handler may ask for it.
  private static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private func received(_ signal: Int32) {
    if signal != SIGINT { hasToEnd.store(true, ordering: .relaxed) }
    switch seen.add(1, ordering: .relaxed).newValue {
    case 1: stop.ask(.interrupt)
    case 2:
      secondAt.store(Interrupts.now, ordering: .relaxed)
      stop.ask(.kill)
    default:
      let second = secondAt.load(ordering: .relaxed)
      guard second > 0, Interrupts.now >= second + Interrupts.patience else { return }
      Interrupts.lastAct()
      _exit(130)
    }
  }
}
