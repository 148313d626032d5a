import Interpreter
import Lexer

/// What there is to say of the words of recipes: `nbx help nats stream add`, and `:help` at the prompt.
struct LanguageHelp {
  private let vocabulary: Vocabulary

  init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  /// All that there is something to say of in one word.
  var topics: [String] {
    vocabulary.words + vocabulary.constantNames + Member.allNames + LanguageTopic.all.map(\.name)
  }

  /// Of a command and what follows it, a keyword, a function, a method, a type, a sign.
  func text(of topic: String) -> String? {
    if let text = plainText(of: topic) { return text }
    // As it is called, or asked of something: `env("HOME")`, `list.map`, `.count`.
    if let bracket = topic.firstIndex(of: "("), bracket > topic.startIndex {
      return text(of: String(topic[..<bracket]))
    }
    guard let dot = topic.lastIndex(of: ".") else { return nil }
    return text(ofMember: String(topic[topic.index(after: dot)...]), on: String(topic[..<dot]))
  }

  /// Of a method or a field, as far as something has it.
  ///
  /// - Parameter type: what it is asked of; any that has it if there is no such type.
  func text(ofMember member: String, on type: String) -> String? {
    let members = Member.named(member)
    let name = type == Keyword.clusters.text ? ValueKind.list.name : type
    let kind = ValueKind.allCases.first { $0.name == name }
    let own = members.filter { member in kind.map(member.belongs) ?? false }
    return LanguageHelp.text(of: own.isEmpty ? members : own)
  }

  /// What to ask for instead.
  func advice(on topic: String, among topics: [String]) -> String? {
    if let known = commandAndPath(topic), known.path.count > 0 {
      let forms = CommandHelp.forms(of: known.command)
      let understood =
        known.path.indices.last { count in
          forms.contains { $0.path.starts(with: known.path[..<count]) }
        } ?? 0
      let choices = CommandForm.words(behind: Array(known.path[..<understood]), of: forms)
      let start = ([known.command.name] + known.path[..<understood]).joined(separator: " ")
      guard let near = nearestSpelling(to: known.path[understood], among: choices) else {
        return choices.isEmpty ? start : "\(start), or one of: \(choices.joined(separator: ", "))"
      }
      return "\(start) \(near)"
    }
    return nearestSpelling(to: topic, among: topics)
  }

  private func commandAndPath(_ topic: String) -> (command: any Command, path: [String])? {
    let words = topic.split(separator: " ").map(String.init)
    return words.first.flatMap(vocabulary.command).map { ($0, Array(words.dropFirst())) }
  }

  private func plainText(of topic: String) -> String? {
    if let (command, path) = commandAndPath(topic) {
      return CommandHelp.text(of: command, below: path)?.trimmingBlanks()
    }
    if let function = BuiltinFunction(rawValue: topic) { return function.help }
    if let keyword = Keyword.allCases.first(where: { $0.text == topic }) {
      return "\(keyword.usage)\n    \(keyword.help)"
    }
    if let constant = vocabulary.constant(named: topic) { return "\(topic): \(constant.help)" }
    // `map` is a type and a method.
    let parts = [LanguageTopic.named(topic).map(LanguageHelp.text), LanguageHelp.text(of: Member.named(topic))]
    let text = parts.compactMap { $0 }.joined(separator: "\n")
    return text.isEmpty ? nil : text
  }

  private static func text(of topic: LanguageTopic) -> String {
    let own = Member.all.filter { member in topic.kind.map(member.belongs) ?? false }
    let lists = [("fields", own.filter(\.isField)), ("methods", own.filter { !$0.isField })]
    let lines = lists.filter { !$0.1.isEmpty }.map { what, members in
      "\n    Its \(what): \(Set(members.map(\.name)).sorted().joined(separator: ", "))"
    }
    return "\(topic.usage)\n    \(topic.help)\(lines.joined())"
  }

  private static func text(of members: [Member]) -> String? {
    members.isEmpty ? nil : Member.help(of: members).joined(separator: "\n")
  }
}
