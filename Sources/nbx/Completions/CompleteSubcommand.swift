import SandboxRuntime

/// `nbx __complete WORDS…`, which the shells' scripts call: what may stand in the place of the last word. It is in no
/// list of subcommands, never fails and says nothing but its answer.
enum CompleteSubcommand {
  static let name = "__complete"

  static func run(_ words: [String]) -> ExitCode {
    let lines = CommandLineCompletion(words).candidates.map { candidate in
      candidate.help.isEmpty ? candidate.word : "\(candidate.word)\t\(candidate.help)"
    }
    Terminal.standardOutput.write(lines.map { $0 + "\n" }.joined())
    return .done
  }
}
