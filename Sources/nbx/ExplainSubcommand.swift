import Interpreter
import Lexer
import SandboxSystem

/// `nbx explain [CODE]`
enum ExplainSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "explain", "Tells more of what `nbx check` finds: what a finding means, and an example with and without it",
    [
      Positional(
        "CODE", optional: true,
        help: "what stands in brackets in a finding, as unused-name; without one all codes are listed",
        offers: Offers { _, _, _ in Explanation.all.map { Offer($0.code, $0.summary) } })
    ], example: "nbx explain unread-outcome")

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    guard let code = words.positional(0)?.string else {
      Terminal.standardOutput.write(list)
      return .done
    }
    guard let explanation = Explanation.of(code) else {
      let suggestion = nearestSpelling(to: code, among: Explanation.all.map(\.code))
      throw Usage(
        message: "nothing is called `\(code)`",
        advice: suggestion.map { "did you mean `\($0)`?" } ?? "`nbx explain` lists all codes")
    }
    let style = Terminal.standardOutput.style
    let heading = style.strong("\(explanation.severity.rawValue)[\(explanation.code)]: \(explanation.summary)")
    Terminal.standardOutput.write("\(heading)\n\n\(explanation.plainText)\n")
    return .done
  }

  /// All codes, those of errors first, since they keep a recipe from running.
  private static var list: String {
    let width = Explanation.all.map { displayWidth($0.code) }.max() ?? 0
    var lines: [String] = []
    for (severity, title) in [(Diagnostic.Severity.error, "Errors"), (.warning, "Warnings")] {
      lines += lines.isEmpty ? [title] : ["", title]
      lines += Explanation.all.filter { $0.severity == severity }
        .map { "  \($0.code.padded(to: width))  \($0.summary)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
