import Foundation
import TestSupport
import Testing

/// A copy of the recipes in which texts of one file have taken others' places; gone with the object.
final class BrokenRecipes {
  let folder: String

  init(replacing texts: KeyValuePairs<String, String>, in file: String, under parent: String) throws {
    folder = "\(parent)/broken-\(UUID().uuidString.prefix(8))"
    try FileManager.default.copyItem(atPath: NbxProgram.repository + "/recipes", toPath: folder)
    let path = "\(folder)/\(file)"
    let original = try String(contentsOfFile: path, encoding: .utf8)
    try original.replacing(texts, in: file).write(toFile: path, atomically: true, encoding: .utf8)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }
}

extension String {
  /// The text of a file with others in the places of some of its parts, each of which has to be there.
  func replacing(_ texts: KeyValuePairs<String, String>, in file: String) throws -> String {
    try texts.reduce(self) { text, change in
      try #require(text.contains(change.key), "\(file) has no `\(change.key)` to break")
      return text.replacingOccurrences(of: change.key, with: change.value)
    }
  }
}
