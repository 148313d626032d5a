import SandboxSystem
import Synchronization
import ValuesAndCommands

/// Names a connection over 127.0.0.1 by its two ports.
struct PeerPorts: Hashable, Sendable {
  /// Of whoever has connected.
  let asker: UInt16
  /// Where the relay listens.
  let relay: UInt16
}

/// Asks on a thread of its own who has connected, for as many connections as wait: the bytes of all the others go on
/// meanwhile.
final class PeerSearch: Sendable {
  typealias Answer = (peer: PeerPorts, region: String?)

  private struct State {
    var asked: [PeerPorts] = []
    var answers: [Answer] = []
  }

  private let state = Mutex(State())
  private let wakeRead: Int32
  private let wakeWrite: Int32
  private let find: @Sendable ([PeerPorts]) -> [PeerPorts: String]
  private let tell: @Sendable () -> Void
  private let thread = Mutex<LaneThread?>(nil)

  /// After each search it rests for so many times as long as that took, so that many connections, one after the other, do
  /// not keep a processor busy.
  private static let restPerWork: Int64 = 5
  private static let longestRest: Int64 = 100_000_000

  /// - Parameters:
  ///   - find: the regions of those that are servers of the sandbox.
  ///   - tell: is called on the thread when there are answers.
  init(
    find: @escaping @Sendable ([PeerPorts]) -> [PeerPorts: String], tell: @escaping @Sendable () -> Void
  ) throws(ProcessError) {
    guard let ends = ProcessPlatform.makePipe() else { throw .system(call: "pipe", errno: errno) }
    (wakeRead, wakeWrite) = ends
    self.find = find
    self.tell = tell
    guard let thread = LaneThread.start({ [self] in search() }) else {
      throw .system(call: "pthread_create", errno: errno)
    }
    self.thread.withLock { $0 = thread }
  }

  func ask(_ peer: PeerPorts) {
    let isFirst = state.withLock { state in
      state.asked.append(peer)
      return state.asked.count == 1
    }
    guard isFirst else { return }
    var word: UInt8 = 1
    _ = write(wakeWrite, &word, 1)
  }

  /// What was found since the last time; no region for those that are no servers of the sandbox.
  func takeAnswers() -> [Answer] {
    state.withLock { state in
      defer { state.answers = [] }
      return state.answers
    }
  }

  /// Ends the thread.
  func stop() {
    close(wakeWrite)
    thread.withLock { $0.take() }?.join()
    close(wakeRead)
  }

  /// How long this thread has worked, in nanoseconds: where others keep the processors busy, it takes longer.
  private static var work: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  private func search() {
    var word: UInt8 = 0
    while true {
      let count = read(wakeRead, &word, 1)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      let asked = state.withLock { state in
        defer { state.asked = [] }
        return state.asked
      }
      let begin = Self.work
      let found = find(asked)
      state.withLock { $0.answers += asked.map { ($0, found[$0]) } }
      tell()
      let rest = min((Self.work - begin) * Self.restPerWork, Self.longestRest)
      Pause.sleep(.nanoseconds(rest))
    }
  }
}

/// The servers of a sandbox, as the system's table of processes has them: who is at the other end of a connection.
final class SandboxPeers: Sendable {
  private let place: RelayPlace
  /// Servers that were there the last time, and their regions.
  private let known = Mutex<[pid_t: String]>([:])

  init(_ place: RelayPlace) { self.place = place }

  /// The regions of those that are servers of the sandbox.
  func find(_ peers: [PeerPorts]) -> [PeerPorts: String] {
    var search = SocketSearch(peers)
    guard !search.isOver else { return [:] }
    // How the path of a server's configuration begins: the region's name comes next.
    let starts = place.regions.map { Array("\($0)/".utf8) }
    return known.withLock { known in
      for pid in Array(known.keys) where !search.isOver {
        known[pid] = look(at: pid, starts, &search)
      }
      // Nobody that was there: perhaps a server that has just begun.
      if !search.isOver {
        for pid in ProcessPlatform.pids where !search.isOver && known[pid] == nil {
          known[pid] = look(at: pid, starts, &search)
        }
      }
      if !search.isOver { lookAtRecorded(&search) }
      return search.found
    }
  }

  /// - Returns: the process's region; nil where it is no server of the sandbox.
  private func look(at pid: pid_t, _ starts: [[UInt8]], _ search: inout SocketSearch) -> String? {
    guard let path = ProcessSearch.configuration(ofServer: pid),
      let start = starts.first(where: { path.starts(with: $0) })
    else { return nil }
    let name = path.dropFirst(start.count).prefix { $0 != UInt8(ascii: "/") }
    let region = String(decoding: name, as: UTF8.self)
    search.look(at: pid, of: region)
    return region
  }

  /// Servers that were started before nbx's home was moved, and the relay after that: their records know them.
  private func lookAtRecorded(_ search: inout SocketSearch) {
    let folders = place.folders
    for region in StateFile.names(in: folders.regions) {
      for key in PodRecord.keys(in: folders, region: region) where !search.isOver {
        guard case .state(let pod) = StateFile.read(folders.podRecord(key), as: PodRecord.self),
          let process = pod.process, process.isAlive
        else { continue }
        search.look(at: process.pid, of: region)
      }
    }
  }
}
