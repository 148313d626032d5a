import Interpreter
import Lexer
import SandboxRuntime
import ShippedRecipes

/// What may stand in the place of the last word of a command line that is being typed.
struct CommandLineCompletion {
  struct Candidate {
    let word: String
    /// What it means, in a few words on one line.
    let help: String
  }

  /// The words before the one that is being typed, without `nbx`.
  let before: [String]
  let current: String
  private(set) var candidates: [Candidate] = []

  init(_ words: [String]) {
    before = Array(words.dropLast())
    current = words.last ?? ""
  }

  mutating func complete() {
    guard let name = before.first else {
      for subcommand in Nbx.subcommands { offer(subcommand.name, subcommand.summary) }
      offer("help", "a subcommand, or a command of recipes")
      if current.hasPrefix("-") { for flag in ["--help", "--version"] { offer(flag) } }
      return
    }
    if name == "help" { return completeHelp() }
    guard let subcommand = Nbx.subcommands.first(where: { $0.name == name }) else { return }
    if completeValue(of: subcommand) { return }
    if current.hasPrefix("-") { return completeFlag(of: subcommand) }
    let given = positionals(of: subcommand)
    switch name {
    case "run", "plan":
      if let recipe = given.first { completeArguments(of: recipe, given) } else { completeRecipe() }
    case "check": completeRecipe()
    case "fmt": completePath()
    case "recipes": if given.isEmpty { offer("copy", "into a folder") } else { completePath(foldersOnly: true) }
    case "list": completePath(foldersOnly: true)
    case "repl", "status":
      for cluster in Surroundings.clusters where !given.contains(cluster) { offer(cluster, "cluster") }
    case "explain": if given.isEmpty { for each in Explanation.all { offer(each.code, each.summary) } }
    case "completions": if given.isEmpty { for shell in CompletionsSubcommand.shells { offer(shell) } }
    default: break
    }
  }

  /// Adds what goes on with what is typed.
  mutating func offer(_ word: String, _ help: String = "") {
    // The shell shows both, and what files and servers are called may hold anything.
    guard word.hasPrefix(current), word.fitForTerminalLine == word else { return }
    candidates.append(Candidate(word: word, help: help.fitForTerminalLine.truncated(to: 70)))
  }

  private mutating func completeHelp() {
    guard before.count == 1 else { return }
    for subcommand in Nbx.subcommands { offer(subcommand.name, subcommand.summary) }
    for command in CommandHelp.commands { offer(command.name, command.summary) }
  }

  // MARK: Flags

  /// Those that take a word, which is no positional.
  private static let flagsWithValue = ["--target", "--context", "--from", "--only"]

  private mutating func completeFlag(of subcommand: any Subcommand.Type) {
    for flag in subcommand.flags where flag.word == "--context" || !before.contains(flag.word) {
      offer(flag.word, flag.help)
    }
  }

  /// Whether the word is the value of a flag, which then is completed.
  private mutating func completeValue(of subcommand: any Subcommand.Type) -> Bool {
    var flag = before.last ?? ""
    var prefix = ""
    if current.hasPrefix("--"), let equals = current.firstIndex(of: "=") {
      flag = String(current[..<equals])
      prefix = flag + "="
    }
    guard CommandLineCompletion.flagsWithValue.contains(flag), subcommand.flags.contains(where: { $0.word == flag })
    else { return false }
    switch flag {
    case "--target": for target in TargetChooser.names { offer(prefix + target) }
    case "--context":
      let clusters = Surroundings.clusters + (recipe(of: subcommand)?.clusters ?? [])
      for cluster in clusters.unique {
        if current.hasPrefix("\(prefix)\(cluster)=") {
          for context in Surroundings.kubeContexts { offer("\(prefix)\(cluster)=\(context)", "kube context") }
        } else {
          offer("\(prefix)\(cluster)=", "cluster")
        }
      }
    default:
      guard let path = positionals(of: subcommand).first, let program = Surroundings.program(path) else { return true }
      for step in program.stepNames { offer(prefix + step, "step") }
    }
    return true
  }

  /// The words that have their meaning by their place.
  private func positionals(of subcommand: any Subcommand.Type) -> [String] {
    var found: [String] = []
    var rest = before.dropFirst()
    while let word = rest.popFirst() {
      if CommandLineCompletion.flagsWithValue.contains(word) {
        _ = rest.popFirst()
      } else if !word.hasPrefix("-") {
        found.append(word)
      }
    }
    return found
  }

  // MARK: Recipes

  private func recipe(of subcommand: any Subcommand.Type) -> Unit? {
    positionals(of: subcommand).first.flatMap(Surroundings.program)?.main
  }

  /// The clusters and parameters behind a recipe.
  private mutating func completeArguments(of path: String, _ given: [String]) {
    let recipe = Surroundings.program(path)?.main
    if let equals = current.firstIndex(of: "=") {
      let name = String(current[..<equals])
      guard let parameter = recipe?.parameters.first(where: { $0.name == name }) else { return }
      if case .literal(.bool) = parameter.value.form { for value in ["true", "false"] { offer("\(name)=\(value)") } }
      return
    }
    for cluster in (Surroundings.clusters + (recipe?.clusters ?? [])).unique where !given.contains(cluster) {
      offer(cluster, "cluster")
    }
    for parameter in recipe?.parameters ?? [] where !given.contains(where: { $0.hasPrefix(parameter.name + "=") }) {
      offer(parameter.name + "=", parameter.help)
    }
  }

  /// Files, and the recipes that are in nbx: up to the next slash, as folders are.
  private mutating func completeRecipe() {
    completePath()
    var offered = Set(candidates.map(\.word))
    for name in ShippedRecipes.names where name.hasPrefix(current) {
      let rest = name[name.index(name.startIndex, offsetBy: current.count)...]
      let word = current + rest.prefix { $0 != "/" } + (rest.contains("/") ? "/" : "")
      if offered.insert(word).inserted { offer(word, "in nbx") }
    }
  }

  /// Recipes and the folders on the way to them.
  private mutating func completePath(foldersOnly: Bool = false) {
    let slash = current.lastIndex(of: "/")
    let folder = slash.map { String(current[...$0]) } ?? ""
    for entry in Surroundings.recipes(in: folder.isEmpty ? "." : folder) {
      if entry.isFolder { offer("\(folder)\(entry.name)/") } else if !foldersOnly { offer(folder + entry.name) }
    }
  }
}

extension Array where Element: Hashable {
  /// Every element once, where it comes first.
  fileprivate var unique: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
