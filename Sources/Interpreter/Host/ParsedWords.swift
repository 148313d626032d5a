import Lexer

/// The words of a call, told apart by the command's grammar.
public struct ParsedWords: Sendable {
  public let form: CommandForm
  public internal(set) var positionals: [Text] = []
  /// Which of the call's words each positional is.
  public internal(set) var places: [Int] = []
  var flags: [String: [Text]] = [:]

  /// The clusters that its words name, as far as these are known, each with the word's place in the call.
  var namedClusters: [(name: String, word: Int)] {
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
  /// In bytes; a bare number counts bytes. All units count by 1024, as in the words of the nats CLI: `1GB` is 2^30.
  public func size(_ flag: String) -> Int64? { string(flag).flatMap(Flag.bytes) }
  /// In bytes a second; nil if the flag is not given, or takes the rate away.
  public func rate(_ flag: String) -> Int64? { string(flag).flatMap { Units.rate(in: $0) } }
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
    var candidates = forms
    var index = 0
    while candidates.contains(where: { $0.path.count > index }) {
      if let exact = candidates.first(where: { $0.path.count == index }), index >= words.count {
        return try exact.parse(words, from: index, of: command, hasDocument)
      }
      let choices = Array(Set(candidates.compactMap { $0.path.count > index ? $0.path[index] : nil })).sorted()
      let path = ([command] + words.prefix(index).compactMap { $0?.string }).joined(separator: " ")
      guard index < words.count else {
        throw WordProblem(
          index: nil, message: "`\(path)` needs one word more", advice: "one of: \(choices.joined(separator: ", "))")
      }
      guard let word = words[index] else { return nil }
      let matching = candidates.filter { $0.path.count > index && $0.path[index] == word.string }
      if matching.isEmpty {
        if let exact = candidates.first(where: { $0.path.count == index }) {
          return try exact.parse(words, from: index, of: command, hasDocument)
        }
        let suggestion = nearestSpelling(to: word.string, among: choices).map { "did you mean `\($0)`?" }
        throw WordProblem(
          index: index, message: "`\(path)` has no `\(word.masked)`",
          advice: suggestion ?? "one of: \(choices.joined(separator: ", "))")
      }
      candidates = matching
      index += 1
    }
    guard let form = candidates.first else { return nil }
    return try form.parse(words, from: index, of: command, hasDocument)
  }

  /// Checks the words of a planned call, of which some may only be known during the run.
  public func check(_ call: Invocation, of command: String) throws(CommandFailure) {
    do throws(WordProblem) {
      _ = try parse(
        call.words.map { $0.isKnownLater ? nil : $0 }, of: command, hasDocument: call.document != nil)
    } catch {
      throw CommandFailure(.misused, error.message, advice: error.advice)
    }
  }

  /// The same during the run, when every word is known.
  public func parsed(_ call: Invocation, of command: String) throws(CommandFailure) -> ParsedWords {
    do {
      let hasDocument = call.document != nil
      if let parsed = try parse(call.words.map { $0 }, of: command, hasDocument: hasDocument) { return parsed }
      throw CommandFailure(.misused, "`\(command)` takes its words as they are")
    } catch let problem as WordProblem {
      throw CommandFailure(.misused, problem.message, advice: problem.advice)
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.misused, "\(error)")
    }
  }
}

extension CommandForm {
  fileprivate func parse(
    _ words: [Text?], from start: Int, of command: String, _ hasDocument: Bool
  ) throws(WordProblem) -> ParsedWords {
    var parsed = ParsedWords(form: self)
    var index = start
    var flagsEnded = false
    while index < words.count {
      defer { index += 1 }
      guard let word = words[index], word.string.hasPrefix("-"), word.string.utf8.count > 1, !flagsEnded,
        Int64(word.string) == nil
      else {
        parsed.positionals.append(words[index] ?? "")
        parsed.places.append(index)
        try check(positional: parsed.positionals.count - 1, words[index], at: index, of: command)
        continue
      }
      if word.string == "--" {
        flagsEnded = true
        continue
      }
      try parseFlag(word, words, &index, into: &parsed, of: command)
    }
    let needed = positionals.count { !$0.isOptional }
    if parsed.positionals.count < needed {
      throw WordProblem(
        index: nil, message: "`\(called(command))` needs \(positionals[parsed.positionals.count].name)",
        advice: help(command))
    }
    guard needsOneOf.isEmpty || needsOneOf.contains(where: { isGiven($0, in: parsed) }) else {
      throw WordProblem(
        index: nil, message: "`\(called(command))` needs \(needsOneOf.joined(separator: " or "))", advice: help(command)
      )
    }
    if let problem = rule?(parsed, hasDocument) { throw problem }
    return parsed
  }

  private func isGiven(_ word: String, in parsed: ParsedWords) -> Bool {
    guard let place = positionals.firstIndex(where: { $0.name == word }) else { return parsed.isGiven(word) }
    return place < parsed.positionals.count
  }

  private func called(_ command: String) -> String { ([command] + path).joined(separator: " ") }
  private func help(_ command: String) -> String { example.isEmpty ? "\(command) \(usage)" : "for example: \(example)" }

  private func check(positional place: Int, _ word: Text?, at index: Int, of command: String) throws(WordProblem) {
    guard let expected = positional(at: place) else {
      let shown = word.map { "`\($0.masked)`" } ?? "this word"
      throw WordProblem(
        index: index, message: "`\(called(command))` takes no more words: \(shown)", advice: help(command))
    }
    guard let word, let wanted = expected.kind.problem(with: word.string) else { return }
    guard !expected.choices.isEmpty else {
      throw WordProblem(
        index: index, message: "`\(called(command))` takes \(wanted), not `\(word.masked)`", advice: help(command))
    }
    let suggestion = nearestSpelling(to: word.string, among: expected.choices).map { "did you mean `\($0)`?" }
    throw WordProblem(
      index: index, message: "`\(word.masked)` is no \(expected.name)",
      advice: suggestion ?? "one of: \(expected.choices.joined(separator: ", "))")
  }

  private func parseFlag(
    _ word: Text, _ words: [Text?], _ index: inout Int, into parsed: inout ParsedWords, of command: String
  ) throws(WordProblem) {
    let parts = word.string.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    if let negated = flags.first(where: { $0.kind == .toggle && "--no-" + $0.name.dropFirst(2) == name }) {
      parsed.flags[negated.name, default: []].append("false")
      return
    }
    guard let flag = flags.first(where: { $0.name == name || $0.aliases.contains(name) }) else {
      let known = flags.flatMap { [$0.name] + $0.aliases }
      let suggestion =
        ForeignWords.advice(onFlag: name) ?? nearestSpelling(to: name, among: known).map { "did you mean `\($0)`?" }
      let list = known.isEmpty ? "it takes no flags" : "its flags: \(flags.map(\.name).joined(separator: ", "))"
      throw WordProblem(
        index: index, message: "`\(called(command))` has no flag `\(name)`", advice: suggestion ?? list)
    }
    var value: Text? = parts.count > 1 ? word.slice(name.utf8.count + 1..<word.string.utf8.count) : nil
    if flag.kind == .toggle {
      parsed.flags[flag.name, default: []].append(value ?? "true")
      return
    }
    let at = index
    if value == nil {
      index += 1
      guard index < words.count else {
        throw WordProblem(index: at, message: "`\(name)` needs a value", advice: "\(flag.usage): \(flag.help)")
      }
      guard let next = words[index] else {
        parsed.flags[flag.name, default: []].append("")
        return
      }
      value = next
    }
    guard let value else { return }
    if let problem = flag.kind.problem(with: value.string) {
      throw WordProblem(
        index: min(index, words.count - 1), message: "`\(name)` takes \(problem), not `\(value.masked)`",
        advice: "\(flag.usage): \(flag.help)")
    }
    parsed.flags[flag.name, default: []].append(value)
  }
}

extension Flag {
  fileprivate static func bytes(_ text: String) -> Int64? { Units.binaryBytes(in: text) ?? Int64(text) }
}

extension Flag.Kind {
  /// What would be taken, if this is not.
  fileprivate func problem(with value: String) -> String? {
    switch self {
    case .toggle, .text: nil
    case .integer: Int64(value) == nil ? "a whole number" : nil
    case .duration: DurationValue(parsing: value) == nil ? "a duration such as 30s" : nil
    case .size: Flag.bytes(value) == nil ? "a size such as 2Gi" : nil
    case .rate: value == "none" || Units.rate(in: value) != nil ? nil : "a rate such as 10MB, or none"
    case .percent: (Units.share(in: value) ?? 1) < 1 ? nil : "a share such as 1%, below 100%"
    case .cluster: Cluster.isValid(name: value) ? nil : "a cluster's name"
    case .choice(let choices): choices.contains(value) ? nil : "one of \(choices.joined(separator: ", "))"
    }
  }
}
