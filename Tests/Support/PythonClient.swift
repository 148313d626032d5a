import Foundation
import SandboxSystem

/// nats-py, the Python client, fetched once with pip: what it writes and reads is what nbx has to read and write.
public enum PythonClient {
  private static let folder = Result {
    let kept = try "\(Home.folder())/test-programs/nats-py-2.16.0"
    let files = FileManager.default
    if files.fileExists(atPath: "\(kept)/nats") { return kept }
    let temporary = "\(kept).\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? files.removeItem(atPath: temporary) }
    try RealPrograms.python([
      "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1", "--no-deps",
      "--only-binary", ":all:", "--target", temporary, "nats-py==2.16.0",
    ])
    // Another test process may have put it there meanwhile: the same files.
    rename(temporary, kept)
    return kept
  }

  /// Runs a script, in which `js` is the JetStream of the server at `url`, and gives what it prints.
  public static func run(_ script: String, url: String) throws -> String {
    let lines = script.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
    let whole = """
      import asyncio, sys
      import nats
      async def main():
          nc = await nats.connect(sys.argv[1])
          js = nc.jetstream()
      \(lines.joined(separator: "\n"))
          await nc.close()
      asyncio.run(main())
      """
    var python = Subprocess("python3", ["-c", whole, url])
    python.environment["PYTHONPATH"] = try folder.get()
    python.limit.until = .now + .seconds(120)
    let result = try python.run()
    guard result.succeeded else {
      throw TestServerError(description: "nats-py: \(String(decoding: result.errorOutput, as: UTF8.self))")
    }
    return String(decoding: result.output, as: UTF8.self)
  }
}
