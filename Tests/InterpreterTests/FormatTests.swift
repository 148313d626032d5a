import Interpreter
import Lexer
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The form of a text; nil if it has errors of syntax.
func formatted(_ text: String, _ host: any Host = TestHost()) -> String? {
  let file = SourceFile(path: "main.nbx", text: text)
  let bytes = try? RecipeFormatter.format(file, vocabulary: Vocabulary(host: host))
  return bytes.map { String(decoding: $0, as: UTF8.self) }
}

/// What has to hold of every text: its form has the same tree and the same comments, and is its own form.
func checkForm(
  of text: String, comments: [String]? = nil, _ what: String, _ host: any Host = TestHost(),
  _ location: SourceLocation = #_sourceLocation
) {
  let before = SyntaxDump(text, host)
  guard before.problems.isEmpty, let form = formatted(text, host) else {
    Issue.record("\(what) has errors: \(before.problems.first ?? "")\n\(text)", sourceLocation: location)
    return
  }
  let after = SyntaxDump(form, host)
  #expect(
    after.problems.isEmpty, "\(what): \(after.problems.first ?? "")\n\(text)\n---\n\(form)", sourceLocation: location)
  #expect(before.tree == after.tree, "\(what):\n\(text)\n---\n\(form)", sourceLocation: location)
  #expect((comments ?? before.comments) == after.comments, "\(what):\n\(text)\n---\n\(form)", sourceLocation: location)
  let again = formatted(form, host)
  #expect(again == form, "\(what):\n\(text)\n---\n\(form)\n---\n\(again ?? "")", sourceLocation: location)
  for line in form.split(separator: "\n") where line.hasSuffix(" ") && !text.contains("\"\"\"") && !text.contains("'''")
  {
    Issue.record("\(what): a blank at a line's end: \(line)", sourceLocation: location)
  }
}

@Suite(.mayWait) struct FormatTests {
  @Test(arguments: FormatExamples.all) func example(_ example: FormatExamples.Example) {
    #expect(formatted(example.text) == example.form)
    checkForm(of: example.text, example.name)
  }

  /// The first 300 hold all that 2400 hold: each of 487 kinds of node within another.
  private static let generated = Campaign.size(240, whole: 2400)

  @Test(arguments: 0..<generated / 40) func generatedRecipes(_ group: Int) {
    for seed in (group * 40)..<(group * 40 + 40) {
      let recipe = RecipeGenerator.recipe(seed: seed)
      checkForm(of: recipe.text, comments: recipe.comments, "the generated recipe \(seed)")
    }
  }

  /// A proof by examples is worth as much as they cover.
  @Test func theGeneratedRecipesHoldEverything() {
    let text = (0..<FormatTests.generated).map { RecipeGenerator.recipe(seed: $0).text }.joined(separator: "\n")
    for keyword in Keyword.allCases where keyword != .use { #expect(text.contains(keyword.text), "\(keyword.text)") }
    let trees = (0..<200).map { SyntaxDump(RecipeGenerator.recipe(seed: $0).text).tree }.joined()
    for form in [
      "literal", "text", "name", "list", "map", "comprehension", "negate", "not", "and", "or", "coalesce", "binary",
      "conditional", "field", "index", "method", "call", "command", "attempt", "statement",
    ] {
      #expect(trees.contains("form:Form(\(form):"), "\(form)")
    }
  }

  @Test func shippedRecipesAreInForm() throws {
    let paths = FormatTests.recipes
    #expect(paths.count > 40)
    for path in paths {
      let text = try String(contentsOf: FormatTests.root.appending(path: path), encoding: .utf8)
      checkForm(of: text, path, StandIns())
      #expect(formatted(text, StandIns()) == text, "\(path) is not in form: nbx fmt \(path)")
    }
  }

  @Test(arguments: DocumentationTests.examples) func documentationIsInForm(_ example: DocumentationTests.Example) {
    checkForm(of: example.text, example.testDescription, StandIns())
    #expect(formatted(example.text, StandIns()) == example.text + "\n", "\(example.testDescription)")
  }

  static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let recipes: [String] = {
    let folder = root.appending(path: "recipes")
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".nbx") }.sorted().map { "recipes/" + $0 }
  }()
}
