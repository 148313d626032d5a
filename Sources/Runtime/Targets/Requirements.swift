import ValuesAndCommands

/// The programs that drive clusters of Kubernetes.
package enum Requirements {
  package static let known = [docker, k3d, kubectl, helm, linkerd]

  /// The least version of Kubernetes that the newest of linkerd's charts take.
  package static let kubernetes = ProgramVersion(1, 31)

  static let docker = Requirement(
    program: "docker", purpose: "k3d's clusters are containers", least: [ProgramVersion(20, 10, 5)],
    because: "k3d 5 asks for it",
    installation: ["Linux: sudo apt install docker.io", "macOS: brew install --cask docker"],
    versionArguments: ["version", "--format", "{{.Client.Version}}"])
  package static let k3d = Requirement(
    program: "k3d", purpose: "it makes the clusters", least: [ProgramVersion(5, 8)],
    because: "earlier ones make clusters that are too old for the newest linkerd",
    installation: [
      "Linux: curl -s https://raw.githubusercontent.com/k3d-io/k3d/main/install.sh | bash", "macOS: brew install k3d",
    ],
    versionArguments: ["version"])
  package static let kubectl = Requirement(
    program: "kubectl", purpose: "manifests and questions", least: [ProgramVersion(1, 27)],
    because: "earlier ones do not speak to the clusters of today",
    installation: ["Linux: sudo snap install kubectl --classic", "macOS: brew install kubernetes-cli"],
    versionArguments: ["version", "--client"])
  package static let helm = Requirement(
    program: "helm", purpose: "it installs the charts", least: [ProgramVersion(3, 13)],
    because: "earlier ones have no `upgrade --labels` and no `uninstall --ignore-not-found`",
    installation: ["Linux: sudo snap install helm --classic", "macOS: brew install helm"],
    versionArguments: ["version", "--short"])
  package static let linkerd = Requirement(
    program: "linkerd", purpose: "it links the clusters",
    least: [
      ProgramVersion(25, 4, 4, channel: "edge"), ProgramVersion(2, 18, channel: "stable"),
      ProgramVersion(2, 18, channel: "enterprise"), ProgramVersion(2, 18, channel: "version"),
    ],
    because: "earlier ones have no `multicluster link-gen`",
    installation: [
      "Linux, macOS: curl -sSfL https://run.linkerd.io/install-edge | sh, and add ~/.linkerd2/bin to the PATH"
    ],
    versionArguments: ["version", "--client", "--short"])
}

/// The Docker engine of this machine, and whether this user may use it.
package struct DockerEngine {
  package let environment: [String: String]
  /// How long it has to answer. An engine that is starting up can take its time.
  package var patience: Duration

  package init(environment: [String: String], patience: Duration = .seconds(10)) {
    self.environment = environment
    self.patience = patience
  }

  package enum State: Equatable {
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
  package struct Resources: Equatable {
    package let cpus: Int64
    package let memory: Int64
  }

  /// Whether it answers at all, as who only wants to know that asks.
  package var answers: Bool { ask(["version", "--format", "{{.Server.Version}}"])?.succeeded ?? false }

  package func state() -> State {
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

  package func resources() -> Resources? {
    guard let result = ask(["info", "--format", "{{json .}}"]), result.succeeded,
      let facts = try? Value.json(result.output), case .int(let cpus)? = facts[at: "NCPU"],
      case .int(let memory)? = facts[at: "MemTotal"], cpus > 0
    else { return nil }
    return Resources(cpus: cpus, memory: memory)
  }

  /// Which k3d cluster has which port of this machine.
  package func publishedPorts() -> [UInt16: String] {
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
  package func hasImage(_ name: String) -> Bool {
    ask(["image", "inspect", "--format", "{{.Id}}", name])?.succeeded ?? false
  }

  private func ask(_ words: [String]) -> ProgramResult? {
    try? Subprocess("docker", words, environment: environment).ask(within: patience)
  }
}

extension DockerEngine.State {
  /// What is wrong, and what to do; nil while it runs.
  package var problem: (what: String, advice: [String])? {
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
