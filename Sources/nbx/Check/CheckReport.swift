import Interpreter
import Lexer

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
