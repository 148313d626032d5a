import Interpreter
import Lexer
import SandboxRuntime

/// `:help`
extension Repl {
  func help(_ topic: String) {
    if topic.isEmpty { return say(Repl.overview) }
    guard let text = helpText(of: topic) else {
      let known =
        ReplCommand.all.map(\.name) + session.vocabulary.words + Method.allNames + session.boundNames.map(\.name)
      let suggestion = nearestSpelling(to: topic, among: known).map { ":help \($0)" }
      return refuse("there is no help on `\(topic)`", advice: suggestion ?? "`:help` says what there is")
    }
    say(text)
  }

  private static var overview: String {
    let width = ReplCommand.all.map { displayWidth(":\($0.name) \($0.usage)") }.max() ?? 0
    let lines = ReplCommand.all.map { "  \(":\($0.name) \($0.usage)".padded(to: width))  \($0.help)" }
    return """
      Type what a recipe can hold; the value of an expression is shown.

      \(lines.joined(separator: "\n"))

      Tab completes. Up and down go through what was typed before, Ctrl-R searches it. Alt-Enter begins a new
      line. Ctrl-C ends a running statement, Ctrl-D leaves.
      """
  }

  private func helpText(of topic: String) -> String? {
    let name = topic.hasPrefix(":") ? String(topic.dropFirst()) : topic
    if let bound = session.boundNames.first(where: { $0.name == topic }) {
      guard bound.kind != .task else { return "task \(bound.call)" }
      return "\(bound.kind.rawValue) \(bound.name): \(bound.value.typeWithArticle), "
        + bound.value.shown(limit: 60).truncated(to: 60)
    }
    if !topic.hasPrefix(":"), let text = languageHelp(of: topic) { return text }
    return ReplCommand.named(name).map { ":\($0.name)\($0.usage.isEmpty ? "" : " ")\($0.usage): \($0.help)" }
  }

  private func languageHelp(of topic: String) -> String? {
    let words = topic.split(separator: " ").map(String.init)
    if let command = session.vocabulary.command(named: words[0]) {
      return CommandHelp.text(of: command, below: Array(words.dropFirst()))?.trimmingBlanks()
    }
    if let function = BuiltinFunction(rawValue: topic) { return function.help }
    if let keyword = Keyword.allCases.first(where: { $0.text == topic }) {
      return "\(keyword.usage)\n    \(keyword.help)"
    }
    let methods = Method.named(topic)
    guard !methods.isEmpty else { return nil }
    return methods.map { "of a \($0.types.joined(separator: ", ")): \($0.help)" }.joined(separator: "\n")
  }
}
