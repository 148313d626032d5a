import Interpreter

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Sandbox {
  /// How long a server has to leave on its own.
  private static let grace = Duration.seconds(10)

  /// Ends the servers, all at once, and waits until they are gone: an interrupt does not cut that short, as what a server
  /// was told is not taken back, and whoever starts it again would take the dying for the living.
  ///
  /// - Parameter now: without asking them first.
  func stop(_ pods: [Pod], now: Bool, _ limits: CallLimits) throws(CommandFailure) {
    // Asking takes away the remains of those that died meanwhile.
    var left = pods.filter { $0.record.process?.hasExited == false }
    for pod in left {
      _ = pod.record.process?.signal(now ? SIGKILL : SIGTERM)
      // What is paused hears nothing until it goes on.
      if !now { _ = pod.record.process?.signal(SIGCONT) }
    }
    var killed = now
    var next = ContinuousClock.now + Self.grace
    while true {
      left.removeAll { $0.record.process?.hasExited ?? true }
      guard let first = left.first else { return }
      if .now > next {
        if killed, let process = first.record.process {
          throw CommandFailure(ProcessError.wouldNotEnd(program: first.name, pid: process.pid))
        }
        for pod in left { _ = pod.record.process?.signal(SIGKILL) }
        killed = true
        next = .now + Self.grace
      }
      try limits.pause(
        5, "stopping \(first.name)\(left.count > 1 ? " and \(left.count - 1) more" : "")", givingUpFrom: .kill)
    }
  }

  /// Takes pods away that have ended; their streams stay, as a claim on a volume does.
  func remove(_ pods: [Pod], _ limits: CallLimits) throws(CommandFailure) {
    let listeners = listeners(of: pods)
    try onThisMachine { () throws(MachineError) in
      for pod in pods { try Folders.remove(folders.pod(pod.key)) }
    }
    for region in Set(pods.map(\.key.cluster)) {
      for namespace in Set(pods.map(\.key.namespace)) { rmdir(folders.pods(region, namespace: namespace)) }
    }
    try endRelaying(for: listeners, limits)
  }
}
