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
      lines += forms.map { "- \(link(title(of: $0, command))): \($0.summary)" } + [""]
    }
    if !common.isEmpty {
      lines += ["Nearly all of them take these flags:", ""] + common.map(text) + [""]
    }
    var seen: Set<String> = []
    let named = forms.flatMap(\.namedResults).filter { seen.insert($0.name).inserted }
    for form in forms {
      if forms.count > 1 { lines += ["### \(title(of: form, command))", "", sentence(form.summary), ""] }
      lines += text(of: form, command, common: common)
    }
    if !named.isEmpty { lines += ["### What \(command.name) gives", ""] }
    for fields in named {
      lines += ["#### \(fields.name)", ""] + fields.lines.map { "- `\($0.name)`: \($0.help)" } + [""]
    }
    return lines
  }

  private static func text(of form: CommandForm, _ command: any Command, common: [Flag]) -> [String] {
    var lines = [
      "```text", "\(command.name) \(form.usageWithoutFlags)" + (form.flags.isEmpty ? "" : " [FLAGS]"), "```", "",
    ]
    let takesCommon = common.allSatisfy { flag in form.flags.contains { isSame($0, flag) } }
    let flags = form.flags.filter { flag in !takesCommon || !common.contains { isSame($0, flag) } }
    var points = form.positionals.compactMap { positional in
      let parts = [positional.help, positional.choices.map { "`\($0)`" }.joined(separator: ", ")].filter { !$0.isEmpty }
      return parts.isEmpty ? nil : "- `\(positional.name)`: " + parts.joined(separator: ": ")
    }
    if let document = form.document { points.append("- `with …`: \(document)") }
    points += flags.map(text)
    if takesCommon, !common.isEmpty { points.append("- and the flags that nearly all take") }
    if form.goesOn { points.append("- It goes on until it is ended, so it stands behind `during`.") }
    for (summary, fields) in form.results {
      points.append("- \(sentence(summary).dropLast())" + (fields.isEmpty ? "" : ":"))
      points += fields.map { "  - `\($0.name)`: \($0.help)" }
    }
    if !points.isEmpty { lines += points + [""] }
    if !form.example.isEmpty { lines += ["For example: `\(form.example)`", ""] }
    return lines
  }

  /// The flags that more than half of the forms take alike.
  private static func commonFlags(of forms: [CommandForm]) -> [Flag] {
    guard forms.count > 3 else { return [] }
    var seen: [Flag] = []
    for flag in forms.flatMap(\.flags) where !seen.contains(where: { isSame($0, flag) }) { seen.append(flag) }
    return seen.filter { flag in
      forms.count { form in form.flags.contains { isSame($0, flag) } } * 2 > forms.count
    }
  }

  private static func isSame(_ one: Flag, _ other: Flag) -> Bool { one.usage == other.usage && one.help == other.help }

  private static func text(of flag: Flag) -> String {
    let aliases = flag.aliases.isEmpty ? "" : " (\(flag.aliases.map { "`\($0)`" }.joined(separator: ", ")))"
    return "- `\(flag.usage)`\(aliases): \(flag.help)"
  }

  private static func title(of form: CommandForm, _ command: any Command) -> String {
    ([command.name] + form.path).joined(separator: " ")
  }

  /// A link to the heading of this page that reads so.
  private static func link(_ heading: String) -> String {
    "[\(heading)](#\(heading.lowercased().replacing(" ", with: "-")))"
  }

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
  }
}
