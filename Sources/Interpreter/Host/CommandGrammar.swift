/// Which words a command takes.
public enum CommandGrammar: Sendable {
  /// A program with a grammar of its own, that nbx does not know.
  case anyWords
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
  /// What `with` brings it, if it takes a document.
  public let document: String?
  /// A call that works, for help.
  public let example: String
  /// Whether it goes on until it is ended, so that it stands behind `during`.
  public let goesOn: Bool
  /// Flags and optional positionals of which a call has at least one.
  public let needsOneOf: [String]
  /// What is wrong with a call each word of which is well; nil for a form whose words do not hang together.
  ///
  /// A word that is only known during the run is an empty text to it.
  public let rule: (@Sendable (_ words: ParsedWords, _ hasDocument: Bool) -> WordProblem?)?

  public init(
    _ path: String, _ summary: String, positionals: [Positional] = [], flags: [Flag] = [], document: String? = nil,
    example: String = "", goesOn: Bool = false, needsOneOf: [String] = [],
    rule: (@Sendable (_ words: ParsedWords, _ hasDocument: Bool) -> WordProblem?)? = nil
  ) {
    self.path = path.split(separator: " ").map(String.init)
    self.summary = summary
    self.positionals = positionals
    self.flags = flags
    self.document = document
    self.example = example
    self.goesOn = goesOn
    self.needsOneOf = needsOneOf
    self.rule = rule
  }

  /// The form on one line: `stream add NAME [--subjects TEXT]…`.
  public var usage: String {
    (path + positionals.map(\.usage) + flags.map { "[\($0.usage)]" }).joined(separator: " ")
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

  public init(_ name: String, as kind: Flag.Kind = .text, optional: Bool = false, repeated: Bool = false) {
    self.name = name
    self.kind = kind
    isOptional = optional
    isRepeated = repeated
  }

  /// The words that it may be, if they are few.
  public var choices: [String] { if case .choice(let choices) = kind { choices } else { [] } }

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
    case choice([String])
  }

  /// With its hyphens.
  public let name: String
  public let kind: Kind
  public let help: String
  /// Other spellings, as `-n` for `--namespace`.
  public let aliases: [String]

  public init(_ name: String, _ kind: Kind = .text, _ help: String, aliases: [String] = []) {
    self.name = name
    self.kind = kind
    self.help = help
    self.aliases = aliases
  }

  /// The flag as help shows it: `--replicas N`.
  public var usage: String {
    switch kind {
    case .toggle: name
    case .text: "\(name) TEXT"
    case .integer: "\(name) N"
    case .duration: "\(name) DURATION"
    case .size: "\(name) SIZE"
    case .rate: "\(name) RATE"
    case .percent: "\(name) PERCENT"
    case .cluster: "\(name) CLUSTER"
    case .choice(let choices): "\(name) \(choices.joined(separator: "|"))"
    }
  }
}
