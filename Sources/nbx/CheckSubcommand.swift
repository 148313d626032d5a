import Interpreter
import Lexer
import SandboxRuntime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `nbx check PATH…`
enum CheckSubcommand: Subcommand {
  static let name = "check"

  static let help = """
    Looks for errors in recipes without running anything.

    Usage: nbx check PATH…

      PATH   a recipe, or a folder: then every *.nbx below it

    Exit codes: 0 no errors, 2 there are some.

    Examples:
      nbx check recipes
      nbx check my-experiment.nbx

    """

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    if let flag = words.first(where: { $0.hasPrefix("-") }) { throw .unknownFlag(flag, of: name, known: ["--help"]) }
    guard !words.isEmpty else { throw Usage(message: "`nbx check` needs a path", advice: "nbx check recipes") }
    let vocabulary = Vocabulary.ofNbx(purpose: "nbx check")
    let files = words.flatMap(RecipeFiles.below)
    guard !files.isEmpty else {
      throw Usage(
        message: "there are no recipes in \(words.joined(separator: ", "))", advice: "recipes are files *.nbx")
    }
    var errors = 0
    // A file that several recipes run is wrong once.
    var shown: Set<String> = []
    let style = Terminal.standardError.style
    for file in files {
      do throws(ProgramErrors) {
        // Taking a large tree apart takes as long as reading it, and nbx is about to end.
        _ = Unmanaged.passRetained(Kept(try Program.load(file, vocabulary: vocabulary, read: RecipeFiles.read)))
      } catch {
        for diagnostic in error.diagnostics {
          guard shown.insert(diagnostic.rendered(.plain)).inserted else { continue }
          if errors > 0 { Terminal.standardError.write("\n") }
          Terminal.standardError.write(diagnostic.rendered(style) + "\n")
          errors += 1
        }
      }
    }
    let checked = files.count == 1 ? "1 file" : "\(files.count) files"
    guard errors > 0 else {
      Terminal.standardOutput.write("\(checked) checked, no errors\n")
      return .done
    }
    Terminal.standardError.write("\n\(checked) checked, \(errors == 1 ? "1 error" : "\(errors) errors")\n")
    return .wrong
  }
}

/// Holds a program until nbx ends.
private final class Kept {
  let program: Program
  init(_ program: Program) { self.program = program }
}
