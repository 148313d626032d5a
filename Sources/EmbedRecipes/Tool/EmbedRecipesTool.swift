#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `embed-recipes FOLDER SOURCE`: writes a Swift source with the text of every file below the folder, if it has changed.
@main
struct EmbedRecipesTool {
  private struct NotText: Error, CustomStringConvertible {
    let path: String
    var description: String { "\(path) is not UTF-8 text: it can't be put into the program" }
  }

  private struct Usage: Error, CustomStringConvertible {
    let description = "usage: embed-recipes FOLDER SOURCE"
  }

  static func main() throws {
    let words = CommandLine.arguments
    guard words.count == 3 else { throw Usage() }
    let entries = try files(below: words[1]).map { path throws in
      let bytes = FileManager.default.contents(atPath: "\(words[1])/\(path)") ?? Data()
      guard let text = String(validating: bytes, as: UTF8.self) else { throw NotText(path: path) }
      return "  (\(literal(path)), \(literal(text))),\n"
    }
    let source = """
      // Made of the folder `recipes` by embed-recipes.
      let shippedFiles: [(path: StaticString, text: StaticString)] = [
      \(entries.joined())]

      """
    // Written anew it would be compiled anew.
    if FileManager.default.contents(atPath: words[2]) == Data(source.utf8) { return }
    try Data(source.utf8).write(to: URL(fileURLWithPath: words[2]))
  }

  /// Their paths from the folder, sorted. Names that begin with a point are an editor's, not ours.
  private static func files(below folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().filter { path in
      var isFolder = false
      let isThere = FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
      return isThere && !isFolder && !path.split(separator: "/").contains { $0.hasPrefix(".") || $0.hasSuffix("~") }
    }
  }

  private static func literal(_ text: String) -> String {
    var written = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": written += "\\\(scalar)"
      case "\n": written += "\\n"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: written += "\\u{\(String(scalar.value, radix: 16))}"
      default: written.unicodeScalars.append(scalar)
      }
    }
    return written + "\""
  }
}
