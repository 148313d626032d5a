import Interpreter

/// The page `docs/commands.md`: all that nbx's subcommands and the commands of recipes declare about themselves.
enum CommandReference {
  /// How the page is made anew.
  static let recipe = "nbx help --markdown > docs/commands.md"

  static var page: String {
    var lines = [
      "# Commands", "",
      "<!-- Not written by hand: `\(recipe)` makes it anew. -->", "",
      "What `nbx SUBCOMMAND --help` and `nbx help COMMAND` say, on one page.", "",
    ]
    lines.append("- nbx itself: " + Nbx.subcommands.map { link("nbx \($0.name)") }.joined(separator: " · "))
    lines.append("- in recipes: " + CommandHelp.commands.map { link($0.name) }.joined(separator: " · "))
    lines += ["", "# nbx itself", ""]
    for subcommand in Nbx.subcommands { lines += text(of: subcommand) }
    lines += [
      "# In recipes", "",
      "Every command also takes the endings `with`, `on` and `within`: [the language](language.md) tells about them.",
      "",
    ]
    for command in CommandHelp.commands { lines += text(of: command) }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func text(of subcommand: any Subcommand.Type) -> [String] {
    [
      "## \(Nbx.name) \(subcommand.name)", "", "```text", SubcommandHelp(of: subcommand).text.trimmingBlanks(), "```",
      "",
    ]
  }

  // MARK: Commands of recipes

  private static func text(of command: any Command) -> [String] {
    var lines = ["## \(command.name)", "", "\(sentence(command.summary))", ""]
    let forms = command.grammar.forms
    if let note = CommandHelp.note(on: command) { lines += [note, ""] }
    let common = commonFlags(of: forms)
    if forms.count > 1 {
      lines += forms.map { "- \(link("\(command.name) \($0.path.joined(separator: " "))")): \($0.summary)" } + [""]
    }
    if !common.isEmpty {
      lines += ["Nearly all of them take these flags:", ""] + common.map { "- `\($0.usage)`: \($0.help)" } + [""]
    }
    for form in forms {
      if forms.count > 1 { lines += ["### \(command.name) \(form.path.joined(separator: " "))", ""] }
      lines += [form.documentation(of: command.name, besides: common), ""]
    }
    var seen: Set<String> = []
    let named = forms.flatMap(\.namedResults).filter { seen.insert($0.name).inserted }
    if !named.isEmpty { lines += ["### What \(command.name) gives", "", "A field with a `?` may be missing.", ""] }
    return lines + named.flatMap { ["- \($0.name)" + Shape.inMarkdown($0.lines), ""] }
  }

  /// The flags that more than half of the forms take alike.
  private static func commonFlags(of forms: [CommandForm]) -> [Flag] {
    guard forms.count > 3 else { return [] }
    var seen: [Flag] = []
    for flag in forms.flatMap(\.flags) where !seen.contains(where: flag.isSame) { seen.append(flag) }
    return seen.filter { flag in
      forms.count { form in form.flags.contains(where: flag.isSame) } * 2 > forms.count
    }
  }

  /// A link to the heading of this page that reads so.
  private static func link(_ heading: String) -> String {
    "[\(heading)](#\(heading.lowercased().replacing(" ", with: "-")))"
  }

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
  }
}
