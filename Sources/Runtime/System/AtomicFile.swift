import Machine
import Synchronization

/// Writes a file as a whole: whoever reads it, even after a crash in the middle, sees the old one or the new one.
package enum AtomicFile {
  private static let counter = Atomic<Int>(0)

  /// Writes the bytes to a new file beside `path`, then gives it that name.
  ///
  /// - Parameters:
  ///   - mode: the file's permissions, whatever the umask.
  ///   - sync: also outlive a loss of power; costs a write to the disk.
  /// - Throws: `.fileNotWritten` with the old file whole and nothing left beside it.
  package static func write(
    _ bytes: [UInt8], to path: String, mode: mode_t = 0o600, sync: Bool = false
  ) throws(MachineError) {
    let folder = Paths.folder(of: path)
    guard !path.utf8.contains(0) else { throw .fileNotWritten(path: path, errno: EINVAL) }
    let temporary = temporaryName(in: folder)
    guard let file = OwnedDescriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode) else {
      throw .fileNotWritten(path: path, errno: errno)
    }
    var problem = fill(file, with: bytes, mode: mode, sync: sync)
    if problem == 0, rename(temporary, path) != 0 { problem = errno }
    guard problem == 0 else {
      unlink(temporary)
      throw .fileNotWritten(path: path, errno: problem)
    }
    if sync, let parent = OwnedDescriptor.open(folder, O_RDONLY) { fsync(parent.number) }
  }

  /// A name that nothing in the folder has.
  static func temporaryName(in folder: String) -> String {
    let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
    let name = "\(folder)/.nbx-\(getpid())-\(number).tmp"
    // What is there under this name was left by a killed nbx that had our pid.
    unlink(name)
    return name
  }

  /// 0, or why it failed.
  private static func fill(_ file: OwnedDescriptor, with bytes: [UInt8], mode: mode_t, sync: Bool) -> Int32 {
    guard file.writeAll(bytes), fchmod(file.number, mode) == 0 else { return errno }
    if sync, fsync(file.number) != 0 { return errno }
    // Some file systems tell only now that the disk is full.
    return file.close() == 0 ? 0 : errno
  }
}
