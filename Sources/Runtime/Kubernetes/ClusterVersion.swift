import SandboxSystem
import ValuesAndCommands

/// Which Kubernetes a cluster runs, as kubectl tells.
enum ClusterVersion: Sendable {
  case version(ProgramVersion)
  /// It does not answer; what kubectl said.
  case unknown(String)

  /// Asks several clusters, all at once: each may take its whole time.
  ///
  /// - Parameter contexts: by which kube contexts they are reached.
  static func ask(_ contexts: [String], environment: [String: String], within patience: Duration) -> [ClusterVersion] {
    LaneThread.each(contexts) { ClusterVersion(context: $0, environment: environment, patience: patience) }
  }

  private init(context: String, environment: [String: String], patience: Duration) {
    let question = Subprocess(
      "kubectl", ["version", "-o", "json", "--context", context, "--request-timeout=5s"], environment: environment)
    guard let result = try? question.ask(within: patience), !result.timedOut else {
      self = .unknown("kubectl does not answer")
      return
    }
    let told = (try? Value.json(result.output))?[at: "serverVersion"]?[at: "gitVersion"]?.asText?.string ?? ""
    if let version = ProgramVersion(in: told) {
      self = .version(version)
    } else {
      let said = Text(String(decoding: result.errorOutput, as: UTF8.self)).lastLines(1).string
      self = .unknown(said.isEmpty ? "kubectl does not tell" : said)
    }
  }
}

/// The contexts of the kubeconfig, as kubectl tells them.
package enum KubeContexts {
  /// - Parameter patience: how long kubectl may take.
  /// - Returns: nil if it tells none: it is not there, fails, or takes longer.
  package static func names(environment: [String: String], within patience: Duration) -> [String]? {
    let question = Subprocess("kubectl", ["config", "get-contexts", "-o", "name"], environment: environment)
    guard let result = try? question.ask(within: patience), result.succeeded else { return nil }
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
