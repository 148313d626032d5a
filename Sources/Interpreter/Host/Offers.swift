import Lexer

/// A word that may be typed next, and what it means in a few words.
public struct Offer: Sendable {
  /// The word.
  public let word: String
  /// What it means.
  public let help: String
  package let kind: CompletionItem.Kind
  /// More about it, in Markdown.
  package let documentation: String
  /// What is typed before it, in the same word: `--kind=`.
  public let prefix: String

  /// A word that is a value.
  public init(_ word: String, _ help: String = "") { self.init(word, help, .value) }

  fileprivate init(
    _ word: String, _ help: String, _ kind: CompletionItem.Kind, _ documentation: String = "",
    behind prefix: String = ""
  ) {
    self.word = word
    self.help = help
    self.kind = kind
    self.documentation = documentation
    self.prefix = prefix
  }
}

/// What there is that fits in the place of a word.
public struct Offers: Sendable {
  fileprivate let make: @Sendable (String, Reading, (any LiveNames)?) -> [Offer]

  /// - Parameter make: is given what is typed of the word, the call as far as it is read, and who knows what there is
  ///   outside of recipes; nil if nobody does.
  public init(_ make: @escaping @Sendable (_ typed: String, _ call: Reading, _ live: (any LiveNames)?) -> [Offer]) {
    self.make = make
  }

  /// The clusters that are there.
  public static let clusters = Offers { _, _, live in live?.clusters.map { Offer($0, "a cluster that is there") } ?? []
  }

  /// What a command lists.
  ///
  /// - Parameters:
  ///   - command: its words, by the words that have their meaning by their place in the call; nil: it lists nothing.
  ///   - onEachCluster: whether each cluster has things of its own, else the first that answers tells all.
  public static func listed(
    _ help: String, onEachCluster: Bool = false, by command: @escaping @Sendable (_ positionals: [Text]) -> String?
  ) -> Offers {
    Offers { _, call, live in
      guard let live, let command = command(call.words.positionals) else { return [] }
      let words = command.split(separator: " ").map(String.init)
      return live.names(listedBy: words, onEachCluster: onEachCluster).map { Offer($0, help) }
    }
  }
}

extension CommandGrammar {
  /// What may stand in the place of a word that is being typed, and whether the call could end before it.
  ///
  /// - Parameters:
  ///   - words: those before it; nil for one that is only known during the run.
  ///   - command: the command's name.
  public func offers(
    _ typed: String, behind words: [Text?], of command: String, live: (any LiveNames)?
  ) -> (offers: [Offer], mayEnd: Bool) {
    let (choice, reading) = read(words, of: command)
    var offers: [Offer] = []
    if reading?.words.positionals.isEmpty ?? (choice.path.count == words.count) {
      offers += choice.next(of: command)
    }
    guard let reading else {
      // Where but one form is left its flags may stand before the rest of its path.
      let flags = choice.longer.count == 1 && typed.hasPrefix("-") ? choice.longer[0].flags : []
      return (offers + flags.map { Offer($0.name, $0.help, .flag, $0.usage) }, false)
    }
    let form = reading.words.form
    func existing(_ offers: Offers?, _ typed: String) -> [Offer] { offers?.make(typed, reading, live) ?? [] }
    func values(of flag: Flag, _ typed: String) -> [Offer] {
      flag.kind.choices.map { Offer($0, flag.help) } + existing(flag.offers, typed)
    }
    if let flag = reading.awaiting {
      offers = values(of: flag, typed)
      if !flag.isValueOptional { return (offers, false) }
    }
    let name = typed.prefix { $0 != "=" }
    if typed.hasPrefix("--"), name != typed, let flag = form.flags.first(where: { $0.isCalled(String(name)) }) {
      let prefix = name + "="
      let values = values(of: flag, String(typed.dropFirst(prefix.count)))
      return (values.map { Offer($0.word, $0.help, .value, behind: String(prefix)) }, false)
    }
    if let next = reading.next {
      offers += next.choices.map { Offer($0, "one of \(next.name)") } + existing(next.offers, typed)
    }
    if reading.isAssignmentDue { offers += existing(form.assignments?.offers, typed) }
    // Flags that nbx knows by name alone are many.
    for flag in form.flags where flag.isRepeated || !reading.words.isGiven(flag.name) {
      if !flag.help.isEmpty || typed.hasPrefix("-") { offers.append(Offer(flag.name, flag.help, .flag, flag.usage)) }
    }
    return (offers, reading.isComplete && (choice.form != nil || !reading.words.positionals.isEmpty))
  }
}

extension FormChoice {
  /// The words that go on with the path, in the order of the forms.
  fileprivate func next(of command: String) -> [Offer] {
    var seen: Set<String> = []
    return longer.filter { seen.insert($0.path[path.count]).inserted }.map { form in
      let word = form.path[path.count]
      let all = longer.filter { $0.path[path.count] == word }
      let isLast = form.path.count == path.count + 1
      let following = Set(all.compactMap { $0.path.dropFirst(path.count + 1).first }).sorted()
      return Offer(
        word, isLast || all.count == 1 ? form.summary : following.joined(separator: " "), .subcommand,
        isLast ? form.documentation(of: command) : "")
    }
  }
}

/// What exists outside of recipes, as far as it can be had quickly: within some tens of milliseconds, from a cache if need
/// be.
public protocol LiveNames: Sendable {
  var clusters: [String] { get }
  /// The names that a command lists.
  ///
  /// - Parameters:
  ///   - words: the command's name the first.
  ///   - onEachCluster: whether every cluster is asked, else the first that answers.
  func names(listedBy words: [String], onEachCluster: Bool) -> [String]
  /// What lies in a folder; the names of folders end in `/`.
  func entries(of folder: String) -> [String]
}

/// Something that could stand where somebody is typing.
public struct CompletionItem: Sendable, Equatable {
  /// What stands for it in an editor.
  public enum Kind: String, Sendable {
    case keyword, command, subcommand, flag, value, variable, task, function, method, field, parameter, cluster, file
  }

  /// As lists show it.
  public let label: String
  /// What takes the place of `span`.
  public let text: String
  /// The bytes of the file that it replaces: what has been typed of it so far.
  public let span: Span
  /// What it is.
  public let kind: Kind
  /// One line about it.
  public let detail: String
  /// More about it, in several lines of Markdown; empty if there is no more.
  public let documentation: String

  package init(label: String, text: String, span: Span, kind: Kind, detail: String, documentation: String) {
    self.label = label
    self.text = text
    self.span = span
    self.kind = kind
    self.detail = detail
    self.documentation = documentation
  }
}
