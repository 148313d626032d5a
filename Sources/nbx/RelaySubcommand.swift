import SandboxRuntime

/// `nbx relay FOLDER`, which the local target starts: what stands between the regions of a sandbox. It is in no list of
/// subcommands, as nobody else needs it.
enum RelaySubcommand {
  static let name = "relay"

  static func run(_ words: [String]) -> ExitCode {
    guard words.count == 1, let folder = words.first, folder.hasPrefix("/") else {
      return Usage(
        message: "`nbx relay` takes the folder of a sandbox, by its whole path",
        advice: "leave it to nbx: installing regions starts it"
      ).report()
    }
    return RelayProgram.run(folder: folder) == 0 ? .done : .failed
  }
}
