import Interpreter
import Lexer

/// What was asked for on the command line, beside the recipe. A run is taken up only with the same.
public struct RunRequest: Sendable {
  /// All of it but the values of secrets.
  struct Open: Sendable, Equatable {
    let clusters: [String]
    /// Without those that are secrets.
    let arguments: [String: String]
    /// Kube contexts by cluster.
    let contexts: [String: String]
    /// Which secrets were given, in the order of their names.
    let secretNames: [String]
  }

  let open: Open
  /// By name. Only marks of them are kept.
  let secrets: [String: String]

  /// - Parameters:
  ///   - contexts: kube contexts by cluster.
  ///   - recipe: tells which of the arguments are secrets.
  public init(clusters: [String], arguments: [String: String], contexts: [String: String], of recipe: Unit) {
    let evident = arguments.filter { !EvidentSecrets.ranges(in: $0.value.utf8).isEmpty }.keys
    let names = recipe.secretParameters.union(evident)
    secrets = arguments.filter { names.contains($0.key) }
    open = Open(
      clusters: clusters, arguments: arguments.filter { !names.contains($0.key) }, contexts: contexts,
      secretNames: secrets.keys.sorted())
  }

  /// The command that takes the run up, or begins it anew, with `…` in place of secrets.
  public func command(of recipe: String, target: String?, resuming: Bool) -> String {
    open.command(of: recipe, target: target, resuming: resuming)
  }

  /// What to do about the `…` in the command; nil if there is none.
  public var advice: String? { open.advice }
}

extension RunRequest.Open {
  func command(of recipe: String, target: String? = nil, resuming: Bool = true) -> String {
    let values = arguments.mapValues(\.inShell).merging(secretNames.map { ($0, "…") }) { given, _ in given }
    var words = ["nbx", "run", recipe.inShell] + clusters
    words += values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    if let target { words += ["--target", target.inShell] }
    words += contexts.sorted { $0.key < $1.key }.flatMap { ["--context", "\($0.key)=\($0.value)".inShell] }
    return (words + (resuming ? ["--resume"] : [])).joined(separator: " ")
  }

  var advice: String? {
    secretNames.isEmpty ? nil : "give \(secretNames.joined(separator: " and ")) again: secrets are not kept"
  }
}
