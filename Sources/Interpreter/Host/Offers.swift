/// A word that may be typed next, and what it means in a few words.
public struct Offer: Sendable {
  public let word: String
  public let help: String

  public init(_ word: String, _ help: String = "") {
    self.word = word
    self.help = help
  }
}

/// What there is that fits in the place of a word.
public struct Offers: Sendable {
  private let make: @Sendable (String, Reading, (any LiveNames)?) -> [Offer]

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

  func words(_ typed: String, _ call: Reading, _ live: (any LiveNames)?) -> [Offer] { make(typed, call, live) }
}

extension Flag {
  /// What its value may be.
  public func values(_ typed: String, _ call: Reading, _ live: (any LiveNames)?) -> [Offer] {
    kind.choices.map { Offer($0, help) } + (offers?.words(typed, call, live) ?? [])
  }
}

extension Positional {
  /// What it may be.
  public func values(_ typed: String, _ call: Reading, _ live: (any LiveNames)?) -> [Offer] {
    choices.map { Offer($0, "one of \(name)") } + (offers?.words(typed, call, live) ?? [])
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
