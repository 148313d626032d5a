import Interpreter

/// A program that a target needs on this machine.
public struct Requirement: Sendable {
  public let program: String
  /// What it is needed for.
  public let purpose: String
  /// The least version that works, and why that one; one for each channel that the program comes in.
  let least: [ProgramVersion]
  let because: String
  /// How to install it, one way a line.
  public let installation: [String]
  /// How it is asked for its version.
  let versionArguments: [String]

  /// The version that would be needed in place of this one; nil if it will do.
  func least(inPlaceOf version: ProgramVersion) -> ProgramVersion? {
    guard let least = least.first(where: { $0.channel == version.channel }) ?? least.first else { return nil }
    return version < least ? least : nil
  }
}

public enum Requirements {
  /// The programs that a target needs.
  public static func all(for target: String) -> [Requirement] {
    switch target {
    case "local": []
    case "k3d": known
    default: [kubectl, helm, linkerd]
    }
  }

  static let known = [docker, k3d, kubectl, helm, linkerd]

  /// The least version of Kubernetes that the newest of linkerd's charts take.
  static let kubernetes = ProgramVersion(1, 31)

  static let docker = Requirement(
    program: "docker", purpose: "k3d's clusters are containers", least: [ProgramVersion(20, 10, 5)],
    because: "k3d 5 asks for it",
    installation: ["Linux: sudo apt install docker.io", "macOS: brew install --cask docker"],
    versionArguments: ["version", "--format", "{{.Client.Version}}"])
  static let k3d = Requirement(
    program: "k3d", purpose: "it makes the clusters", least: [ProgramVersion(5, 8)],
    because: "earlier ones make clusters that are too old for the newest linkerd",
    installation: [
      "Linux: curl -s https://raw.githubusercontent.com/k3d-io/k3d/main/install.sh | bash", "macOS: brew install k3d",
    ],
    versionArguments: ["version"])
  static let kubectl = Requirement(
    program: "kubectl", purpose: "manifests and questions", least: [ProgramVersion(1, 27)],
    because: "earlier ones do not speak to the clusters of today",
    installation: ["Linux: sudo snap install kubectl --classic", "macOS: brew install kubernetes-cli"],
    versionArguments: ["version", "--client"])
  static let helm = Requirement(
    program: "helm", purpose: "it installs the charts", least: [ProgramVersion(3, 13)],
    because: "earlier ones have no `upgrade --labels` and no `uninstall --ignore-not-found`",
    installation: ["Linux: sudo snap install helm --classic", "macOS: brew install helm"],
    versionArguments: ["version", "--short"])
  static let linkerd = Requirement(
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

  /// Why a target can't be used on this machine; nil if nothing is missing.
  static func missing(
    for target: any Target, environment: [String: String], announce: @escaping (String) -> Void
  ) -> CommandFailure? {
    if target.name == "local" { return missingServer(environment, announce) }
    // Not every recipe needs the mesh: linkerd is missed when it is called.
    let needed = all(for: target.name).filter { $0.program != "linkerd" }
    let missing = needed.filter { (try? ProgramLookup.find($0.program, path: environment["PATH"], from: nil)) == nil }
    guard missing.isEmpty else {
      let ways = missing.flatMap { requirement in
        requirement.installation.map { "\(requirement.program): \($0)" }
      }
      return CommandFailure(
        .misused, "the target \(target.name) needs \(missing.map(\.program).joined(separator: ", "))",
        advice: (ways + ["nbx doctor --target \(target.name) tells more"]).joined(separator: "\n"))
    }
    guard target.name == "k3d" else { return nil }
    let docker = DockerEngine(environment: environment).state()
    guard let problem = docker.problem else { return nil }
    return CommandFailure(
      .misused, "the target k3d needs Docker: \(problem.what)", advice: problem.advice.joined(separator: "\n"))
  }

  /// nbx gets `nats-server` itself where there is none, before anything is run.
  private static func missingServer(
    _ environment: [String: String], _ announce: @escaping (String) -> Void
  ) -> CommandFailure? {
    do throws(MachineError) {
      var search = ServerSearch(home: try Home.folder(environment: environment), environment: environment)
      search.progress = announce
      search.shouldStop = { Interrupts.isAskedToStop ? .gently : .none }
      _ = try search.find()
      return nil
    } catch {
      return CommandFailure(.misused, Text("\(error)"))
    }
  }
}
