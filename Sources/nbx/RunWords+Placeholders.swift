extension RunWords {
  /// Refuses what nbx shows in place of a secret as an argument: whoever copies a command would run with that for a
  /// password.
  ///
  /// - Parameter secrets: the names of the parameters that are secrets.
  func refusePlaceholders(secrets: Set<String>) throws(Usage) {
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      let placeholder = value.contains("•••") ? "•••" : "…"
      guard placeholder == "•••" || secrets.contains(name) && value == placeholder else { continue }
      throw Usage(
        message: "`\(placeholder)` in `\(name)` stands for a secret, it is not the secret",
        advice: "give \(name) itself: secrets are not kept")
    }
  }
}
