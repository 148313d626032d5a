import Lexer

/// Makes a sketch of a file. It never fails: what makes no sense is passed over.
struct SketchReader {
  var lexer: Lexer
  let vocabulary: Vocabulary
  var sketch: Sketch
  var frames: [SketchFrame] = []
  /// The name that a symbol means at the place, or -1; and what has been bound, so that it can be taken back.
  private var meanings: [Int32] = []
  private var bound: [(symbol: Symbol, before: Int32, name: Int32)] = []
  /// References to no name known so far, by their marks: one bound behind them may be meant.
  var unresolved: [(mark: Int, symbol: Symbol)] = []
  private var tasks: [Symbol: Int32] = [:]
  /// The beginnings of the paths of each command's forms.
  var paths: [Symbol: Set<String>] = [:]
  /// The marks between the parentheses that closed last, for `(a, b) => …`.
  var lastClosed: Range<Int> = 0..<0
  var hasStatements = false
  /// How many steps and tasks surround the place.
  var openParts = 0
  /// Where the bracket or the string ends that closed last.
  var lastBracketEnd = 0
  let count: Int

  /// Brackets are looked for so far down only: hostile text must not make the search long.
  private static let deepestSearch = 64

  init(_ file: SourceFile, vocabulary: Vocabulary) {
    lexer = Lexer(file, names: vocabulary.names)
    self.vocabulary = vocabulary
    sketch = Sketch(file: file, symbols: vocabulary.names)
    count = file.bytes.count
    // Recipes have about one mark to ten letters.
    sketch.marks.reserveCapacity(count / 10)
    push(.block, at: lexer.position)
    for name in ["clusters"] + vocabulary.constants.map(\.name) {
      bind(declare(.given, lexer.names.intern(name), Span(0, 0)))
    }
  }

  /// Reads to the end of the file. What is open there stays so.
  mutating func read() {
    while !lexer.isAtEnd {
      switch frames[frames.count - 1].kind {
      case .string(let quote): readString(quote)
      case .word: readWord()
      case .command(let command): readWordStart(of: command)
      default: readToken()
      }
    }
  }

  /// Closes all that is open at the end of the file.
  mutating func closeAll() {
    while frames.count > 1 { pop() }
    endStatement()
    for bound in bound { sketch.names[Int(bound.name)].scope = scope(from: bound.name) }
    for place in sketch.parts.indices where sketch.parts[place].span.end == 0 {
      sketch.parts[place].span = Span(Int(sketch.parts[place].span.start), count)
    }
    for index in sketch.marks.indices where sketch.marks[index].kind == .task && sketch.marks[index].name < 0 {
      guard let symbol = lexer.names.find(sketch.text(of: sketch.marks[index])) else { continue }
      sketch.marks[index].name = tasks[symbol] ?? -1
    }
    sketch.symbols = lexer.names
  }

  var top: SketchFrame {
    _read { yield frames[frames.count - 1] }
    _modify { yield &frames[frames.count - 1] }
  }

  mutating func push(_ kind: SketchFrame.Kind, at start: Int) {
    frames.append(
      SketchFrame(
        kind, start: start, bound: bound.count, unresolved: unresolved.count, marks: sketch.marks.count))
  }

  /// Closes the innermost frame: its names end with it.
  mutating func pop() {
    if top.kind == .block { endStatement() }
    let frame = frames.removeLast()
    if case .command(let command) = frame.kind { classify(command) }
    while bound.count > frame.firstBound {
      let last = bound.removeLast()
      meanings[Int(last.symbol.index)] = last.before
      sketch.names[Int(last.name)].scope = scope(from: last.name)
    }
    if frame.part >= 0 {
      openParts -= 1
      sketch.parts[frame.part].span = Span(Int(sketch.parts[frame.part].span.start), lexer.position)
    }
  }

  private func scope(from name: Int32) -> Span {
    Span(Int(sketch.names[Int(name)].scope.start), lexer.position)
  }

  /// Closes frames up to and with the one that the bracket belongs to. Tells false if it belongs to none.
  mutating func close(_ bracket: Token.Kind) -> Bool {
    var depth = frames.count - 1
    let lowest = max(1, frames.count - SketchReader.deepestSearch)
    while depth >= lowest {
      if frames[depth].closing == bracket { break }
      // No other bracket closes what a brace does.
      if frames[depth].kind == .block || frames[depth].kind == .interpolation { return false }
      depth -= 1
    }
    guard depth >= lowest else { return false }
    let first = frames[depth].firstMark
    while frames.count > depth { pop() }
    lastClosed = first..<sketch.marks.count
    return true
  }

  // MARK: Names

  @discardableResult
  mutating func mark(_ kind: Sketch.Mark.Kind, _ start: Int, _ end: Int) -> Int {
    sketch.marks.append(Sketch.Mark(kind, Span(start, min(end, count))))
    return sketch.marks.count - 1
  }

  /// Notes a name that is bound, which means nothing yet.
  mutating func declare(_ kind: Sketch.BoundName.Kind, _ symbol: Symbol, _ span: Span) -> Int32 {
    let index = Int32(sketch.names.count)
    sketch.names.append(
      Sketch.BoundName(
        kind: kind, symbol: symbol, text: lexer.names[symbol], span: span, statement: top.statementStart))
    if kind == .task { tasks[symbol] = index }
    if kind != .given {
      let place = mark(kind == .task ? .task : .name, Int(span.start), Int(span.end))
      sketch.marks[place].isBinding = true
      sketch.marks[place].name = index
    }
    return index
  }

  /// Reads the name that stands next on the line and notes that it is bound.
  mutating func declareNext(_ kind: Sketch.BoundName.Kind) -> Int32? {
    lexer.skipBlanks()
    let start = lexer.position
    guard let symbol = lexer.nameHere() else { return nil }
    return declare(kind, symbol, Span(start, lexer.position))
  }

  /// From here on the name is known.
  mutating func bind(_ name: Int32) {
    let symbol = sketch.names[Int(name)].symbol
    bound.append((symbol, meaning(of: symbol), name))
    sketch.names[Int(name)].scope = Span(lexer.position, lexer.position)
    while meanings.count <= Int(symbol.index) { meanings.append(-1) }
    meanings[Int(symbol.index)] = name
  }

  func meaning(of symbol: Symbol) -> Int32 {
    symbol.index >= 0 && Int(symbol.index) < meanings.count ? meanings[Int(symbol.index)] : -1
  }

  mutating func refer(to symbol: Symbol, _ start: Int, _ end: Int) {
    let place = mark(.name, start, end)
    let name = meaning(of: symbol)
    sketch.marks[place].name = name
    if name < 0 { unresolved.append((place, symbol)) }
  }

  /// The names that are known at the place, the innermost first.
  var namesInScope: [Int32] { bound.reversed().map(\.name) }

  /// A comprehension's names stand behind the element that uses them.
  mutating func resolveBackwards(_ name: Int32) {
    guard frames.count < SketchReader.deepestSearch else { return }
    let symbol = sketch.names[Int(name)].symbol
    let first = min(top.firstUnresolved, unresolved.count)
    for reference in unresolved[first...] where reference.symbol == symbol {
      sketch.marks[reference.mark].name = name
    }
    unresolved.replaceSubrange(first..., with: unresolved[first...].filter { $0.symbol != symbol })
    sketch.names[Int(name)].scope = Span(top.start, lexer.position)
  }
}
