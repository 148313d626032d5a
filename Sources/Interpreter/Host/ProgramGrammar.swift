import Lexer

/// What nbx knows of the words of a program: the forms that it has a meaning for itself, as where it plays the program,
/// and which flags the program takes besides in these. Whatever else is said to the program is for the program to judge.
public struct ProgramGrammar: Sendable {
  public let forms: [CommandForm]
  /// Flags that may stand before the first word, and take a value.
  private let leadingFlags: Set<String>
  /// The flags that only the program itself knows, by the path of the form; those of every form by an empty path.
  private let otherFlags: [String: Set<String>]

  /// - Parameter otherFlags: flags in all spellings, with blanks between, by the path of the form; those of every form by
  ///   an empty path.
  public init(_ forms: [CommandForm], leadingFlags: Set<String> = [], otherFlags: [String: String] = [:]) {
    self.forms = forms
    self.leadingFlags = leadingFlags
    self.otherFlags = otherFlags.mapValues { Set($0.split(whereSeparator: \.isWhitespace).map(String.init)) }
  }

  /// A call's words with the flags before the first of them behind the others, as forms read them.
  public func withFlagsLast(_ words: [Text]) -> [Text] { order(of: words.map { $0 }).map { words[$0] } }

  /// The places of the words in that order.
  private func order(of words: [Text?]) -> [Int] {
    var rest = words.indices[...]
    var flags: [Int] = []
    while let place = rest.first, let word = words[place]?.string, word.hasPrefix("-"), word != "-" {
      flags.append(rest.removeFirst())
      if leadingFlags.contains(word), let value = rest.popFirst() { flags.append(value) }
    }
    return rest + flags
  }

  /// What is wrong with a call wherever it is run: a flag that neither nbx nor the program takes. On other words the
  /// program has the say, and where nbx does not know the form on flags, too: it may have plug-ins.
  ///
  /// - Parameter words: those of the call; nil for one that is only known during the run.
  func problem(with words: [Text?], of command: String) -> WordProblem? {
    let order = order(of: words)
    let ordered = order.map { words[$0]?.string }
    guard let form = forms.filter({ ordered.starts(with: $0.path) }).max(by: { $0.path.count < $1.path.count })
    else { return nil }
    var previous: String?
    for place in ordered.indices.dropFirst(form.path.count) {
      let word = ordered[place]
      if word == "--" { return nil }
      if let name = word.flatMap(flagName), !takes(name, form), !mayAwaitValue(previous, form) {
        let known = form.flags.flatMap { [$0.name] + $0.aliases }
        let suggestion = nearestSpelling(to: name, among: known).map { "did you mean `\($0)`?" }
        return WordProblem(
          index: order[place], message: "`\(([command] + form.path).joined(separator: " "))` has no flag `\(name)`",
          advice: suggestion ?? "`\(command) \(form.path.joined(separator: " ")) --help` lists them")
      }
      previous = word
    }
    return nil
  }

  /// The flag that a word is alone: not of `-Ao`, which are several, nor of `-nnats`, which has its value.
  private func flagName(_ word: String) -> String? {
    guard word.hasPrefix("-"), word.count > 1 else { return nil }
    let name = String(word.prefix { $0 != "=" })
    return name.hasPrefix("--") || name.count == 2 && name.last?.isLetter == true ? name : nil
  }

  private func takes(_ name: String, _ form: CommandForm) -> Bool {
    let path = form.path.joined(separator: " ")
    return form.flags.contains { $0.name == name || $0.aliases.contains(name) }
      || otherFlags[path]?.contains(name) == true || otherFlags[""]?.contains(name) == true
  }

  /// Whether a word may be a flag whose value comes next.
  private func mayAwaitValue(_ word: String?, _ form: CommandForm) -> Bool {
    guard let word, word.hasPrefix("-"), !word.contains("=") else { return false }
    return !form.flags.contains { $0.kind == .toggle && ($0.name == word || $0.aliases.contains(word)) }
  }
}
