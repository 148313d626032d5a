#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
  }

  /// Who keeps a port.
  struct Keeper: Equatable {
    /// The sandbox's folder.
    let sandbox: String
    /// The id of the user whose it is.
    let user: uid_t

    var isOurs: Bool { user == geteuid() }
  }

  /// Survives a restart of the machine, as a stopped region does, and is everybody's to write to.
  static let usualFolder = "/var/tmp"

  let folder: String

  init(folder: String = usualFolder) { self.folder = folder }

  /// More than any sandboxes need: what is larger was not written by nbx.
  private static let longest = 1 << 20

  // MARK: Looking

  /// The ports that other sandboxes keep, and which.
  func kept(besides sandbox: String) -> [UInt16: Keeper] {
    var kept: [UInt16: Keeper] = [:]
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
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
  private func entries(of user: uid_t) -> [Entry] {
    guard let bytes = bytes(of: user), let all = try? JSONDecoder().decode([Entry].self, from: Data(bytes)) else {
      return []
    }
    guard user == geteuid() else { return all }
    return all.filter { access(SandboxFolders(root: $0.sandbox).ports, F_OK) == 0 }
  }

  /// Everybody may write to the folder: only a file that its user has made is that user's word.
  private func bytes(of user: uid_t) -> [UInt8]? {
    guard let file = OwnedDescriptor.open(path(of: user), O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else { return nil }
    var facts = stat()
    guard fstat(file.number, &facts) == 0, facts.st_uid == user, facts.st_mode & S_IFMT == S_IFREG,
      facts.st_size <= Self.longest
    else { return nil }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(file.number, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0, bytes.count <= Self.longest else { return bytes }
      bytes += piece[..<count]
    }
  }

  // MARK: Keeping

  /// Notes which ports a sandbox keeps from now on. Where that cannot be written, the sandbox does without.
  func keep(_ ports: [UInt16], for sandbox: String) {
    PortPromises.whileAlone {
      let before = entries(of: geteuid())
      let entry = Entry(sandbox: sandbox, ports: ports.sorted())
      if before.first(where: { $0.sandbox == sandbox }) == (ports.isEmpty ? nil : entry) { return }
      let after = before.filter { $0.sandbox != sandbox } + (ports.isEmpty ? [] : [entry])
      let path = path(of: geteuid())
      if after.isEmpty {
        unlink(path)
      } else if let data = try? JSONEncoder().encode(after) {
        try? AtomicFile.write(Array(data), to: path, mode: 0o644)
      }
    }
  }
}
