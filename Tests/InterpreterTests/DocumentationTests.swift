import Interpreter
import Lexer
import TestSupport
import Testing

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

  @Test func everyMethodIsInTheTable() throws {
    let page = try String(contentsOf: DocumentationTests.root.appending(path: "docs/language.md"), encoding: .utf8)
    for method in Method.all {
      #expect(page.contains("`\(method.name)`") || page.contains("`\(method.name)("), "\(method.name)")
    }
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
