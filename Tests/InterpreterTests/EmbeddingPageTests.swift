import Foundation
import Synchronization
import TestSupport
import Testing

/// `docs/embedding.md`: its code is compiled as `EmbeddingPage.swift`, and does what the page says.
@Suite(.mayWait) struct EmbeddingPageTests {
  private final class Shown: Sendable {
    let lines = Mutex<[String]>([])
  }

  /// The blocks of the page in a language, and the folder that this file is in.
  private func blocks(_ language: String) throws -> [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/embedding.md"), encoding: .utf8)
    return page.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
  }

  private func run(_ recipe: String) -> (isDone: Bool, shown: [String]) {
    let shown = Shown()
    let house = House { line in shown.lines.withLock { $0.append(line) } }
    let isDone = house.run(recipe)
    return (isDone, shown.lines.withLock { $0 })
  }

  @Test func `the page shows the code that is compiled`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "EmbeddingPage.swift")
    #expect(try blocks("swift").joined(separator: "\n") == String(contentsOf: file, encoding: .utf8))
  }

  @Test func `its recipe does what it says`() throws {
    let texts = try blocks("text")
    let recipe = try #require(texts.first { $0.hasPrefix("foreach room") })
    let failure = try #require(texts.first { $0.hasPrefix("error:") })
    let (isDone, shown) = run(recipe)
    #expect(!isDone)
    #expect(Set(shown.dropLast()) == ["light in the kitchen: done", "light in the hall: done"])
    #expect(shown.last == failure.trimmingCharacters(in: .newlines))
  }

  @Test func `a flag that is not there is refused before anything runs`() {
    let (isDone, shown) = run("lamp light hall\nlamp light hall --brightnes 40")
    #expect(!isDone)
    #expect(shown.count == 1)
    #expect(shown.first?.contains("did you mean `--brightness`?") == true)
  }

  @Test func `what a command says and a skip are shown`() {
    #expect(run("lamp darken hall\nskip \"enough\"").shown == ["the lamp in the hall is at 0 %", "skipped: enough"])
  }
}
