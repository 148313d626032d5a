import Interpreter
import Lexer
import SandboxSystem
import ShippedRecipes

/// `nbx list [FOLDER]`
enum ListSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "list", "Lists the recipes and what they do",
    [
      Positional(
        "FOLDER", optional: true,
        help: "where to look; by default the recipes that are in nbx, by the names that `nbx run`, `nbx plan` and "
          + "`nbx check` take",
        offers: CommandLineOffers.folders)
    ], example: "nbx list")

  static let examples = ["nbx list my-recipes"]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    guard let folder = words.positional(0)?.string else {
      show(ShippedRecipes.names.map { ($0, "\(ShippedRecipes.folder)/\($0).nbx") })
      return .done
    }
    let files = RecipeFiles.below(folder).filter { $0 != folder || $0.hasSuffix(".nbx") }
    guard !files.isEmpty else {
      throw Usage(
        message: "there are no recipes in \(folder)", advice: "name the folder that has them: nbx list FOLDER")
    }
    show(files.map { ($0, $0) })
    return .done
  }

  private static func show(_ recipes: [(name: String, path: String)]) {
    let vocabulary = Vocabulary.ofNbx(purpose: "nbx list")
    let width = (recipes.map { displayWidth($0.name) }.max() ?? 0) + 2
    for (name, path) in recipes {
      let title = title(of: path, vocabulary) ?? "has errors: nbx check \(name)"
      // What is read by a program stays on one line each.
      let room = Terminal.standardOutput.isTerminal ? max(narrowest, Terminal.standardOutput.columns - width) : .max
      for (index, line) in (title.wrapped(to: room) ?? [title]).enumerated() {
        Terminal.standardOutput.write((index == 0 ? name : "").padded(to: width) + line + "\n")
      }
    }
  }

  /// Titles are not wrapped to less.
  private static let narrowest = 24

  /// Nil: it has errors.
  private static func title(of path: String, _ vocabulary: Vocabulary) -> String? {
    do throws(ProgramErrors) {
      let main = try Program.load(path, vocabulary: vocabulary, read: RecipeFiles.read).main
      let tasks = main.tasks.map(\.name).joined(separator: ", ")
      return main.title ?? (tasks.isEmpty ? "" : "tasks for `use`: \(tasks)")
    } catch {
      return nil
    }
  }
}
