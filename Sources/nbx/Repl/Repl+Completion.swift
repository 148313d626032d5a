import Interpreter
import Lexer
import LineEditor
import SandboxRuntime

/// What may stand at the cursor.
extension Repl {
  func completions(_ before: String, _ completer: Completer) -> Completions {
    // A line for the REPL: its name, then what is completed as a statement, a path, or anything that there is help on.
    guard let (name, rest) = ReplEntry.command(in: before) else {
      return completions(of: before, completer)
    }
    guard before.contains(where: \.isWhitespace), let command = ReplCommand.named(name) else {
      return Repl.matching(name, ReplCommand.all.map { ($0.name, $0.name + ($0.usage.isEmpty ? "" : " ")) })
    }
    if command.takesStatement { return completions(of: rest + before.endingBlanks, completer) }
    if command.takesPath { return paths(rest) }
    let known = session.boundNames.map(\.name) + ReplCommand.all.map { ":" + $0.name }
    let topics = Set(LanguageHelp(session.vocabulary).topics + known)
    return Repl.matching(rest, topics.map { ($0, $0) })
  }

  private func completions(of text: String, _ completer: Completer) -> Completions {
    let file = SourceFile(path: "<repl>", text: text)
    let names = session.boundNames.filter { $0.kind != .task }.map { (name: $0.name, value: $0.value) }
    let items = completer.complete(file, at: file.bytes.count, session: names)
    let tasks = Repl.tasks(session.boundNames, in: items, text)
    guard let first = items.first else { return tasks }
    let typed = String(decoding: file.bytes[Int(first.span.start)...], as: UTF8.self)
    let candidates = items.filter { $0.span.start == first.span.start }.map { item in
      Completions.Candidate(item.text + (item.kind.isWord ? " " : ""), label: item.label)
    }
    return Completions(replacing: typed.count, candidates + tasks.candidates)
  }

  /// The session's tasks, where a name of the language may stand.
  private static func tasks(_ names: [SessionName], in items: [CompletionItem], _ text: String) -> Completions {
    let tasks = names.filter { $0.kind == .task }
    let typed = String(text.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }.reversed())
    let isExpression = items.contains { $0.kind == .function || $0.kind == .variable || $0.kind == .keyword }
    guard isExpression || items.isEmpty && !typed.isEmpty else { return Completions() }
    let known = Set(items.map(\.label))
    let fitting = tasks.filter { $0.name.hasPrefix(typed) && !known.contains($0.name) }
    return Completions(
      replacing: typed.count, fitting.map { Completions.Candidate($0.name + "(", label: $0.call) })
  }

  private func paths(_ typed: String) -> Completions {
    let slash = typed.lastIndex(of: "/")
    let folder = slash.map { String(typed[..<$0]) } ?? ""
    let name = slash.map { String(typed[typed.index(after: $0)...]) } ?? typed
    let entries = live.entries(of: slash == typed.startIndex && slash != nil ? "/" : folder)
    let fitting = entries.filter { $0.hasSuffix("/") || $0.hasSuffix(".nbx") }
    return Repl.matching(name, fitting.map { ($0, $0) })
  }

  /// Those of some words that begin as what is typed.
  private static func matching(_ typed: String, _ words: [(label: String, text: String)]) -> Completions {
    let fitting = words.filter { $0.label.hasPrefix(typed) }.sorted { $0.label < $1.label }
    return Completions(
      replacing: typed.count, fitting.map { Completions.Candidate($0.text, label: $0.label) })
  }
}

extension String {
  /// The white space at its end.
  fileprivate var endingBlanks: String { String(reversed().prefix { $0.isWhitespace }) }
}

extension CompletionItem.Kind {
  /// Whether a blank follows it in any case.
  fileprivate var isWord: Bool {
    switch self {
    case .command, .subcommand, .flag: true
    case .keyword, .value, .variable, .task, .function, .method, .field, .parameter, .cluster, .file: false
    }
  }
}
