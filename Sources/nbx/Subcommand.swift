import Interpreter
import Lexer
import SandboxSystem

/// One of nbx's subcommands.
protocol Subcommand {
  /// What it takes: its words are read by it, and `--help`, the page of all commands and the shells' Tab are made of it.
  static var form: CommandForm { get }
  /// What else `--help` says: paragraphs, none of which is about one word alone.
  static var notes: String { get }
  /// Lines that show how it is used, besides the form's own example.
  static var examples: [String] { get }
  /// Whether `--help` behind a word says something about what the word names.
  static var helpsWithWords: Bool { get }
  /// - Throws: if words that are well each for itself make no sense.
  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode
}

extension Subcommand {
  static var notes: String { "" }
  static var examples: [String] { [] }
  static var helpsWithWords: Bool { false }

  static var name: String { form.path[0] }

  /// What it does: the first sentence of its help.
  static var summary: String {
    form.summary.split(separator: ". ", maxSplits: 1).first.map(String.init) ?? form.summary
  }

  /// Runs it as a command line says.
  ///
  /// - Parameter words: all of them, its name the first.
  static func call(_ words: [String]) throws(Usage) -> ExitCode {
    let isNamed = words.starts(with: form.path)
    let reading = form.read(words.map { Text($0) }, from: isNamed ? form.path.count : 1, of: Nbx.name)
    if reading.words.has(CommonFlags.help.name), reading.words.positionals.isEmpty || !helpsWithWords || !isNamed {
      Terminal.standardOutput.write(SubcommandHelp(of: self).text)
      return .done
    }
    if !isNamed { try refuse(words) }
    if let problem = reading.problem { throw Usage(problem, of: self) }
    return try run(reading.words)
  }

  /// Says which word there is behind its name.
  private static func refuse(_ words: [String]) throws(Usage) {
    do throws(WordProblem) {
      _ = try CommandGrammar.forms([form]).parse(words.map { Text($0) }, of: Nbx.name)
    } catch {
      throw Usage(error, of: self)
    }
  }
}

/// A command line that makes no sense.
struct Usage: Error {
  let message: String
  let advice: String

  init(message: String, advice: String) {
    self.message = message
    self.advice = advice
  }

  /// What is wrong with the words of a subcommand.
  init(_ problem: WordProblem, of subcommand: any Subcommand.Type) {
    message = problem.message
    advice = problem.advice ?? "`\(Nbx.name) \(subcommand.name) --help` tells more"
  }

  static func unknownSubcommand(_ word: String) -> Usage {
    let names = Nbx.subcommands.map { $0.name }
    let suggestion = nearestSpelling(to: word, among: names).map { "did you mean `nbx \($0)`?" }
    let isRecipe = word.hasSuffix(".nbx")
    return Usage(
      message: "there is no subcommand `\(word)`",
      advice: isRecipe
        ? "nbx run \(word)" : suggestion ?? "one of: \(names.joined(separator: ", ")); `nbx --help` tells more")
  }

  func report() -> ExitCode {
    ExitCode.wrong.telling(message, try: advice)
  }
}
