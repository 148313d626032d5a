import Machine
import Synchronization

/// Keeps two nbx from changing the same thing at once. The kernel lets go of it when nbx ends, however it ends; the file
/// says who holds it and stays behind empty.
package final class FileLock: Sendable {
  package let path: String
  /// -1 once released.
  private let descriptor: Mutex<Int32>

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = Mutex(descriptor)
  }

  deinit { release() }

  /// Takes the lock if nobody has it; nil if someone has, who may be another thread of this nbx.
  ///
  /// - Parameter purpose: what it is held for, for others' error messages, as in "starting region c1".
  /// - Throws: `.lockNotOpened`.
  package static func tryAcquire(_ path: String, for purpose: String) throws(MachineError) -> FileLock? {
    while true {
      // No child inherits it: a server that outlives nbx would hold the lock on.
      let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard file >= 0 else {
        if errno == EINTR { continue }
        throw .lockNotOpened(path: path, errno: errno)
      }
      guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
        let problem = errno
        close(file)
        if problem == EINTR { continue }
        guard problem == EWOULDBLOCK else { throw .lockNotOpened(path: path, errno: problem) }
        return nil
      }
      guard isStill(file, at: path) else {
        close(file)
        continue
      }
      describe("process \(getpid()), \(purpose)", in: file)
      return FileLock(path: path, descriptor: file)
    }
  }

  /// Waits for the lock.
  ///
  /// - Throws: `.lockHeld` when the time is over, `.stopped` when asked to, `.lockNotOpened`.
  package static func acquire(_ path: String, for purpose: String, limit: Limit) throws(MachineError) -> FileLock {
    var pause = Duration.milliseconds(2)
    while true {
      if let lock = try tryAcquire(path, for: purpose) { return lock }
      if limit.isStopped { throw .stopped(doing: "waiting for \(holder(of: path)), which holds \(path)") }
      if limit.hasPassed { throw .lockHeld(path: path, holder: holder(of: path)) }
      Pause.sleep(pause)
      pause = min(pause * 2, .milliseconds(50))
    }
  }

  /// Who holds it and what for, as in "process 4711, starting region c1".
  package static func holder(of path: String) -> String {
    guard let file = OwnedDescriptor.open(path, O_RDONLY) else { return "another process" }
    let bytes = [UInt8](unsafeUninitializedCapacity: 1024) { buffer, count in
      count = max(0, read(file.number, buffer.baseAddress, buffer.count))
    }
    // Between taking the lock and writing the name the file is empty.
    return bytes.isEmpty ? "another process" : String(decoding: bytes, as: UTF8.self)
  }

  /// Lets go of it; more than once does no harm.
  package func release() {
    descriptor.withLock { file in
      guard file >= 0 else { return }
      ftruncate(file, 0)
      // Not left to `close`: a child that is being spawned right now holds the file open until its exec.
      flock(file, LOCK_UN)
      close(file)
      file = -1
    }
  }

  /// Lets go of it, and leaves no file behind.
  package func vanish() {
    unlink(path)
    release()
  }

  /// A cleanup may have removed the file between opening and locking it: the lock would be on nothing.
  private static func isStill(_ file: Int32, at path: String) -> Bool {
    var locked = stat()
    var named = stat()
    return fstat(file, &locked) == 0 && stat(path, &named) == 0 && locked.st_ino == named.st_ino
      && locked.st_dev == named.st_dev
  }

  private static func describe(_ holder: String, in file: Int32) {
    ftruncate(file, 0)
    _ = Array(holder.utf8).withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
  }
}
