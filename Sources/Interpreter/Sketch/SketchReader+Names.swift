import Lexer

/// Names and keywords.
extension SketchReader {
  mutating func readName(_ token: Token, mayBeCommand: Bool) {
    let start = Int(token.span.start)
    let end = lexer.position
    let isCalled = lexer.byte() == UInt8(ascii: "(")
    if top.isBehindDot {
      mark(isCalled ? .method : .field, start, end)
      top.callee = isCalled ? Symbol.none : nil
      return noteOperand()
    }
    if top.isKeyDue {
      guard top.kind == .taskParameters else {
        mark(.key, start, end)
        return
      }
      top.isKeyDue = false
      let name = declare(.taskParameter, token.symbol, token.span)
      sketch.names[Int(name)].task = frames[frames.count - 2].binding
      top.binding = name
      let task = frames.count - 2
      frames[task].blockNames = min(frames[task].blockNames.lowerBound, Int(name))..<(Int(name) + 1)
      bind(name)
      return noteOperand()
    }
    if vocabulary.isCommand(token.symbol) {
      mark(.command, start, end)
      noteOperand()
      if mayBeCommand { startCommand(.command, token.symbol, token.span) }
      return
    }
    if case .call(let callee) = top.kind, nextByte() == UInt8(ascii: ":") {
      mark(.label, start, end)
      sketch.labels[start] = lexer.names[callee]
      return
    }
    if isCalled {
      mark(vocabulary.isFunction(token.symbol) ? .function : .task, start, end)
      top.callee = token.symbol
    } else if isArrowNext {
      let name = declare(.functionParameter, token.symbol, token.span)
      bind(name)
    } else if vocabulary.isFunction(token.symbol) {
      mark(.function, start, end)
    } else {
      refer(to: token.symbol, start, end)
    }
    noteOperand()
    // `name = value`; what ends so is read as a value.
    if top.kind == .block, start == top.statementStart { top.statement = nil }
  }

  /// The next byte behind blanks on the line.
  private func nextByte() -> UInt8 {
    var ahead = 0
    while ahead < 16, lexer.byte(ahead) == UInt8(ascii: " ") { ahead += 1 }
    return lexer.byte(ahead)
  }

  private var isArrowNext: Bool {
    var ahead = 0
    while ahead < 16, lexer.byte(ahead) == UInt8(ascii: " ") { ahead += 1 }
    return lexer.byte(ahead) == UInt8(ascii: "=") && lexer.byte(ahead + 1) == UInt8(ascii: ">")
  }

  /// `(a, b) =>`: what looked like names between parentheses binds them.
  mutating func bindFunctionParameters() {
    noteOperator()
    guard lastClosed.upperBound == sketch.marks.count, lastClosed.count <= 8 else { return }
    for place in lastClosed where sketch.marks[place].kind == .name && !sketch.marks[place].isBinding {
      let span = sketch.marks[place].span
      guard let symbol = lexer.names.find(sketch.file.text(span)) else { continue }
      let name = declare(.functionParameter, symbol, span)
      // The name has its mark already.
      sketch.marks[place] = sketch.marks.removeLast()
      bind(name)
    }
    unresolved.removeAll { lastClosed.contains($0.mark) }
    lastClosed = 0..<0
  }

  mutating func readKeyword(_ token: Token) {
    let start = Int(token.span.start)
    guard let keyword = token.keyword else { return }
    switch keyword {
    case .clusters:
      if start == top.statementStart, frames.count == 1, !hasStatements, beginsClusterNames {
        mark(.keyword, start, lexer.position)
        return startCommand(.clusters, token.symbol, token.span)
      }
      refer(to: token.symbol, start, lexer.position)
      return noteOperand()
    case .true, .false, .null:
      mark(.keyword, start, lexer.position)
      return noteOperand()
    default: mark(.keyword, start, lexer.position)
    }
    top.operandDue = true
    top.isBehindDot = false
    top.isUnfinished = false
    switch keyword {
    case .let: declareStatement(.constant)
    case .var: declareStatement(.variable)
    case .param: declareStatement(.parameter)
    case .task: declareTask(start)
    case .recipe: top.nextPart = part(.recipe, from: start)
    case .step: top.nextPart = part(.step, from: start)
    case .foreach: top.blockNames = declareAll(.loopVariable)
    case .for: readComprehension()
    case .try:
      top.blockFollows = nextByte() == UInt8(ascii: "{")
      top.commandMayFollow = true
    case .return, .waitFor, .during: top.commandMayFollow = true
    case .parallel: top.blockFollows = nextByte() == UInt8(ascii: "{")
    case .defer: top.blockFollows = true
    case .then:
      top.thens += 1
      top.isUnfinished = true
    case .else: readElse()
    case .with, .on, .within, .every: top.ending = keyword
    case .in:
      top.isUnfinished = true
      noteLoopSource()
    case .and, .or, .not, .matches: top.isUnfinished = true
    default: break
    }
  }

  private var beginsClusterNames: Bool {
    let next = nextByte()
    let isAlone = lexer.byte() != UInt8(ascii: " ")
    return !isAlone && (Lexer.startsName(next) || Lexer.isDigit(next) || next == 0 || next == UInt8(ascii: "\n"))
  }

  private mutating func declareStatement(_ kind: Sketch.BoundName.Kind) {
    guard let name = declareNext(kind) else { return }
    if top.kind == .block { top.binding = name }
    noteOperand()
  }

  private mutating func declareAll(_ kind: Sketch.BoundName.Kind) -> Range<Int> {
    let first = sketch.names.count
    while declareNext(kind) != nil, nextByte() == UInt8(ascii: ",") {
      lexer.skipBlanks()
      lexer.position += 1
    }
    return first..<sketch.names.count
  }

  /// What a loop goes over is the value of its names.
  private mutating func noteLoopSource() {
    for name in top.blockNames where sketch.names[name].kind == .loopVariable && sketch.names[name].value.end == 0 {
      sketch.names[name].value = Span(lexer.position, lexer.position)
    }
  }

  private mutating func readComprehension() {
    guard top.kind == .list, !top.hasFor else { return }
    top.hasFor = true
    top.blockNames = declareAll(.loopVariable)
    for name in top.blockNames {
      bind(Int32(name))
      resolveBackwards(Int32(name))
    }
  }

  private mutating func declareTask(_ start: Int) {
    let part = part(.task, from: start)
    lexer.skipBlanks()
    let nameStart = lexer.position
    guard let name = declareNext(.task) else { return }
    sketch.parts[part].name = Span(nameStart, lexer.position)
    top.nextPart = part
    top.binding = name
    top.parametersFollow = true
    top.blockNames = sketch.names.count..<sketch.names.count
    noteOperand()
  }

  private mutating func readElse() {
    if top.thens > 0 {
      top.thens -= 1
      top.isUnfinished = true
      return
    }
    top.blockFollows = true
    guard Lexer.startsName(nextByte()) else { return }
    lexer.skipBlanks()
    let start = lexer.position
    guard let symbol = lexer.nameHere() else { return }
    // `else if`
    guard vocabulary.reservedKind(symbol) == nil else {
      lexer.position = start
      top.blockFollows = false
      return
    }
    let name = declare(.failure, symbol, Span(start, lexer.position))
    top.blockNames = Int(name)..<(Int(name) + 1)
  }

  private mutating func part(_ kind: Sketch.Part.Kind, from start: Int) -> Int {
    sketch.parts.append(Sketch.Part(kind: kind, name: Span(start, start), span: Span(start, 0), depth: openParts))
    return sketch.parts.count - 1
  }
}
