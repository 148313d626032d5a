import Foundation

/// The folder in which this run of the tests keeps its servers and sandboxes.
///
/// When the run is over, or killed, every process that was started with a path in it among its words or in its environment
/// is ended, and it is removed.
public final class RunFolder: Sendable {
  private static let shared = Result { try RunFolder() }

  private let path: String
  private let guardian: Guardian

  private init() throws {
    path = NSTemporaryDirectory() + "nbx-tests-\(Self.randomName)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guardian = try Guardian(
      pipe: "\(path)/held-by-the-tests", script: Self.script,
      environment: ["PATH": "/usr/bin:/bin", "RUN_FOLDER": path])
  }

  private static let script = """
    # An nbx that is being ended may start a server or two meanwhile: looked at until there is none.
    for try in 1 2 3 4 5; do
      ended=$(ps axeww -o pid= -o args= | while read -r pid words; do
        # This shell and its own have the pipe in their environment.
        case $words in *"HELD_PIPE=$HELD_PIPE"*) continue ;; esac
        case $words in *"$RUN_FOLDER"*) kill -9 "$pid" && echo "$pid" ;; esac
      done)
      [ -n "$ended" ] || break
      sleep 0.2
    done
    # Who is being ended may write a last time.
    for try in 1 2 3 4 5; do rm -rf "$RUN_FOLDER" && break; sleep 1; done
    """

  /// A path in it that nobody else has; nothing is there yet.
  public static func newPath() throws -> String { try "\(shared.get().path)/\(randomName)" }

  /// Short, as screens of 80 columns show such paths.
  private static var randomName: String { String(UUID().uuidString.prefix(8)) }
}
