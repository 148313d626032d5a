import Machine
import SandboxSystem

/// Where the JetStream servers of a sandbox keep their streams. In memory no `fsync` stalls, so no election is lost to
/// one; on disk streams outlive a restart of the machine.
package struct StoreLocation: Equatable, Sendable {
  package enum Kind: String, Codable, Sendable {
    /// A tmpfs. It is emptied by a restart of the machine, and some systems empty it when the user logs out.
    case memory
    case disk
  }

  /// The folder; it may not be there yet.
  package var path: String
  package var kind: Kind
  /// For people: why it is this one.
  package var reason: String

  /// Chooses; `make` makes the folder, once there is something to keep in it.
  ///
  /// - Parameters:
  ///   - sandbox: the sandbox's folder under nbx's home; its name tells sandboxes apart in memory.
  ///   - bytes: the room that a new store in memory has to find. One that is there already stays the choice: its streams
  ///     are in it.
  ///   - onDisk: whether `store=disk` was asked for.
  package static func choose(sandbox: String, needing bytes: UInt64, onDisk: Bool) -> StoreLocation {
    choose(sandbox: sandbox, needing: bytes, onDisk: onDisk, memoryFolder: LocalPlatform.memoryFolder)
  }

  static func choose(
    sandbox: String, needing bytes: UInt64, onDisk: Bool, memoryFolder: String?
  ) -> StoreLocation {
    let why: String
    if onDisk {
      why = "store=disk was asked for"
    } else {
      switch tryMemory(memoryFolder, sandbox: sandbox, needing: bytes) {
      case .found(let location): return location
      case .refused(let reason): why = reason
      }
    }
    return StoreLocation(path: "\(sandbox)/store", kind: .disk, reason: why)
  }

  /// Where this sandbox's store in memory is, whether it exists or not; nil on systems without one. For cleaning up.
  package static func pathInMemory(ofSandbox sandbox: String) -> String? {
    LocalPlatform.memoryFolder.map { pathInMemory($0, sandbox) }
  }

  private static func pathInMemory(_ folder: String, _ sandbox: String) -> String {
    "\(folder)/\(nameStart)\(String(stableHash(sandbox), radix: 16))"
  }

  private static var nameStart: String { "nbx-\(geteuid())-" }

  /// The store in memory, of this sandbox or of what it was before its home was moved, in which a region's streams lie;
  /// nil where they lie elsewhere.
  static func parentInMemory(of region: String) -> String? {
    let parts = region.split(separator: "/", omittingEmptySubsequences: false)
    guard let folder = LocalPlatform.memoryFolder, parts.count > 2, parts[parts.count - 2].hasPrefix(nameStart),
      parts.dropLast(2).joined(separator: "/") == folder
    else { return nil }
    return parts.dropLast().joined(separator: "/")
  }

  /// Makes the folder of a store in memory, of which a restart of the machine leaves nothing; nil, or why it cannot be had.
  static func make(_ path: String) -> String? {
    mkdir(path, 0o700) != 0 && errno != EEXIST ? "\(path) cannot be made: \(errorText(errno))" : faultOf(path)
  }

  private enum MemoryAnswer {
    case found(StoreLocation)
    case refused(String)
  }

  private static func tryMemory(_ folder: String?, sandbox: String, needing bytes: UInt64) -> MemoryAnswer {
    guard let folder else { return .refused("this system has no file system in memory") }
    guard LocalPlatform.isInMemory(folder) else { return .refused("\(folder) is not in memory here") }
    let path = pathInMemory(folder, sandbox)
    let room = freeBytes(in: folder)
    let isNew = access(path, F_OK) != 0
    if isNew, room < bytes {
      return .refused("\(folder) has \(room >> 20) MiB free, and \(bytes >> 20) MiB are needed")
    }
    if isNew, access(folder, W_OK | X_OK) != 0 { return .refused("\(folder): \(errorText(errno))") }
    if !isNew, let fault = faultOf(path) { return .refused(fault) }
    let reason = isNew ? "\(folder) is in memory and has \(room >> 20) MiB free" : "this sandbox's store is there"
    return .found(StoreLocation(path: path, kind: .memory, reason: reason))
  }

  /// Everybody may write to the folder above: what lies there under our name may be someone else's, or a link.
  private static func faultOf(_ path: String) -> String? {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return "\(path): \(errorText(errno))" }
    guard facts.st_mode & S_IFMT == S_IFDIR else { return "\(path) is not a folder" }
    guard facts.st_uid == geteuid() else { return "\(path) belongs to another user" }
    guard facts.st_mode & 0o777 == 0o700 || chmod(path, 0o700) == 0 else { return "\(path): \(errorText(errno))" }
    return nil
  }

  static func freeBytes(in folder: String) -> UInt64 {
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0 else { return 0 }
    return UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
  }
}
