import Foundation
import SandboxSystem

extension NbxProgram {
  /// Runs nbx at a terminal that nobody sees, and gives all that was written to it, as it was written.
  public func runAtTerminal(
    _ words: [String], columns: Int = 400, within seconds: Double = 240
  ) throws -> (status: Int32, output: String) {
    let script = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    var process = Subprocess("python3", ["-c", script, NbxProgram.path] + words)
    process.environment = environment.merging(["TERM": "xterm-256color", "COLUMNS": "\(columns)"]) { $1 }
    process.workingDirectory = NbxProgram.repository
    process.limit.until = .now + .seconds(seconds)
    let result = try process.run()
    guard case .exited(let status) = result.status else {
      throw TestServerError(description: "nbx \(words.joined(separator: " ")): \(result.status)")
    }
    return (status, String(decoding: result.output, as: UTF8.self))
  }
}
