import Foundation
import SandboxSystem

/// An engine of TextMate grammars that is not ours, fetched once with pip.
public enum TextmateGrammar {
  private static let folder = Result {
    let kept = try "\(Home.folder())/test-programs/textmate-grammar-0.6.1"
    let files = FileManager.default
    if files.fileExists(atPath: "\(kept)/textmate_grammar") { return kept }
    let temporary = "\(kept).\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? files.removeItem(atPath: temporary) }
    try RealPrograms.python([
      "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1",
      "--only-binary", ":all:", "--target", temporary, "textmate-grammar-python==0.6.1",
    ])
    // Another test process may have put it there meanwhile: the same files.
    rename(temporary, kept)
    return kept
  }

  /// One token of a file, its place counted from 0, and its scopes from the outermost inwards.
  public struct Token: Sendable {
    public let file, line, column: Int
    public let text: String
    public let scopes: [String]
  }

  /// - Parameter workingFolder: the engine keeps a cache there.
  public static func tokens(of paths: [String], grammar: String, workingFolder: String) throws -> [Token] {
    var python = Subprocess("python3", [NbxProgram.repository + "/Tests/Editors/textmate.py", grammar] + paths)
    python.environment["PYTHONPATH"] = try folder.get()
    python.workingDirectory = workingFolder
    python.limit.until = .now + .seconds(300)
    let result = try python.run()
    guard result.succeeded else {
      throw TestServerError(description: "textmate.py: \(String(decoding: result.errorOutput, as: UTF8.self))")
    }
    return try result.output.split(separator: UInt8(ascii: "\n")).map { line in
      let parts = try JSONSerialization.jsonObject(with: Data(line)) as? [Any] ?? []
      guard parts.count == 5, let file = parts[0] as? Int, let line = parts[1] as? Int, let column = parts[2] as? Int,
        let text = parts[3] as? String, let scopes = parts[4] as? [String]
      else { throw TestServerError(description: "textmate.py wrote \(parts)") }
      return Token(file: file, line: line, column: column, text: text, scopes: scopes)
    }
  }
}
