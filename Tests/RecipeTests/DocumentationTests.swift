import Foundation
import TestSupport
import Testing

/// What the pages show has to hold.
@Suite struct DocumentationTests {
  @Test func `every example of the README and the docs is without mistakes`() throws {
    let nbx = try NbxProgram()
    let examples = try MarkdownExample.all()
    #expect(examples.count > 3)
    for (index, example) in examples.enumerated() {
      let check = try nbx.run(["check", "<example-\(index)>", "--strict"], recipe: example.text)
      #expect(check.status == 0, "\(example): \(check.errorOutput)")
    }
  }

  @Test func `the recipes that the README names are there`() throws {
    let readme = try String(contentsOfFile: NbxProgram.repository + "/README.md", encoding: .utf8)
    let named = Set(readme.matches(of: /recipes\/[a-z-]+\.nbx/).map { String($0.output) })
    #expect(named.count >= 8)
    let nbx = try NbxProgram()
    for recipe in named.sorted() { #expect(try nbx.run(["check", recipe]).status == 0, "\(recipe)") }
  }
}
