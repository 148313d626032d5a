/// The contexts of the kubeconfig, as kubectl tells them.
public enum KubeContexts {
  /// - Parameter patience: how long kubectl may take.
  /// - Returns: nil if it tells none: it is not there, fails, or takes longer.
  public static func names(environment: [String: String], within patience: Duration) -> [String]? {
    var question = Subprocess("kubectl", ["config", "get-contexts", "-o", "name"], environment: environment)
    question.deadline = .now + patience
    question.patience = .init(afterInterrupt: .milliseconds(200), afterTerminate: .milliseconds(200))
    guard let result = try? question.run(), result.succeeded else { return nil }
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
