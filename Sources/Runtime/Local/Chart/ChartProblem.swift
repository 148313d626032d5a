/// Why values cannot become servers here. Neither text shows anything secret.
struct ChartProblem: Error, Equatable, Sendable {
  /// What is wrong, with the path of the value: `config.cluster.replicas must be a whole number, not a string`.
  let message: String
  /// What to do next, where there is something to say.
  let advice: String?

  init(_ message: String, advice: String? = nil) {
    self.message = message
    self.advice = advice
  }
}
