import Interpreter
import Lexer
import SandboxSystem

/// What may stand in the place of the last word of a command line that is being typed: all of it is asked of the forms
/// of the subcommands.
enum CommandLineCompletion {
  /// - Parameter words: without `nbx`; the last is the one that is being typed.
  static func candidates(_ words: [String]) -> [Offer] {
    let typed = words.last ?? ""
    let grammar = CommandGrammar.forms(Nbx.subcommands.map { $0.form })
    var offers = grammar.offers(typed, behind: words.dropLast().map { Text($0) }, of: Nbx.name, live: nil).offers
    if words.count < 2 { offers += ["--help", "--version"].map { Offer($0) } }
    return offers.filter { typed.hasPrefix("-") || !$0.word.hasPrefix("-") }
      .map { Offer($0.prefix + $0.word, $0.help.fitForTerminalLine.truncated(to: 70)) }
      // The shell shows both, and what files and servers are called may hold anything.
      .filter { $0.word.hasPrefix(typed) && $0.word.fitForTerminalLine == $0.word }
  }
}

/// `nbx __complete WORDS…`, which the shells' scripts call: what may stand in the place of the last word. It is in no
/// list of subcommands, never fails and says nothing but its answer.
enum CompleteSubcommand {
  static let name = "__complete"

  static func run(_ words: [String]) -> ExitCode {
    let lines = CommandLineCompletion.candidates(words).map { candidate in
      candidate.help.isEmpty ? candidate.word : "\(candidate.word)\t\(candidate.help)"
    }
    Terminal.standardOutput.write(lines.map { $0 + "\n" }.joined())
    return .done
  }
}
