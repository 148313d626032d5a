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
    guard path.hasSuffix(".nbx") else { return refuse("a recipe's name ends in .nbx", advice: ":save \(path).nbx") }
    if !isForced, FileManager.default.fileExists(atPath: path) {
      return refuse("\(path) is there already", advice: ":save! \(path)")
    }
    let recipe = session.recipe(for: path, workingFolder: FileManager.default.currentDirectoryPath)
    do throws(MachineError) {
      try AtomicFile.write(Array(recipe.utf8), to: path, mode: 0o644)
      let lines = recipe.split(separator: "\n").count
      say("\(path): \(lines) lines; nbx run \(path)")
    } catch {
      refuse("\(error)", advice: nil)
    }
  }
}

extension String {
  /// Without the quotes around it, if there are some.
  fileprivate var unquoted: String {
    guard count > 1, let quote = first, quote == "\"" || quote == "'", last == quote else { return self }
    return String(dropFirst().dropLast())
  }
}
