import Lexer

/// Statements and expressions.
extension CompletionSearch {
  mutating func completeCode() {
    switch place.due {
    case nil, .unknown: return
    case .field(let base): completeFields(of: base)
    case .loopSource: addKeywords([.in])
    case .alternative: addKeywords([.if])
    case .statement(let isFirst): completeStatement(isFirst: isFirst)
    case .value(let mayBeCommand): completeValue(mayBeCommand: mayBeCommand)
    case .argument:
      if case .call(let task, let labels)? = bracket { addLabels(of: task, except: labels) }
      completeValue(mayBeCommand: false)
    case .sign: completeSign()
    case .word, .string: break
    }
  }

  /// What is open around the place, from the inside out, up to the innermost bracket.
  private var inner: ArraySlice<TypingPlace.Surrounding> {
    place.surroundings.prefix { !$0.isBracket }
  }

  private var bracket: TypingPlace.Surrounding? { place.surroundings.first { $0.isBracket } }

  var isInTask: Bool { place.surroundings.contains { if case .task = $0 { true } else { false } } }

  private var isInBlock: Bool {
    switch bracket {
    case .block, nil: true
    default: false
    }
  }

  /// The ending whose value is being typed.
  private var ending: Keyword? {
    for case .ending(let keyword) in inner { return keyword }
    return nil
  }

  private mutating func completeStatement(isFirst: Bool) {
    let isOutermost = bracket == nil
    if isOutermost, isInHead { addKeywords([.recipe, .clusters, .param]) }
    addCommands()
    addKeywords([
      .let, .var, .if, .foreach, .parallel, .step, .retry, .during, .run, .waitFor, .assert, .try, .defer, .print,
      .fail, .skip,
    ])
    if isOutermost { addKeywords([.use, .task, .param]) }
    if isInTask { addKeywords([.return]) }
    if !isFirst { addKeywords([.with, .on, .within]) }
    addTasks()
    addNames()
    addFunctions()
  }

  private mutating func completeValue(mayBeCommand: Bool) {
    if ending == .on, isInBlock {
      addNames()
      for cluster in completer.live?.clusters ?? [] {
        add(cluster, .cluster, "a cluster that is there", text: "\"\(cluster)\"")
      }
      return
    }
    addNames()
    addTasks()
    addFunctions()
    addKeywords([.if, .not, .true, .false, .null, .try])
    switch bracket {
    case nil, .block, .parenthesis: addKeywords([.foreach, .parallel, .step, .retry, .during])
    default: break
    }
    if mayBeCommand { addCommands() }
  }

  private mutating func completeSign() {
    addKeywords([.and, .or, .in, .matches])
    if case .list? = bracket { addKeywords([.for, .if]) }
    var statement: Keyword?
    var hasCommand = false
    for surrounding in inner {
      switch surrounding {
      case .choice: addKeywords([.else])
      case .statement(let keyword): statement = statement ?? keyword
      case .command: hasCommand = true
      default: break
      }
    }
    switch statement {
    case .if, .try: addKeywords([.then, .else])
    case .foreach: addKeywords([.parallel])
    case .retry: addKeywords([.every])
    case .waitFor: addKeywords([.within, .every, .with, .on])
    case .step: addKeywords([.on, .within])
    default: addKeywords([.then])
    }
    if hasCommand { addKeywords([.with, .on, .within]) }
  }

  // MARK: Strings

  /// In quotes: the path of a file, a cluster behind `on`, or a key.
  mutating func completeString(from start: Int) {
    guard start <= offset else { return }
    switch place.surroundings.first {
    case .path: completePath(from: start)
    case .index(let base):
      for field in guess(base, in: before).fields { add(field.name, .field, field.detail, from: start) }
    default: if ending == .on { addClusters(from: start) }
    }
  }

  private mutating func completePath(from start: Int) {
    let typed = file.text(Span(start, offset))
    let folderPart = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    let folder = joined(file.folder, folderPart.isEmpty ? "." : folderPart)
    let nameStart = start + folderPart.utf8.count
    for entry in completer.live?.entries(of: normalized(folder).isEmpty ? "." : normalized(folder)) ?? [] {
      if entry.hasSuffix("/") {
        add(entry, .file, "a folder", from: nameStart)
      } else if entry.hasSuffix(".nbx"), joined(file.folder, folderPart + entry) != file.path {
        let title = title(of: normalized(joined(file.folder, folderPart + entry)))
        add(entry, .file, title, from: nameStart)
      }
    }
  }

  private func title(of path: String) -> String {
    guard let bytes = completer.read(path) else { return "" }
    return NameIndex(SourceFile(path: path, bytes: bytes), vocabulary: vocabulary).title ?? "a library"
  }
}

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
      let detail = parameter.summary(in: recipe.file)
      add(parameter.text + "=", .parameter, detail, from: start)
    }
  }
}
