/// Which words a command takes.
public enum CommandGrammar: Sendable {
  /// A program with a grammar of its own, that nbx does not know.
  case anyWords
  /// A program of whose grammar nbx knows a part.
  case program(ProgramGrammar)
  /// A command of nbx, all forms of it.
  case forms([CommandForm])
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
  /// A call that works, for help.
  public let example: String
  /// Whether it goes on until it is ended, so that it stands behind `during`.
  public let goesOn: Bool
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
    assignments: Positional? = nil, document: String? = nil, example: String = "", goesOn: Bool = false,
    needsOneOf: [String] = [], atMostOneOf: [String] = [],
    rule: (@Sendable (_ words: ParsedWords, _ hasDocument: Bool) -> WordProblem?)? = nil
  ) {
    self.path = path.split(separator: " ").map(String.init)
    self.summary = summary
    self.positionals = positionals
    self.flags = flags
    self.assignments = assignments
    self.document = document
    self.example = example
    self.goesOn = goesOn
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

  /// What a word is that has so many others before it; nil if it is one too many.
  func positional(at place: Int) -> Positional? {
    place < positionals.count ? positionals[place] : positionals.last.flatMap { $0.isRepeated ? $0 : nil }
  }
}

/// A word that may be typed next, and what it means in a few words.
public struct Offer: Sendable {
  public let word: String
  public let help: String

  public init(_ word: String, _ help: String = "") {
    self.word = word
    self.help = help
  }
}

/// What there is that fits in the place of a word: given what is typed of it, and the call as far as it is read.
public typealias Offers = @Sendable (_ typed: String, _ call: Reading) -> [Offer]

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

  public init(
    _ name: String, as kind: Flag.Kind = .text, optional: Bool = false, repeated: Bool = false, help: String = "",
    offers: Offers? = nil
  ) {
    self.name = name
    self.kind = kind
    isOptional = optional
    isRepeated = repeated
    self.help = help
    self.offers = offers
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
    /// `10MB`, in bytes a second, by the units of the language; `none` takes it away.
    case rate
    /// `1%`, from 0 % to less than 100 %.
    case percent
    /// A cluster's name: one of the run's, or one that exists beside them.
    case cluster
    /// A port of TCP.
    case port
    /// `NAME=VALUE`, neither of them empty.
    case assignment
    case choice([String])

    /// The words that it may be, if they are few.
    public var choices: [String] { if case .choice(let choices) = self { choices } else { [] } }
  }

  /// With its hyphens.
  public let name: String
  public let kind: Kind
  /// What its value is, for help: `STEP`.
  public let valueName: String
  public let help: String
  /// Other spellings, as `-n` for `--namespace`.
  public let aliases: [String]
  /// Whether it may stand without its value; then only a word that begins with a digit is taken for one.
  public let isValueOptional: Bool
  /// Whether each of several counts, for help.
  public let isRepeated: Bool
  /// What there is that its value may name.
  public let offers: Offers?

  public init(
    _ name: String, _ kind: Kind = .text, _ help: String, aliases: [String] = [], value: String? = nil,
    valueOptional: Bool = false, repeated: Bool = false, offers: Offers? = nil
  ) {
    self.name = name
    self.kind = kind
    valueName = value ?? kind.valueName
    self.help = help
    self.aliases = aliases
    isValueOptional = valueOptional
    isRepeated = repeated
    self.offers = offers
  }

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
    case .integer: "N"
    case .duration: "DURATION"
    case .size: "SIZE"
    case .rate: "RATE"
    case .percent: "PERCENT"
    case .cluster: "CLUSTER"
    case .port: "PORT"
    case .assignment: "NAME=VALUE"
    case .choice(let choices): choices.joined(separator: "|")
    }
  }
}
