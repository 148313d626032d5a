import Interpreter
import Lexer
import SandboxRuntime

/// `nbx fmt PATH…`
enum FmtSubcommand: Subcommand {
  static let name = "fmt"

  static let help = """
    Gives recipes their one form. What they do stays as it is, and so does every comment.

    Usage: nbx fmt [--check] [--diff] PATH…

      PATH      a recipe, or a folder: then every *.nbx below it, but for links, which may lead
                elsewhere; - is standard input, whose form goes to standard output
      --check   writes nothing; names the files that are not in form
      --diff    writes nothing; shows what would change

    A file with errors of syntax is left alone, and the errors are shown.

    Exit codes: 0 done; 1 with --check, if a file is not in form, or if one can't be written;
    2 a file has errors.

    Examples:
      nbx fmt recipes
      nbx fmt --check --diff my-experiment.nbx
      nbx fmt - < draft.nbx

    """

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    var formatting = Formatting()
    var paths: [String] = []
    for word in words {
      switch word {
      case "--check": formatting.checks = true
      case "--diff": formatting.showsDifference = true
      case _ where word.hasPrefix("-") && word != "-":
        throw .unknownFlag(word, of: name, known: ["--check", "--diff", "--help"])
      default: paths.append(word)
      }
    }
    guard !paths.isEmpty else { throw Usage(message: "`nbx fmt` needs a path", advice: "nbx fmt recipes") }
    if let word = paths.first(where: { RecipeStream(word: $0) != nil }), let stream = RecipeStream(word: word) {
      guard paths.count == 1 else {
        throw Usage(
          message: "`\(word)` stands alone: its form goes to standard output",
          advice: "nbx fmt - < my-experiment.nbx")
      }
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
}
