import Interpreter
import Lexer
import SandboxRuntime

/// `nbx fmt PATH…`
enum FmtSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "fmt", "Gives recipes their one form. What they do stays as it is, and so does every comment",
    [
      Positional(
        "PATH", repeated: true,
        help:
          "a recipe, or a folder: then every *.nbx below it, but for links, which may lead elsewhere; - is standard "
          + "input, whose form goes to standard output",
        offers: CommandLineOffers.paths)
    ],
    flags: [
      Flag("--check", .toggle, "writes nothing; names the files that are not in form"),
      Flag("--diff", .toggle, "writes nothing; shows what would change"),
    ], example: "nbx fmt recipes", rule: crowd)

  static let notes = """
    A file with errors of syntax is left alone, and the errors are shown.

    Exit codes: 0 done; 1 with --check, if a file is not in form, or if one can't be written;
    2 a file has errors.
    """

  static let examples = ["nbx fmt --check --diff my-experiment.nbx", "nbx fmt - < draft.nbx"]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    var formatting = Formatting(checks: words.has("--check"), showsDifference: words.has("--diff"))
    let paths = words.strings()
    if let stream = RecipeStream(word: paths[0]) {
      formatting.format(stream)
      return formatting.code
    }
    let files = paths.flatMap { RecipeFiles.below($0, followingLinks: false) }
    guard !files.isEmpty else {
      throw Usage(
        message: "there are no recipes in \(paths.joined(separator: ", "))", advice: "recipes are files *.nbx")
    }
    for file in files { formatting.format(file) }
    formatting.tellResult()
    return formatting.code
  }

  /// What goes to standard output has nothing beside it.
  private static func crowd(_ words: ParsedWords) -> WordProblem? {
    guard words.positionals.count > 1, let word = words.strings().first(where: { RecipeStream(word: $0) != nil })
    else { return nil }
    return WordProblem(
      index: nil, message: "`\(word)` stands alone: its form goes to standard output",
      advice: "nbx fmt - < my-experiment.nbx")
  }
}
