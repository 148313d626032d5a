import Interpreter
import Lexer
import SandboxRuntime

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
    vocabulary.words + vocabulary.constantNames + Method.allNames + LanguageTopic.all.map(\.name)
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

  /// Of a method, as far as something has it.
  ///
  /// - Parameter type: what it is asked of; any that has it if there is no such type.
  func text(ofMember member: String, on type: String) -> String? {
    let type = type == Keyword.clusters.text ? "list" : type
    let methods = Method.named(member)
    let own = methods.filter { $0.types.contains(type) }
    if let text = LanguageHelp.text(of: own.isEmpty ? methods : own) { return text }
    return LanguageTopic.named(type).flatMap { $0.help.contains("`.\(member)`") ? LanguageHelp.text(of: $0) : nil }
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
    let parts = [LanguageTopic.named(topic).map(LanguageHelp.text), LanguageHelp.text(of: Method.named(topic))]
    let text = parts.compactMap { $0 }.joined(separator: "\n")
    return text.isEmpty ? nil : text
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

extension Vocabulary {
  /// The words that mean something to nbx's own runs, for whoever reads recipes and runs none.
  static func ofNbx(purpose: String) -> Vocabulary {
    let chooser = TargetChooser(
      wanted: nil, contexts: [:], clusters: [], environment: [:], purpose: purpose, announce: { _ in })
    return Vocabulary(host: SandboxHost(chooser: chooser, observer: { _ in }))
  }
}
