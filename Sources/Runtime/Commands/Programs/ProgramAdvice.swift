import Interpreter

/// What to do next, by what a program said before it failed.
struct ProgramAdvice {
  let program: ProgramCall
  let call: Invocation
  let ownership: ClusterOwnership

  /// Nil where nothing is known to help.
  func advice(after said: String) -> String? {
    let said = said.lowercased()
    func says(_ parts: String...) -> Bool { parts.contains { said.contains($0) } }
    return nil
  }

  /// How to get a program that is missing.
  static func installation(of program: String, searched: String) -> String {
    guard let requirement = Requirements.known.first(where: { $0.program == program }) else {
      return searched.isEmpty ? "look at the path" : "install it, or add its folder to the PATH (searched: \(searched))"
    }
    return (requirement.installation + ["nbx doctor --target k3d"]).joined(separator: "\n")
  }
}
