import Foundation
import Synchronization
import TestSupport
import Testing

/// `docs/embedding.md`: its code is compiled as `EmbeddingPage.swift`, and does what the page says.
@Suite(.mayWait) struct EmbeddingPageTests {
  private final class Shown: Sendable {
    let lines = Mutex<[String]>([])
  }

  /// The blocks of the page in a language.
  private func blocks(_ language: String) throws -> [String] {
    let page = try String(contentsOf: FormatTests.root.appending(path: "docs/embedding.md"), encoding: .utf8)
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

  @Test func `its dependency is found whatever the folder of nbx is called`() throws {
    let parts = try #require(try blocks("text").first { $0.hasPrefix("dependencies:") })
    let path = "\"../nbx\""
    #expect(parts.contains(path))
    let folder = FileManager.default.temporaryDirectory.appending(path: "nbx-test-\(UUID().uuidString.prefix(8))")
    defer { try? FileManager.default.removeItem(at: folder) }
    let sources = folder.appending(path: "Sources/house")
    try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
    try "import Interpreter\n".write(to: sources.appending(path: "main.swift"), atomically: true, encoding: .utf8)
    // A copy of the manifest alone would do, were it not for the folders that it names.
    let clone = folder.appending(path: "a-clone")
    try FileManager.default.createSymbolicLink(at: clone, withDestinationURL: FormatTests.root)
    let manifest = """
      // swift-tools-version: 6.2
      import PackageDescription
      let package = Package(
      name: "house", platforms: [.macOS(.v15)],
      \(parts.replacing(path, with: "\"\(clone.path)\"")))
      """
    try manifest.write(to: folder.appending(path: "Package.swift"), atomically: true, encoding: .utf8)
    #expect(try swiftPackage("show-dependencies", in: folder).contains("a-clone"))
  }

  /// What `swift package` says of a package, which it reads without building it.
  private func swiftPackage(_ word: String, in folder: URL) throws -> String {
    let swift = Process()
    swift.executableURL = URL(filePath: "/usr/bin/env")
    let kept = ["--cache-path", "--config-path", "--security-path", "--scratch-path"]
    swift.arguments =
      ["swift", "package", "--package-path", folder.path, "--manifest-cache", "none"]
      + kept.flatMap { [$0, folder.appending(path: "kept\($0)").path] } + [word]
    let said = Pipe()
    swift.standardOutput = said
    swift.standardError = said
    try swift.run()
    let text = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    swift.waitUntilExit()
    #expect(swift.terminationStatus == 0, "\(text)")
    return text
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
