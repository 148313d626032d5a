import Interpreter
import Lexer
import SandboxSystem

/// `nbx check PATH…`
enum CheckSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "check", "Looks for errors in recipes, and for what most likely is a mistake, without running anything",
    [
      Positional(
        "PATH", repeated: true,
        help: "a recipe, or a folder: then every *.nbx below it; or the name of a recipe in nbx; - is standard input",
        offers: CommandLineOffers.recipes)
    ],
    flags: [
      Flag("--strict", .toggle, "warnings count, too: the exit code is 1 where there are some"),
      Flag("--json", .toggle, "the findings as data, on standard output"),
      Flag("--sarif", .toggle, "the same as SARIF 2.1.0, which code hosts show beside the lines"),
    ], atMostOneOf: ["--json", "--sarif"], example: "nbx check recipes")

  static let notes = """
    Errors keep a recipe from running. Warnings do not: `nbx run` does not even look for them. Each finding
    has a code, and `nbx explain CODE` tells more of it. A name that begins with `_` may be left unused.

    As data: { files, errors, warnings, findings: [{ path, line, column, endLine, endColumn, severity, code,
    message, advice }] }. Lines and columns begin at 1; endColumn is the one behind the last letter; columns
    count letters as a person does. What concerns a file as a whole has no line; advice may be null.

    Exit codes: 0 no errors, 1 no errors but warnings, with --strict, 2 errors.
    """

  static let examples = ["nbx check my-experiment.nbx --strict", "nbx check recipes --sarif > nbx.sarif"]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    let paths = words.strings()
    let files = paths.flatMap { RecipeFiles.below(RecipeChoice.told($0, takesFolders: true)) }
    guard !files.isEmpty else {
      throw Usage(
        message: "there are no recipes in \(paths.joined(separator: ", "))", advice: "recipes are files *.nbx")
    }
    let report = check(files)
    if words.has("--json") {
      Terminal.standardOutput.write(report.json)
    } else if words.has("--sarif") {
      Terminal.standardOutput.write(report.sarif)
    } else {
      show(report)
    }
    if report.errors > 0 { return .wrong }
    return report.warnings > 0 && words.has("--strict") ? .failed : .done
  }

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

/// What `nbx check` has found.
struct CheckReport {
  struct Finding {
    let path: String
    let diagnostic: Diagnostic

    /// What to do next.
    var advice: String? { diagnostic.notes.first { $0.kind == "try" }?.text }
  }

  let files: [String]
  private(set) var findings: [Finding] = []
  /// A file that several recipes use is wrong once.
  private var seen: Set<String> = []

  init(files: [String]) { self.files = files }

  mutating func add(_ diagnostics: [Diagnostic], of file: String) {
    for diagnostic in diagnostics {
      let path = diagnostic.location?.file.path ?? file
      let place = diagnostic.location.map { "\($0.span.start) \($0.span.end)" } ?? ""
      guard seen.insert("\(path) \(place) \(diagnostic.title)").inserted else { continue }
      findings.append(Finding(path: path, diagnostic: diagnostic))
    }
  }

  var errors: Int { findings.count { $0.diagnostic.severity == .error } }
  var warnings: Int { findings.count - errors }

  /// How many files have been looked at, and what was found, in a line.
  var summary: String {
    var parts = ["\(counted(files.count, "file")) checked", errors == 0 ? "no errors" : counted(errors, "error")]
    if warnings > 0 { parts.append(counted(warnings, "warning")) }
    return parts.joined(separator: ", ")
  }

  /// The findings as `--json` gives them.
  var json: String {
    let whole: Value = [
      "files": .int(Int64(files.count)), "errors": .int(Int64(errors)), "warnings": .int(Int64(warnings)),
      "findings": .list(findings.map(\.value)),
    ]
    return whole.json(indented: true).masked + "\n"
  }
}

extension CheckReport.Finding {
  fileprivate var value: Value {
    let start = diagnostic.location.map { $0.file.position(of: Int($0.span.start)) }
    let end = diagnostic.location.map { $0.file.position(of: Int($0.span.end)) }
    func number(_ int: Int?) -> Value { int.map { .int(Int64($0)) } ?? .null }
    return [
      "path": .string(path), "line": number(start?.line), "column": number(start?.column),
      "endLine": number(end?.line), "endColumn": number(end?.column),
      "severity": .string(diagnostic.severity.rawValue), "code": diagnostic.code.map(Value.string) ?? .null,
      "message": .string(diagnostic.title), "advice": advice.map(Value.string) ?? .null,
    ]
  }
}
