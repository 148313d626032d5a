import Interpreter
import Lexer
import SandboxRuntime

/// The command line of `nbx run` and `nbx plan`, taken apart.
struct RunWords {
  var recipe: String?
  var clusters: [String] = []
  var parameters: [String: String] = [:]
  var target: String?
  /// Kube contexts by cluster.
  var contexts: [String: String] = [:]
  var wantsHelp = false
  /// The flags that only the subcommand itself knows, without a value.
  var toggles: Set<String> = []
  /// Those with a value.
  var options: [String: String] = [:]

  /// - Parameters:
  ///   - subcommand: its name, for messages.
  ///   - toggles: its own flags without a value.
  ///   - options: its own flags with one.
  /// - Throws: if the words make no sense.
  init(_ words: [String], of subcommand: String, toggles: [String] = [], options: [String] = []) throws(Usage) {
    var rest = words[...]
    while let word = rest.popFirst() {
      let (flag, attached) = RunWords.parts(word)
      switch flag {
      case "--help", "-h": wantsHelp = true
      case "--target": target = try RunWords.value(of: flag, attached, &rest, subcommand)
      case "--context": try ContextFlag.add(try RunWords.value(of: flag, attached, &rest, subcommand), to: &contexts)
      case _ where toggles.contains(word): self.toggles.insert(word)
      case _ where options.contains(flag):
        self.options[flag] = try RunWords.value(of: flag, attached, &rest, subcommand)
      case _ where word.hasPrefix("-") && word != "-":
        throw .unknownFlag(word, of: subcommand, known: ["--target", "--context", "--help"] + toggles + options)
      case _ where recipe == nil: recipe = word
      default: try addArgument(word)
      }
    }
    guard let target, !TargetChooser.names.contains(target) else { return }
    let suggestion = nearestSpelling(to: target, among: TargetChooser.names).map { "did you mean \($0)?" }
    throw Usage(
      message: "there is no target `\(target)`",
      advice: suggestion ?? "one of: \(TargetChooser.names.joined(separator: ", "))")
  }

  /// The recipe's path; nil if help was asked for without one, and has been shown.
  func recipe(for subcommand: any Subcommand.Type) throws(Usage) -> String? {
    if let recipe { return recipe }
    guard wantsHelp else {
      throw Usage(
        message: "`nbx \(subcommand.name)` needs a recipe",
        advice: "nbx \(subcommand.name) install c1 c2 c3; `nbx list` shows the recipes")
    }
    Terminal.standardOutput.write(subcommand.help)
    return nil
  }

  /// Shows the recipe's own help if it was asked for.
  func showedHelp(of program: Program) -> Bool {
    if wantsHelp { Terminal.standardOutput.write(RecipeHelp.text(of: program)) }
    return wantsHelp
  }

  /// A flag and what is attached to it: `--target=k3d`.
  private static func parts(_ word: String) -> (flag: String, attached: String?) {
    guard word.hasPrefix("--"), let equals = word.firstIndex(of: "=") else { return (word, nil) }
    return (String(word[..<equals]), String(word[word.index(after: equals)...]))
  }

  private static func value(
    of flag: String, _ attached: String?, _ rest: inout ArraySlice<String>, _ subcommand: String
  ) throws(Usage) -> String {
    guard let value = attached ?? rest.popFirst() else {
      throw Usage(message: "`\(flag)` needs a value", advice: "`nbx \(subcommand) --help` tells more")
    }
    return value
  }

  private mutating func addArgument(_ word: String) throws(Usage) {
    if let equals = word.firstIndex(of: "=") {
      let name = String(word[..<equals])
      if parameters.updateValue(String(word[word.index(after: equals)...]), forKey: name) != nil {
        throw Usage(message: "the parameter `\(name)` a second time", advice: "give each parameter once")
      }
      return
    }
    guard Cluster.isValid(name: word) else {
      throw Usage(
        message: "`\(word)` can't be a cluster's name",
        advice: "small letters, digits and hyphens, at most 32, a letter first; parameters are NAME=VALUE")
    }
    if clusters.contains(word) {
      throw Usage(message: "the cluster `\(word)` a second time", advice: "name each cluster once")
    }
    clusters.append(word)
  }
}
