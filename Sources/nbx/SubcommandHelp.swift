import Interpreter
import Lexer

/// What `nbx SUBCOMMAND --help` says.
struct SubcommandHelp {
  private let subcommand: any Subcommand.Type
  private var form: CommandForm { subcommand.form }

  init(of subcommand: any Subcommand.Type) { self.subcommand = subcommand }

  var text: String {
    let examples = [form.example] + subcommand.examples
    let parts = [
      (form.summary + ".").wrapped(to: HelpRows.columns) ?? [form.summary + "."], usage, words,
      subcommand.notes.isEmpty ? [] : [subcommand.notes],
      [examples.count > 1 ? "Examples:" : "Example:"] + examples.map { "  " + $0 },
    ]
    return parts.filter { !$0.isEmpty }.map { $0.map { $0 + "\n" }.joined() }.joined(separator: "\n")
  }

  /// `Usage: nbx run RECIPE …`, never parted within brackets.
  private var usage: [String] {
    let start = "Usage: \(Nbx.name) "
    let indent = String(repeating: " ", count: start.count + subcommand.name.count + 1)
    var lines = [start + form.usageWithoutFlags]
    for part in form.flagUsages where part != "[\(CommonFlags.help.usage)]" {
      if displayWidth(lines[lines.count - 1]) + 1 + displayWidth(part) > HelpRows.columns {
        lines.append(indent + part)
      } else {
        lines[lines.count - 1] += " " + part
      }
    }
    return lines
  }

  /// Each word with what it is.
  private var words: [String] {
    let positionals = (form.positionals + (form.assignments.map { [$0] } ?? [])).map { ($0.name, $0.help) }
    let rows = positionals + form.flags.filter { $0.name != CommonFlags.help.name }.map { ($0.usage, $0.help) }
    return HelpRows.lines(rows)
  }
}

/// Words, and beside each what it means.
enum HelpRows {
  /// So wide are the lines of help at most.
  static let columns = 100

  static func lines(_ rows: [(word: String, help: String)]) -> [String] {
    let width = rows.map { displayWidth($0.word) }.max() ?? 0
    return rows.flatMap { word, help in
      (help.wrapped(to: columns - width - 4) ?? [help]).enumerated().map { index, line in
        "  " + (index == 0 ? word : "").padded(to: width) + "  " + line
      }
    }
  }

  /// The same, no line broken.
  static func plain(_ rows: [(word: String, help: String)], indent: Int) -> [String] {
    let width = rows.map { displayWidth($0.word) }.max() ?? 0
    return rows.map { String(repeating: " ", count: indent) + "\($0.word.padded(to: width))  \($0.help)" }
  }
}

/// What `nbx --help` says.
enum Help {
  static let version = "0.1.0"

  static var overview: String {
    let rows = Nbx.subcommands.map { ($0.form.usageWithoutFlags, $0.summary) }
    let lines = HelpRows.lines(rows)
    return """
      nbx runs recipes that stand up NATS superclusters, wait for what must come true, and check it.

      Usage: nbx SUBCOMMAND …

      \(lines.joined(separator: "\n"))

      Examples:
        nbx run install c1 c2 c3              a supercluster of three regions, 36 servers
        nbx status                            its servers, where they listen, how they are
        nbx run cleanup c1 c2 c3              nothing of it is left

      `nbx SUBCOMMAND --help` tells more. What persists lies under $NBX_HOME (default: ~/.local/state/nbx).

      """
  }
}
