import Lexer

/// Commands' words and strings.
extension SketchReader {
  mutating func startCommand(_ form: Sketch.SketchedCommand.Form, _ symbol: Symbol, _ name: Span) {
    sketch.commands.append(Sketch.SketchedCommand(form: form, symbol: symbol, nameSpan: name))
    let place = sketch.commands.count - 1
    if form == .command { top.command = place }
    push(.command(place), at: lexer.position)
  }

  /// Passes the space between words; ends the command where it ends.
  mutating func readWordStart(of command: Int) {
    let below = frames[frames.count - 2]
    let before = lexer.position
    while true {
      lexer.skipBlanks()
      if lexer.byte() == UInt8(ascii: "#") { passComment() }
      if lexer.isAtEnd { return }
      guard lexer.isAtLineEnd else { break }
      if below.linesAreSpace {
        lexer.position += 1
        continue
      }
      return readContinuation(of: command, below, from: before)
    }
    switch lexer.byte() {
    case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: "]"): endCommand()
    default:
      let isWait = below.statement == .waitFor && lexer.isAt(word: "every")
      if lexer.isAtEndingKeyword || isWait { return endCommand() }
      startWord(of: command)
    }
  }

  /// A line's end has come: the line below may go on with the command.
  private mutating func readContinuation(of command: Int, _ below: SketchFrame, from end: Int) {
    let marks = sketch.marks.count
    let lineEnd = lexer.position
    _ = passSpace()
    if !lexer.isAtEnd, sketch.commands[command].form == .command {
      if lexer.isAtEndingKeyword { return endCommand() }
      if below.kind == .block, lexer.byte() == UInt8(ascii: "-") { return startWord(of: command) }
    }
    // Comments between are read again by whoever comes next.
    sketch.marks.removeLast(sketch.marks.count - marks)
    lexer.position = lineEnd
    endCommand()
  }

  private mutating func endCommand() {
    pop()
    noteOperand()
  }

  private mutating func startWord(of command: Int) {
    let start = lexer.position
    sketch.commands[command].words.append(
      Sketch.SketchedWord(span: Span(start, start), mark: sketch.marks.count))
    push(.word, at: start)
    if isSpread(start) { lexer.position += 3 }
  }

  private func isSpread(_ start: Int) -> Bool {
    (0..<3).allSatisfy { lexer.byte($0) == UInt8(ascii: ".") }
  }

  mutating func readWord() {
    while !lexer.isAtEnd {
      switch lexer.byte() {
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        let start = lexer.position
        guard let quote = try? lexer.next() else {
          lexer.position += 1
          return
        }
        return push(.string(quote.kind), at: start)
      case UInt8(ascii: "$"):
        noteInterpolation()
        if readDollar() { return }
      default:
        if top.open.isEmpty, lexer.isAtWordEnd { return endWord() }
        let start = lexer.position
        var open = top.open
        top.open = []
        lexer.skipBareText(open: &open)
        top.open = open
        if lexer.position == start { return endWord() }
        mark(.word, start, lexer.position)
      }
    }
  }

  /// The word being read is known only during the run.
  private mutating func noteInterpolation() {
    guard frames.count > 1, case .command(let command) = frames[frames.count - 2].kind, top.kind == .word else {
      return
    }
    sketch.commands[command].words[sketch.commands[command].words.count - 1].isLiteral = false
  }

  /// Reads what a dollar sign brings. Tells whether an expression begins.
  private mutating func readDollar() -> Bool {
    let start = lexer.position
    if lexer.byte(1) == UInt8(ascii: "{") {
      lexer.position += 2
      push(.interpolation, at: start)
      top.commandMayFollow = true
      return true
    }
    lexer.position += 1
    if let symbol = lexer.nameHere() { refer(to: symbol, start + 1, lexer.position) }
    return false
  }

  private mutating func endWord() {
    let start = top.start
    pop()
    guard case .command(let command) = top.kind, !sketch.commands[command].words.isEmpty else { return }
    let last = sketch.commands[command].words.count - 1
    sketch.commands[command].words[last].span = Span(start, lexer.position)
  }

  // MARK: Strings

  mutating func readString(_ quote: Token.Kind) {
    let isTripled = quote == .tripleQuote || quote == .rawTripleQuote
    let isRaw = quote == .rawQuote || quote == .rawTripleQuote
    let sign = isRaw ? UInt8(ascii: "'") : UInt8(ascii: "\"")
    while !lexer.isAtEnd {
      switch lexer.byte() {
      case sign where !isTripled || (lexer.byte(1) == sign && lexer.byte(2) == sign):
        lexer.position += isTripled ? 3 : 1
        return endString(isClosed: true)
      case UInt8(ascii: "\n") where !isTripled: return endString(isClosed: false)
      case UInt8(ascii: "\\") where !isRaw:
        lexer.position = min(count, lexer.position + (lexer.byte(1) == UInt8(ascii: "\n") ? 1 : 2))
      case UInt8(ascii: "$") where !isRaw:
        if lexer.position > top.start { mark(.string, top.start, lexer.position) }
        if frames.count > 1, frames[frames.count - 2].kind == .word {
          let string = frames.removeLast()
          noteInterpolation()
          frames.append(string)
        }
        if readDollar() { return }
        top.start = lexer.position
      default: lexer.position += 1
      }
    }
  }

  private mutating func endString(isClosed: Bool) {
    let start = top.opening
    if lexer.position > top.start { mark(.string, top.start, lexer.position) }
    lastBracketEnd = lexer.position
    pop()
    switch top.kind {
    case .word: return
    case .map where top.isKeyDue: return
    case .block: noteStatementText(Span(start, lexer.position), isClosed: isClosed)
    default: noteOperand()
    }
  }

  /// A text in a statement: the path of `use` and `run`, the name of a step, the title of a recipe.
  private mutating func noteStatementText(_ span: Span, isClosed: Bool) {
    noteOperand()
    if top.nextPart >= 0, sketch.parts[top.nextPart].name.start == sketch.parts[top.nextPart].name.end {
      sketch.parts[top.nextPart].name = span
      if sketch.parts[top.nextPart].kind == .recipe {
        sketch.parts[top.nextPart].span = Span(Int(sketch.parts[top.nextPart].span.start), lexer.position)
        top.nextPart = -1
      }
    }
    guard isClosed, top.statement == .use || top.statement == .run, top.ending == nil else { return }
    let inner = Span(Int(span.start) + 1, Int(span.end) - 1)
    top.ending = .with
    sketch.mentions.append(
      Sketch.FileMention(
        isUse: top.statement == .use, path: sketch.file.text(inner), span: inner, arguments: nil))
    guard top.statement == .run else { return }
    sketch.mentions[sketch.mentions.count - 1].arguments = sketch.commands.count
    startCommand(.arguments, .none, span)
  }

  // MARK: What the words are

  /// Tells a command's path, its flags and its other words apart.
  mutating func classify(_ place: Int) {
    guard sketch.commands[place].form == .command else { return }
    let symbol = sketch.commands[place].symbol
    let known = paths(of: symbol)
    var isPath = !known.isEmpty
    var path = ""
    for word in sketch.commands[place].words {
      guard word.mark < sketch.marks.count, sketch.marks[word.mark].kind == .word else {
        isPath = false
        continue
      }
      let span = sketch.marks[word.mark].span
      if lexer.byte(Int(span.start) - lexer.position) == UInt8(ascii: "-"), span.end > span.start + 1 {
        sketch.marks[word.mark].kind = .flag
        isPath = false
      } else if isPath {
        path += (path.isEmpty ? "" : " ") + sketch.file.text(span)
        isPath = word.isLiteral && known.contains(path)
        if isPath { sketch.marks[word.mark].kind = .subcommand }
      }
    }
  }

  /// `stream` and `stream add`, of the form `stream add`.
  private mutating func paths(of symbol: Symbol) -> Set<String> {
    if let known = paths[symbol] { return known }
    var found: Set<String> = []
    for form in vocabulary.command(symbol).grammar.forms {
      for length in form.path.indices { found.insert(form.path[...length].joined(separator: " ")) }
    }
    paths[symbol] = found
    return found
  }
}

extension CommandGrammar {
  /// The forms, if nbx knows the words.
  var forms: [CommandForm] {
    switch self {
    case .anyWords, .program: []
    case .forms(let forms): forms
    }
  }
}
