import Interpreter
import Lexer
import SandboxRuntime

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
