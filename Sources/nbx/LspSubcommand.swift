import Interpreter
import LanguageServer
import SandboxLocal
import SandboxRuntime

/// `nbx lsp`
enum LspSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "lsp", "Serves editors: the language server protocol over standard input and output",
    flags: [Flag("--stdio", .toggle, "changes nothing: editors say how they talk, and there is but one way")],
    example: "nbx lsp")

  static let notes = """
    It tells what is wrong while one types, explains what the pointer is on, completes commands, their flags,
    names and what exists, goes to definitions and references over files, renames, outlines, formats and
    colours. It ends when its editor does.

    Exit codes: 0 the editor has said goodbye, 1 it was gone without.
    """

  static let examples = ["vim.lsp.start({ name = \"nbx\", cmd = { \"nbx\", \"lsp\" } })    in Neovim"]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    let live = LiveSandboxNames(
      wanted: nil, contexts: [:], environment: ownEnvironment, clusters: [])
    let options = LanguageServer.Options(
      vocabulary: .ofNbx(purpose: "nbx lsp"), version: Help.version, live: live
    ) { path in
      RecipeFiles.read(path)
    }
    return LanguageServer(options).run() ? .done : .failed
  }
}

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
