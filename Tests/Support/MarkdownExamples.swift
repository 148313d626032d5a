import Foundation

/// An example in a page of the documentation.
public struct MarkdownExample: Sendable, CustomStringConvertible {
  /// The page, from the top of the repository.
  public let page: String
  /// The line of its fence.
  public let line: Int
  public let text: String

  public var description: String { "\(page):\(line)" }

  /// Every example in the language, of the README and of all pages in docs.
  public static func all(language: String = "nbx") throws -> [MarkdownExample] {
    let docs = try FileManager.default.contentsOfDirectory(atPath: NbxProgram.repository + "/docs").sorted()
    let pages = ["README.md"] + docs.filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }
    return try pages.flatMap { page -> [MarkdownExample] in
      let text = try String(contentsOfFile: "\(NbxProgram.repository)/\(page)", encoding: .utf8)
      return examples(in: text, of: page, language: language)
    }
  }

  private static func examples(in text: String, of page: String, language: String) -> [MarkdownExample] {
    var found: [MarkdownExample] = []
    var open: (line: Int, indent: Int, lines: [Substring])?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let trimmed = line.drop { $0 == " " }
      if let begun = open {
        if trimmed == "```" {
          found.append(
            MarkdownExample(page: page, line: begun.line, text: begun.lines.joined(separator: "\n") + "\n"))
          open = nil
        } else {
          open?.lines.append(line.dropFirst(min(begun.indent, line.count - trimmed.count)))
        }
      } else if trimmed == "```\(language)" {
        open = (index + 1, line.count - trimmed.count, [])
      }
    }
    return found
  }
}
