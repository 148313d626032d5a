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

  /// - Parameter path: only of the forms that begin with these words, as `stream add`. The words behind a whole path
  ///   are those of a call.
  /// - Returns: nil if there are no such forms.
  static func text(of command: any Command, below path: [String] = []) -> String? {
    var lines = ["\(command.name): \(command.summary)"]
    guard case .forms(let all) = command.grammar else {
      return lines[0]
        + "\n\nIts words go to the program as they are; on the local target nbx plays it as far as it is about pods.\n"
    }
    let forms = all.filter { $0.path.starts(with: path) }
    if forms.isEmpty { return nil }
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
