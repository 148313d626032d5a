import TestSupport
import Testing

extension Experiments {
  /// The recipes of `docs/writing-an-experiment.md`, as they grow on the page.
  @Suite struct WritingPage {
    let sandbox: ExperimentSandbox
    let recipes: [MarkdownExample]

    init() throws {
      sandbox = try ExperimentSandbox.shared
      recipes = try MarkdownExample.all().filter { $0.page == "docs/writing-an-experiment.md" }
    }

    private func run(_ recipe: MarkdownExample, _ arguments: [String] = []) throws -> NbxProgram.Ended {
      try sandbox.run(recipe: sandbox.nbx.write(recipe.text, to: "queue.nbx"), arguments)
    }

    @Test func `every recipe passes`() throws {
      #expect(recipes.count == 3)
      for recipe in recipes {
        let run = try run(recipe)
        #expect(run.status == 0, "\(recipe): \(run.errorOutput)")
      }
    }

    @Test func `with a single copy the last one fails`() throws {
      let run = try run(try #require(recipes.last), ["replicas=1"])
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("nats pub took too long"), "\(run.errorOutput)")
    }
  }
}
