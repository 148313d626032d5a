import Interpreter
import Lexer
import SandboxRuntime

/// What `nbx help nats` says: the forms of one of the language's commands.
enum CommandHelp {
  /// The commands, by their names.
  static var commands: [any Command] {
    let chooser = TargetChooser(
      wanted: nil, contexts: [:], clusters: [], environment: [:], purpose: "nbx help", announce: { _ in })
    return SandboxHost(chooser: chooser, observer: { _ in }).commands.sorted { $0.name < $1.name }
  }

  /// What becomes of its words, if it is a program.
  static func note(on command: any Command) -> String? {
    switch command.grammar {
    case .anyWords: "Its words go to the program as they are."
    case .program:
      "Its words go to the program as they are. The local target plays a part of it, in these forms:"
    case .forms: nil
    }
  }

  /// - Parameter path: only of the forms that begin with these words, as `stream add`. The words behind a whole path
  ///   are those of a call.
  /// - Returns: nil if there are no such forms.
  static func text(of command: any Command, below path: [String] = []) -> String? {
    var lines = ["\(command.name): \(command.summary)"]
    if let note = note(on: command) { lines += ["", note] }
    let forms = command.grammar.forms.filter { $0.path.starts(with: path) }
    if forms.isEmpty, !path.isEmpty { return nil }
    for form in forms {
      lines += ["", "  \(([command.name] + form.path + form.positionals.map(\.usage)).joined(separator: " "))"]
      lines.append("      \(form.summary)")
      if let document = form.document { lines.append("      with …: \(document)") }
      let width = form.flags.map { displayWidth($0.usage) }.max() ?? 0
      lines += form.flags.map { "      \($0.usage.padded(to: width))  \($0.help)" }
      if !form.example.isEmpty { lines.append("      for example: \(form.example)") }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
