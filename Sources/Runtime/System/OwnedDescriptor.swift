import Machine

/// A file descriptor that is closed with its owner, so that no early return leaks it.
package final class OwnedDescriptor {
  /// -1 once closed.
  package private(set) var number: Int32

  init(_ number: Int32) {
    self.number = number
  }

  deinit { close() }

  /// 0, or -1 with the reason in `errno`: what was written may be lost. Once closed it stays so.
  @discardableResult
  func close() -> Int32 {
    guard number >= 0 else { return 0 }
    let result = closeDescriptor(number)
    number = -1
    return result
  }
}

@discardableResult
private func closeDescriptor(_ number: Int32) -> Int32 {
  close(number)
}

extension OwnedDescriptor {
  /// The same file under a number from 3 up: a child's own 0, 1 and 2 are laid out one after the other, and a source
  /// among them would be overwritten before its turn. (nbx may have been started with its standard input closed.)
  package static func aboveStandardStreams(_ number: Int32) -> OwnedDescriptor? {
    guard (0..<3).contains(number) else { return number < 0 ? nil : OwnedDescriptor(number) }
    let copy = copy(of: number)
    closeDescriptor(number)
    return copy
  }

  /// The same file once more, at the same place in it. Nil leaves the reason in `errno`.
  static func copy(of number: Int32) -> OwnedDescriptor? {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    return copy < 0 ? nil : OwnedDescriptor(copy)
  }

  /// Opens a file that no child inherits by accident. Nil leaves the reason in `errno`.
  package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) -> OwnedDescriptor? {
    var number: Int32
    repeat { number = openFile(path, flags | O_CLOEXEC, mode) } while number < 0 && errno == EINTR
    return aboveStandardStreams(number)
  }

  /// The same for a name in a folder; its bytes end with a zero.
  static func open(_ name: [CChar], _ flags: Int32, in folder: OwnedDescriptor) -> OwnedDescriptor? {
    var number: Int32
    repeat { number = openat(folder.number, name, flags | O_CLOEXEC) } while number < 0 && errno == EINTR
    return aboveStandardStreams(number)
  }

  /// Writes every byte. False: `errno` says why not all of them.
  ///
  /// - Parameter limit: for how long whoever reads what does not block may take its time.
  func writeAll(_ bytes: [UInt8], within limit: Limit = Limit(until: nil)) -> Bool {
    bytes.withUnsafeBytes { all in
      var sent = 0
      while sent < all.count {
        let rest = UnsafeRawBufferPointer(rebasing: all[sent...])
        let count = ProcessPlatform.writeQuietly(number, rest)
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EAGAIN, !limit.isOver {
          var waiting = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
          poll(&waiting, 1, 50)
          continue
        }
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }

  /// Reads and writes return at once instead of waiting for the other end.
  package func makeNonBlocking() {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
  }
}
private func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}

/// A pipe whose ends are both closed in every program that is started, by whichever thread.
package struct OwnedPipe {
  package let readEnd: OwnedDescriptor
  package let writeEnd: OwnedDescriptor

  package init() throws(ProcessError) {
    guard let ends = ProcessPlatform.makePipe() else { throw .system(call: "pipe", errno: errno) }
    guard let readEnd = OwnedDescriptor.aboveStandardStreams(ends.read) else {
      closeDescriptor(ends.write)
      throw .system(call: "fcntl", errno: errno)
    }
    guard let writeEnd = OwnedDescriptor.aboveStandardStreams(ends.write) else {
      throw .system(call: "fcntl", errno: errno)
    }
    self.readEnd = readEnd
    self.writeEnd = writeEnd
  }
}

/// How many descriptors a process may have: `RLIMIT_NOFILE` of getrlimit(2).
package enum DescriptorLimit {
  #if canImport(Glibc)
    private static let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let files = RLIMIT_NOFILE
  #endif

  private static var limit: rlimit? {
    var limit = rlimit()
    return getrlimit(files, &limit) == 0 ? limit : nil
  }

  /// How many it may have if it asks for them.
  package static var most: Int { limit.map { Int(clamping: $0.rlim_max) } ?? .max }

  /// Asks for as many as it may have; a shell's limit is often 1,024.
  package static func raise() {
    guard var limit else { return }
    limit.rlim_cur = limit.rlim_max
    #if canImport(Darwin)
      // More is refused here.
      limit.rlim_cur = min(limit.rlim_cur, rlim_t(OPEN_MAX))
    #endif
    setrlimit(files, &limit)
  }
}
