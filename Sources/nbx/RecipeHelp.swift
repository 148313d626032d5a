import Interpreter
import Lexer

/// What `nbx run RECIPE --help` says.
enum RecipeHelp {
  static func text(of program: Program) -> String {
    let recipe = program.main
    let name = RecipeChoice.name(of: recipe.file.path)
    var lines = [recipe.title ?? name, ""]
    lines.append("Usage: nbx run \(name) [CLUSTER…]\(recipe.parameters.isEmpty ? "" : " [NAME=VALUE…]")")
    if !recipe.clusters.isEmpty {
      lines += ["", "Clusters, if none are named: \(recipe.clusters.joined(separator: " "))"]
    }
    if !recipe.parameters.isEmpty {
      lines += ["", "Parameters:"]
      let names = recipe.parameters.map { "\($0.name)=\(defaultText(of: $0, in: recipe))" }
      let width = min(36, names.map { displayWidth($0) }.max() ?? 0)
      for (name, parameter) in zip(names, recipe.parameters) {
        lines.append("  \(name.padded(to: width))  \(parameter.help)".trimmed)
      }
      if recipe.parameters.contains(where: \.takesSeveral) {
        lines += ["", "A list may be given as a recipe writes it, or with commas alone: 1,2,3; a map also as JSON."]
      }
    }
    if !program.stepNames.isEmpty {
      lines += ["", "Steps, for --from and --only:"] + program.stepNames.map { "  \($0)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The default as the recipe writes it; a secret one is not for everybody to read.
  private static func defaultText(of parameter: Parameter, in recipe: Unit) -> String {
    parameter.isSecret ? "•••" : recipe.file.shownText(parameter.value.span).truncated(to: 40)
  }
}

extension Parameter {
  /// Whether its default is written as a list or a map.
  fileprivate var takesSeveral: Bool {
    switch value.form {
    case .list, .map, .literal(.list), .literal(.map), .binary(.closedRange, _, _), .binary(.halfOpenRange, _, _): true
    default: false
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    var copy = self
    while copy.last == " " { copy.removeLast() }
    return copy
  }
}
