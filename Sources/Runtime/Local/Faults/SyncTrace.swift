import SandboxSystem

/// Which files a server has synced, as a trace of its system calls tells it: what `strace -f -y -o FILE -p PID` wrote, with
/// `-e trace=openat,fsync,fdatasync,sync_file_range,sync,syncfs,rename,renameat,renameat2`.
///
/// Whatever may have been synced counts as synced, and with all that was written to it later: so nothing is said to be lost
/// here that a loss of power could not take.
package struct SyncTrace: Sendable {
  private var synced: Set<String> = []
  private var isAllSynced = false

  init(_ trace: [UInt8]) {
    for line in trace.split(separator: UInt8(ascii: "\n")) { note(String(decoding: line, as: UTF8.self)) }
  }

  /// Whether a file, or a folder's list of names, may be on the disk as it is.
  func isSynced(_ path: String) -> Bool { isAllSynced || synced.contains(path) }

  private mutating func note(_ line: String) {
    // `4711 fsync(28</store/1.blk>) = 0`
    let call = line.drop { $0 != " " }.drop { $0 == " " }
    let words = call.split(separator: "(", maxSplits: 1)
    guard words.count == 2 else { return }
    switch words[0] {
    case "sync", "syncfs": isAllSynced = true
    case "fsync", "fdatasync", "sync_file_range":
      if let path = Self.inBrackets(words[1]) { synced.insert(path) }
    case "openat":
      let isWrittenThrough = words[1].contains("O_SYNC") || words[1].contains("O_DSYNC")
      if isWrittenThrough, let path = Self.paths(words[1]).first { synced.insert(path) }
    case "rename", "renameat", "renameat2":
      let paths = Self.paths(words[1])
      if paths.count == 2 { move(paths[0], to: paths[1]) }
    default: return
    }
  }

  /// What was renamed takes along what is known of it, and of what is in it.
  private mutating func move(_ old: String, to new: String) {
    let moved = synced.filter { $0 == old || $0.hasPrefix("\(old)/") }
    synced.subtract(moved)
    synced.remove(new)
    for path in moved { synced.insert(new + path.dropFirst(old.count)) }
  }

  /// The path of a descriptor: `28</store/1.blk>, …`.
  private static func inBrackets(_ text: Substring) -> String? {
    guard let start = text.firstIndex(of: "<"), let end = text[start...].firstIndex(of: ">") else { return nil }
    return String(text[text.index(after: start)..<end])
  }

  /// The quoted paths of a call, each from the folder before it on: `AT_FDCWD</home>, "1.blk", …`.
  private static func paths(_ text: Substring) -> [String] {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.indices.filter { !$0.isMultiple(of: 2) && $0 + 1 < parts.count }.map { index in
      let path = String(parts[index])
      guard !path.hasPrefix("/"), let folder = inBrackets(parts[index - 1]) else { return path }
      return "\(folder)/\(path)"
    }
  }
}
