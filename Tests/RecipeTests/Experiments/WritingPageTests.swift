import TestSupport
import Testing

/// The recipes of `docs/writing-an-experiment.md`, as they grow on the page.
private func recipesOfThePage() throws -> [MarkdownExample] {
  try MarkdownExample.all().filter { $0.page == "docs/writing-an-experiment.md" }
}

extension Experiments {
  @Suite struct WritingPage {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `every recipe passes`() throws {
      let recipes = try recipesOfThePage()
      #expect(recipes.count == 3)
      for recipe in recipes {
        let run = try sandbox.run(recipe: sandbox.nbx.write(recipe.text, to: "queue.nbx"))
        #expect(run.status == 0, "\(recipe): \(run.errorOutput)")
      }
    }
  }
}

@Suite(.mayWait) struct ScriptedWritingPageTests {
  private func run(_ arguments: [String]) throws -> ScriptedSupercluster.Ended {
    let text = try #require(recipesOfThePage().last).text
    let supercluster = ScriptedSupercluster()
    let ended = try supercluster.run(
      text: text.replacing(["on safe within 30s\n  let gap": "on safe within 300ms\n  let gap"], in: "the page"),
      arguments)
    #expect(supercluster.leftovers == [], "\(ended.errorOutput)")
    return ended
  }

  @Test func `the last one passes on the scripted supercluster`() throws {
    let run = try run([])
    #expect(run.status == 0, "\(run.errorOutput)")
    #expect(FoundTable(in: run.output, with: "region lost").column("done") == ["21"])
  }

  @Test func `with a single copy the last one fails`() throws {
    let run = try run(["replicas=1"])
    #expect(run.status == 1)
    #expect(run.errorOutput.contains("nats pub took too long"), "\(run.errorOutput)")
  }
}
