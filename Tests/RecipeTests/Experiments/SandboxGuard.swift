import Foundation
import SandboxSystem
import TestSupport

/// A process beside the tests that takes a sandbox away once they let go of it, and so when they are killed, too.
final class SandboxGuard: Sendable {
  private let guardian: Guardian
  private let log: String

  init(_ nbx: NbxProgram, regions: [String]) throws {
    let cleanup = try nbx.write("foreach c in clusters parallel { region delete $c --now }\n", to: "guard.nbx")
    log = nbx.folder + ".log"
    guardian = try Guardian(
      pipe: nbx.folder + "/held-by-the-tests", script: Self.script,
      [nbx.folder, log, NbxProgram.path, "run", cleanup] + regions,
      environment: nbx.environment, workingDirectory: NbxProgram.repository, log: log)
  }

  private static let script = """
    folder=$1 log=$2
    shift 2
    "$@" && rm -rf "$folder" "$log"
    """

  /// Lets it do its work, and waits until it is done.
  func end() throws {
    guardian.letGo()
    let hasEnded = guardian.process.waitForExit(until: .now + patience)
    guard hasEnded, !FileManager.default.fileExists(atPath: log) else {
      let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      throw TestServerError(description: "the sandbox is not taken away: \(said)")
    }
  }
}
