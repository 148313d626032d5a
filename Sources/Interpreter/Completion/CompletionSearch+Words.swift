import Lexer

/// The words of commands.
extension CompletionSearch {
  /// - Parameter start: where the word begins that is being typed.
  mutating func completeWord(from start: Int) {
    let command: Symbol
    let words: [Word]
    switch place.surroundings.first {
    case .command(let symbol, let given): (command, words) = (symbol, given)
    case .clusterNames: return addClusters(from: start)
    case .arguments(let path, let given): return completeArguments(of: path, given, from: start)
    default: return
    }
    let known = vocabulary.command(command)
    let typed = file.text(Span(start, offset))
    let given = words.map { word in word.literal(in: before.file).map { Text($0) } }
    let (choice, reading) = known.grammar.read(given, of: known.name)
    if known.grammar.forms.isEmpty { return addEndings(from: start) }
    if let reading, let flag = reading.awaiting { return addValues(of: flag, reading, typed, from: start) }
    if typed.hasPrefix("--"), let equals = typed.utf8.firstIndex(of: UInt8(ascii: "=")) {
      let name = String(typed[..<equals])
      let flags = reading?.words.form.flags ?? []
      guard let reading, let flag = flags.first(where: { $0.name == name || $0.aliases.contains(name) }) else { return }
      return addValues(
        of: flag, reading, String(typed.dropFirst(name.count + 1)), from: start + name.utf8.count + 1)
    }
    if reading?.words.positionals.isEmpty ?? (choice.path.count == given.count) {
      addPath(choice, of: known.name, from: start)
    }
    guard let reading else { return }
    for value in reading.next?.values(typed, reading, completer.live) ?? [] {
      add(value.word, .value, value.help, from: start)
    }
    // Flags that nbx knows by name alone are many.
    for flag in reading.words.form.flags where !reading.words.isGiven(flag.name) {
      if !flag.help.isEmpty || typed.hasPrefix("-") {
        add(flag.name, .flag, flag.help, documentation: flag.usage, from: start)
      }
    }
    if reading.isComplete, choice.form != nil || !reading.words.positionals.isEmpty { addEndings(from: start) }
  }

  /// The words that go on with a path.
  private mutating func addPath(_ choice: FormChoice, of command: String, from start: Int) {
    let length = choice.path.count
    for form in choice.longer {
      let isLast = form.path.count == length + 1
      let following = choice.longer.filter { $0.path.count > length + 1 && $0.path[length] == form.path[length] }
      let detail = isLast ? form.summary : Set(following.map { $0.path[length + 1] }).sorted().joined(separator: " ")
      add(
        form.path[length], .subcommand, detail, documentation: isLast ? form.documentation(of: command) : "",
        from: start)
    }
  }

  private mutating func addEndings(from start: Int) {
    for keyword in [Keyword.with, .on, .within] {
      add(keyword.text, .keyword, keyword.usage, documentation: keyword.help, from: start)
    }
  }

  private mutating func addValues(of flag: Flag, _ call: Reading, _ typed: String, from start: Int) {
    for value in flag.values(typed, call, completer.live) { add(value.word, .value, value.help, from: start) }
  }

  /// `run "x.nbx" name=…`
  private mutating func completeArguments(of path: String, _ words: [Word], from start: Int) {
    guard let recipe = brought(by: path) else { return }
    let given = words.map { file.text($0.span).prefix { $0 != "=" } }
    for parameter in recipe.parameters where !given.contains(parameter.text[...]) {
      let detail = parameter.summary(in: recipe.file)
      add(parameter.text + "=", .parameter, detail, from: start)
    }
  }
}
