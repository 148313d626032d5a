import Interpreter
import SandboxRuntime

/// The command line of `nbx repl`, taken apart: that of `nbx run` without a recipe.
struct ReplWords {
  let clusters: [String]
  let target: String?
  let contexts: [String: String]

  init(_ words: [String]) throws(Usage) {
    if let file = words.first(where: { $0.hasSuffix(".nbx") }) {
      throw Usage(message: "`nbx repl` takes clusters, not a recipe", advice: "nbx repl, and then: :load \(file)")
    }
    // The first word of its own is where `nbx run` has the recipe.
    let parsed = try RunWords([ReplSubcommand.name] + words, of: ReplSubcommand.name)
    if let parameter = parsed.parameters.keys.min() {
      throw Usage(
        message: "a session has no parameters: `\(parameter)=…`",
        advice: "bind it once it runs: let \(parameter) = …")
    }
    clusters = parsed.clusters
    target = parsed.target
    contexts = parsed.contexts
  }
}
