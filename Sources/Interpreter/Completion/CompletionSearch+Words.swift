import Lexer

/// The words of commands.
extension CompletionSearch {
  /// - Parameter start: where the word begins that is being typed.
  mutating func completeWord(from start: Int) {
    let command: Symbol
    let words: [Word]
    switch place.surroundings.first {
    case .command(let symbol, let given): (command, words) = (symbol, given)
    case .clusterNames: return addLive(.clusters, .cluster, "a cluster that is there", from: start)
    case .arguments(let path, let given): return completeArguments(of: path, given, from: start)
    default: return
    }
    let typed = file.text(Span(start, offset))
    guard let call = call(command, words) else { return addEndings(from: start) }
    if let flag = call.awaiting { return addValues(of: flag, from: start) }
    if typed.hasPrefix("--"), let equals = typed.utf8.firstIndex(of: UInt8(ascii: "=")) {
      let name = String(typed[..<equals])
      guard let flag = call.flags.first(where: { $0.name == name || $0.aliases.contains(name) }) else { return }
      return addValues(of: flag, from: start + name.utf8.count + 1)
    }
    for next in call.next { add(next.word, .subcommand, next.detail, documentation: next.documentation, from: start) }
    if let positional = call.positional {
      for choice in positional.choices { add(choice, .value, "one of \(positional.name)", from: start) }
      if let kind = call.liveKind(of: positional) { addLive(kind, .value, positional.name.lowercased(), from: start) }
    }
    for flag in call.flags where !call.given.contains(flag.name) {
      add(flag.name, .flag, flag.help, documentation: flag.usage, from: start)
    }
    if call.isComplete { addEndings(from: start) }
  }

  private mutating func addEndings(from start: Int) {
    for keyword in [Keyword.with, .on, .within] {
      add(keyword.text, .keyword, keyword.usage, documentation: keyword.help, from: start)
    }
  }

  private mutating func addValues(of flag: Flag, from start: Int) {
    switch flag.kind {
    case .choice(let choices): for choice in choices { add(choice, .value, flag.help, from: start) }
    default:
      switch flag.name {
      case "--context": addLive(.contexts, .value, "a saved context", from: start)
      case "--stream": addLive(.streams, .value, "a stream", from: start)
      default: break
      }
    }
  }

  private func call(_ command: Symbol, _ words: [Word]) -> CallSoFar? {
    let known = vocabulary.command(command)
    var forms = known.grammar.forms
    if forms.isEmpty { forms = completer.programs[known.name]?.forms ?? [] }
    guard !forms.isEmpty else { return nil }
    return CallSoFar(forms, of: known.name, words.map { $0.literal(in: before.file) })
  }

  /// `run "x.nbx" name=…`
  private mutating func completeArguments(of path: String, _ words: [Word], from start: Int) {
    guard let recipe = brought(by: path) else { return }
    let given = words.map { file.text($0.span).prefix { $0 != "=" } }
    for parameter in recipe.parameters where !given.contains(parameter.text[...]) {
      let detail = recipe.summary(of: parameter)
      add(parameter.text + "=", .parameter, detail, from: start)
    }
  }
}

/// What the words of a call say so far.
private struct CallSoFar {
  /// The words that may come next in the path.
  var next: [(word: String, detail: String, documentation: String)] = []
  var flags: [Flag] = []
  /// The names of the flags that are there already.
  var given: Set<String> = []
  /// The flag whose value comes next.
  var awaiting: Flag?
  var positional: Positional?
  /// Whether it could end here.
  var isComplete = false
  private var path: [String] = []
  private var positionals: [String?] = []

  init(_ forms: [CommandForm], of command: String, _ words: [String?]) {
    var candidates = forms
    var index = 0
    while index < words.count, let word = words[index] {
      let matching = candidates.filter { $0.path.count > index && $0.path[index] == word }
      if matching.isEmpty { break }
      candidates = matching
      index += 1
    }
    path = Array(words[..<index].compactMap { $0 })
    let form = candidates.first { $0.path.count == index }
    if index == words.count {
      var seen: Set<String> = []
      for candidate in candidates where candidate.path.count > index && seen.insert(candidate.path[index]).inserted {
        let isLast = candidate.path.count == index + 1
        let following = Set(
          candidates.filter { $0.path.count > index + 1 && $0.path[index] == candidate.path[index] }
            .map { $0.path[index + 1] })
        next.append(
          (
            candidate.path[index], isLast ? candidate.summary : following.sorted().joined(separator: " "),
            isLast ? candidate.documentation(of: command) : ""
          ))
      }
    }
    guard let form else { return }
    flags = form.flags
    read(words[index...], of: form)
  }

  private mutating func read(_ words: ArraySlice<String?>, of form: CommandForm) {
    var flagsEnded = false
    for word in words {
      if awaiting != nil {
        awaiting = nil
        continue
      }
      guard let word, word.hasPrefix("-"), word.utf8.count > 1, !flagsEnded else {
        positionals.append(word)
        continue
      }
      if word == "--" {
        flagsEnded = true
        continue
      }
      let name = String(word.prefix { $0 != "=" })
      guard let flag = form.flags.first(where: { $0.name == name || $0.aliases.contains(name) }) else { continue }
      given.insert(flag.name)
      if flag.kind != .toggle, name.utf8.count == word.utf8.count { awaiting = flag }
    }
    let place = positionals.count
    isComplete = place >= form.positionals.count(where: { !$0.isOptional })
    positional = form.positional(at: place)
  }

  /// Which things that exist the word may name.
  func liveKind(of positional: Positional) -> LiveKind? {
    if positional.kind == .cluster { return .clusters }
    // What is made anew has a name of its own.
    let makes = path.last == "add" || path.last == "create"
    switch (positional.name, path.first) {
    case ("STREAM", _): return .streams
    case ("NAME", "stream"): return makes ? nil : .streams
    case ("NAME", "context"): return makes ? nil : .contexts
    case ("NAME", "start"), ("NAME", "stop"), ("NAME", "delete"), ("NAME", "pause"), ("NAME", "resume"),
      ("NAME", "create"):
      return .clusters
    case ("BUCKET", "object"), ("NAME", "object"): return makes ? nil : .objectStores
    case ("BUCKET", _), ("NAME", "kv"): return makes ? nil : .buckets
    case ("RELEASE", _): return .releases
    case ("CONSUMER", _): return positionals.last.flatMap { $0 }.map { .consumers(stream: $0) }
    default: return nil
    }
  }
}

extension CommandForm {
  /// The form in Markdown: how it is written, what it does, its flags, an example.
  public func documentation(of command: String) -> String {
    var lines = ["```", ([command] + path + positionals.map(\.usage)).joined(separator: " "), "```", summary]
    if let document { lines.append("\n`with …`: \(document)") }
    if !flags.isEmpty { lines.append("") }
    lines += flags.map { "- `\($0.usage)`: \($0.help)" }
    if !example.isEmpty { lines += ["", "For example:", "```nbx", example, "```"] }
    return lines.joined(separator: "\n")
  }
}
