import Foundation
import Interpreter
import TestSupport
import Testing

/// Every code is explained, and the examples show what they say.
@Suite(.mayWait) struct ExplanationTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  @Test func `every code is explained, and nothing else`() throws {
    let sources = [
      "Lexer/Tokens/SyntaxProblem.swift", "Interpreter/Resolve/CheckProblem+Code.swift",
      "Interpreter/Lint/LintProblem+Code.swift",
    ]
    var codes: Set<String> = []
    for source in sources {
      let text = try String(contentsOfFile: "\(NbxProgram.repository)/Sources/\(source)", encoding: .utf8)
      let found = text.matches(of: /case .*: "([a-z-]+)"/).map { String($0.output.1) }
      #expect(found.count > 10, "\(source)")
      codes.formUnion(found)
    }
    #expect(codes.sorted() == Explanation.all.map(\.code))
  }

  @Test func `the wrong example has that finding alone, the other none`() throws {
    var paths: [String] = []
    for explanation in Explanation.all {
      for (kind, example) in [("wrong", explanation.wrong), ("right", explanation.right)] {
        let folder = "\(nbx.folder)/\(explanation.code)/\(kind)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, text) in example.files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        try Data(example.recipe.utf8).write(to: URL(fileURLWithPath: "\(folder)/a.nbx"))
        paths.append("\(folder)/a.nbx")
      }
    }
    let ended = try nbx.run(["check", "--json"] + paths)
    let report = try JSONDecoder().decode(Report.self, from: Data(ended.output.utf8))
    for explanation in Explanation.all {
      func found(_ kind: String) -> Set<String> {
        let folder = "\(nbx.folder)/\(explanation.code)/\(kind)/"
        return Set(report.findings.filter { $0.path.hasPrefix(folder) }.map { "\($0.severity) \($0.code)" })
      }
      #expect(found("wrong") == ["\(explanation.severity.rawValue) \(explanation.code)"])
      #expect(found("right") == [], "\(explanation.code)")
    }
  }

  @Test func `explain shows the examples, and lists all codes`() throws {
    let ended = try nbx.run(["explain", "unchanged-var"])
    #expect(ended.status == 0)
    #expect(
      ended.output == """
        warning[unchanged-var]: a `var` that never changes

        `let` says that a name stays what it is, so that nobody has to look for where it changes.

        For example:

            var limit = 30s
            sleep $limit

        Instead:

            let limit = 30s
            sleep $limit

        """)
    let list = try nbx.run(["explain"]).output
    for explanation in Explanation.all {
      #expect(list.contains("  \(explanation.code) "))
      let text = try nbx.run(["explain", explanation.code])
      #expect(text.status == 0)
      for line in text.output.split(separator: "\n") where !line.contains("((((") {
        #expect(line.count <= 120, "\(line)")
      }
    }
  }

  private struct Report: Decodable {
    struct Finding: Decodable {
      let path, severity, code: String
    }
    let findings: [Finding]
  }
}
