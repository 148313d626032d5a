import Foundation
import SandboxSystem

/// A shell script beside the tests that begins once they let go of it, and so when they are killed, too.
public final class Guardian: @unchecked Sendable {
  package let process: ProcessIdentity
  /// The tests hold a pipe open; the script reads from it until nobody does.
  private var pipe: Int32

  /// - Parameters:
  ///   - pipe: the path at which the pipe is made.
  ///   - arguments: the script's `$1` and so on.
  public init(
    pipe name: String, script: String, _ arguments: [String] = [], environment: [String: String],
    workingDirectory: String? = nil, log: String = "/dev/null"
  ) throws {
    guard mkfifo(name, 0o600) == 0 else { throw TestServerError(description: "no pipe: errno \(errno)") }
    // For both, as opening one end alone would wait for the other.
    pipe = open(name, O_RDWR | O_CLOEXEC)
    guard pipe >= 0 else { throw TestServerError(description: "\(name) can't be opened: errno \(errno)") }
    process = try Daemon(
      "sh", ["-c", "read -r nothing < \"$HELD_PIPE\"\n\(script)", "sh"] + arguments,
      environment: environment.merging(["HELD_PIPE": name]) { $1 }, workingDirectory: workingDirectory, log: log
    ).start()
  }

  deinit { letGo() }

  public func letGo() {
    if pipe >= 0 { close(pipe) }
    pipe = -1
  }
}
