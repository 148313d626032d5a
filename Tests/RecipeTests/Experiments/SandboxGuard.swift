import Foundation
import SandboxRuntime
import TestSupport

/// A process beside the tests that takes a sandbox away once they let go of it, and so when they are killed, too.
final class SandboxGuard: @unchecked Sendable {
  private let process: ProcessIdentity
  private let log: String
  /// The tests hold a pipe open; the guard reads from it until nobody does.
  private var pipe: Int32

  init(_ nbx: NbxProgram, regions: [String]) throws {
    let name = nbx.folder + "/held-by-the-tests"
    guard mkfifo(name, 0o600) == 0 else { throw TestServerError(description: "no pipe: errno \(errno)") }
    // For both, as opening one end alone would wait for the other.
    pipe = open(name, O_RDWR | O_CLOEXEC)
    guard pipe >= 0 else { throw TestServerError(description: "\(name) can't be opened: errno \(errno)") }
    let cleanup = try nbx.write("foreach c in clusters parallel { region delete $c --now }\n", to: "guard.nbx")
    log = nbx.folder + ".log"
    process = try Daemon(
      "sh", ["-c", Self.script, "sh", name, nbx.folder, log, NbxProgram.path, "run", cleanup] + regions,
      environment: nbx.environment, workingDirectory: NbxProgram.repository, log: log
    ).start()
  }

  private static let script = """
    read -r nothing < "$1"
    folder=$2 log=$3
    shift 3
    "$@" && rm -rf "$folder" "$log"
    """

  deinit { letGo() }

  /// Lets it do its work, and waits until it is done.
  func end() throws {
    letGo()
    let hasEnded = process.waitForExit(until: .now + .seconds(120))
    guard hasEnded, !FileManager.default.fileExists(atPath: log) else {
      let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      throw TestServerError(description: "the sandbox is not taken away: \(said)")
    }
  }

  private func letGo() {
    if pipe >= 0 { close(pipe) }
    pipe = -1
  }
}
