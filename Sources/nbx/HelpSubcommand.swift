import Interpreter
import SandboxSystem

/// `nbx help [WORD…]`
enum HelpSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "help",
    "Tells about a subcommand, a command of recipes (nats, region, link, helm, http …), or another word of their language",
    [
      Positional(
        "WORD", optional: true, repeated: true,
        help: "a subcommand; a command with as much of its words as are of interest, as nats stream add; a keyword, as "
          + "wait-for; a function, a method, a type or a sign; without one what nbx does",
        offers: Offers { _, call, _ in offers(behind: call.words.strings()) })
    ],
    flags: [
      Flag("--markdown", .toggle, "what subcommands and commands say of themselves, as the page docs/commands.md")
    ], example: "nbx help nats stream add")

  static let examples = ["nbx help status", "nbx help wait-for", "nbx help list.map"]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    Terminal.standardOutput.write(words.has("--markdown") ? CommandReference.page : try text(of: words.strings()))
    return .done
  }

  private static func text(of words: [String]) throws(Usage) -> String {
    guard !words.isEmpty else { return Help.overview }
    let topic = words.joined(separator: " ")
    let language = LanguageHelp(.ofNbx(purpose: "nbx help"))
    // `run` is a subcommand and a keyword.
    let subcommand = Nbx.subcommands.first { words == [$0.name] || words == $0.form.path }
    let parts = [
      subcommand.map { SubcommandHelp(of: $0).text }, language.text(of: topic).map { $0 + "\n" },
    ]
    guard parts.contains(where: { $0 != nil }) else {
      let names = Nbx.subcommands.map { $0.name }
      let advice = language.advice(on: topic, among: names + language.topics).map { "nbx help \($0)" }
      let known = names + CommandHelp.commands.map(\.name)
      throw Usage(
        message: "there is no help on `\(topic)`",
        advice: advice ?? "one of: \(known.joined(separator: ", ")); or a word of the language, as wait-for")
    }
    return parts.compactMap { $0 }.joined(separator: "\nIn recipes:\n\n")
  }

  /// What may be asked for next.
  private static func offers(behind words: [String]) -> [Offer] {
    let commands = CommandHelp.commands
    guard let name = words.first else {
      let named = Nbx.subcommands.map { Offer($0.name, $0.summary) } + commands.map { Offer($0.name, $0.summary) }
      var seen: Set<String> = []
      return (named + LanguageHelp(.ofNbx(purpose: "nbx help")).topics.map { Offer($0) })
        .filter { seen.insert($0.word).inserted }
    }
    let choice = FormChoice(commands.first { $0.name == name }?.grammar.forms ?? [], Array(words.dropFirst()))
    return choice.path.count == words.count - 1 ? choice.next.map { Offer($0) } : []
  }
}
