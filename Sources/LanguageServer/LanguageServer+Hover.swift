import Interpreter
import Lexer

/// What a person wants to know about the word under the pointer.
extension LanguageServer {
  func hover(_ parameters: Value) -> Value {
    guard let place = place(parameters) else { return .null }
    if let found = workspace.meaning(at: place.offset, in: place.index) {
      return shown(text(of: found.meaning), found.span, place.lines)
    }
    guard let stretch = place.index.stretch(at: place.offset), let text = text(of: stretch, in: place.index) else {
      return .null
    }
    return shown(text, stretch.span, place.lines)
  }

  private func shown(_ text: String, _ span: Span, _ lines: TextLines) -> Value {
    [
      "contents": ["kind": "markdown", "value": .string(text)], "range": lines.range(of: span, encoding),
    ]
  }

  private func text(of meaning: Meaning) -> String {
    switch meaning {
    case .file(let path):
      guard let index = workspace.index(path) else { return "there is no such file" }
      return index.title ?? "a library: \(index.exports.map(\.text).joined(separator: ", "))"
    case .name(let place, let index):
      let name = index.names[place]
      let comment = name.kind == .given ? "" : index.comment(above: name.statement)
      let code = name.kind == .task ? "task \(index.signature(ofTask: name.text))" : index.statement(of: name)
      return ["```nbx\n\(code)\n```", index.role(of: name), comment].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
  }

  private func text(of stretch: Stretch, in index: NameIndex) -> String? {
    let text = index.text(of: stretch)
    switch stretch.kind {
    case .keyword:
      guard let keyword = Keyword.allCases.first(where: { $0.text == text }) else { return nil }
      return "```nbx\n\(keyword.usage)\n```\n\(keyword.help)"
    case .function: return BuiltinFunction(rawValue: text)?.help
    case .method, .field:
      let helps = Member.help(of: Member.named(text))
      return helps.isEmpty ? nil : helps.map { "- \($0)" }.joined(separator: "\n")
    case .command, .subcommand, .flag:
      return index.command(at: Int(stretch.span.start)).flatMap { help(of: stretch, $0, index) }
    default: return nil
    }
  }

  private func help(of stretch: Stretch, _ call: CommandCall, _ index: NameIndex) -> String? {
    let name = index.file.text(call.nameSpan)
    guard let command = options.vocabulary.command(named: name) else { return nil }
    let forms = command.grammar.forms
    let words = call.words.map { word -> Text? in Text(index.file.text(word.span)) }
    let (choice, reading) = command.grammar.read(words, of: name)
    if stretch.kind == .flag {
      let flagName = String(index.text(of: stretch).prefix { $0 != "=" })
      let flag = reading?.words.form.flags.first { flag in
        flag.name == flagName || flag.aliases.contains(flagName) || "--no-" + flag.name.dropFirst(2) == flagName
      }
      return flag.map { $0.help.isEmpty ? "`\($0.usage)`" : "`\($0.usage)`: \($0.help)" }
    }
    if stretch.kind == .command {
      let known = forms.map {
        "- `\(name) \($0.usageWithoutFlags)`: \($0.summary)"
      }
      let list = known.prefix(40).joined(separator: "\n")
      let exact = forms.count == 1 ? choice.form.map { "\n\n" + $0.documentation(of: name) } : nil
      return "**\(name)**: \(command.summary)" + (exact ?? (list.isEmpty ? "" : "\n\n\(list)"))
    }
    return choice.form?.documentation(of: name)
  }
}
