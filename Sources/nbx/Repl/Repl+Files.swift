import Interpreter
import Lexer
import SandboxRuntime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `:load` and `:save`.
extension Repl {
  func load(_ path: String) { show(working { session.load(path.unquoted, stop: stop) }) }

  func save(_ path: String, isForced: Bool) {
    let path = path.unquoted
    guard path.hasSuffix(".nbx"), !path.hasSuffix("/.nbx"), path != ".nbx" else {
      return refuse("a recipe's name ends in .nbx", advice: ":save \(Repl.recipeName(for: path))")
    }
    if !isForced, FileManager.default.fileExists(atPath: path) {
      return refuse("\(path) is there already", advice: ":save! \(path)")
    }
    let recipe = session.recipe(for: path, workingFolder: FileManager.default.currentDirectoryPath)
    do throws(MachineError) {
      try UserFile.write(Array(recipe.text.utf8), to: path)
      let lines = recipe.text.split(separator: "\n").count
      say("\(path): \(lines) lines; nbx run \(path.inShell)")
      if recipe.leftOutCount > 0 {
        say("left out: \(counted(recipe.leftOutCount, "statement")); comments in it say why")
      }
      if recipe.unclearPathCount > 0 {
        let count = counted(recipe.unclearPathCount, "path")
        say("look at \(count) that may lead elsewhere from there; comments in it say where")
      }
    } catch {
      refuse("\(error)", advice: nil)
    }
  }

  /// A recipe's name that is near to what is none: one in it, if that is a folder.
  private static func recipeName(for path: String) -> String {
    var isFolder = false
    let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard path.hasSuffix("/") || path.hasSuffix(".nbx") || isThere && isFolder else { return path + ".nbx" }
    let folder = path.hasSuffix(".nbx") ? String(path.dropLast(4)) : path
    return folder + (folder.isEmpty || folder.hasSuffix("/") ? "" : "/") + "NAME.nbx"
  }
}

extension String {
  /// Without the quotes around it, if there are some.
  fileprivate var unquoted: String {
    guard count > 1, let quote = first, quote == "\"" || quote == "'", last == quote else { return self }
    return String(dropFirst().dropLast())
  }
}
