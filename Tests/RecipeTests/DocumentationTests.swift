import Foundation
import TestSupport
import Testing

/// What the pages show has to hold.
@Suite(.mayWait) struct DocumentationTests {
  @Test func `every example of the README and the docs is without mistakes`() throws {
    let nbx = try NbxProgram()
    // As `nbx recipes copy recipes` lays them.
    try FileManager.default.createSymbolicLink(
      atPath: nbx.folder + "/recipes", withDestinationPath: NbxProgram.repository + "/recipes")
    let examples = try MarkdownExample.all()
    #expect(examples.count > 3)
    for (index, example) in examples.enumerated() {
      let check = try nbx.run(["check", "<example-\(index)>", "--strict"], recipe: example.text)
      #expect(check.status == 0, "\(example): \(check.errorOutput)")
    }
  }

  @Test func `the recipes that the README names are there`() throws {
    let page = try String(contentsOfFile: NbxProgram.repository + "/README.md", encoding: .utf8)
    // Behind that the tables have folders.
    let readme = page.components(separatedBy: "## Working on it")[0]
    let run = readme.matches(of: /nbx (run|plan) ([a-z-]+(\/[a-z-]+)?) c1/).map { String($0.output.2) }
    let listed = readme.matches(of: /(?m)^\| `([a-z-]+)`/).map { String($0.output.1) }
    let nbx = try NbxProgram()
    let names = Set(try nbx.run(["list"]).output.split(separator: "\n").map { String($0.prefix { $0 != " " }) })
    #expect(Set(run).count >= 3 && listed.count >= 15)
    for name in run { #expect(names.contains(name), "\(name)") }
    for name in listed { #expect(names.contains(name) || names.contains("experiments/\(name)"), "\(name)") }
  }

  @Test func `the page of all commands says what the commands declare`() throws {
    let page = try String(contentsOfFile: NbxProgram.repository + "/docs/commands.md", encoding: .utf8)
    let made = try NbxProgram().run(["help", "--markdown"])
    #expect(made.status == 0)
    #expect(made.output == page, "docs/commands.md is stale: nbx help --markdown > docs/commands.md makes it anew")
  }

  @Test func `the files that the page on how nbx is built names are there`() throws {
    let page = try String(contentsOfFile: NbxProgram.repository + "/docs/architecture.md", encoding: .utf8)
    let paths = page.matches(of: /`((?:Sources|Tests)\/[^`\s]+)`/).map { String($0.output.1) }
    #expect(paths.count > 30)
    for path in paths { #expect(FileManager.default.fileExists(atPath: "\(NbxProgram.repository)/\(path)"), "\(path)") }
  }

  /// Every link of a page to one of its own headings leads somewhere.
  @Test func `the links of the page of all commands`() throws {
    let page = try String(contentsOfFile: NbxProgram.repository + "/docs/commands.md", encoding: .utf8)
    let headings = Set(
      page.matches(of: /(?m)^#+ (.+)$/).map { $0.output.1.lowercased().replacingOccurrences(of: " ", with: "-") })
    let links = page.matches(of: /\]\(#([^)]+)\)/).map { String($0.output.1) }
    #expect(links.count > 50)
    #expect(Set(links).subtracting(headings) == [])
  }
}
