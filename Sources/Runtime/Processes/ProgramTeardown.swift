#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ends a process group in stages, from asking to killing. It only keeps the time; whoever waits for the process calls
/// `proceed` when `nextStep` has come.
struct ProgramTeardown {
  let reason: ProgramResult.Ending
  private let group: pid_t
  private var steps: ArraySlice<Step>
  /// When the next signal is due; after SIGKILL, when waiting makes no sense any more.
  private(set) var nextStep: ContinuousClock.Instant
  private(set) var isExhausted = false

  private struct Step {
    var signal: Int32
    var patience: Duration
  }

  /// What a process gets to act on a signal that leaves no choice.
  private static let killPatience = Duration.seconds(5)

  init(of group: pid_t, because reason: ProgramResult.Ending, request: StopRequest, patience: Subprocess.Patience) {
    self.reason = reason
    self.group = group
    let kill = Step(signal: SIGKILL, patience: Self.killPatience)
    let ask = [
      Step(signal: SIGINT, patience: patience.afterInterrupt),
      Step(signal: SIGTERM, patience: patience.afterTerminate),
    ]
    steps = (request == .atOnce ? [kill] : ask + [kill])[...]
    nextStep = .now
  }

  /// Sends the signal that is due.
  mutating func proceed() {
    guard let step = steps.popFirst() else {
      isExhausted = true
      return
    }
    send(step.signal)
    nextStep = .now + step.patience
  }

  /// No more asking.
  mutating func hurry() {
    guard steps.count > 1 else { return }
    steps = steps.suffix(1)
    nextStep = .now
  }

  /// The leader has left; what is left of its group is asked once more, and has this long.
  mutating func giveTheRest(_ patience: Duration) {
    guard !steps.isEmpty else { return }
    send(SIGTERM)
    steps = steps.suffix(1)
    nextStep = .now + patience
  }

  /// The leader is not reaped yet, so the group's number cannot have passed to anyone else.
  private func send(_ signal: Int32) {
    kill(-group, signal)
    // Whoever is stopped would hear of it only once somebody lets it go on.
    kill(-group, SIGCONT)
  }
}
