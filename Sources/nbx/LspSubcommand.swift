import Interpreter
import LanguageServer
import SandboxRuntime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `nbx lsp`
enum LspSubcommand: Subcommand {
  static let name = "lsp"

  static let help = """
    Serves editors: the language server protocol over standard input and output.

    Usage: nbx lsp

    It tells what is wrong while one types, explains what the pointer is on, completes commands, their flags,
    names and what exists, goes to definitions and references over files, renames, outlines, formats and
    colours. It ends when its editor does.

    Exit codes: 0 the editor has said goodbye, 1 it was gone without.

    Examples:
      nbx lsp
      vim.lsp.start({ name = "nbx", cmd = { "nbx", "lsp" } })    in Neovim

    """

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    // Editors say how they talk, in a way of their own; there is but one.
    if let word = words.first(where: { $0 != "--stdio" }) {
      guard !word.hasPrefix("-") else { throw .unknownFlag(word, of: name, known: ["--stdio"]) }
      throw Usage(message: "`nbx lsp` takes no words: `\(word)`", advice: "editors start it as it is: nbx lsp")
    }
    let live = LiveSandboxNames(
      wanted: nil, contexts: [:], environment: ProcessInfo.processInfo.environment, clusters: [])
    let options = LanguageServer.Options(
      vocabulary: .ofNbx(purpose: "nbx lsp"), version: Help.version, live: live, programs: LiveSandboxNames.programs
    ) { path in
      RecipeFiles.read(path)
    }
    return LanguageServer(options).run() ? .done : .failed
  }
}
