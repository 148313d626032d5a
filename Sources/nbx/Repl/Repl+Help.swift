import Interpreter
import Lexer
import SandboxRuntime

/// `:help`
extension Repl {
  func help(_ topic: String) {
    if topic.isEmpty { return say(Repl.overview) }
    guard let text = helpText(of: topic) else {
      let known =
        ReplCommand.all.map(\.name) + session.vocabulary.words + Method.allNames + LanguageTopic.all.map(\.name)
        + session.boundNames.map(\.name)
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
    if topic.hasPrefix(":") { return commandHelp(of: String(topic.dropFirst())) }
    if let text = sessionHelp(of: topic) ?? languageHelp(of: topic) ?? commandHelp(of: topic) { return text }
    // As it is called, or asked of something: `env("HOME")`, `list.map`, `.count`.
    if let bracket = topic.firstIndex(of: "("), bracket > topic.startIndex {
      return helpText(of: String(topic[..<bracket]))
    }
    guard let dot = topic.lastIndex(of: ".") else { return nil }
    return memberHelp(of: String(topic[topic.index(after: dot)...]), on: String(topic[..<dot]))
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
    let names = NameIndex(SourceFile(path: "<repl>", text: ""), vocabulary: session.vocabulary).names
    guard Keyword.allCases.allSatisfy({ $0.text != topic }), names.contains(where: { $0.text == topic }) else {
      return nil
    }
    return "\(topic): \(NameIndex.role(ofGiven: topic))"
  }

  private func languageHelp(of topic: String) -> String? {
    let words = topic.split(separator: " ").map(String.init)
    if let first = words.first, let command = session.vocabulary.command(named: first) {
      return CommandHelp.text(of: command, below: Array(words.dropFirst()))?.trimmingBlanks()
    }
    if let function = BuiltinFunction(rawValue: topic) { return function.help }
    if let keyword = Keyword.allCases.first(where: { $0.text == topic }) {
      return "\(keyword.usage)\n    \(keyword.help)"
    }
    // `map` is a type and a method.
    let parts = [LanguageTopic.named(topic).map(Repl.text), Repl.text(of: Method.named(topic))]
    let text = parts.compactMap { $0 }.joined(separator: "\n")
    return text.isEmpty ? nil : text
  }

  /// Of a method, as far as something has it: a type, a name of the session, or whatever.
  private func memberHelp(of member: String, on base: String) -> String? {
    let bound = session.boundNames.first { $0.name == base && $0.kind != .task }?.value.typeName
    let type = base == Keyword.clusters.text ? "list" : bound ?? base
    let methods = Method.named(member)
    let own = methods.filter { $0.types.contains(type) }
    if let text = Repl.text(of: own.isEmpty ? methods : own) { return text }
    return LanguageTopic.named(type).flatMap { $0.help.contains("`.\(member)`") ? Repl.text(of: $0) : nil }
  }

  private static func text(of topic: LanguageTopic) -> String {
    let methods = Set(Method.all.filter { $0.types.contains(topic.name) }.map(\.name)).sorted()
    return "\(topic.usage)\n    \(topic.help)"
      + (methods.isEmpty ? "" : "\n    Its methods: \(methods.joined(separator: ", "))")
  }

  private static func text(of methods: [Method]) -> String? {
    if methods.isEmpty { return nil }
    return methods.map { "of a \($0.types.joined(separator: ", ")): \($0.help)" }.joined(separator: "\n")
  }
}
