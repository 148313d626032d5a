import Interpreter
import Lexer
import SandboxRuntime
import ShippedRecipes

/// `nbx recipes copy FOLDER`
enum RecipesSubcommand: Subcommand {
  static let name = "recipes"

  static let help = """
    Writes the recipes that are in nbx into a folder, to be read and changed.

    Usage: nbx recipes copy FOLDER

      FOLDER   is made if it is not there. Nothing in it is written over: where a file is another
               one already, nothing at all is copied

    `nbx list` lists them, and `nbx run NAME` runs them without any copy.

    Exit codes: 0 done, 1 a file is in the way or can't be written.

    Example:
      nbx recipes copy my-recipes

    """

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    if let flag = words.first(where: { $0.hasPrefix("-") }) { throw .unknownFlag(flag, of: name, known: ["--help"]) }
    guard words.count == 2, words[0] == "copy", !words[1].isEmpty else {
      throw Usage(
        message: "`nbx recipes` copies the recipes that are in nbx into a folder",
        advice: "nbx recipes copy my-recipes")
    }
    return copy(to: words[1].count > 1 && words[1].hasSuffix("/") ? String(words[1].dropLast()) : words[1])
  }

  private static func copy(to folder: String) -> ExitCode {
    var missing: [String] = []
    var inTheWay: [String] = []
    for file in ShippedRecipes.files {
      let path = "\(folder)/\(file)"
      if NewFile.isFree(path) {
        missing.append(file)
      } else if (try? RecipeFiles.read(path).get()) != ShippedRecipes.bytes(of: file) {
        inTheWay.append(path)
      }
    }
    guard inTheWay.isEmpty else {
      let shown = inTheWay.prefix(3).joined(separator: ", ") + (inTheWay.count > 3 ? " …" : "")
      return fail(
        "\(inTheWay.count == 1 ? "a file is" : "\(inTheWay.count) files are") there already and not as in nbx: \(shown)",
        advice: "nothing was copied; name another folder: nbx recipes copy \(folder)-of-nbx")
    }
    do throws(MachineError) {
      for file in missing { try write(file, below: folder) }
    } catch {
      return fail("\(error)", advice: "name another folder")
    }
    let kept = ShippedRecipes.files.count - missing.count
    Terminal.standardOutput.write(
      "\(counted(missing.count, "file")) written into \(folder)" + (kept > 0 ? ", \(kept) there already" : "") + "\n")
    return .done
  }

  private static func write(_ file: String, below folder: String) throws(MachineError) {
    let path = "\(folder)/\(file)"
    try Folders.make(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".", mode: 0o777)
    let problem = NewFile.write(ShippedRecipes.bytes(of: file) ?? [], to: path)
    guard problem == 0 else { throw .fileNotWritten(path: path, errno: problem) }
  }

  private static func fail(_ what: String, advice: String) -> ExitCode {
    let terminal = Terminal.standardError
    terminal.write(Diagnostic(what, at: nil).adding("try", advice).rendered(terminal.style) + "\n")
    return .failed
  }
}
