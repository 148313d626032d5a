import SandboxSystem
import ValuesAndCommands

/// A server's log: read from a place on, to see what it said to something that was done to it.
package struct ServerLog: Sendable {
  /// Lines of a configuration that keep logs from filling the disk: a new file at 8 MiB, two files in all. Given as
  /// flags they would keep the server from reloading, as it forgets flags then.
  static let limits = "logfile_size_limit: \(8 << 20)\nlogfile_max_num: 2\n"

  let path: String

  /// How long it is now, in bytes.
  var size: Int {
    var facts = stat()
    return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
  }

  /// What was written from that place on; all of it where a new file was begun since.
  func text(from offset: Int) -> String {
    guard let file = OwnedDescriptor.open(path, O_RDONLY) else { return "" }
    lseek(file.number, off_t(size < offset ? 0 : offset), SEEK_SET)
    return String(decoding: Paths.rest(of: file.number) ?? [], as: UTF8.self)
  }

  /// The last lines, at most as many as asked for.
  func lastLines(_ count: Int, from offset: Int = 0) -> [String] {
    guard let file = OwnedDescriptor.open(path, O_RDONLY) else { return [] }
    let longestLine = 1024
    let size = size
    let start = max(size < offset ? 0 : offset, size - max(64 << 10, min(count, 65536) * longestLine))
    lseek(file.number, off_t(start), SEEK_SET)
    return String(decoding: Paths.rest(of: file.number) ?? [], as: UTF8.self).split(separator: "\n").suffix(count).map(
      String.init)
  }
}

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
