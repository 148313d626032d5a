import Foundation
import SandboxSystem

/// A terminal that nobody sees, by tmux, with a program in it.
public final class TerminalSession {
  private let socket = "nbx-\(UUID().uuidString.prefix(8))"
  private let environment: [String: String]

  /// - Parameters:
  ///   - folder: where the program starts; nil: in the tests' own folder.
  ///   - program: a shell's line; it is `sh` if not said, whose prompt is known, and to which nothing that a user's shell
  ///     would add is there.
  public init(
    columns: Int, rows: Int, in folder: String? = nil, running program: String = "env PS1='$ ' sh",
    environment: [String: String]
  ) throws {
    self.environment = environment
    try tmux(
      ["-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)"] + (folder.map { ["-c", $0] } ?? [])
        + [program])
  }

  deinit { _ = try? tmux("kill-server") }

  /// Types a line and presses return.
  public func type(_ line: String) throws {
    try tmux("send-keys", "-l", line)
    try press("Enter")
  }

  /// Types without pressing return.
  public func send(_ text: String) throws { try tmux("send-keys", "-l", text) }

  /// Pastes a text.
  ///
  /// - Parameter withMarks: as a terminal does that tells pasted from typed text, if the program asks for it.
  public func paste(_ text: String, withMarks: Bool) throws {
    let file = NSTemporaryDirectory() + "\(socket)-paste"
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    try tmux("load-buffer", file)
    _ = try tmux(["paste-buffer"] + (withMarks ? ["-p"] : []))
  }

  /// Presses a key, by tmux's name for it: `C-c`, `Enter`, `q`.
  public func press(_ key: String) throws { try tmux("send-keys", key) }

  public func resize(columns: Int, rows: Int) throws {
    try tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
  }

  /// What is shown.
  public func screen(withColours: Bool = false) throws -> String {
    try tmux(["capture-pane", "-p"] + (withColours ? ["-e"] : []))
  }

  /// Waits until what is shown is as it should be, as long as no machine is slow.
  public func wait(until isRight: (String) -> Bool) throws {
    let end = Date() + 240
    var pause = 0.01
    while true {
      let seen = try screen()
      if isRight(seen) { return }
      guard Date() < end else { throw TestServerError(description: "the terminal shows\n\(seen)") }
      Thread.sleep(forTimeInterval: pause)
      pause = min(0.1, 2 * pause)
    }
  }

  @discardableResult
  private func tmux(_ words: String...) throws -> String { try tmux(words) }

  private func tmux(_ words: [String]) throws -> String {
    let process = Subprocess(
      "tmux", ["-L", socket] + words, environment: environment.merging(["TERM": "xterm-256color"]) { $1 })
    let result = try process.run()
    guard result.succeeded else {
      throw TestServerError(description: "tmux: \(String(decoding: result.errorOutput, as: UTF8.self))")
    }
    return String(decoding: result.output, as: UTF8.self)
  }
}
