import Interpreter

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
    var question = Subprocess(
      "kubectl", ["version", "-o", "json", "--context", context, "--request-timeout=5s"], environment: environment)
    question.deadline = .now + patience
    question.patience = .init(afterInterrupt: .milliseconds(200), afterTerminate: .milliseconds(200))
    guard let result = try? question.run(), !result.timedOut else {
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
