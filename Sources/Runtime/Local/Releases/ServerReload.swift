import Interpreter

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A server that is asked to read its configuration again, and what it says to that.
struct ServerReload: Sendable {
  enum Answer: Sendable {
    case accepted, refused
  }

  let pod: Pod
  private let log: ServerLog
  private let logStart: Int

  /// How long a server may take for it. One that logs elsewhere, as its values say, never seems to answer.
  private static let longest = Duration.seconds(5)

  /// Asks by SIGHUP.
  init(pod: Pod, log: ServerLog) {
    self.pod = pod
    self.log = log
    logStart = log.size
    _ = pod.record.process?.signal(SIGHUP)
  }

  /// Nil: not yet.
  private var answer: Answer? {
    guard pod.isAlive else { return .refused }
    let said = log.text(from: logStart)
    if said.contains("Failed to reload server configuration") { return .refused }
    return said.contains("Reloaded server configuration") ? .accepted : nil
  }

  /// The servers' answers, in their order; no answer in time counts as a refusal.
  static func wait(for reloads: [ServerReload], _ limits: CallLimits) throws(CommandFailure) -> [Answer] {
    var answers = [Answer?](repeating: nil, count: reloads.count)
    let end = ContinuousClock.now + longest
    while true {
      for index in reloads.indices where answers[index] == nil { answers[index] = reloads[index].answer }
      guard let open = answers.firstIndex(where: { $0 == nil }), .now < end else { break }
      try limits.pause(5, "waiting for \(reloads[open].pod.name) to read its configuration")
    }
    return answers.map { $0 ?? .refused }
  }
}
