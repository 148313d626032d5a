import Lexer

/// What nbx knows of the words of a program: the forms that it has a meaning for itself, as where it plays the program,
/// and which flags the program takes besides in these. Whatever else is said to the program is for the program to judge.
public struct ProgramGrammar: Sendable {
  public let forms: [CommandForm]
  /// Flags that may stand before the first word, and take a value.
  private let leadingFlags: Set<String>
  /// The forms by the first word of their paths, those with longer paths first.
  private let known: [String: [KnownForm]]

  /// A form with all that the program takes for a flag in it.
  private struct KnownForm {
    let form: CommandForm
    /// By each spelling of a flag whether it surely stands alone.
    let standsAlone: [String: Bool]
  }

  /// - Parameters:
  ///   - leadingFlags: flags that may stand before the first word, and take a value.
  ///   - otherFlags: flags that only the program itself knows, in all spellings, with blanks between, by the path of the
  ///     form; those of every form by an empty path.
  public init(_ forms: [CommandForm], leadingFlags: Set<String> = [], otherFlags: [String: String] = [:]) {
    self.forms = forms
    self.leadingFlags = leadingFlags
    let known = forms.map { form in
      let others = ["", form.path.joined(separator: " ")].flatMap {
        (otherFlags[$0] ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
      }
      var standsAlone = Dictionary(others.map { ($0, false) }, uniquingKeysWith: { first, _ in first })
      for flag in form.flags {
        for name in [flag.name] + flag.aliases { standsAlone[name] = flag.kind == .toggle }
      }
      return KnownForm(form: form, standsAlone: standsAlone)
    }
    self.known = Dictionary(grouping: known.sorted { $0.form.path.count > $1.form.path.count }) { $0.form.path[0] }
  }

  /// A call's words with the flags before the first of them behind the others, as forms read them.
  public func withFlagsLast(_ words: [Text]) -> [Text] { order(of: words.map { $0 }).map { words[$0] } }

  /// The places of the words in that order.
  private func order(of words: [Text?]) -> [Int] {
    var rest = words.indices[...]
    var flags: [Int] = []
    while let place = rest.first, let word = words[place]?.string, word.isFlag, word != "-" {
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
    let beginsWithFlag = words.first??.string.isFlag == true
    let order = beginsWithFlag ? order(of: words) : []
    func place(_ index: Int) -> Int { beginsWithFlag ? order[index] : index }
    guard !words.isEmpty, let first = words[place(0)]?.string, let forms = known[first],
      let known = forms.first(where: { known in
        known.form.path.count <= words.count
          && known.form.path.indices.allSatisfy { words[place($0)]?.string == known.form.path[$0] }
      })
    else { return nil }
    var mayBeValue = false
    for index in words.indices.dropFirst(known.form.path.count) {
      guard let word = words[place(index)]?.string, word.isFlag else {
        mayBeValue = false
        continue
      }
      if word == "--" { return nil }
      let equals = word.utf8.firstIndex(of: UInt8(ascii: "="))
      let name = equals.map { String(word[..<$0]) } ?? word
      let standsAlone = known.standsAlone[name]
      if standsAlone == nil, !mayBeValue, name.isOneFlag {
        return known.form.refusal(of: name, at: place(index), command)
      }
      mayBeValue = equals == nil && standsAlone != true
    }
    return nil
  }
}

extension String {
  fileprivate var isFlag: Bool { utf8.first == UInt8(ascii: "-") }

  /// Whether it is the name of a flag: not `-Ao`, which are several, nor `-nnats`, which has its value.
  fileprivate var isOneFlag: Bool {
    let name = utf8.dropFirst()
    guard let second = name.first else { return false }
    return second == UInt8(ascii: "-") || name.count == 1 && UInt8(ascii: "a")...UInt8(ascii: "z") ~= second | 0x20
  }
}

extension CommandForm {
  fileprivate func refusal(of flag: String, at place: Int, _ command: String) -> WordProblem {
    let called = ([command] + path).joined(separator: " ")
    let known = flags.flatMap { [$0.name] + $0.aliases }
    return WordProblem(
      index: place, message: "`\(called)` has no flag `\(flag)`",
      advice: nearestSpelling(to: flag, among: known).map { "did you mean `\($0)`?" } ?? "`\(called) --help` lists them"
    )
  }
}
