import Interpreter
import Lexer
import SandboxRuntime

/// A session with somebody at the other end: runs what is given to it and shows what came of it.
final class Repl {
  let session: Session
  let reporter: Reporter
  let chooser: TargetChooser
  let stop: StopSignal
  /// What there is on the target, for completion.
  let live: LiveSandboxNames
  let output = Terminal.standardOutput
  /// Whether a statement has failed.
  private(set) var hasFailed = false
  /// How many lines have been typed.
  var lineCount = 0
  /// Set by `:quit`.
  var wantsToLeave = false
  /// The last value that was shown.
  var lastValue: Value?
  /// Whether the last entry was ended by Ctrl-C.
  private(set) var wasInterrupted = false

  init(
    _ session: Session, reporter: Reporter, chooser: TargetChooser, live: LiveSandboxNames, stop: StopSignal
  ) {
    self.session = session
    self.reporter = reporter
    self.chooser = chooser
    self.stop = stop
    self.live = live
  }

  /// Runs an entry.
  func run(_ entry: ReplEntry) {
    wasInterrupted = false
    switch entry {
    case .statement(let text, let line): run(text, line: line)
    case .command(let name, let rest, let line): command(name, rest, line: line)
    }
  }

  func run(_ text: String, line: Int) {
    show(working { session.run(text, path: inputName, firstLine: line, stop: stop) })
  }

  /// What messages call the text that is typed or read.
  var inputName: String { "<repl>" }

  /// Does something that may take long, and may be interrupted.
  func working<Result>(_ body: () -> Result) -> Result {
    reporter.go()
    let result = body()
    reporter.rest()
    chooser.letGo()
    return result
  }

  // MARK: Answers

  func show(_ answer: Session.Answer) {
    for warning in answer.warnings { reporter.show(warning) }
    switch answer.ending {
    case .done: if let value = answer.value { show(value) }
    case .skipped(let reason): reporter.note("skipped: \(reason)")
    case .failed(let failure): show(failure.diagnostics)
    case .interrupted(let failure):
      wasInterrupted = true
      show(failure.diagnostics)
    case .refused(let diagnostics): show(diagnostics)
    }
  }

  func show(_ value: Value, isFull: Bool = false) {
    lastValue = value
    let text = ValueLines.text(of: value, width: output.columns, isFull: isFull, stop: stop)
    guard let text, output.write(text + "\n", unless: { Interrupts.isAskedToStop }) else {
      wasInterrupted = true
      return reporter.note("interrupted: not all of the value is shown")
    }
  }

  /// Shows what is wrong.
  func show(_ diagnostics: [Diagnostic]) {
    hasFailed = true
    for diagnostic in diagnostics { reporter.show(diagnostic) }
  }

  /// Says that an entry makes no sense.
  func refuse(_ message: String, advice: String?) {
    show([Diagnostic(message, at: nil).adding("try", advice)])
  }

  /// Shows a text.
  func say(_ text: String) { output.write(text + "\n") }

  // MARK: The end

  /// Does what was deferred; tells whether that went well.
  func end() -> Bool {
    guard session.deferredCount > 0 else { return true }
    Interrupts.withdraw()
    let failures = working { session.end(stop: stop) }
    for failure in failures { show(failure.diagnostics) }
    return failures.isEmpty
  }

  /// Reads entries from standard input, which is no terminal.
  func runPiped() -> ExitCode {
    var lines = LineSource()
    var entries = ReplEntries(vocabulary: session.vocabulary)
    reading: while !wantsToLeave {
      var due: [ReplEntry]
      var isLast = false
      switch lines.next() {
      case .line(let line): due = entries.add(line)
      case .end:
        due = entries.finish()
        isLast = true
      case .interrupted: return leave(interrupted: true)
      }
      for entry in due where !wantsToLeave {
        run(entry)
        if wasInterrupted { return leave(interrupted: true) }
      }
      if isLast { break reading }
    }
    return leave(interrupted: false)
  }

  private func leave(interrupted: Bool) -> ExitCode {
    let hadFailed = hasFailed
    let endedWell = end()
    if interrupted { return .interrupted }
    return hadFailed || !endedWell ? .failed : .done
  }
}
