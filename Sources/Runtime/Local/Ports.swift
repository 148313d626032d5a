import Machine
import SandboxSystem
import Synchronization

/// Chooses TCP ports of 127.0.0.1 for servers that are about to start.
package struct PortAllocator {
  /// Where ports are taken from: outside of those that outgoing connections use.
  package let range: ClosedRange<UInt16>
  private let promised: Set<UInt16>
  /// Where the next search begins.
  private var next: UInt16

  /// Ports that other sandboxes keep are left to them, also while nobody listens there.
  ///
  /// - Parameters:
  ///   - promised: ports in the state files of this user's sandbox, whether their servers run or not.
  ///   - sandbox: the sandbox's path. With the user's id it decides where the search starts, so that two users or two
  ///     sandboxes rarely meet.
  package init(promised: Set<UInt16>, sandbox: String) {
    self.init(promised: promised, sandbox: sandbox, registry: PortRegistry())
  }

  init(promised: Set<UInt16>, sandbox: String, registry: PortRegistry) {
    self.init(
      promised: promised.union(registry.kept(besides: sandbox).keys), sandbox: sandbox,
      range: Self.usablePorts(outside: LocalPlatform.ephemeralPorts()))
  }

  init(promised: Set<UInt16>, sandbox: String, range: ClosedRange<UInt16>) {
    self.promised = promised
    self.range = range
    let spread = stableHash("\(geteuid()) \(sandbox)") % UInt64(range.count)
    next = range.lowerBound + UInt16(spread)
  }

  /// A port that is free now and promised to nobody; never the same twice in one process, unless it was given back.
  ///
  /// - Parameter preferred: taken where it is free, even from outside of `range`; 4222 is what NATS clients try first.
  /// - Throws: `.noFreePort`.
  package mutating func take(preferring preferred: UInt16? = nil) throws(MachineError) -> UInt16 {
    if let preferred, isOurs(preferred) { return preferred }
    for _ in range {
      let port = next
      next = port == range.upperBound ? range.lowerBound : port + 1
      if isOurs(port) { return port }
    }
    throw .noFreePort(range: range)
  }

  /// For a port whose server is gone for good.
  package static func giveBack(_ port: UInt16) {
    PortPromises.takeBack(port)
  }

  private func isOurs(_ port: UInt16) -> Bool {
    guard !promised.contains(port), PortPromises.promise(port) else { return false }
    if LocalPlatform.isFree(port) { return true }
    PortPromises.takeBack(port)
    return false
  }

  /// 10000 to 29999 as far as they are not ephemeral: below lie well-known services, above Kubernetes' node ports
  /// (30000 to 32767), which no bind can see.
  static func usablePorts(outside ephemeral: ClosedRange<UInt16>) -> ClosedRange<UInt16> {
    let all: ClosedRange<UInt16> = 10000...29999
    guard ephemeral.overlaps(all) else { return all }
    let below = Int(ephemeral.lowerBound) - Int(all.lowerBound)
    let above = Int(all.upperBound) - Int(ephemeral.upperBound)
    // A system that hands out nearly all ports leaves no choice.
    guard max(below, above) >= 1000 else { return all }
    return below >= above ? all.lowerBound...(ephemeral.lowerBound - 1) : (ephemeral.upperBound + 1)...all.upperBound
  }
}

/// Ports that were promised to servers which do not listen yet: by this nbx, and by others of the same user that run at
/// this moment (tests, a second sandbox), to whom no state file of ours is known.
///
/// Between processes a promise is a lock on one byte of a common file, the port's number being its place. The kernel lets
/// go of it when nbx ends; by then the servers listen.
enum PortPromises {
  private struct State {
    var given: Set<UInt16> = []
    /// Opened once and never closed: closing it would let go of every promise.
    var file: Int32?
  }

  private static let state = Mutex(State())

  static var commonFile: String { "/tmp/nbx-\(geteuid()).ports" }

  /// False: it is promised already.
  static func promise(_ port: UInt16) -> Bool {
    state.withLock { state in
      guard !state.given.contains(port) else { return false }
      let file = state.file ?? openCommonFile()
      state.file = file
      guard lock(port, F_WRLCK, in: file) else { return false }
      state.given.insert(port)
      return true
    }
  }

  static func takeBack(_ port: UInt16) {
    state.withLock { state in
      guard state.given.remove(port) != nil, let file = state.file else { return }
      _ = lock(port, F_UNLCK, in: file)
    }
  }

  /// Does something while no other thread and no other nbx of this user does that: the place behind the last port.
  static func whileAlone(_ body: () -> Void) {
    state.withLock { state in
      let file = state.file ?? openCommonFile()
      state.file = file
      let place = off_t(UInt16.max) + 1
      while file >= 0, !lock(place, F_WRLCK, F_SETLKW, in: file), errno == EINTR {}
      defer { _ = lock(place, F_UNLCK, F_SETLK, in: file) }
      body()
    }
  }

  /// -1 where it cannot be had: then promises hold within this process only.
  private static func openCommonFile() -> Int32 {
    guard let file = OwnedDescriptor.open(commonFile, O_RDWR | O_CREAT | O_NOFOLLOW) else { return -1 }
    var facts = stat()
    guard fstat(file.number, &facts) == 0, facts.st_uid == geteuid(), facts.st_mode & S_IFMT == S_IFREG else {
      return -1
    }
    return fcntl(file.number, F_DUPFD_CLOEXEC, 3)
  }

  /// False: another process has it.
  private static func lock(_ port: UInt16, _ kind: Int32, in file: Int32) -> Bool {
    lock(off_t(port), kind, F_SETLK, in: file) || (errno != EAGAIN && errno != EACCES)
  }

  /// - Parameter order: whether to wait: F_SETLK or F_SETLKW.
  private static func lock(_ start: off_t, _ kind: Int32, _ order: Int32, in file: Int32) -> Bool {
    guard file >= 0 else { return true }
    var place = flock()
    place.l_type = Int16(kind)
    place.l_whence = Int16(SEEK_SET)
    place.l_start = start
    place.l_len = 1
    return fcntl(file, order, &place) == 0
  }
}

/// The ports that the sandboxes of this machine keep, whether their servers run or not: a port whose region is stopped
/// looks free, and is not to be given to anybody else.
///
/// Each user has a file of their own, which the others may read. It says of each sandbox no more than where it is and which
/// ports are its own; a sandbox that is no longer there keeps none.
struct PortRegistry {
  /// What a sandbox keeps.
  struct Entry: Codable, Equatable {
    /// The sandbox's folder.
    let sandbox: String
    var ports: [UInt16]

    fileprivate var isThere: Bool { access(SandboxFolders(root: sandbox).ports, F_OK) == 0 }
  }

  /// Who keeps a port.
  struct Keeper: Equatable {
    /// The sandbox's folder.
    let sandbox: String
    /// The id of the user whose it is.
    let user: uid_t

    var isOurs: Bool { user == geteuid() }
  }

  /// Survives a restart of the machine, as a stopped region does, and is everybody's to write to. It lies outside of nbx's
  /// home since it is there to keep two homes apart; with its last sandbox the file goes as well.
  static let usualFolder = "/var/tmp"

  let folder: String

  init(folder: String = usualFolder) { self.folder = folder }

  /// More than any sandboxes need: what is larger was not written by nbx.
  private static let longest = 1 << 20

  // MARK: Looking

  /// The ports that other sandboxes keep, and which.
  func kept(besides sandbox: String) -> [UInt16: Keeper] {
    var kept: [UInt16: Keeper] = [:]
    let files = Folders.names(in: folder)
    for file in files.sorted() {
      guard let user = PortRegistry.user(of: file) else { continue }
      for entry in entries(of: user) where entry.sandbox != sandbox || user != geteuid() {
        for port in entry.ports { kept[port] = Keeper(sandbox: entry.sandbox, user: user) }
      }
    }
    return kept
  }

  private static let nameStart = "nbx-"
  private static let nameEnd = ".ports"

  private func path(of user: uid_t) -> String { "\(folder)/\(Self.nameStart)\(user)\(Self.nameEnd)" }

  private static func user(of file: String) -> uid_t? {
    guard file.hasPrefix(nameStart), file.hasSuffix(nameEnd) else { return nil }
    return uid_t(file.dropFirst(nameStart.count).dropLast(nameEnd.count))
  }

  /// Of our own only those that are still there: of others nobody can tell.
  private func entries(of user: uid_t) -> [Entry] { noted(by: user).filter { user != geteuid() || $0.isThere } }

  private func noted(by user: uid_t) -> [Entry] {
    bytes(of: user).flatMap { try? Coding.value(json: $0) } ?? []
  }

  /// Everybody may write to the folder: only a file that its user has made is that user's word.
  private func bytes(of user: uid_t) -> [UInt8]? {
    guard let file = OwnedDescriptor.open(path(of: user), O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else { return nil }
    var facts = stat()
    guard fstat(file.number, &facts) == 0, facts.st_uid == user, facts.st_mode & S_IFMT == S_IFREG,
      facts.st_size <= Self.longest
    else { return nil }
    return Paths.rest(of: file.number, atMost: Self.longest) ?? []
  }

  // MARK: Keeping

  /// Notes which ports a sandbox keeps from now on. Where that cannot be written, the sandbox does without.
  func keep(_ ports: [UInt16], for sandbox: String) {
    PortPromises.whileAlone {
      let before = noted(by: geteuid())
      let own = ports.isEmpty ? [] : [Entry(sandbox: sandbox, ports: ports.sorted())]
      let after = (before.filter { $0.isThere && $0.sandbox != sandbox } + own).sorted { $0.sandbox < $1.sandbox }
      if after == before { return }
      let path = path(of: geteuid())
      if after.isEmpty {
        unlink(path)
      } else if let bytes = try? Coding.json(after) {
        try? AtomicFile.write(bytes, to: path, mode: 0o644)
      }
    }
  }
}
