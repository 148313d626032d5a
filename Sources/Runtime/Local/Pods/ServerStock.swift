import Interpreter
import Synchronization

/// The `nats-server` programs of this run: each version is looked for, and fetched, once, however many lanes ask.
final class ServerStock: Sendable {
  struct Server: Sendable {
    let path: String
    /// As the program tells it; what was asked for, if it tells nothing.
    let version: String
  }

  private enum Entry {
    case isLookedFor
    case found(Server)
  }

  private let home: String
  private let environment: [String: String]
  private let entries = Mutex<[String: Entry]>([:])
  /// Why the last search for a version was in vain, for those that waited for it.
  private let refusals = Mutex<[String: CommandFailure]>([:])

  init(home: String, environment: [String: String]) {
    self.home = home
    self.environment = environment
  }

  /// - Parameter tag: of the container's image; nil stands for what is here, else the version that nbx was made for.
  func server(_ tag: String?, _ limits: CallLimits) throws(CommandFailure) -> Server {
    let name = tag ?? ""
    var hasWaited = false
    while true {
      let entry = entries.withLock { entries -> Entry? in
        defer { if entries[name] == nil { entries[name] = .isLookedFor } }
        return entries[name]
      }
      switch entry {
      case .found(let server): return server
      case .isLookedFor:
        hasWaited = true
        try limits.pause(10, "waiting for another lane, which looks for nats-server \(name)")
      case nil:
        if hasWaited, let refusal = refusals.withLock({ $0[name] }) {
          entries.withLock { $0[name] = nil }
          throw refusal
        }
        return try lookFor(tag, limits)
      }
    }
  }

  private func lookFor(_ tag: String?, _ limits: CallLimits) throws(CommandFailure) -> Server {
    var found: Server?
    // Who waits for a search that was cut short looks again.
    var refusal: CommandFailure?
    defer {
      refusals.withLock { $0[tag ?? ""] = refusal }
      entries.withLock { $0[tag ?? ""] = found.map(Entry.found) }
    }
    var search = ServerSearch(version: tag, home: home, environment: environment)
    search.timeLimit = limits.limit.left
    search.stop = limits.limit.stop
    search.progress = { [say = limits.say] in say(Text($0)) }
    let binary: ServerBinary
    do throws(CommandFailure) {
      binary = try onThisMachine { () throws(MachineError) in try search.find() }
    } catch {
      var failure = error
      failure.cause = "nats-server \(tag ?? "")"
      if !limits.limit.givingUp(from: .windDown).isOver { refusal = failure }
      throw failure
    }
    let told = ServerSearch.versionToldBy(binary.path, environment: environment)
    let server = Server(path: binary.path, version: told ?? tag ?? ServerBinary.pinnedVersion)
    found = server
    return server
  }
}
