import NATS
import Synchronization

/// What an nbx leaves behind that is killed: the programs that it was running, and what it wrote for them to read. While
/// it lives, each nbx keeps account of both in a folder of its own, so that whoever cleans up finds them.
package enum Leftovers {
  /// A program that runs for an nbx.
  private struct Note: Codable {
    let program: String
    let process: ProcessIdentity
  }

  private struct Account {
    var home: (@Sendable () -> String?)?
    /// Made at its first use: most runs start no program.
    var folder: String?
    var count = 0
  }

  private static let account = Mutex(Account())
  private static let owner = "nbx.json"

  /// How long a program has to leave on its own.
  private static let grace = Duration.seconds(3)

  /// From now on this nbx keeps account.
  ///
  /// - Parameter home: nbx's home, see `Home`; asked for when there is something to keep.
  package static func keepAccount(in home: @escaping @Sendable () -> String?) {
    account.withLock { $0.home = home }
  }

  /// This nbx ends well: it leaves nothing behind.
  package static func closeAccount() {
    let folder = account.withLock { account in
      defer { account = Account() }
      return account.folder
    }
    if let folder { try? Folders.remove(folder) }
  }

  /// The folder of this nbx; nil where no account is kept.
  package static var ownFolder: String? {
    account.withLock { account in
      if let folder = account.folder { return folder }
      guard let home = account.home?(), let nbx = ProcessIdentity(pid: getpid()) else { return nil }
      let folder = "\(runs(home))/\(nbx.pid)-\(nbx.start)"
      guard (try? Folders.make(folder)) != nil, (try? StateFile.write(nbx, to: "\(folder)/\(owner)")) != nil else {
        return nil
      }
      account.folder = folder
      return folder
    }
  }

  /// Notes that a program runs now.
  ///
  /// - Returns: the file to take away when it has ended.
  static func note(_ program: String, pid: Int32) -> String? {
    guard let folder = ownFolder, let process = ProcessIdentity(pid: pid) else { return nil }
    let number = account.withLock { account in
      account.count += 1
      return account.count
    }
    let path = "\(folder)/program-\(number).json"
    return (try? StateFile.write(Note(program: program, process: process), to: path)) == nil ? nil : path
  }

  /// Ends and takes away what killed nbx have left.
  ///
  /// - Parameters:
  ///   - environment: says where the nats CLI keeps its contexts.
  ///   - say: is told of each program that is ended.
  package static func takeAway(
    in home: String, environment: [String: String], say: (String) -> Void
  ) throws(MachineError) {
    Contexts(environment: environment, sandbox: home).removeLeftovers()
    for name in StateFile.names(in: runs(home)) {
      let folder = "\(runs(home))/\(name)"
      // Without its owner it is one that is being made, or the rest of one that was being taken away.
      guard case .state(let nbx) = StateFile.read("\(folder)/\(owner)", as: ProcessIdentity.self), !nbx.isAlive else {
        Folders.removeIfEmpty(folder)
        continue
      }
      for file in StateFile.names(in: folder) where file.hasPrefix("program-") {
        guard case .state(let note) = StateFile.read("\(folder)/\(file)", as: Note.self), note.process.isAlive else {
          continue
        }
        say("ending \(note.program) (process \(note.process.pid)), which a killed nbx has left")
        end(note.process)
      }
      try Folders.remove(folder)
    }
    Folders.removeIfEmpty(runs(home))
  }

  private static func runs(_ home: String) -> String { "\(home)/runs" }

  /// With its group, as nbx itself would have: each program was given one of its own.
  private static func end(_ program: ProcessIdentity) {
    for signal in [SIGTERM, SIGKILL] where program.isAlive {
      kill(-program.pid, signal)
      kill(-program.pid, SIGCONT)
      _ = program.waitForExit(until: .now + grace)
    }
  }
}
