import Machine

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The real `nats-server` program that the pods of the local target run.
public struct ServerBinary: Equatable, Sendable {
  public enum Origin: Equatable, Sendable {
    /// NBX_NATS_SERVER names it.
    case environment
    case path
    /// An earlier run fetched it.
    case kept
    case fetched
  }

  /// The version that recipes mean where they name none: the one that the facts about the supercluster were seen on.
  public static let pinnedVersion = "2.11.4"

  /// Absolute.
  public var path: String
  public var origin: Origin
}

/// Looks for a `nats-server`, and fetches one where there is none.
public struct ServerSearch {
  /// As a recipe writes it: `2.11.4`, `v2.11.4`, or an image's tag such as `2.11.4-alpine`. Nil takes whatever version is
  /// on the PATH.
  public var version: String?
  /// nbx's home, see `Home`; fetched servers are kept in `servers/VERSION` under it.
  public var home: String
  public var environment: [String: String]
  /// How long fetching may take, waiting for another nbx that fetches included.
  public var timeLimit = Duration.seconds(300)
  /// What may end that before.
  public var stop: StopSignal?
  /// Told before something that takes long, as in "fetching nats-server 2.11.4".
  public var progress: (String) -> Void = { _ in }

  public init(
    version: String? = nil, home: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    self.version = version
    self.home = home
    self.environment = environment
  }

  /// NBX_NATS_SERVER, then the PATH, then what an earlier run fetched, then fetching it.
  ///
  /// - Throws: `.serverNotUsable`, `.oddServerVersion`, `.stopped`, `.noServer`; `.folderNotMade` and `.lockNotOpened`
  ///   where home cannot be written.
  public func find() throws(MachineError) -> ServerBinary {
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
