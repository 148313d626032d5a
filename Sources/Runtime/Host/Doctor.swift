import Interpreter

/// Looks at what this machine has of what a target needs.
public struct Doctor {
  public struct Finding: Sendable {
    public let what: String
    public let detail: String
    public let isGood: Bool
    /// How to mend it, one way a line.
    public let advice: [String]
  }

  let environment: [String: String]

  public init(environment: [String: String]) { self.environment = environment }

  public func examine(_ target: any Target) -> [Finding] {
    target.isKubernetes ? Requirements.all(for: target.name).map(program) : [server, store]
  }

  private func program(_ requirement: Requirement) -> Finding {
    guard (try? ProgramLookup.find(requirement.program, path: environment["PATH"], from: nil)) != nil else {
      return Finding(
        what: requirement.program, detail: "not installed; \(requirement.purpose)", isGood: false,
        advice: requirement.installation)
    }
    var version = Subprocess(requirement.program, requirement.versionArguments)
    version.environment = environment
    version.deadline = .now + .seconds(5)
    guard let result = try? version.run(), result.succeeded else {
      return Finding(
        what: requirement.program, detail: "it is installed, but does not answer", isGood: false,
        advice: requirement.program == "docker" ? ["start the Docker engine"] : requirement.installation)
    }
    let line = String(decoding: result.output, as: UTF8.self).split(separator: "\n").first ?? ""
    return Finding(what: requirement.program, detail: String(line), isGood: true, advice: [])
  }

  private var server: Finding {
    do {
      let home = try Home.folder(environment: environment)
      let binary = try ServerSearch(home: home, environment: environment).find()
      let version = ServerSearch.versionToldBy(binary.path, environment: environment) ?? "of unknown version"
      return Finding(what: "nats-server", detail: "\(version), \(binary.path)", isGood: true, advice: [])
    } catch {
      return Finding(what: "nats-server", detail: "\(error)", isGood: false, advice: [])
    }
  }

  /// Looks only: the folder itself is made when a region is.
  private var store: Finding {
    let memory = LocalPlatform.memoryFolder
    return Finding(
      what: "streams", detail: memory.map { "in memory, below \($0)" } ?? "on disk, below nbx's home", isGood: true,
      advice: [])
  }
}
