import Interpreter

/// The Docker engine of this machine, and whether this user may use it.
struct DockerEngine {
  let environment: [String: String]
  /// How long it has to answer. An engine that is starting up can take its time.
  var patience = Duration.seconds(10)

  enum State: Equatable {
    case running(version: String)
    case notInstalled
    case notRunning
    /// It runs, and this user may not speak to it.
    case forbidden
    case silent
    /// Something else, in its own words.
    case failing(String)
  }

  /// What it has to give to containers: of the machine on Linux, of Docker's own virtual machine elsewhere.
  struct Resources: Equatable {
    let cpus: Int64
    let memory: Int64
  }

  func state() -> State {
    guard let result = ask(["version", "--format", "{{.Server.Version}}"]) else { return .notInstalled }
    if result.timedOut { return .silent }
    let version = String(decoding: result.output.prefix { $0 > 0x20 }, as: UTF8.self)
    if result.succeeded, !version.isEmpty { return .running(version: version) }
    let said = String(decoding: result.errorOutput, as: UTF8.self)
    let words = said.lowercased()
    if words.contains("permission denied") { return .forbidden }
    if ["cannot connect to the docker daemon", "is the docker daemon running", "failed to connect to the docker api"]
      .contains(where: words.contains)
    {
      return .notRunning
    }
    return .failing(Text(said).lastLines(1).string)
  }

  func resources() -> Resources? {
    guard let result = ask(["info", "--format", "{{json .}}"]), result.succeeded,
      let facts = try? Value.json(result.output), case .int(let cpus)? = facts[at: "NCPU"],
      case .int(let memory)? = facts[at: "MemTotal"], cpus > 0
    else { return nil }
    return Resources(cpus: cpus, memory: memory)
  }

  /// Which k3d cluster has which port of this machine.
  func publishedPorts() -> [UInt16: String] {
    let words = ["ps", "--filter", "label=app=k3d", "--format", "{{.Names}} {{.Ports}}"]
    guard let result = ask(words), result.succeeded else { return [:] }
    var ports: [UInt16: String] = [:]
    for line in String(decoding: result.output, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2 else { continue }
      // `0.0.0.0:4222->4222/tcp, [::]:4222->4222/tcp`
      for mapping in parts[1].split(separator: ",") {
        let host = mapping.split(separator: "-", maxSplits: 1)[0]
        guard mapping.contains("->"), let port = host.split(separator: ":").last.flatMap({ UInt16($0) }) else {
          continue
        }
        ports[port] = String(parts[0])
      }
    }
    return ports
  }

  /// Whether an image is here already.
  func hasImage(_ name: String) -> Bool { ask(["image", "inspect", "--format", "{{.Id}}", name])?.succeeded ?? false }

  private func ask(_ words: [String]) -> ProgramResult? {
    var docker = Subprocess("docker", words, environment: environment)
    docker.deadline = .now + patience
    docker.patience = .init(afterInterrupt: .milliseconds(200), afterTerminate: .milliseconds(200))
    return try? docker.run()
  }
}

extension DockerEngine.State {
  /// What is wrong, and what to do; nil while it runs.
  var problem: (what: String, advice: [String])? {
    switch self {
    case .running: nil
    case .notInstalled: ("it is not installed", Requirements.docker.installation)
    case .notRunning:
      ("the engine does not run", ["Linux: sudo systemctl start docker", "macOS: open -a Docker"])
    case .forbidden:
      (
        "the engine runs, and this user may not use it",
        ["sudo usermod -aG docker $USER, then log in again (on Linux that is as much as root)"]
      )
    case .silent:
      (
        "the engine does not answer",
        ["Linux: sudo systemctl restart docker", "macOS: quit Docker Desktop and start it again"]
      )
    case .failing(let said): (said.isEmpty ? "it fails" : said, ["docker version"])
    }
  }
}
