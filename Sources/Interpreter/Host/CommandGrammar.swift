/// Which words a command takes.
public enum CommandGrammar: Sendable {
  /// A program with a grammar of its own, that nbx does not know.
  case anyWords
  /// A program of whose grammar nbx knows a part.
  case program(ProgramGrammar)
  /// A command of nbx, all forms of it.
  case forms([CommandForm])

  /// The forms that nbx knows.
  public var forms: [CommandForm] {
    switch self {
    case .anyWords: []
    case .program(let program): program.forms
    case .forms(let forms): forms
    }
  }
}

/// One form of a command: `stream add NAME --subjects …`.
public struct CommandForm: Sendable {
  /// The words that choose this form, as `["stream", "add"]`; empty if the command has but one.
  public let path: [String]
  public let summary: String
  public let positionals: [Positional]
  public let flags: [Flag]
  /// What words with a `=` are that stand behind those that are needed: `NAME=VALUE`; nil where such words are like any
  /// other.
  public let assignments: Positional?
  /// What `with` brings it, if it takes a document.
  public let document: String?
  /// What it gives; flags may make something else of it.
  public let gives: Shape
  /// A call that works, for help.
  public let example: String
  /// Whether it goes on until it is ended, so that it stands behind `during`.
  public let goesOn: Bool
  /// The flag with which a form that ends by itself may stand behind `during` as well: told to wind down it comes to its
  /// end, and gives what it has until then.
  public let endsEarlyWith: String?
  /// Flags and optional positionals of which a call has at least one.
  public let needsOneOf: [String]
  /// Flags of which a call has at most one.
  public let atMostOneOf: [String]
  /// What is wrong with a call each word of which is well; nil for a form whose words do not hang together.
  ///
  /// A word that is only known during the run is an empty text to it.
  public let rule: (@Sendable (_ words: ParsedWords, _ hasDocument: Bool) -> WordProblem?)?

  /// What is wrong with a call's document, as far as that is known before the run: the rest of it is `.later`, and words
  /// that are only known during the run are nil.
  public var documentRule: (@Sendable (_ words: [Text?], _ document: Value) -> WordProblem?)?

  public init(
    _ path: String, _ summary: String, positionals: [Positional] = [], flags: [Flag] = [],
    assignments: Positional? = nil, document: String? = nil, gives: Shape = .unknown, example: String = "",
    goesOn: Bool = false, endsEarlyWith: String? = nil, needsOneOf: [String] = [], atMostOneOf: [String] = [],
    rule: (@Sendable (_ words: ParsedWords, _ hasDocument: Bool) -> WordProblem?)? = nil
  ) {
    self.path = path.split(separator: " ").map(String.init)
    self.summary = summary
    self.positionals = positionals
    self.flags = flags
    self.assignments = assignments
    self.document = document
    self.gives = gives
    self.example = example
    self.goesOn = goesOn
    self.endsEarlyWith = endsEarlyWith
    self.needsOneOf = needsOneOf
    self.atMostOneOf = atMostOneOf
    self.rule = rule
  }

  /// The form on one line: `stream add NAME [--subjects TEXT]`.
  public var usage: String { ([usageWithoutFlags] + flagUsages).joined(separator: " ") }

  /// Its path and the words that have their meaning by their place: `stream add NAME`.
  public var usageWithoutFlags: String {
    (path + positionals.map(\.usage) + (assignments.map { [$0.usage] } ?? [])).joined(separator: " ")
  }

  /// Its flags in brackets, those together that exclude each other: `[--from STEP | --resume]`.
  public var flagUsages: [String] {
    var usages: [String] = []
    for flag in flags where !atMostOneOf.contains(flag.name) {
      usages.append("[\(flag.usage)]" + (flag.isRepeated ? "…" : ""))
    }
    let exclusive = flags.filter { atMostOneOf.contains($0.name) }.map(\.usage)
    return exclusive.isEmpty ? usages : ["[\(exclusive.joined(separator: " | "))]"] + usages
  }

  /// The form in Markdown: how it is written, what it does, its words and flags, what it gives, an example.
  ///
  /// - Parameter common: the flags that are told of elsewhere, as are the maps with a name; nil: all is told here.
  public func documentation(of command: String, besides common: [Flag]? = nil) -> String {
    var points = positionals.compactMap { positional in
      let choices = positional.choices.map { "`\($0)`" }.joined(separator: ", ")
      let help = [positional.help, choices].filter { !$0.isEmpty }.joined(separator: ": ")
      return help.isEmpty ? nil : "- `\(positional.name)`: \(help)"
    }
    if let document { points.append("- `with …`: \(document)") }
    let takesCommon = common?.allSatisfy { flag in flags.contains { $0.isSame(as: flag) } } ?? false
    let hidden = takesCommon ? common ?? [] : []
    for flag in flags where !hidden.contains(where: flag.isSame) {
      let aliases = flag.aliases.map { "`\($0)`" }.joined(separator: ", ")
      points.append("- `\(flag.usage)`" + (aliases.isEmpty ? "" : " (\(aliases))") + ": \(flag.help)")
    }
    if !hidden.isEmpty { points.append("- and the flags that nearly all take") }
    if goesOn { points.append("- It goes on until it is ended, so it stands behind `during`.") }
    if let flag = endsEarlyWith {
      points.append("- With `\(flag)` it may stand behind `during`, and ends with the block.")
    }
    points += results.map { "- \($0.summary)" + Shape.inMarkdown($0.fields) }
    points += common == nil ? namedResults.map { "- \($0.name)" + Shape.inMarkdown($0.lines) } : []
    var lines = ["```text", "\(command) \(usageWithoutFlags)" + (flags.isEmpty ? "" : " [FLAGS]"), "```", "", summary]
    if !points.isEmpty { lines += [""] + points }
    if !example.isEmpty { lines += ["", "For example: `\(example)`"] }
    return lines.joined(separator: "\n")
  }

  /// What it gives, and what it gives where a flag or an optional word is there: in words, each with the fields that
  /// have no name of their own.
  public var results: [(summary: String, fields: [(name: String, help: String)])] {
    if case .unknown = gives { return [] }
    return [("gives \(gives.summary)", gives.lines)]
      + alternatives.map { ("with \($0.word) gives \($0.gives.summary)", $0.gives.lines) }
  }

  /// The maps with a name of their own that it gives, each once.
  public var namedResults: [Fields] {
    var seen: Set<String> = []
    return ([gives] + alternatives.map(\.gives)).flatMap(\.named).filter { seen.insert($0.name).inserted }
  }

  private var alternatives: [(word: String, gives: Shape)] {
    positionals.compactMap { word in word.gives.map { (word.name, $0) } }
      + flags.compactMap { flag in flag.gives.map { (flag.name, $0) } }
  }

  /// What a word is that has so many others before it; nil if it is one too many.
  func positional(at place: Int) -> Positional? {
    place < positionals.count ? positionals[place] : positionals.last.flatMap { $0.isRepeated ? $0 : nil }
  }
}

/// A word that has its meaning by its place.
public struct Positional: Sendable {
  public let name: String
  public let isOptional: Bool
  public let isRepeated: Bool
  /// What the word is to be read as; never a toggle.
  public let kind: Flag.Kind
  /// What it is, where its name does not say all of it.
  public let help: String
  /// What there is that it may name.
  public let offers: Offers?
  /// What a call gives that has it, if that is not what the form gives.
  public let gives: Shape?

  public init(
    _ name: String, as kind: Flag.Kind = .text, optional: Bool = false, repeated: Bool = false, help: String = "",
    offers: Offers? = nil, gives: Shape? = nil
  ) {
    self.name = name
    self.kind = kind
    isOptional = optional
    isRepeated = repeated
    self.help = help
    self.offers = offers ?? (kind == .cluster ? .clusters : nil)
    self.gives = gives
  }

  /// The words that it may be, if they are few.
  public var choices: [String] { kind.choices }

  /// The word as help shows it: `[NAME…]`.
  public var usage: String {
    let name = name + (isRepeated ? "…" : "")
    return isOptional ? "[\(name)]" : name
  }
}

/// A word that begins with `--`.
public struct Flag: Sendable {
  public enum Kind: Sendable, Equatable {
    /// It stands alone, or `--no-…` before it takes it back.
    case toggle
    case text, integer, duration, size
    /// A whole number within bounds.
    case number(ClosedRange<Int64>)
    /// `10MB`, in bytes a second, by the units of the language; `none` takes it away.
    case rate
    /// `1000/s` or a bare number: so often a second, up to a million.
    case frequency
    /// `1%`, from 0 % to less than 100 %.
    case percent
    /// A cluster's name: one of the run's, or one that exists beside them.
    case cluster
    /// A port of TCP.
    case port
    /// `NAME=VALUE`, neither of them empty.
    case assignment
    case choice([String])

    /// A whole number from 1 on.
    public static let positive = Kind.number(1...Int64.max)

    /// The words that it may be, if they are few.
    public var choices: [String] { if case .choice(let choices) = self { choices } else { [] } }
  }

  /// With its hyphens.
  public let name: String
  public let kind: Kind
  /// What its value is, for help: `STEP`.
  public var valueName: String { givenValueName ?? kind.valueName }
  private let givenValueName: String?
  public let help: String
  /// Other spellings, as `-n` for `--namespace`.
  public let aliases: [String]
  /// Whether it may stand without its value; then only a word that begins with a digit is taken for one.
  public let isValueOptional: Bool
  /// Whether each of several counts, for help.
  public let isRepeated: Bool
  /// What there is that its value may name.
  public let offers: Offers?
  /// What a call gives that has it, if that is not what the form gives.
  public let gives: Shape?

  public init(
    _ name: String, _ kind: Kind = .text, _ help: String, aliases: [String] = [], value: String? = nil,
    valueOptional: Bool = false, repeated: Bool = false, offers: Offers? = nil, gives: Shape? = nil
  ) {
    self.name = name
    self.kind = kind
    givenValueName = value
    self.help = help
    self.aliases = aliases
    isValueOptional = valueOptional
    isRepeated = repeated
    self.offers = offers ?? (kind == .cluster ? .clusters : nil)
    self.gives = gives
  }

  /// Whether help says the same of both.
  public func isSame(as other: Flag) -> Bool { usage == other.usage && help == other.help }

  func isCalled(_ name: String) -> Bool { self.name == name || aliases.contains(name) }

  /// The flag as help shows it: `--replicas N`.
  public var usage: String {
    kind == .toggle ? name : isValueOptional ? "\(name) [\(valueName)]" : "\(name) \(valueName)"
  }
}

extension Flag.Kind {
  /// What help calls a value of this kind.
  fileprivate var valueName: String {
    switch self {
    case .toggle: ""
    case .text: "TEXT"
    case .integer, .number: "N"
    case .duration: "DURATION"
    case .size: "SIZE"
    case .rate: "RATE"
    case .frequency: "N/s"
    case .percent: "PERCENT"
    case .cluster: "CLUSTER"
    case .port: "PORT"
    case .assignment: "NAME=VALUE"
    case .choice(let choices): choices.joined(separator: "|")
    }
  }
}
