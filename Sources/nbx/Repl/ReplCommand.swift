import Interpreter
import Lexer
import SandboxSystem

/// A line that begins with a colon: it is for the REPL, not for the language.
struct ReplCommand: Sendable {
  let name: String
  /// What follows its name, as help shows it.
  let usage: String
  let help: String
  /// Whether a statement follows, which may have several lines.
  var takesStatement = false
  /// Whether a file's path follows.
  var takesPath = false
  let run: @Sendable (Repl, _ rest: String, _ line: Int) -> Void

  static let all: [ReplCommand] = [
    ReplCommand(
      name: "help", usage: "[ANYTHING]", help: "of a command, a keyword, a method, a name or a line like this",
      run: { repl, rest, _ in repl.help(rest) }),
    ReplCommand(
      name: "plan", usage: "STATEMENT", help: "what it would do; nothing is done", takesStatement: true,
      run: { repl, rest, line in repl.plan(rest, line: line) }),
    ReplCommand(
      name: "time", usage: "STATEMENT", help: "runs it, and tells how long it took", takesStatement: true,
      run: { repl, rest, line in repl.time(rest, line: line) }),
    ReplCommand(
      name: "full", usage: "[EXPRESSION]", help: "the last value, or this one, with nothing folded",
      takesStatement: true, run: { repl, rest, line in repl.full(rest, line: line) }),
    ReplCommand(
      name: "vars", usage: "", help: "the names that are bound, and their values", run: { repl, _, _ in repl.vars() }),
    ReplCommand(
      name: "load", usage: "FILE", help: "runs the statements of a recipe; what they bind stays", takesPath: true,
      run: { repl, rest, _ in repl.load(rest) }),
    ReplCommand(
      name: "save", usage: "FILE", help: "writes the statements that went well as a recipe; `:save!` also over a file",
      takesPath: true, run: { repl, rest, _ in repl.save(rest, isForced: false) }),
    ReplCommand(
      name: "save!", usage: "FILE", help: "the same, also over a file that is there", takesPath: true,
      run: { repl, rest, _ in repl.save(rest, isForced: true) }),
    ReplCommand(
      name: "quit", usage: "", help: "leaves, as Ctrl-D does; what was deferred is done",
      run: { repl, _, _ in repl.wantsToLeave = true }),
  ]

  static func named(_ name: String) -> ReplCommand? { all.first { $0.name == name } }
}

extension Repl {
  func command(_ name: String, _ rest: String, line: Int) {
    guard let command = ReplCommand.named(name) else {
      let suggestion = nearestSpelling(to: name, among: ReplCommand.all.map(\.name)).map { "did you mean `:\($0)`?" }
      return refuse("there is no `:\(name)`", advice: suggestion ?? "`:help` lists them")
    }
    if rest.isEmpty, command.usage.first.map({ $0 != "[" }) == true {
      return refuse("`:\(name)` needs more", advice: ":\(name) \(command.usage)")
    }
    if !rest.isEmpty, command.usage.isEmpty {
      return refuse("`:\(name)` stands alone", advice: ":\(name)")
    }
    command.run(self, rest, line)
  }

  // MARK: Statements

  func plan(_ text: String, line: Int) {
    let (plan, ending) = working { session.plan(text, firstLine: line, stop: stop) }
    switch ending {
    case .refused(let diagnostics): return show(diagnostics)
    case .interrupted(let failure): return show(failure.diagnostics)
    case .done, .skipped, .failed: break
    }
    if plan.commandCount > 0 { say(plan.text(output.style) + "\n") }
    let count = counted(plan.commandCount, "command")
    say(output.style.quiet("\(count); nothing was run"))
    switch ending {
    case .skipped(let reason): say("it would be skipped: \(reason)")
    case .failed(let failure): show(failure.diagnostics)
    default: break
    }
  }

  func time(_ text: String, line: Int) {
    let start = ContinuousClock.now
    run(text, line: line)
    let took = DurationValue(start.duration(to: .now))
    reporter.note("took \(took.rounded.text)")
  }

  func full(_ text: String, line: Int) {
    guard !text.isEmpty else {
      guard let lastValue else { return refuse("nothing has been shown yet", advice: ":full EXPRESSION") }
      return show(lastValue, isFull: true)
    }
    let answer = working { session.run(text, path: inputName, firstLine: line, stop: stop) }
    guard case .done = answer.ending, let value = answer.value else { return show(answer) }
    show(value, isFull: true)
  }

  func vars() {
    let names = session.boundNames
    if names.isEmpty { return say("nothing is bound yet") }
    let rows = names.map { name -> [String] in
      guard name.kind != .task else { return ["task", name.name, "", name.call] }
      return [name.kind.rawValue, name.name, name.value.typeName, name.value.shown(limit: 60).truncated(to: 60)]
    }
    let widths = (0..<3).map { column in rows.map { displayWidth($0[column]) }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).map { $0.padded(to: $1) } + [row[3]]
      say(cells.joined(separator: "  "))
    }
  }
}

extension DurationValue {
  /// As exact as a person wants to know.
  fileprivate var rounded: DurationValue {
    let step: Int64 = nanoseconds < 1_000_000 ? 1_000 : nanoseconds < 1_000_000_000 ? 100_000 : 10_000_000
    return DurationValue(nanoseconds: (nanoseconds + step / 2) / step * step)
  }
}
