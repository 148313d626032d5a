import Interpreter
import Lexer
import SandboxRuntime

/// `nbx check PATH…`
enum CheckSubcommand: Subcommand {
  static let name = "check"

  static let help = """
    Looks for errors in recipes, and for what most likely is a mistake, without running anything.

    Usage: nbx check PATH… [--strict] [--json | --sarif]

      PATH       a recipe, or a folder: then every *.nbx below it; or the name of a recipe in nbx;
                 - is standard input
      --strict   warnings count, too: the exit code is 1 where there are some
      --json     the findings as data, on standard output
      --sarif    the same as SARIF 2.1.0, which code hosts show beside the lines

    Errors keep a recipe from running. Warnings do not: `nbx run` does not even look for them. Each finding
    has a code, and `nbx explain CODE` tells more of it. A name that begins with `_` may be left unused.

    As data: { files, errors, warnings, findings: [{ path, line, column, endLine, endColumn, severity, code,
    message, advice }] }. Lines and columns begin at 1; endColumn is the one behind the last letter; columns
    count letters as a person does. What concerns a file as a whole has no line; advice may be null.

    Exit codes: 0 no errors, 1 no errors but warnings, with --strict, 2 errors.

    Examples:
      nbx check recipes
      nbx check my-experiment.nbx --strict
      nbx check recipes --sarif > nbx.sarif

    """

  private static let flags = ["--strict", "--json", "--sarif"]

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    if let flag = words.first(where: { isFlag($0) && !flags.contains($0) }) {
      throw .unknownFlag(flag, of: name, known: flags + ["--help"])
    }
    let paths = words.filter { !isFlag($0) }
    guard !paths.isEmpty else { throw Usage(message: "`nbx check` needs a path", advice: "nbx check recipes") }
    if words.contains("--json"), words.contains("--sarif") {
      throw Usage(message: "`nbx check` writes one form of data at a time", advice: "take --json or --sarif")
    }
    let files = paths.flatMap { RecipeFiles.below(RecipeChoice.told($0, takesFolders: true)) }
    guard !files.isEmpty else {
      throw Usage(
        message: "there are no recipes in \(paths.joined(separator: ", "))", advice: "recipes are files *.nbx")
    }
    let report = check(files)
    if words.contains("--json") {
      Terminal.standardOutput.write(report.json)
    } else if words.contains("--sarif") {
      Terminal.standardOutput.write(report.sarif)
    } else {
      show(report)
    }
    if report.errors > 0 { return .wrong }
    return report.warnings > 0 && words.contains("--strict") ? .failed : .done
  }

  /// `-` is standard input.
  private static func isFlag(_ word: String) -> Bool { word.hasPrefix("-") && word != "-" }

  private static func check(_ files: [String]) -> CheckReport {
    let vocabulary = Vocabulary.ofNbx(purpose: "nbx check")
    var report = CheckReport(files: files)
    for file in files {
      let checked = Program.check(file, vocabulary: vocabulary, read: RecipeFiles.read)
      report.add(checked.diagnostics, of: file)
      // Taking a large tree apart takes as long as reading it, and nbx is about to end.
      _ = Unmanaged.passRetained(Kept(checked))
    }
    return report
  }

  private static func show(_ report: CheckReport) {
    guard !report.findings.isEmpty else {
      Terminal.standardOutput.write("\(report.summary)\n")
      return
    }
    let terminal = Terminal.standardError
    var left = mostWarnings
    for finding in report.findings {
      if finding.diagnostic.severity == .warning {
        guard left > 0 else { continue }
        left -= 1
      }
      terminal.write(finding.diagnostic.rendered(terminal.style, showsCode: true) + "\n\n")
    }
    let isCut = report.warnings > mostWarnings
    let shown = isCut ? ", the first \(mostWarnings) of them above; --json has them all" : ""
    terminal.write("\(report.summary)\(shown); `nbx explain CODE` tells more\n")
  }

  /// More warnings than these nobody reads.
  private static let mostWarnings = 100
}

/// Holds a program until nbx ends.
private final class Kept {
  let checked: CheckedProgram
  init(_ checked: CheckedProgram) { self.checked = checked }
}
