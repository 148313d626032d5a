import Lexer

/// The words of a call, told apart by the command's grammar.
public struct ParsedWords: Sendable {
  public let form: CommandForm
  public internal(set) var positionals: [Text] = []
  /// Which of the call's words each positional is.
  public internal(set) var places: [Int] = []
  /// The words with a `=` of a form that takes such, in their order.
  public internal(set) var assignments: [(name: String, value: Text)] = []
  package var flags: [String: [Text]] = [:]

  /// The clusters that its words name, as far as these are known, each with the word's place in the call.
  package var namedClusters: [(name: String, word: Int)] {
    positionals.indices.compactMap { index in
      let name = positionals[index].string
      return name.isEmpty || form.positional(at: index)?.kind != .cluster ? nil : (name, places[index])
    }
  }

  /// The form's path as one text: `stream add`.
  public var path: String { form.path.joined(separator: " ") }

  public func has(_ flag: String) -> Bool { flags[flag].map { $0.last?.string != "false" } ?? false }
  public func isGiven(_ flag: String) -> Bool { flags[flag] != nil }
  public func text(_ flag: String) -> Text? { flags[flag]?.last }
  public func string(_ flag: String) -> String? { flags[flag]?.last?.string }
  public func all(_ flag: String) -> [Text] { flags[flag] ?? [] }
  public func integer(_ flag: String) -> Int64? { string(flag).flatMap { Int64($0) } }
  public func duration(_ flag: String) -> DurationValue? { string(flag).flatMap(DurationValue.init(parsing:)) }
  /// In bytes; a bare number counts bytes. All units count by 1024: `1GB` is 2^30.
  public func size(_ flag: String) -> Int64? { string(flag).flatMap(Flag.bytes) }
  /// In bytes a second; nil if the flag is not given, or takes the rate away.
  public func rate(_ flag: String) -> Int64? { string(flag).flatMap { Units.rate(in: $0) } }
  /// How often a second.
  public func frequency(_ flag: String) -> Int? { string(flag).flatMap { Units.frequency(in: $0) }.map { Int($0) } }
  /// As a share of one: `1%` is 0.01.
  public func share(_ flag: String) -> Double? { string(flag).flatMap { Units.share(in: $0) } }
  public func positional(_ index: Int) -> Text? { index < positionals.count ? positionals[index] : nil }
}

/// What is wrong with the words of a call: which word, and what to do.
public struct WordProblem: Error, Sendable {
  /// The word's place behind the command's name; nil if one is missing.
  public let index: Int?
  public let message: String
  public let advice: String?

  public init(index: Int?, message: String, advice: String?) {
    self.index = index
    self.message = message
    self.advice = advice
  }
}

extension CommandGrammar {
  /// Tells the words of a call apart. A word that is only known during the run is nil: it may be anything but a flag.
  ///
  /// - Parameter hasDocument: whether `with` brings one.
  /// - Returns: nil for a program, and where an unknown word leaves open which form is meant.
  public func parse(
    _ words: [Text?], of command: String, hasDocument: Bool = false
  ) throws(WordProblem) -> ParsedWords? {
    guard case .forms(let forms) = self else { return nil }
    let choice = FormChoice(forms, words.map { $0?.string })
    let index = choice.path.count
    let isUnknown = index < words.count && words[index] == nil
    if let form = choice.form, choice.longer.isEmpty || !isUnknown {
      return try form.parse(words, from: index, of: command, hasDocument)
    }
    if isUnknown || choice.longer.isEmpty { return nil }
    let path = ([command] + choice.path).joined(separator: " ")
    let list = "one of: \(choice.next.joined(separator: ", "))"
    guard index < words.count, let word = words[index] else {
      throw WordProblem(index: nil, message: "`\(path)` needs one word more", advice: list)
    }
    let meant =
      ForeignWords.subcommand(word.string, among: choice.next) ?? nearestSpelling(to: word.string, among: choice.next)
    let suggestion = meant.map { "did you mean `\(path) \($0)`?" }
    throw WordProblem(index: index, message: "`\(path)` has no `\(word.masked)`", advice: suggestion ?? list)
  }

  /// Checks the words of a planned call, of which some may only be known during the run.
  public func check(_ call: Invocation, of command: String) throws(CommandFailure) {
    if call.isOpen { return }
    do throws(WordProblem) {
      _ = try parse(
        call.words.map { $0.isKnownLater ? nil : $0 }, of: command, hasDocument: call.document != nil)
    } catch {
      throw .misused(error.message, advice: error.advice)
    }
  }

  /// The same during the run, when every word is known.
  public func parsed(_ call: Invocation, of command: String) throws(CommandFailure) -> ParsedWords {
    let parsed: ParsedWords?
    do throws(WordProblem) {
      parsed = try parse(call.words.map { $0 }, of: command, hasDocument: call.document != nil)
    } catch {
      throw .misused(error.message, advice: error.advice)
    }
    guard let parsed else { throw .misused("`\(command)` takes its words as they are") }
    return parsed
  }
}

extension Flag {
  package static func bytes(_ text: String) -> Int64? { Units.binaryBytes(in: text) ?? Int64(text) }
}
