import Interpreter
import Lexer
import SandboxRuntime

/// What may stand in the place of the last word of a command line that is being typed: all of it is asked of the forms
/// of the subcommands.
struct CommandLineCompletion {
  /// The words before the one that is being typed, without `nbx`.
  private let before: [String]
  private let current: String
  private(set) var candidates: [Offer] = []

  init(_ words: [String]) {
    before = Array(words.dropLast())
    current = words.last ?? ""
    complete()
  }

  private mutating func complete() {
    let forms = Nbx.subcommands.map { $0.form }
    guard let name = before.first else {
      for subcommand in Nbx.subcommands { offer(Offer(subcommand.name, subcommand.summary)) }
      if current.hasPrefix("-") { for flag in ["--help", "--version"] { offer(Offer(flag)) } }
      return
    }
    guard let form = forms.first(where: { $0.path[0] == name }) else { return }
    let start = zip(before, form.path).prefix { $0 == $1 }.count
    let reading = form.read(before.map { Text($0) }, from: start, of: Nbx.name)
    if before.count < form.path.count, start == before.count { offer(Offer(form.path[start], form.summary)) }
    if let flag = reading.awaiting {
      offerValues(of: flag, reading)
      if !flag.isValueOptional { return }
    }
    if let equals = current.firstIndex(of: "="),
      let flag = form.flags.first(where: { $0.name == current[..<equals] })
    {
      return offerValues(of: flag, reading, behind: flag.name + "=")
    }
    if current.hasPrefix("-") {
      for flag in form.flags where flag.isRepeated || !reading.words.isGiven(flag.name) {
        offer(Offer(flag.name, flag.help))
      }
    }
    guard start == form.path.count else { return }
    if let positional = reading.next {
      for each in positional.values(current, reading, nil) { offer(each) }
    }
    if reading.isAssignmentDue { for each in form.assignments?.values(current, reading, nil) ?? [] { offer(each) } }
  }

  private mutating func offerValues(of flag: Flag, _ reading: Reading, behind prefix: String = "") {
    for each in flag.values(String(current.dropFirst(prefix.count)), reading, nil) {
      offer(Offer(prefix + each.word, each.help))
    }
  }

  /// Adds what goes on with what is typed.
  private mutating func offer(_ offer: Offer) {
    // The shell shows both, and what files and servers are called may hold anything.
    guard offer.word.hasPrefix(current), offer.word.fitForTerminalLine == offer.word else { return }
    candidates.append(Offer(offer.word, offer.help.fitForTerminalLine.truncated(to: 70)))
  }
}

/// `nbx __complete WORDS…`, which the shells' scripts call: what may stand in the place of the last word. It is in no
/// list of subcommands, never fails and says nothing but its answer.
enum CompleteSubcommand {
  static let name = "__complete"

  static func run(_ words: [String]) -> ExitCode {
    let lines = CommandLineCompletion(words).candidates.map { candidate in
      candidate.help.isEmpty ? candidate.word : "\(candidate.word)\t\(candidate.help)"
    }
    Terminal.standardOutput.write(lines.map { $0 + "\n" }.joined())
    return .done
  }
}
