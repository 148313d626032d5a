import Interpreter
import NATS
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Invocation {
  /// How long the client library may wait for this call: until its deadline, or `duration` from now if that is sooner.
  ///
  /// - Parameter request: from which request to stop on the wait ends.
  func waitLimit(atMost duration: Duration? = nil, givingUpFrom request: StopSignal.Request = .windDown) -> WaitLimit {
    let limit = WaitLimit(deadline: deadline) { [stop] in stop.request >= request }
    return duration.map(limit.atMost) ?? limit
  }
}

extension Invocation {
  /// A path that is not absolute counts from the recipe's folder.
  func path(_ written: String) -> String {
    written.hasPrefix("/") || folder == "." ? written : "\(folder)/\(written)"
  }

  /// Writes a file that the recipe names, within the call's limits.
  ///
  /// - Parameter mode: a new file's permissions, less the umask.
  func writeFile(_ bytes: [UInt8], to path: String, mode: mode_t = 0o666) throws(CommandFailure) {
    let file = try onThisMachine { () throws(MachineError) in
      let file = try UserFile(path, mode: mode)
      try file.append(bytes)
      return file
    }
    try keep(file)
  }

  /// Gives a file that has been written its name, within the call's limits.
  func keep(_ file: UserFile) throws(CommandFailure) {
    let limits = CallLimits(self)
    do throws(MachineError) {
      try file.keep(until: { stop.request >= .interrupt || deadline <= .now })
    } catch {
      try limits.check("writing \(file.path)")
      throw CommandFailure(error)
    }
  }
}

/// Tells what a call waits for, once it has been silent for long.
final class Silence: Sendable {
  private let progress: @Sendable (_ what: String, _ soFar: String?) -> Void
  private let begun = ContinuousClock.now
  private let told = Mutex<(what: String, at: ContinuousClock.Instant)?>(nil)

  /// Whoever shows it waits for a second of its own.
  private static let patience = Duration.seconds(1)
  private static let pause = Duration.milliseconds(200)

  init(of call: Invocation) { progress = call.progress }

  /// Hears what is waited for; from any thread, and again and again.
  func note(_ activity: NATSError.Activity) { note { Self.words(activity) } }

  /// The same of anything: what is waited for, and how far it is.
  func note(_ words: () -> (what: String, soFar: String)) {
    let now = ContinuousClock.now
    guard begun.duration(to: now) > Self.patience else { return }
    let (what, soFar) = words()
    let isDue = told.withLock { told in
      if let last = told, last.at.duration(to: now) < Self.pause { return false }
      told = (what, now)
      return true
    }
    if isDue { progress(what, soFar) }
  }

  /// The call is over.
  func end() {
    if let last = told.withLock({ $0 }) { progress(last.what, nil) }
  }

  /// For waits that have nothing else by which to tell their end.
  deinit { end() }

  /// "waiting for c1-nats-0 to listen" is shown behind "waiting for"; so is "the end of stopping c1-nats-0".
  static func object(of text: String) -> String {
    let prefix = "waiting for "
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : "the end of \(text)"
  }

  private static func words(_ activity: NATSError.Activity) -> (what: String, soFar: String) {
    if case .acknowledgement(let subject, let tries, let last) = activity {
      return ("a stream to acknowledge \(subject)", "\(tries) tries\(last.map { ", last: \($0)" } ?? "")")
    }
    return (object(of: activity.description), "")
  }
}
