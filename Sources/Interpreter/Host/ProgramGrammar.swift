import Lexer

/// What nbx knows of the words of a program: the forms that it has a meaning for itself, as where it plays the program,
/// and which flags the program takes besides in these. Whatever else is said to the program is for the program to judge.
public final class ProgramGrammar: Sendable {
  public let forms: [CommandForm]
  /// The flags that only the program itself knows, by path, each spelling as one; those of every form by an empty path.
  private let others: [String: [Flag]]
  /// All flags by their spellings, and whether one of that spelling takes a value.
  private let valued: [String: Bool]
  /// Every word of a path, and every spelling of a flag.
  package let spellings: NameTable
  /// For each spelling the forms that it begins the path of, those with longer paths first.
  package let spelt: [[SpeltForm]]

  /// A form in symbols of `spellings`.
  package struct SpeltForm: Sendable {
    package let path: [Symbol]
    /// Which of the spellings are flags that may stand in it.
    package let flags: [Bool]
  }

  /// - Parameter otherFlags: flags in all spellings, with blanks between and a `=` at the end of one that takes a value, by
  ///   the path of the form, or by words of the program that are no form; those of every form by an empty path.
  public init(_ forms: [CommandForm], otherFlags: [String: String] = [:]) {
    self.forms = forms
    others = otherFlags.mapValues { list in
      list.split(whereSeparator: \.isWhitespace).map { word in
        Flag(String(word.prefix { $0 != "=" }), word.hasSuffix("=") ? .text : .toggle, "")
      }
    }
    let all = forms.flatMap(\.flags) + others.values.joined()
    valued = Dictionary(
      all.flatMap { flag in ([flag.name] + flag.aliases).map { ($0, flag.kind != .toggle) } },
      uniquingKeysWith: { $0 || $1 })
    var spellings = NameTable()
    for word in forms.flatMap(\.path) + valued.keys { _ = spellings.intern(word) }
    var spelt = Array(repeating: [SpeltForm](), count: spellings.count)
    for form in forms.sorted(by: { $0.path.count > $1.path.count }) {
      let known = form.flags + (others[form.path.joined(separator: " ")] ?? []) + (others[""] ?? [])
      var flags = Array(repeating: false, count: spellings.count)
      for flag in known.flatMap({ [$0.name] + $0.aliases }) { flags[Int(spellings.intern(flag).index)] = true }
      let path = form.path.map { spellings.intern($0) }
      spelt[Int(path[0].index)].append(SpeltForm(path: path, flags: flags))
    }
    self.spelt = spelt
    self.spellings = spellings
  }

  /// A call's words with those of the form's path before all others, as forms read them.
  public func withFlagsLast(_ words: [Text]) -> [Text] { order(of: words.map { $0 }).map { words[$0] } }
  func withFlagsLast(_ words: [Text?]) -> [Text?] { order(of: words).map { words[$0] } }

  /// The places of the words in that order.
  private func order(of words: [Text?]) -> [Int] {
    let reading = ProgramWords(words, of: self)
    let path = FormChoice(forms, reading.positionals.map(\.string)).path
    let first = reading.places.prefix(max(path.count, 1))
    return Array(first) + words.indices.filter { !first.contains($0) }
  }

  /// What is wrong with a call wherever it is run: a flag that neither nbx nor the program takes. On other words the
  /// program has the say, and where nbx does not know the form on flags, too: it may have plug-ins.
  ///
  /// - Parameter words: those of the call; nil for one that is only known during the run.
  package func problem(with words: [Text?], of command: String) -> WordProblem? {
    let reading = ProgramWords(words, of: self)
    guard let form = FormChoice(forms, reading.positionals.map(\.string)).form else { return nil }
    let path = ([command] + form.path).joined(separator: " ")
    guard
      let unknown = reading.flags.first(where: { $0.isWhole && flag($0.name, behind: form.path) == nil })
    else { return nil }
    // What stands behind it within the path may be its value.
    let places = reading.places.prefix(form.path.count)
    if let first = places.first, let last = places.last, (first...last).contains(unknown.place) { return nil }
    let suggestion = nearestSpelling(to: unknown.name, among: form.flags.flatMap { [$0.name] + $0.aliases })
    return WordProblem(
      index: unknown.place, message: "`\(path)` has no flag `\(unknown.name)`",
      advice: suggestion.map { "did you mean `\($0)`?" } ?? "`\(path) --help` lists them")
  }

  /// The form that is chosen, with every flag that the program takes there; before a form is chosen with those of all.
  package func whole(_ choice: FormChoice) -> CommandForm {
    let path = choice.path.joined(separator: " ")
    let known = choice.form?.flags ?? []
    let spellings = Set(known.flatMap { [$0.name] + $0.aliases })
    let others = (path.isEmpty ? [] : self.others[path] ?? []) + (self.others[""] ?? [])
    return CommandForm(
      path, choice.form?.summary ?? "", positionals: choice.form?.positionals ?? [],
      flags: known + others.filter { !spellings.contains($0.name) }, document: choice.form?.document)
  }

  /// What is known of a flag in a place; nil if nothing is.
  private func flag(_ name: String, behind path: [String]) -> Flag? {
    let form = forms.first { $0.path == path }
    let known = (form?.flags ?? []) + (others[path.joined(separator: " ")] ?? []) + (others[""] ?? [])
    return known.first { $0.isCalled(name) }
  }

  /// Whether a flag takes a value. Of one that is not known in its place it is assumed what is known elsewhere.
  ///
  /// - Parameter words: those before it that are no flags.
  fileprivate func takesValue(_ name: String, behind words: [Text]) -> Bool {
    for length in (0...min(words.count, 2)).reversed() {
      if let flag = flag(name, behind: words.prefix(length).map(\.string)) { return flag.kind != .toggle }
    }
    return valued[name] ?? false
  }
}

/// A program's words as the program reads them: which is a flag, which a flag's value, which stands for itself. All
/// programs of which nbx knows something read theirs in the same way; which flags take a value is each one's own.
public struct ProgramWords: Sendable {
  public private(set) var positionals: [Text] = []
  /// Which of the call's words each of these is.
  fileprivate private(set) var places: [Int] = []
  /// `isWhole`: it is a word, not one letter of several as in `-Ao`, nor written with its value as in `-nnats`.
  fileprivate private(set) var flags: [(name: String, value: Text?, place: Int, isWhole: Bool)] = []

  /// The word that says what the program is to do.
  public var verb: String { positionals.first?.string ?? "" }

  /// Whether one of the spellings of a flag is among the words.
  public func has(_ names: String...) -> Bool { flags.contains { names.contains($0.name) } }

  /// What the flag was given, by any of its spellings.
  public func values(of names: String...) -> [Text] { flags.filter { names.contains($0.name) }.compactMap(\.value) }

  /// - Parameter words: nil for one that is only known during the run: it is no flag.
  public init(_ words: [Text?], of grammar: ProgramGrammar) {
    var rest = words.indices[...]
    func value() -> Text? { rest.popFirst().map { words[$0] ?? "" } }
    while let place = rest.popFirst() {
      let word = words[place] ?? ""
      let text = word.string
      if text == "--" { break }
      guard text.hasPrefix("-"), text.utf8.count > 1 else {
        positionals.append(word)
        places.append(place)
        continue
      }
      if text.hasPrefix("--") {
        let name = String(text.prefix { $0 != "=" })
        let isAssigned = name.utf8.count < text.utf8.count
        let takesNext = !isAssigned && grammar.takesValue(name, behind: positionals)
        flags.append((name, isAssigned ? word.tail(from: name.utf8.count + 1) : takesNext ? value() : nil, place, true))
        continue
      }
      // `-n nats`, `-nnats`, `-n=nats`, and several in one word, `-Ao json`.
      let isWhole = text.unicodeScalars.dropFirst().first?.properties.isAlphabetic == true
      var offset = 1
      for letter in text.unicodeScalars.dropFirst() {
        let name = "-\(letter)"
        offset += UTF8.width(letter)
        let tail = word.tail(from: offset)
        let isAssigned = tail.string.hasPrefix("=")
        let isAlone = isWhole && offset == name.utf8.count && (tail.string.isEmpty || isAssigned)
        guard isAssigned || grammar.takesValue(name, behind: positionals) else {
          flags.append((name, nil, place, isAlone))
          continue
        }
        let given = isAssigned ? tail.tail(from: 1) : tail.string.isEmpty ? value() : tail
        flags.append((name, given, place, isAlone))
        break
      }
    }
  }
}

extension Text {
  /// What stands behind so many bytes.
  fileprivate func tail(from offset: Int) -> Text { slice(offset..<string.utf8.count) }
}
