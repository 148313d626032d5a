import Lexer
import SandboxRuntime

/// One of nbx's subcommands.
protocol Subcommand {
  static var name: String { get }
  /// What `--help` shows, examples included.
  static var help: String { get }
  /// Whether it looks at `--help` itself.
  static var answersHelpItself: Bool { get }
  /// - Throws: if the words behind its name make no sense.
  static func run(_ words: [String]) throws(Usage) -> ExitCode
}

extension Subcommand {
  static var answersHelpItself: Bool { false }
}

/// A command line that makes no sense.
struct Usage: Error {
  let message: String
  let advice: String

  static func unknownSubcommand(_ word: String) -> Usage {
    let names = Nbx.subcommands.map { $0.name }
    let suggestion = nearestSpelling(to: word, among: names).map { "did you mean `nbx \($0)`?" }
    let isRecipe = word.hasSuffix(".nbx")
    return Usage(
      message: "there is no subcommand `\(word)`",
      advice: isRecipe
        ? "nbx run \(word)" : suggestion ?? "one of: \(names.joined(separator: ", ")); `nbx --help` tells more")
  }

  static func unknownFlag(_ word: String, of subcommand: String, known: [String]) -> Usage {
    let suggestion =
      ForeignWords.advice(onFlag: word) ?? nearestSpelling(to: word, among: known).map { "did you mean `\($0)`?" }
    return Usage(
      message: "`nbx \(subcommand)` has no flag `\(word)`",
      advice: suggestion ?? "`nbx \(subcommand) --help` lists them")
  }

  func report() -> ExitCode {
    let diagnostic = Diagnostic(message, at: nil).adding("try", advice)
    Terminal.standardError.write(diagnostic.rendered(Terminal.standardError.style) + "\n")
    return .wrong
  }
}
