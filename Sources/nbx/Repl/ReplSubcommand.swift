import Interpreter
import LineEditor
import SandboxRuntime
import SandboxSystem

/// `nbx repl [CLUSTER…]`
enum ReplSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "repl", "Runs statements as they are typed: all that a recipe can hold, a line at a time",
    // Any text, since what is no cluster's name is told apart below.
    [CommonPositionals.clusters("the clusters to work on; by default those that exist, else c1 c2 c3", as: .text)],
    flags: [CommonFlags.target, CommonFlags.context], example: "nbx repl c1 c2 c3", rule: strange)

  static let notes = """
    What a statement binds stays, and an error changes nothing of it. The value of an expression is shown.
    Tab completes, Ctrl-R searches what was typed before, Ctrl-C ends a running statement, Ctrl-D leaves:
    then what was deferred is done. `:help` tells more.

    If standard input is no terminal, statements are read from it, without prompts. A line may go on with
    the statement above it, so a statement runs once the next one has begun.

    Exit codes: 0 done, 1 a deferred block failed, or, without a terminal, any statement, 2 the command
    line is wrong, 130 interrupted.
    """

  static let examples = ["echo 'nats server list' | nbx repl"]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    let clusters = words.strings()
    let stop = Interrupts.watched()
    let reporter = Reporter(stop: stop)
    reporter.rest()
    defer { reporter.finish() }
    let chooser = TargetChooser(
      wanted: words.target, contexts: words.contexts, clusters: clusters,
      environment: ownEnvironment, purpose: "nbx repl", relay: OwnProgram.path,
      announce: { reporter.note($0) })
    let host = SandboxHost(
      chooser: chooser, columns: { Terminal.standardOutput.columns }, observer: { reporter.observe($0) })
    Leftovers.keepAccount { chooser.home }
    defer { Leftovers.closeAccount() }
    defer { host.close() }
    let session = Session(
      host: host, clusters: clusters, chooseClusters: chooser.clustersToWorkOn, read: RecipeFiles.read)
    let live = LiveSandboxNames(
      wanted: words.target, contexts: words.contexts, environment: ownEnvironment,
      clusters: clusters)
    let repl = Repl(session, reporter: reporter, chooser: chooser, live: live, stop: stop)
    guard isatty(0) == 1 else { return repl.runPiped() }
    guard Terminal.standardOutput.isTerminal,
      let editor = LineEditor(prompt: Repl.prompt, continuation: Repl.continuation)
    else { return repl.runPlain() }
    return repl.run(editor)
  }

  /// What somebody gives who thinks of `nbx run`.
  private static func strange(_ words: ParsedWords) -> WordProblem? {
    if let file = words.strings().first(where: { $0.hasSuffix(".nbx") }) {
      return WordProblem(
        index: nil, message: "`nbx repl` takes clusters, not a recipe", advice: "nbx repl, and then: :load \(file)")
    }
    if let parameter = words.strings().first(where: { $0.contains("=") })?.prefix(while: { $0 != "=" }) {
      return WordProblem(
        index: nil, message: "a session has no parameters: `\(parameter)=…`",
        advice: "bind it once it runs: let \(parameter) = …")
    }
    if let name = words.strings().first(where: { !Cluster.isValid(name: $0) }) {
      return WordProblem(
        index: nil, message: "`nbx repl` takes a cluster's name, not `\(name)`", advice: Flag.Kind.cluster.advice)
    }
    return words.repetition(ofClustersFrom: 0)
  }
}

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
    guard let home = try? Home.folder(environment: ownEnvironment) else { return nil }
    try? Folders.make(home)
    return HistoryFile(path: "\(home)/repl-history")
  }
}
