import Interpreter
import Lexer

/// What `nbx help nats` says: the forms of one of the language's commands.
enum CommandHelp {
  /// The commands, by their names.
  static var commands: [any Command] { Vocabulary.ofNbx(purpose: "nbx help").allCommands }

  /// What becomes of its words, if it is a program.
  static func note(on command: any Command) -> String? {
    if case .forms = command.grammar { return nil }
    let note = "Its words go to the program as they are."
    return command.grammar.forms.isEmpty ? note : note + " The local target plays a part of it, in these forms:"
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
      lines += ["", "  \(command.name) \(form.usageWithoutFlags)", "      \(form.summary)"]
      if let document = form.document { lines.append("      with …: \(document)") }
      let words = form.positionals.filter { !$0.help.isEmpty }.map { (word: $0.usage, help: $0.help) }
      lines += HelpRows.plain(words + form.flags.map { (word: $0.usage, help: $0.help) }, indent: 6)
      for (summary, fields) in form.results {
        lines += ["      \(summary)"] + HelpRows.plain(fields.map { (word: $0.name, help: $0.help) }, indent: 8)
      }
      // Of many forms they would be more than anybody reads.
      for fields in forms.count == 1 ? form.namedResults : [] {
        lines +=
          ["      \(fields.name):"] + HelpRows.plain(fields.lines.map { (word: $0.name, help: $0.help) }, indent: 8)
      }
      if !form.example.isEmpty { lines.append("      for example: \(form.example)") }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

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
      let choice = FormChoice(known.command.grammar.forms, known.path)
      let start = ([known.command.name] + choice.path).joined(separator: " ")
      guard let near = nearestSpelling(to: known.path[choice.path.count], among: choice.next) else {
        return choice.next.isEmpty ? start : "\(start), or one of: \(choice.next.joined(separator: ", "))"
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
