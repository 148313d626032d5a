import Interpreter
import LineEditor
import SandboxRuntime

/// Lines that are pasted.
extension Repl {
  /// Runs pasted lines, each with the statement that it belongs to.
  ///
  /// - Returns: what is not finished yet.
  func runLines(of pasted: String, _ editor: LineEditor, _ file: HistoryFile?) -> String {
    var lines = pasted.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let all = Repl.countLines(lines)
    let last = lines.removeLast()
    var entries = ReplEntries(vocabulary: session.vocabulary)
    var begun = 0
    Interrupts.withdraw()
    /// Tells whether to go on.
    func run(_ due: [ReplEntry]) -> Bool {
      for entry in due {
        // A statement that is over before Ctrl-C comes is not ended by it; the paste is.
        guard !isPasteEnded(editor) else { break }
        editor.echo(entry.text)
        runEntered(entry.text, editor, file)
        begun += Repl.countLines(entry.text.split(separator: "\n"))
      }
      return !isPasteEnded(editor)
    }
    func stop() -> String {
      editor.dropKeys()
      Interrupts.withdraw()
      if !wantsToLeave, !Interrupts.hasToEnd { sayNotRun(all - begun) }
      return ""
    }
    for line in lines { guard run(entries.add(line)) else { return stop() } }
    if last.isEmpty {
      guard entries.wantsMore else { return run(entries.finish()) ? "" : stop() }
      return entries.pending + "\n"
    }
    // The beginning of a line tells whether it goes on with the one above, but is not run.
    if !entries.wantsMore, ReplEntry.command(in: last) != nil { return run(entries.finish()) ? last : stop() }
    return run(entries.add(last)) ? entries.pending : stop()
  }

  private func isPasteEnded(_ editor: LineEditor) -> Bool {
    wantsToLeave || Interrupts.hasToEnd || Interrupts.isAskedToStop || editor.hasInterruptWaiting()
  }

  /// Tells what Ctrl-C has kept from being run.
  func sayNotRun(_ count: Int) {
    guard count > 0 else { return }
    reporter.note(count == 1 ? "interrupted: 1 line was not run" : "interrupted: \(count) lines were not run")
  }

  /// How many lines hold something.
  private static func countLines(_ lines: [some StringProtocol]) -> Int {
    lines.count { line in !line.utf8.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }
  }
}
