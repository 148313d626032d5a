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
    let given = words.map { word in word.literal(in: before.file).map { Text($0) } }
    let (offers, mayEnd) = known.grammar.offers(
      file.text(Span(start, offset)), behind: given, of: known.name, live: completer.live)
    for offer in offers {
      add(
        offer.word, offer.kind, offer.help, documentation: offer.documentation, from: start + offer.prefix.utf8.count)
    }
    if mayEnd || known.grammar.forms.isEmpty { addEndings(from: start) }
  }

  private mutating func addEndings(from start: Int) {
    for keyword in [Keyword.with, .on, .within] {
      add(keyword.text, .keyword, keyword.usage, documentation: keyword.help, from: start)
    }
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
