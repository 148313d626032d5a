import Interpreter
import Lexer
import SandboxRuntime

/// `nbx list [FOLDER]`
enum ListSubcommand: Subcommand {
  static let name = "list"

  static let help = """
    Lists the recipes and what they do.

    Usage: nbx list [FOLDER]

      FOLDER   where to look, by default the folder recipes

    Example:
      nbx list recipes/experiments

    """

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    if let flag = words.first(where: { $0.hasPrefix("-") }) { throw .unknownFlag(flag, of: name, known: ["--help"]) }
    guard words.count < 2 else { throw Usage(message: "`nbx list` takes one folder", advice: "nbx list recipes") }
    let folder = words.first ?? "recipes"
    let files = RecipeFiles.below(folder).filter { $0 != folder || $0.hasSuffix(".nbx") }
    guard !files.isEmpty else {
      throw Usage(
        message: "there are no recipes in \(folder)", advice: "name the folder that has them: nbx list FOLDER")
    }
    let chooser = TargetChooser(
      wanted: nil, contexts: [:], clusters: [], environment: [:], purpose: "nbx list", announce: { _ in })
    let vocabulary = Vocabulary(host: SandboxHost(chooser: chooser, observer: { _ in }))
    let width = files.map { displayWidth($0) }.max() ?? 0
    for file in files {
      let title: String
      do throws(ProgramErrors) {
        let main = try Program.load(file, vocabulary: vocabulary, read: RecipeFiles.read).main
        title =
          main.title ?? (main.tasks.isEmpty ? "" : "tasks for `use`: \(main.tasks.map(\.name).joined(separator: ", "))")
      } catch {
        title = "has errors: nbx check \(file)"
      }
      Terminal.standardOutput.write("\(file.padded(to: width))  \(title)\n")
    }
    return .done
  }
}
