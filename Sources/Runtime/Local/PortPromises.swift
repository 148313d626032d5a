import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
