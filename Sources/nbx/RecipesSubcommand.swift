import Interpreter
import Lexer
import SandboxSystem
import ShippedRecipes

/// `nbx recipes copy FOLDER`
enum RecipesSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "recipes copy", "Writes the recipes that are in nbx into a folder, to be read and changed",
    [
      Positional(
        "FOLDER",
        help: "is made if it is not there. Nothing in it is written over: where a file is another one already, nothing "
          + "at all is copied",
        offers: CommandLineOffers.folders)
    ], example: "nbx recipes copy my-recipes"
  ) { words in
    words.strings()[0].isEmpty
      ? WordProblem(index: nil, message: "a folder's name is not empty", advice: "nbx recipes copy my-recipes") : nil
  }

  static let notes = """
    `nbx list` lists them, and `nbx run NAME` runs them without any copy.

    Exit codes: 0 done, 1 a file is in the way or can't be written.
    """

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    let folder = words.strings()[0]
    return copy(to: folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder)
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
      return ExitCode.failed.telling(
        "\(inTheWay.count == 1 ? "a file is" : "\(inTheWay.count) files are") there already and not as in nbx: \(shown)",
        try: "nothing was copied; name another folder: nbx recipes copy \(folder)-of-nbx")
    }
    var made: [String] = []
    do throws(MachineError) {
      for file in missing { try write(file, below: folder, &made) }
    } catch {
      // A folder that holds a file stays: that one is as it is in nbx.
      for empty in made.reversed() { rmdir(empty) }
      return ExitCode.failed.telling(error.reason, try: error.advice ?? "name another folder")
    }
    let kept = ShippedRecipes.files.count - missing.count
    Terminal.standardOutput.write(
      "\(counted(missing.count, "file")) written into \(folder)" + (kept > 0 ? ", \(kept) there already" : "") + "\n")
    return .done
  }

  /// - Parameter made: the folders that were not there before, each behind the one that it is in.
  private static func write(_ file: String, below folder: String, _ made: inout [String]) throws(MachineError) {
    let path = "\(folder)/\(file)"
    let own = Paths.folder(of: path)
    made += missingFolders(to: own)
    try Folders.make(own, mode: 0o777)
    let problem = NewFile.write(ShippedRecipes.bytes(of: file) ?? [], to: path)
    guard problem == 0 else { throw .fileNotWritten(path: path, errno: problem) }
  }

  /// What has to be made so that a folder is there, from the outside in.
  private static func missingFolders(to path: String) -> [String] {
    guard !path.isEmpty, NewFile.isFree(path) else { return [] }
    return missingFolders(to: path.contains("/") ? Paths.folder(of: path) : "") + [path]
  }
}
