import Lexer
import SandboxRuntime

/// `nbx completions SHELL`
enum CompletionsSubcommand: Subcommand {
  static let name = "completions"

  static let help = """
    Prints the script that makes a shell complete nbx's command line with Tab: subcommands and flags,
    recipes, their clusters, parameters and steps, codes, contexts.

    Usage: nbx completions bash|zsh|fish

    The one line that installs it:
      bash   echo 'source <(nbx completions bash)' >> ~/.bashrc
      zsh    echo 'source <(nbx completions zsh)' >> ~/.zshrc
      fish   nbx completions fish > ~/.config/fish/completions/nbx.fish

    The script asks nbx itself, each time: it need not be installed anew when nbx is.

    Example:
      source <(nbx completions bash)

    """

  static let shells = ["bash", "zsh", "fish"]

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    if let flag = words.first(where: { $0.hasPrefix("-") }) { throw .unknownFlag(flag, of: name, known: ["--help"]) }
    guard words.count == 1, let shell = words.first else {
      throw Usage(message: "`nbx completions` takes one shell", advice: "one of: \(shells.joined(separator: ", "))")
    }
    guard let script = ShellScripts.script(for: shell) else {
      let suggestion = nearestSpelling(to: shell, among: shells).map { "did you mean \($0)?" }
      throw Usage(
        message: "there is no script for `\(shell)`",
        advice: suggestion ?? "one of: \(shells.joined(separator: ", "))")
    }
    Terminal.standardOutput.write(script)
    return .done
  }
}
