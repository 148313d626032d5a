import Interpreter
import Lexer
import SandboxRuntime
import ShippedRecipes

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Which recipe a word of the command line means: a file, or one of those that are in the program. A file comes first.
struct RecipeChoice {
  /// What it is read by.
  let path: String
  /// What was taken, where the word might have meant something else.
  let note: String?

  /// - Parameter takesFolders: whether the word may mean a folder, with the recipes in it.
  init(_ word: String, takesFolders: Bool = false) {
    if let stream = RecipeStream(word: word) {
      path = stream.path
      note = nil
      return
    }
    let shipped = RecipeChoice.shipped(word)
    // `install` means a file install.nbx, too.
    let file = [word, word + ".nbx"].first(where: RecipeChoice.isFile)
    if let file {
      path = file
      let isBesideOurs = shipped != nil && !word.hasPrefix(RecipeChoice.oldFolder)
      note = isBesideOurs ? "recipe \(word): the file \(file), not the one in nbx" : nil
    } else if let shipped, !takesFolders || !RecipeFiles.isFolder(word) {
      path = shipped
      note = "recipe \(word): the one in nbx"
    } else {
      path = word
      note = nil
    }
  }

  /// What a word means, which is said where it is not plain.
  static func told(_ word: String, takesFolders: Bool = false) -> String {
    let choice = RecipeChoice(word, takesFolders: takesFolders)
    if let note = choice.note {
      let terminal = Terminal.standardError
      terminal.write(terminal.style.quiet(note) + "\n")
    }
    return choice.path
  }

  /// What a person calls the recipe at a path.
  static func name(of path: String) -> String { ShippedRecipes.name(at: path) ?? path }

  /// What is wrong with a recipe; if the file is not there, what was meant by its name is said, too.
  static func advised(_ errors: ProgramErrors, _ word: String) -> [Diagnostic] {
    guard NewFile.isFree(RecipeChoice(word).path), let first = errors.diagnostics.first, first.location == nil,
      let near = nearestSpelling(to: bare(word), among: ShippedRecipes.names + ShippedRecipes.names.map { $0 + ".nbx" })
    else { return errors.diagnostics }
    return [first.adding("try", "did you mean `\(near)`, which is in nbx?")] + errors.diagnostics.dropFirst()
  }

  /// The recipes lie in the folder `recipes` of nbx's own sources, and advice names them so.
  private static let oldFolder = "recipes/"

  private static func bare(_ word: String) -> String {
    word.hasPrefix(oldFolder) ? String(word.dropFirst(oldFolder.count)) : word
  }

  private static func shipped(_ word: String) -> String? {
    ShippedRecipes.bytes(at: word) != nil ? word : ShippedRecipes.path(ofRecipe: bare(word))
  }

  /// Whether there is something that is no folder.
  private static func isFile(_ path: String) -> Bool { access(path, F_OK) == 0 && !RecipeFiles.isFolder(path) }
}
