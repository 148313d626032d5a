import Foundation
import SandboxSystem

extension NbxProgram {
  /// Runs `nbx repl` with lines on its standard input; both outputs come as one, in their order.
  public func repl(
    _ input: String, _ words: [String] = [], in folder: String = NbxProgram.repository, within seconds: Double = 240,
    interruptOnceItSays said: String? = nil
  ) throws -> (status: Int32, output: String) {
    var process = Subprocess("sh", ["-c", "exec \"$0\" repl \"$@\" 2>&1", NbxProgram.path] + words)
    // Values are folded to the usual width.
    process.environment = environment.merging(["COLUMNS": ""]) { $1 }
    process.workingDirectory = folder
    process.standardInput = Array(input.utf8)
    process.limit.until = .now + .seconds(seconds)
    if let said {
      process.interrupt { _, line in line.contains(said) }
      process.patience = .init(afterInterrupt: .seconds(120), afterTerminate: .seconds(60))
    }
    let result = try process.run()
    guard case .exited(let status) = result.status else {
      throw TestServerError(description: "nbx repl: \(result.status)")
    }
    return (status, String(decoding: result.output, as: UTF8.self))
  }
}
