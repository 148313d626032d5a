import Interpreter
import Lexer
import SandboxRuntime
import SandboxSystem

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

/// `:load` and `:save`.
extension Repl {
  func load(_ path: String) { show(working { session.load(path.unquoted, stop: stop) }) }

  func save(_ path: String, isForced: Bool) {
    let path = path.unquoted
    guard path.hasSuffix(".nbx"), !path.hasSuffix("/.nbx"), path != ".nbx" else {
      return refuse("a recipe's name ends in .nbx", advice: ":save \(Repl.recipeName(for: path))")
    }
    if !isForced, Paths.exist(path) {
      return refuse("\(path) is there already", advice: ":save! \(path)")
    }
    let recipe = session.recipe(for: path, workingFolder: Paths.resolved(".") ?? ".")
    let bytes = Array(recipe.text.utf8)
    let shown = SourceFile(path: path, text: recipe.text).shownText(Span(0, bytes.count))
    do throws(MachineError) {
      // As `write` has it, what holds a secret is for its owner alone.
      try UserFile.write(bytes, to: path, mode: shown.contains("•••") ? 0o600 : 0o666)
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
      refuse(error.reason, advice: error.advice)
    }
  }

  /// A recipe's name that is near to what is none: one in it, if that is a folder.
  private static func recipeName(for path: String) -> String {
    guard path.hasSuffix("/") || path.hasSuffix(".nbx") || Folders.isFolder(path) else { return path + ".nbx" }
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

/// `:help`
extension Repl {
  func help(_ topic: String) {
    if topic.isEmpty { return say(Repl.overview) }
    guard let text = helpText(of: topic) else {
      let known = ReplCommand.all.map(\.name) + language.topics + session.boundNames.map(\.name)
      let suggestion = language.advice(on: topic, among: known).map { ":help \($0)" }
      return refuse("there is no help on `\(topic)`", advice: suggestion ?? "`:help` says what there is")
    }
    say(text)
  }

  private static var overview: String {
    let lines = HelpRows.lines(ReplCommand.all.map { (":\($0.name) \($0.usage)", $0.help) })
    return """
      Type what a recipe can hold; the value of an expression is shown.

      \(lines.joined(separator: "\n"))

      Tab completes. Up and down go through what was typed before, Ctrl-R searches it. Alt-Enter begins a new
      line. Ctrl-C ends a running statement, Ctrl-D leaves.
      """
  }

  private var language: LanguageHelp { LanguageHelp(session.vocabulary) }

  private func helpText(of topic: String) -> String? {
    if topic.hasPrefix(":") { return commandHelp(of: String(topic.dropFirst())) }
    // What is bound in the session goes before what only has the name of its method.
    return sessionHelp(of: topic) ?? memberHelp(of: topic) ?? language.text(of: topic) ?? commandHelp(of: topic)
  }

  private func commandHelp(of name: String) -> String? {
    ReplCommand.named(name).map { ":\($0.name)\($0.usage.isEmpty ? "" : " ")\($0.usage): \($0.help)" }
  }

  /// Of a name that the session knows.
  private func sessionHelp(of topic: String) -> String? {
    if let bound = session.boundNames.first(where: { $0.name == topic }) {
      guard bound.kind != .task else { return "task \(bound.call)" }
      return "\(bound.kind.rawValue) \(bound.name): \(bound.value.typeWithArticle), "
        + bound.value.shown(limit: 60).truncated(to: 60)
    }
    if session.clusterNames.contains(topic) {
      return "\(topic): a cluster of this session; commands work on it behind `on \(topic)`"
    }
    return nil
  }

  /// Of a method or a field of something that is bound: what its type has of that name.
  private func memberHelp(of topic: String) -> String? {
    guard let dot = topic.lastIndex(of: ".") else { return nil }
    let bound = session.boundNames.first { $0.name == topic[..<dot] && $0.kind != .task }
    let member = topic[topic.index(after: dot)...].prefix { $0 != "(" }
    return bound.flatMap { language.text(ofMember: String(member), on: $0.value.typeName) }
  }
}
