import Foundation
import SandboxRuntime

/// The folder in which this run of the tests keeps its servers and sandboxes.
///
/// When the run is over, or killed, every process that was started with a file in it is ended, and it is removed.
public final class RunFolder: Sendable {
  private static let shared = Result { try RunFolder() }

  private let path: String
  private let guardian: Guardian

  private init() throws {
    path = NSTemporaryDirectory() + "nbx-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    // The folder is no word of its command line: it would end itself.
    guardian = try Guardian(
      pipe: "\(path)/held-by-the-tests", script: Self.script,
      environment: ["PATH": "/usr/bin:/bin", "RUN_FOLDER": path])
  }

  private static let script = """
    ps -eww -o pid= -o args= | while read -r pid words; do
      case $words in *"$RUN_FOLDER"*) kill -9 "$pid" ;; esac
    done
    # Who is being ended may write a last time.
    for try in 1 2 3 4 5; do rm -rf "$RUN_FOLDER" && break; sleep 1; done
    """

  /// A path in it that nobody else has; nothing is there yet.
  public static func newPath() throws -> String { try "\(shared.get().path)/\(UUID().uuidString)" }
}
