import Lexer
import TestSupport
import Testing

@testable import Interpreter
@testable import ValuesAndCommands

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Every example of the documentation is a recipe that is checked, and run unless it needs clusters.
@Suite(.mayWait) struct DocumentationTests {
  struct Example: CustomTestStringConvertible, Sendable {
    let path: String
    let line: Int
    let text: String
    var testDescription: String { "\(path):\(line)" }
  }

  @Test(arguments: examples) func isRight(_ example: Example) throws {
    // What brings in a file the built program checks, in RecipeTests.
    if example.text.contains("\nuse \"") { return }
    let host = StandIns()
    let program: Program
    do throws(ProgramErrors) {
      program = try Program.parse(example.text, name: example.testDescription, vocabulary: Vocabulary(host: host))
    } catch {
      Issue.record("\(rendered(error.diagnostics))")
      return
    }
    guard !StandIns.outside.contains(where: { example.text.contains($0 + " ") }) else { return }
    let ending = Run(program, host: host, clusters: ["c1", "c2", "c3"]).execute()
    guard case .done = ending else {
      Issue.record("\(ending)")
      return
    }
  }

  @Test func thereAreExamples() {
    #expect(DocumentationTests.examples.count > 10)
  }

  /// The page's tables of methods and fields and its list of functions are those of the rows, neither more nor less.
  @Test func theTablesAreThoseOfTheRows() throws {
    let page = try String(contentsOf: DocumentationTests.root.appending(path: "docs/language.md"), encoding: .utf8)
    let lines = page.split(separator: "\n").map(String.init)
    func code(in line: String?) -> Set<String> {
      // A `|` within a table's code is none; between every second backtick stands code.
      let parts = (line ?? "").split(separator: "`", omittingEmptySubsequences: false)
      return Set(parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) })
    }
    let groups: [(line: String, kinds: [ValueKind])] = [
      ("lists", [.list]), ("maps", [.map]), ("text", [.string]), ("numbers", [.int, .float]),
      ("durations, sizes, times", [.duration, .size, .time]),
    ]
    for group in groups {
      let methods = Member.all.filter { member in !member.isField && group.kinds.contains(where: member.belongs) }
      let line = lines.first { $0.hasPrefix("| \(group.line) | `") }
      #expect(code(in: line) == Set(methods.map { $0.name + $0.signature.parentheses }), "\(group.line)")
    }
    for kind in [ValueKind.cluster, .outcome, .record] {
      let fields = Member.all.filter { $0.isField && $0.belongs(to: kind) }.map { "." + $0.name }
      let line = lines.first { $0.hasPrefix("| \(kind.name) |") && $0.contains("| has ") }
      #expect(code(in: line).filter { $0.hasPrefix(".") } == Set(fields), "\(kind.name)")
    }
    let functions = lines.firstIndex(of: "## Functions").map { lines[$0 + 1] }
    #expect(code(in: functions) == Set(BuiltinFunction.allCases.flatMap { $0.signatures.map(\.usage) }))
  }

  /// The folder of the package.
  private static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let examples: [Example] = {
    let docs = root.appending(path: "docs")
    let pages = (try? FileManager.default.contentsOfDirectory(atPath: docs.path)) ?? []
    let paths = ["README.md"] + pages.filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
    return paths.flatMap { path -> [Example] in
      guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return [] }
      return examples(in: text, of: path)
    }
  }()

  private static func examples(in page: String, of path: String) -> [Example] {
    var found: [Example] = []
    var open: (line: Int, lines: [Substring])?
    for (index, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let current = open {
        if line.hasPrefix("```") {
          found.append(Example(path: path, line: current.line, text: current.lines.joined(separator: "\n")))
          open = nil
        } else {
          open = (current.line, current.lines + [line])
        }
      } else if line == "```nbx" {
        open = (index + 2, [])
      }
    }
    return found
  }
}
