import Lexer

/// Goes through the tree of a file as the resolver does, and notes what every name means. It never complains: a name that
/// hides another takes its place.
struct NameIndexBuilder {
  private(set) var index: NameIndex
  private let unit: Unit
  private let vocabulary: Vocabulary
  private let symbols: NameTable
  /// Whether somebody wants to know of each stretch, and not only what is bound.
  private let hasStretches: Bool
  /// The name that a symbol means at the place, or -1; and what has been bound, so that it can be taken back.
  private var meanings: [Int32]
  private var bound: [(symbol: Symbol, before: Int32)] = []
  /// What is called, by the places of the stretches: a task may be defined below.
  private var calls: [(stretch: Int, symbol: Symbol)] = []
  private var tasks: [Symbol: Int32] = [:]
  /// The tasks still to be gone through: they know all names of the file's own statements.
  private var laterTasks: [(task: Task, name: Int32)] = []
  /// The beginnings of the paths of each command's forms.
  private var paths: [Symbol: Set<String>] = [:]
  /// Where the block ends that surrounds the place.
  private var scopeEnd: Int

  init(_ unit: Unit, _ parser: Parser) {
    self.unit = unit
    vocabulary = parser.vocabulary
    symbols = parser.lexer.names
    index = NameIndex(file: unit.file, symbols: symbols)
    hasStretches = parser.stretches.isKept
    index.stretches = parser.stretches.all
    meanings = Array(repeating: -1, count: symbols.count)
    scopeEnd = unit.file.bytes.count
  }

  mutating func indexFile() {
    for name in ["clusters"] + vocabulary.constants.map(\.name) {
      guard let symbol = symbols.find(name) else {
        add(.given, name, Span(0, 0), statement: Span(0, 0), scope: Span(0, scopeEnd))
        continue
      }
      declare(.given, Variable(symbol, Span(0, 0)), in: Span(0, 0), scope: Span(0, scopeEnd))
    }
    if let span = unit.titleSpan, let text = unit.titleTextSpan {
      index.parts.append(.init(kind: .recipe, name: text, span: span.joined(with: text)))
    }
    for task in unit.tasks { declare(task) }
    for parameter in unit.parameters { declare(parameter) }
    for statement in unit.body.statements { go(statement) }
    // The list grows by what stands in broken tasks.
    var next = 0
    while next < laterTasks.count {
      go(laterTasks[next].task, laterTasks[next].name)
      next += 1
    }
    for call in calls { index.stretches[call.stretch].name = tasks[call.symbol] ?? -1 }
    index.parts.sort { $0.span.start < $1.span.start }
    index.mentions.sort { $0.span.start < $1.span.start }
    index.commands.sort { $0.nameSpan.start < $1.nameSpan.start }
    if hasStretches { addComments() }
  }

  // MARK: Names

  /// Notes a name that is bound; from now on it is known.
  @discardableResult
  private mutating func declare(
    _ kind: NameIndex.BoundName.Kind, _ variable: Variable, in statement: Span, value: Expression? = nil, scope: Span,
    task: Int32 = -1
  ) -> Int32 {
    guard variable.symbol != .none else { return -1 }
    let name = add(
      kind, symbols[variable.symbol], variable.span, statement: statement, value: value, scope: scope, task: task)
    if let place = stretch(at: variable.span) { index.stretches[place].name = name }
    if kind != .task {
      bound.append((variable.symbol, meanings[Int(variable.symbol.index)]))
      meanings[Int(variable.symbol.index)] = name
    }
    return name
  }

  @discardableResult
  private mutating func add(
    _ kind: NameIndex.BoundName.Kind, _ text: String, _ span: Span, statement: Span, value: Expression? = nil,
    scope: Span, task: Int32 = -1
  ) -> Int32 {
    index.names.append(
      .init(kind: kind, text: text, span: span, statement: statement, value: value, scope: scope, task: task))
    return Int32(index.names.count - 1)
  }

  private mutating func declare(_ parameter: Parameter) {
    go(parameter.value)
    declare(
      .parameter, parameter.variable, in: parameter.span, value: parameter.value,
      scope: Span(Int(parameter.span.end), index.file.bytes.count))
  }

  private mutating func declare(_ task: Task) {
    let name = declare(
      .task, Variable(task.symbol, task.nameSpan), in: task.span,
      scope: Span(Int(task.span.start), index.file.bytes.count))
    tasks[task.symbol] = name
    laterTasks.append((task, name))
    index.parts.append(.init(kind: .task, name: task.nameSpan, span: task.span))
  }

  /// What is bound meanwhile is known only there.
  private mutating func scoped(_ body: (inout NameIndexBuilder) -> Void) {
    let first = bound.count
    body(&self)
    while bound.count > first {
      let last = bound.removeLast()
      meanings[Int(last.symbol.index)] = last.before
    }
  }

  private mutating func refer(to symbol: Symbol, _ span: Span) {
    guard hasStretches, symbol.index >= 0, let place = stretch(at: span) else { return }
    index.stretches[place].name = meanings[Int(symbol.index)]
  }

  /// The place of the stretch that begins where a span does.
  private func stretch(at span: Span) -> Int? {
    var low = 0
    var high = index.stretches.count
    while low < high {
      let middle = (low + high) / 2
      if index.stretches[middle].span.start < span.start { low = middle + 1 } else { high = middle }
    }
    return low < index.stretches.count && index.stretches[low].span.start == span.start && span.end > span.start
      ? low : nil
  }

  // MARK: Statements

  private mutating func go(_ task: Task, _ name: Int32) {
    scoped { builder in
      for parameter in task.parameters {
        if let value = parameter.value { builder.go(value) }
        builder.declare(
          .taskParameter, parameter.variable, in: task.span, value: parameter.value,
          scope: Span(Int(parameter.variable.span.end), Int(task.body.span.end)), task: name)
      }
      builder.go(task.body)
    }
  }

  private mutating func go(_ block: Block) {
    let outer = scopeEnd
    scopeEnd = Int(block.span.end)
    scoped { builder in for statement in block.statements { builder.go(statement) } }
    scopeEnd = outer
  }

  private mutating func go(_ statement: Statement) {
    switch statement {
    case .bind(let node):
      go(node.value)
      declare(
        node.isVar ? .variable : .constant, node.variable, in: node.span, value: node.value,
        scope: Span(Int(node.span.end), scopeEnd))
    case .assign(let node):
      go(node.value)
      refer(to: node.variable.symbol, node.variable.span)
    case .conditional(let node):
      for branch in node.branches {
        go(branch.condition)
        go(branch.body)
      }
      if let otherwise = node.otherwise { go(otherwise) }
    case .foreach(let node):
      go(node.source)
      if case .atMost(let count) = node.order { go(count) }
      scoped { builder in
        for variable in node.variables {
          builder.declare(.loopVariable, variable, in: node.span, value: node.source, scope: node.body.span)
        }
        builder.go(node.body)
      }
    case .parallel(let block, _): goParallel(block)
    case .step(let node):
      index.parts.append(.init(kind: .step, name: node.name.span, span: node.span))
      go(node.name)
      go([node.cluster, node.limit])
      go(node.body)
    case .retry(let node):
      go([node.count, node.pause])
      go(node.body)
    case .during(let node):
      go(node.call)
      go(node.body)
      if let variable = node.variable {
        declare(.constant, variable, in: node.span, scope: Span(Int(node.span.end), scopeEnd))
      }
    case .return(let value, _): go([value])
    case .use(let node): mention(isUse: true, node.path, node.pathSpan, [])
    case .run(let node):
      let names = node.arguments.filter { !$0.name.isEmpty }.map { argument in
        Span(Int(argument.span.start), Int(argument.span.start) + argument.name.utf8.count)
      }
      mention(isUse: false, node.path, node.pathSpan, names)
      for argument in node.arguments { go(argument.value) }
    case .wait(let node): go([node.condition, node.limit, node.pause, node.text])
    case .assert(let node): go([node.condition, node.text])
    case .attempt(let node):
      go(node.body)
      guard let handler = node.handler else { return }
      scoped { builder in
        if let error = node.error { builder.declare(.failure, error, in: node.span, scope: handler.span) }
        builder.go(handler)
      }
    case .defer(let block, _): go(block)
    case .print(let values, _): for value in values { go(value) }
    case .fail(let text, _), .skip(let text, _): go(text)
    case .expression(let expression): go(expression)
    case .broken(let node):
      for task in node.tasks { declare(task) }
      for parameter in node.parameters { declare(parameter) }
      for statement in node.statements { go(statement) }
    }
  }

  /// Each statement has names of its own.
  private mutating func goParallel(_ block: Block) {
    let outer = scopeEnd
    for (place, statement) in block.statements.enumerated() {
      let isLast = place == block.statements.count - 1
      scopeEnd = isLast ? Int(block.span.end) : Int(block.statements[place + 1].span.start)
      scoped { $0.go(statement) }
    }
    scopeEnd = outer
  }

  private mutating func mention(isUse: Bool, _ path: String, _ span: Span, _ arguments: [Span]) {
    guard span.end > 0 else { return }
    index.mentions.append(.init(isUse: isUse, path: path, span: span, arguments: arguments))
  }

  // MARK: Expressions

  private mutating func go(_ expressions: [Expression?]) { for case let expression? in expressions { go(expression) } }

  private mutating func go(_ expression: Expression) {
    switch expression.form {
    case .literal, .missing: break
    case .text(let pieces): go(pieces)
    case .name(let symbol): if hasStretches { refer(to: symbol, nameSpan(of: expression, symbol)) }
    case .list(let elements): for element in elements { go(element) }
    case .map(let entries):
      for entry in entries {
        if case .text(let key) = entry.key { go(key) }
        go(entry.value)
      }
    case .comprehension(let node):
      go(node.source)
      scoped { builder in
        for variable in node.variables {
          builder.declare(.loopVariable, variable, in: expression.span, value: node.source, scope: expression.span)
        }
        builder.go([node.condition, node.element])
      }
    case .negate(let operand), .not(let operand), .field(let operand, _): go(operand)
    case .and(let left, let right), .or(let left, let right), .coalesce(let left, let right),
      .binary(_, let left, let right), .index(let left, let right):
      go([left, right])
    case .conditional(let condition, let yes, let no): go([condition, yes, no])
    case .method(let call):
      go(call.base)
      for argument in call.arguments {
        switch argument {
        case .value(let value): go(value)
        case .lambda(let lambda): go(lambda)
        }
      }
    case .call(let call): go(call)
    case .command(let call): go(call)
    case .attempt(let attempt):
      switch attempt.body {
      case .expression(let operand): go(operand)
      case .block(let block): go(block)
      }
    case .statement(let statement): go(statement)
    }
  }

  /// Of a name in parentheses, the span of the name alone.
  private func nameSpan(of expression: Expression, _ symbol: Symbol) -> Span {
    let length = symbols[symbol].utf8.count
    guard expression.span.range.count > length else { return expression.span }
    var start = Int(expression.span.start)
    while start < Int(expression.span.end), stretch(at: Span(start, start + 1)) == nil { start += 1 }
    return Span(start, start + length)
  }

  private mutating func go(_ lambda: Lambda) {
    scoped { builder in
      for parameter in lambda.parameters {
        builder.declare(.functionParameter, parameter, in: lambda.span, scope: lambda.span)
      }
      builder.go(lambda.body)
    }
  }

  private mutating func go(_ call: Call) {
    if let place = stretch(at: call.nameSpan), index.stretches[place].kind == .task { calls.append((place, call.name)) }
    for argument in call.arguments {
      if argument.label != nil { index.labels[Int(argument.span.start)] = symbols[call.name] }
      go(argument.value)
    }
  }

  private mutating func go(_ pieces: [TextPiece]) { for case .expression(let value) in pieces { go(value) } }

  private mutating func go(_ word: Word) { for value in word.values { go(value) } }

  private mutating func go(_ call: CommandCall) {
    index.commands.append(call)
    for word in call.words { go(word) }
    go([call.document, call.cluster, call.limit])
    if hasStretches { classify(call) }
  }

  // MARK: Words and comments

  /// Tells a command's path, its flags and its other words apart.
  private mutating func classify(_ call: CommandCall) {
    let known = paths(of: call.symbol)
    var path = ""
    var isPath = !known.isEmpty
    for word in call.words {
      guard let place = stretch(at: word.span), index.stretches[place].kind == .word else {
        isPath = false
        continue
      }
      let text = index.file.text(index.stretches[place].span)
      if text.hasPrefix("-"), text.utf8.count > 1 {
        index.stretches[place].kind = .flag
        isPath = false
      } else if isPath {
        path += (path.isEmpty ? "" : " ") + text
        isPath = word.literal(in: index.file) != nil && known.contains(path)
        if isPath { index.stretches[place].kind = .subcommand }
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

  /// Outside of all stretches a `#` begins a comment.
  private mutating func addComments() {
    let file = index.file
    var all: [Stretch] = []
    all.reserveCapacity(index.stretches.count + 16)
    var place = 0
    func passGap(to end: Int) {
      while place < end {
        guard file.bytes[place] == UInt8(ascii: "#") else {
          place += 1
          continue
        }
        let start = place
        while place < end, file.bytes[place] != UInt8(ascii: "\n") { place += 1 }
        all.append(Stretch(.comment, Span(start, place)))
      }
    }
    for stretch in index.stretches {
      passGap(to: Int(stretch.span.start))
      all.append(stretch)
      place = Int(stretch.span.end)
    }
    passGap(to: file.bytes.count)
    index.stretches = all
  }
}
