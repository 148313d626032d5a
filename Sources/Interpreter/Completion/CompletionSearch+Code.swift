import Lexer

/// Statements and expressions.
extension CompletionSearch {
  mutating func completeCode() {
    if top.isBehindDot { return completeFields() }
    if isNameDue || top.isKeyDue { return }
    if isAfterLoopName { return addKeywords([.in]) }
    if isAtStatement { return completeStatement() }
    if let keyword = lastKeyword {
      switch keyword {
      case .else where top.blockFollows: return addKeywords([.if])
      case .recipe, .use, .run, .parallel, .defer: return
      default: break
      }
    }
    top.operandDue ? completeValue() : completeOperator()
  }

  /// Whether a new name is being typed.
  private var isNameDue: Bool {
    switch lastKeyword {
    case .let, .var, .param, .task, .foreach, .for: true
    default: lastByte == UInt8(ascii: ",") && isAfterLoopName
    }
  }

  /// The keyword right before the place.
  private var lastKeyword: Keyword? {
    guard let mark = reader.sketch.marks.last, mark.kind == .keyword, isBlank(from: Int(mark.span.end)) else {
      return nil
    }
    let text = reader.sketch.text(of: mark)
    return Keyword.allCases.first { $0.text == text }
  }

  private var isAfterLoopName: Bool {
    guard let mark = reader.sketch.marks.last else { return false }
    return mark.isBinding && mark.name >= 0 && reader.sketch.names[Int(mark.name)].kind == .loopVariable
  }

  /// The last byte before the place that is no white space.
  private var lastByte: UInt8 {
    var place = nameStart
    while place > 0, file.bytes[place - 1] <= UInt8(ascii: " ") { place -= 1 }
    return place > 0 ? file.bytes[place - 1] : 0
  }

  private func isBlank(from start: Int) -> Bool {
    start <= nameStart && nameStart - start < 200
      && file.bytes[start..<nameStart].allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  }

  private var startsLine: Bool {
    var place = nameStart
    while place > 0, file.bytes[place - 1] == UInt8(ascii: " ") || file.bytes[place - 1] == UInt8(ascii: "\t") {
      place -= 1
    }
    return place == 0 || file.bytes[place - 1] == UInt8(ascii: "\n")
  }

  private var isAtStatement: Bool {
    guard top.kind == .block else { return false }
    return !top.hasStatement || (startsLine && !top.isUnfinished)
  }

  private mutating func completeStatement() {
    let mayGoOn = top.hasStatement
    // What the statement above binds is known now.
    reader.endStatement()
    if reader.frames.count == 1, !reader.hasStatements { addKeywords([.recipe, .clusters, .param]) }
    addCommands()
    addKeywords([
      .let, .var, .if, .foreach, .parallel, .step, .retry, .during, .run, .waitFor, .assert, .try, .defer, .print,
      .fail, .skip,
    ])
    if reader.frames.count == 1 { addKeywords([.use, .task, .param]) }
    if reader.frames.contains(where: { $0.part >= 0 && reader.sketch.parts[$0.part].kind == .task }) {
      addKeywords([.return])
    }
    if mayGoOn { addKeywords([.with, .on, .within]) }
    addTasks()
    addNames()
    addFunctions()
  }

  private mutating func completeValue() {
    if case .call(let task) = top.kind, isAtArgument { addLabels(of: task) }
    if top.ending == .on, top.kind == .block {
      addNames()
      for cluster in completer.live?.names(of: .clusters) ?? [] {
        add(cluster, .cluster, "a cluster that is there", text: "\"\(cluster)\"")
      }
      return
    }
    addNames()
    addTasks()
    addFunctions()
    addKeywords([.if, .not, .true, .false, .null, .try])
    if top.kind == .block || top.kind == .parenthesis || top.kind == .interpolation {
      addKeywords([.foreach, .parallel, .step, .retry, .during])
    }
    if top.commandMayFollow { addCommands() }
  }

  private var isAtArgument: Bool { lastByte == UInt8(ascii: "(") || lastByte == UInt8(ascii: ",") }

  private mutating func completeOperator() {
    addKeywords([.and, .or, .in, .matches])
    if top.kind == .list { addKeywords([.for, .if]) }
    if top.thens > 0 { addKeywords([.else]) }
    switch top.statement {
    case .if, .try: addKeywords([.then, .else])
    case .foreach: addKeywords([.parallel])
    case .retry: addKeywords([.every])
    case .waitFor: addKeywords([.within, .every, .with, .on])
    case .step: addKeywords([.on, .within])
    default: addKeywords([.then])
    }
    if top.command >= 0 { addKeywords([.with, .on, .within]) }
  }

  // MARK: Strings

  /// In quotes: the path of a file, or a cluster behind `on`.
  mutating func completeString() {
    let start = top.start + 1
    guard reader.frames.count > 1, start <= offset else { return }
    let below = reader.frames[reader.frames.count - 2]
    switch below.statement {
    case .use where below.ending == nil, .run where below.ending == nil: completePath(from: start)
    default:
      if below.ending == .on { addLive(.clusters, .cluster, "a cluster that is there", from: start) }
      completeKeys(from: start)
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
    return Sketch(SourceFile(path: path, bytes: bytes), vocabulary: vocabulary).title ?? "a library"
  }
}

extension Sketch {
  /// What the recipe says that it does.
  public var title: String? {
    guard let part = parts.first(where: { $0.kind == .recipe }), part.name.end > part.name.start + 1 else {
      return nil
    }
    return file.text(Span(Int(part.name.start) + 1, Int(part.name.end) - 1))
  }
}
