import Interpreter
import SandboxRuntime

/// `nbx completions SHELL`
enum CompletionsSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "completions",
    "Prints the script that makes a shell complete nbx's command line with Tab: subcommands and flags, recipes, their "
      + "clusters, parameters and steps, codes, contexts",
    [Positional("SHELL", as: .choice(ShellScripts.shells), help: "\(ShellScripts.shells.joined(separator: ", "))")],
    example: "source <(nbx completions bash)")

  static let notes = """
    The one line that installs it:
      bash   echo 'source <(nbx completions bash)' >> ~/.bashrc
      zsh    echo 'source <(nbx completions zsh)' >> ~/.zshrc
      fish   nbx completions fish > ~/.config/fish/completions/nbx.fish

    The script asks nbx itself, each time: it need not be installed anew when nbx is.
    """

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    Terminal.standardOutput.write(ShellScripts.script(for: words.strings()[0]) ?? "")
    return .done
  }
}
