import Foundation
import TestSupport

extension NbxProgram {
  /// A terminal in which the REPL waits for input.
  func replAtTerminal(columns: Int = 80, rows: Int = 24) throws -> TerminalSession {
    let terminal = try TerminalSession(columns: columns, rows: rows, environment: environment)
    try terminal.type("cd \(NbxProgram.repository); \(NbxProgram.path) repl c1 c2")
    try terminal.wait { $0.contains("nbx>") }
    return terminal
  }
}

/// The lines that a terminal shows, without empty ones at the end.
func shownLines(_ screen: String) -> [String] {
  var lines = screen.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
  while lines.last == "" { lines.removeLast() }
  return lines
}
