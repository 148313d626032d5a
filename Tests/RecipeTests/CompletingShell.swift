import Foundation
import TestSupport

/// A real shell that completes nbx's words, in a terminal, without anybody's settings.
struct CompletingShell {
  static let names = ["bash", "zsh", "fish"]

  private let terminal: TerminalSession

  /// Waits until the shell has answered to each of its settings: what is typed before would be shown by the terminal, and
  /// then once more by the shell.
  init(_ name: String, in folder: String, of nbx: NbxProgram) throws {
    let (start, settings) =
      switch name {
      case "bash": ("env PS1='> ' bash --norc --noprofile", ["source <(nbx completions bash)"])
      case "zsh": ("env PS1='> ' zsh -f", ["autoload -Uz compinit && compinit -u -D", "source <(nbx completions zsh)"])
      default: ("fish --no-config -C \"function fish_prompt; echo '> '; end\"", ["nbx completions fish | source"])
      }
    var environment = nbx.environment
    environment["PATH"] = "\((NbxProgram.path as NSString).deletingLastPathComponent):\(environment["PATH"] ?? "")"
    environment["HOME"] = nbx.folder
    environment["LC_ALL"] = "C.UTF-8"
    terminal = try TerminalSession(columns: 120, rows: 40, in: folder, running: start, environment: environment)
    try terminal.wait { shownLines($0).last == ">" }
    for line in settings {
      try terminal.type(line)
      try terminal.wait { shownLines($0).suffix(2) == ["> \(line)", ">"] }
    }
  }

  /// Types `words` and Tab, waits until `expected` stands there, an `X` typed behind it, and takes all of it back.
  func tab(_ words: String, becomes expected: String) throws {
    try terminal.send(words)
    try terminal.wait { $0.contains(words) }
    try terminal.press("Tab")
    // The shell reads what is typed on once it has its answer.
    try terminal.send("X")
    try terminal.wait { $0.contains("> \(expected)") }
    try terminal.press("C-u")
    try terminal.wait { !$0.contains("> \(expected)") }
  }
}
