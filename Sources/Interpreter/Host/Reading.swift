import Lexer

/// The words of a call as they are read: of one that is whole, and of one that is still being typed. Whatever is wrong
/// with a word, the words behind it are read.
public struct Reading: Sendable {
  /// What the words say so far.
  public internal(set) var words: ParsedWords
  /// What is wrong with them: the first of all.
  public internal(set) var problem: WordProblem?
  /// The flag whose value comes next.
  public internal(set) var awaiting: Flag?

  /// Whether a word with a `=` behind these is an assignment.
  public var isAssignmentDue: Bool { words.form.assignments != nil && !isPositionalMissing }

  /// Whether the call could end here.
  public var isComplete: Bool { awaiting == nil && !isPositionalMissing }

  /// Whether one is missing that a call needs.
  fileprivate var isPositionalMissing: Bool {
    words.positionals.count < words.form.positionals.count { !$0.isOptional }
  }

  /// What a word behind these is, if it is no flag; nil if it is one too many.
  public var next: Positional? { words.form.positional(at: words.positionals.count) }
}

extension CommandForm {
  /// Reads the words of a call. A word that is only known during the run is nil: it may be anything but a flag.
  ///
  /// - Parameters:
  ///   - start: how many of them are the form's path.
  ///   - command: its name, for what is wrong.
  ///   - hasDocument: whether `with` brings one.
  public func read(
    _ words: [Text?], from start: Int, of command: String, hasDocument: Bool = false
  ) -> Reading {
    var reader = WordReader(self, of: command)
    for place in words.indices.dropFirst(start) { reader.read(words[place], at: place) }
    return reader.end(hasDocument)
  }

  /// The same of a call that has to make sense.
  package func parse(
    _ words: [Text?], from start: Int, of command: String, _ hasDocument: Bool
  ) throws(WordProblem) -> ParsedWords {
    let reading = read(words, from: start, of: command, hasDocument: hasDocument)
    if let problem = reading.problem { throw problem }
    return reading.words
  }
}

/// Which of a command's forms the words of a call choose.
public struct FormChoice: Sendable {
  /// The words that are the path of a form, or its beginning.
  public let path: [String]
  /// The form that has this path.
  public let form: CommandForm?
  /// The forms whose paths go on behind it.
  public let longer: [CommandForm]

  public init(_ forms: [CommandForm], _ words: [String?]) {
    var candidates = forms
    var path: [String] = []
    for case let word? in words.prefix(while: { $0 != nil }) {
      let fitting = candidates.filter { $0.path.count > path.count && $0.path[path.count] == word }
      if fitting.isEmpty { break }
      candidates = fitting
      path.append(word)
    }
    self.path = path
    form = candidates.first { $0.path.count == path.count }
    longer = candidates.filter { $0.path.count > path.count }
  }

  /// The words that go on with the path, from A to Z.
  public var next: [String] { Set(longer.map { $0.path[path.count] }).sorted() }
}

extension CommandGrammar {
  /// Reads a call that may still be typed.
  public func read(_ words: [Text?], of command: String) -> (choice: FormChoice, reading: Reading?) {
    guard case .program(let program) = self else {
      let choice = FormChoice(forms, words.map { $0?.string })
      return (choice, choice.form?.read(words, from: choice.path.count, of: command))
    }
    let words = program.withFlagsLast(words)
    let choice = FormChoice(forms, words.map { $0?.string })
    return (choice, program.whole(choice).read(words, from: choice.path.count, of: command))
  }
}

extension CommandGrammar {
  /// Whether a call comes to its end when it is told to wind down, and gives what it has until then.
  package func endsEarly(_ words: [Text], of command: String) -> Bool {
    guard case .forms = self, let given = read(words, of: command).reading?.words else { return false }
    return given.form.endsEarlyWith.map(given.isGiven) ?? false
  }
}

/// Reads the words of one form, from the first to the last.
private struct WordReader {
  private let form: CommandForm
  private let command: String
  private var reading: Reading
  private var flagsEnded = false
  /// How the flag that awaits its value is written, and where.
  private var awaitingAs = (name: "", place: 0)

  init(_ form: CommandForm, of command: String) {
    self.form = form
    self.command = command
    reading = Reading(words: ParsedWords(form: form))
  }

  mutating func read(_ word: Text?, at place: Int) {
    if let flag = reading.awaiting {
      reading.awaiting = nil
      guard flag.isValueOptional, word?.string.first?.isASCIIDigit != true else {
        return take(word ?? "", for: flag, isKnown: word != nil, at: place)
      }
      note("", for: flag)
    }
    guard let word, word.string.hasPrefix("-"), word.string.utf8.count > 1, !flagsEnded, Int64(word.string) == nil
    else { return readPlain(word, at: place) }
    if word.string == "--" { flagsEnded = true } else { readFlag(word, at: place) }
  }

  /// - Returns: what the words say, and what is missing.
  mutating func end(_ hasDocument: Bool) -> Reading {
    if let flag = reading.awaiting {
      if flag.isValueOptional {
        note("", for: flag)
      } else {
        refuse(awaitingAs.place, "`\(awaitingAs.name)` needs a value", flag.gist)
      }
    }
    let given = form.atMostOneOf.filter { reading.words.has($0) }
    if given.count > 1 {
      refuse(
        nil, "`\(given[0])` and `\(given[1])` contradict each other",
        "give one of \(form.atMostOneOf.joined(separator: ", "))")
    }
    if reading.isPositionalMissing {
      refuse(nil, "`\(called)` needs \(form.positionals[reading.words.positionals.count].name)", help)
    }
    if !form.needsOneOf.isEmpty, !form.needsOneOf.contains(where: isGiven) {
      refuse(nil, "`\(called)` needs \(form.needsOneOf.joined(separator: " or "))", help)
    }
    if reading.problem == nil { reading.problem = form.rule?(reading.words, hasDocument) }
    return reading
  }

  private mutating func refuse(_ place: Int?, _ message: String, _ advice: String) {
    if reading.problem == nil { reading.problem = WordProblem(index: place, message: message, advice: advice) }
  }

  private var called: String { ([command] + form.path).joined(separator: " ") }
  private var help: String {
    form.example.isEmpty ? "\(command) \(form.usage)" : "for example: \(form.example)"
  }

  private func isGiven(_ word: String) -> Bool {
    guard let place = form.positionals.firstIndex(where: { $0.name == word }) else {
      return reading.words.isGiven(word)
    }
    return place < reading.words.positionals.count
  }

  // MARK: Words by their place

  private mutating func readPlain(_ word: Text?, at place: Int) {
    let count = reading.words.positionals.count
    if reading.isAssignmentDue, let word, let equals = word.string.utf8.firstIndex(of: UInt8(ascii: "=")) {
      let offset = word.string.utf8.distance(from: word.string.startIndex, to: equals)
      let value = word.slice(offset + 1..<word.string.utf8.count)
      return reading.words.assignments.append((String(word.string[..<equals]), value))
    }
    reading.words.positionals.append(word ?? "")
    reading.words.places.append(place)
    guard let expected = form.positional(at: count) else {
      let shown = word.map { "`\($0.masked)`" } ?? "this word"
      return refuse(place, "`\(called)` takes no more words: \(shown)", help)
    }
    guard let word, let wanted = expected.kind.problem(with: word.string) else { return }
    guard !expected.choices.isEmpty else {
      return refuse(place, "`\(called)` takes \(wanted), not `\(word.masked)`", expected.kind.advice ?? help)
    }
    refuse(
      place, "`\(word.masked)` is no \(expected.name)",
      nearestSpelling(to: word.string, among: expected.choices).map { "did you mean `\($0)`?" }
        ?? "one of: \(expected.choices.joined(separator: ", "))")
  }

  // MARK: Flags

  private mutating func readFlag(_ word: Text, at place: Int) {
    let parts = word.string.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    if name.hasPrefix("--no-"), let negated = form.toggle(negatedBy: name) { return note("false", for: negated) }
    guard let flag = form.flags.first(where: { $0.isCalled(name) }) else {
      return refuseFlag(name, at: place)
    }
    if parts.count > 1 {
      let value = word.slice(name.utf8.count + 1..<word.string.utf8.count)
      return take(value, for: flag, as: name, at: place)
    }
    if flag.kind == .toggle { return note("true", for: flag) }
    reading.awaiting = flag
    awaitingAs = (name, place)
  }

  private mutating func refuseFlag(_ name: String, at place: Int) {
    let known = form.flags.flatMap { [$0.name] + $0.aliases }
    let suggestion =
      ForeignWords.advice(onFlag: name) ?? nearestSpelling(to: name, among: known).map { "did you mean `\($0)`?" }
    let list = known.isEmpty ? "it takes no flags" : "its flags: \(form.flags.map(\.name).joined(separator: ", "))"
    refuse(place, "`\(called)` has no flag `\(name)`", suggestion ?? list)
  }

  /// - Parameter isKnown: whether the value is known before the run.
  private mutating func take(
    _ value: Text, for flag: Flag, as name: String? = nil, isKnown: Bool = true, at place: Int
  ) {
    if isKnown, let wanted = flag.kind.problem(with: value.string) {
      refuse(
        place, "`\(name ?? awaitingAs.name)` takes \(wanted), not `\(value.masked)`",
        nearestSpelling(to: value.string, among: flag.kind.choices).map { "did you mean `\($0)`?" }
          ?? flag.gist)
    }
    note(value, for: flag)
  }

  private mutating func note(_ value: Text, for flag: Flag) {
    reading.words.flags[flag.name, default: []].append(value)
  }
}

extension CommandForm {
  fileprivate func toggle(negatedBy name: String) -> Flag? {
    flags.first { $0.kind == .toggle && $0.name.dropFirst(2) == name.dropFirst("--no-".count) }
  }
}

extension Flag {
  /// How it is written and what it does, in a sentence.
  fileprivate var gist: String { "\(usage): \(help.split(separator: ". ", maxSplits: 1).first ?? "")" }
}

extension Flag.Kind {
  /// What would be taken, if this is not.
  fileprivate func problem(with value: String) -> String? {
    switch self {
    case .text: nil
    case .toggle: value == "true" || value == "false" ? nil : "true or false"
    case .integer: Int64(value) == nil ? "a whole number" : nil
    case .number(let bounds):
      Int64(value).map(bounds.contains) == true
        ? nil : "a number from \(bounds.lowerBound) " + (bounds.upperBound == .max ? "on" : "to \(bounds.upperBound)")
    case .duration: DurationValue(parsing: value) == nil ? "a duration such as 30s" : nil
    case .size: Flag.bytes(value) == nil ? "a size such as 2Gi" : nil
    case .rate: value == "none" || Units.rate(in: value) != nil ? nil : "a rate such as 10MB, or none"
    case .frequency: Units.frequency(in: value) == nil ? "so many a second, such as 1000/s, up to 1000000/s" : nil
    case .percent: (Units.share(in: value) ?? 1) < 1 ? nil : "a share such as 1%, below 100%"
    case .cluster: Cluster.isValid(name: value) ? nil : "a cluster's name"
    case .port: (UInt16(value) ?? 0) > 0 ? nil : "a port from 1 to 65535"
    case .assignment: isAssignment(value) ? nil : "a name, = and a value"
    case .choice(let choices): choices.contains(value) ? nil : "one of \(choices.joined(separator: ", "))"
    }
  }

  /// What is taken, where its name does not say it.
  public var advice: String? {
    self == .cluster ? "small letters, digits and hyphens, at most 32, a letter first" : nil
  }

  private func isAssignment(_ value: String) -> Bool {
    let parts = value.split(separator: "=", maxSplits: 1)
    return parts.count == 2 && !value.hasPrefix("=")
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

extension Command {
  /// What a call gives.
  ///
  /// - Parameter words: nil for one that is only known during the run.
  package func gives(_ words: [Text?]) -> Shape {
    guard case .forms = grammar else { return gives }
    guard let given = grammar.read(words, of: name).reading?.words else { return .unknown }
    let byFlag = given.form.flags.first { $0.gives != nil && given.has($0.name) }?.gives
    let byWord = given.form.positionals.prefix(given.positionals.count).last { $0.gives != nil }?.gives
    return byFlag ?? byWord ?? given.form.gives
  }
}
