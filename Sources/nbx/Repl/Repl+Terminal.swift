import Interpreter
import Lexer
import LineEditor
import SandboxRuntime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A session at a terminal.
extension Repl {
  static let prompt = "nbx> "
  static let continuation = "...> "
  private static let mostEntries = 10_000

  /// Reads what is typed until somebody leaves.
  func run(_ editor: LineEditor) -> ExitCode {
    Interrupts.atTheVeryEnd(TerminalMode.restore)
    defer { editor.close() }
    let file = historyFile
    editor.history = History(file?.entries(most: Repl.mostEntries) ?? [], most: Repl.mostEntries)
    editor.hasToEnd = { Interrupts.hasToEnd }
    editor.isUnfinished = isUnfinished
    let completer = Completer(
      vocabulary: session.vocabulary, live: live,
      read: { path in try? RecipeFiles.read(path).get() })
    editor.complete = { [self] before in completions(before, completer) }
    var text = ""
    while !wantsToLeave, !Interrupts.hasToEnd {
      let input = editor.read(text)
      text = ""
      switch input {
      case .entered(let entered):
        if !entered.allSatisfy(\.isWhitespace) {
          Interrupts.withdraw()
          runEntered(entered, editor, file)
        }
      case .pasted(let pasted): text = runLines(of: pasted, editor, file)
      case .interrupted: continue
      case .end: wantsToLeave = true
      }
    }
    return leaveTerminal()
  }

  /// Reads what is typed at a terminal that can't show how a line is edited.
  func runPlain() -> ExitCode {
    let prompts = output.isOpenTerminal ? output : .standardError
    var lines = LineSource()
    var text = ""
    while !wantsToLeave, !Interrupts.hasToEnd {
      prompts.write(text.isEmpty ? Repl.prompt : Repl.continuation)
      switch lines.next() {
      case .line(let line):
        text += line
        if isUnfinished(text) {
          text += "\n"
        } else {
          if !text.allSatisfy(\.isWhitespace) {
            Interrupts.withdraw()
            run(typed: text)
          }
          text = ""
        }
      case .interrupted:
        Interrupts.withdraw()
        prompts.write("\n")
        text = ""
      case .end:
        prompts.write("\n")
        wantsToLeave = true
      }
    }
    return leaveTerminal()
  }

  private func leaveTerminal() -> ExitCode {
    let endedWell = end()
    if Interrupts.hasToEnd { return .interrupted }
    return endedWell ? .done : .failed
  }

  /// Whether a typed text goes on below its last line.
  private func isUnfinished(_ text: String) -> Bool {
    guard let (name, rest) = ReplEntry.command(in: text) else {
      return StatementReader.isUnfinished(text, vocabulary: session.vocabulary, isTyped: true)
    }
    guard ReplCommand.named(name)?.takesStatement == true, !rest.isEmpty else { return false }
    return StatementReader.isUnfinished(rest, vocabulary: session.vocabulary, isTyped: true)
  }

  private func run(typed text: String) {
    run(ReplEntry(text, line: lineCount + 1))
    lineCount += text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
  }

  /// Runs an entry, and keeps it in the history.
  func runEntered(_ text: String, _ editor: LineEditor, _ file: HistoryFile?) {
    run(typed: text)
    editor.history.add(text)
    if !SecretSigns.areIn(text), !session.secrets.areIn(text) { file?.add(text) }
  }

  // MARK: History

  private var historyFile: HistoryFile? {
    guard let home = try? Home.folder(environment: ProcessInfo.processInfo.environment) else { return nil }
    try? FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    return HistoryFile(path: "\(home)/repl-history")
  }
}
