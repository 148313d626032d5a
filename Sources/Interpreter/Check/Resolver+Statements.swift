import Lexer

extension Resolver {
  /// Resolves the statements of a block in a scope of their own.
  ///
  /// - Returns: whether nothing behind the block is reached.
  @discardableResult
  mutating func resolve(_ block: Block, opening: Bool = true) -> Bool {
    if opening { scope.open() }
    var end: Span?
    var steps: [String: Span] = [:]
    for (place, statement) in block.statements.enumerated() {
      let isLast = place == block.statements.count - 1
      noteUnreadOutcome(of: statement, isLast: isLast)
      noteStep(statement, among: &steps)
      let isOver = resolve(statement)
      guard isOver, end == nil else { continue }
      end = statement.span
      if !isLast, isLinting {
        warn(.unreachable(after: firstWord(of: statement.span)), block.statements[place + 1].span)
      }
    }
    if opening { closeScope() }
    return end != nil
  }

  /// - Returns: whether nothing behind the statement is reached.
  @discardableResult
  mutating func resolve(_ statement: Statement) -> Bool {
    switch statement {
    case .bind(let node):
      let type = resolve(node.value)
      node.variable.slot = bind(node.variable, as: role(of: node), node.isVar ? .unknown : type)
      if !node.isVar { noteShape(of: node.variable, node.value) }
      noteCommand(of: node.variable, node.value)
    case .assign(let node): assign(node)
    case .conditional(let node): return conditional(node)
    case .foreach(let node): foreach(node)
    case .parallel(let block, _): return parallel(block)
    case .step(let node):
      resolve(node.name)
      if let cluster = node.cluster { on(cluster) }
      if let limit = node.limit { duration(limit, "`within`") }
      return resolve(node.body)
    case .retry(let node):
      count(node.count, "`retry`", "retry 5 every 2s { … }")
      if let pause = node.pause { duration(pause, "`every`") }
      return resolve(node.body)
    case .during(let node):
      command(node.call, goesOn: true)
      let ends = resolve(node.body)
      if let variable = node.variable {
        variable.slot = bind(variable, as: .silenced, .unknown)
        noteShape(of: variable, node.call)
      }
      return ends
    case .return(let value, let span):
      if let value { resolve(value) }
      if scope.lanes > 0 || isInDefer || isInOperand { report(.returnsFromLane, span) }
      return true
    case .use(let node): bringIn(node)
    case .run(let node): for argument in node.arguments { resolve(argumentOfRun: argument.value) }
    case .wait(let node): wait(node)
    case .assert(let node):
      condition(node.condition, "`assert`")
      if let text = node.text { resolve(text) }
    case .attempt(let node): return attempt(node)
    case .defer(let block, _):
      let outer = isInDefer
      isInDefer = true
      resolve(block)
      isInDefer = outer
    case .print(let values, _): for value in values { resolve(value) }
    case .fail(let text, _), .skip(let text, _):
      resolve(text)
      return true
    case .expression(let expression): resolve(expression)
    // What is wrong there has been said.
    case .broken: break
    }
    return false
  }

  private mutating func conditional(_ node: Conditional) -> Bool {
    var isOver = node.otherwise != nil
    var seen: [[UInt8]: Span] = [:]
    for branch in node.branches {
      let calls = self.calls
      condition(branch.condition, "`if`")
      if node.branches.count > 1, self.calls == calls { noteRepeated(branch.condition, among: &seen) }
      if !resolve(branch.body) { isOver = false }
    }
    if let otherwise = node.otherwise, !resolve(otherwise) { isOver = false }
    return isOver
  }

  private mutating func attempt(_ node: TryStatement) -> Bool {
    let isOver = resolve(node.body)
    guard let handler = node.handler else { return false }
    scope.open()
    if let error = node.error { error.slot = bind(error, as: .error, .string) }
    let handlerIsOver = resolve(handler)
    // `else err { }` says that a failure does not matter.
    if let error = node.error, handler.statements.isEmpty { scope.noteRead(error.symbol) }
    closeScope()
    return isOver && handlerIsOver
  }

  private mutating func wait(_ node: Wait) {
    let calls = self.calls
    if node.isCommand {
      resolve(node.condition)
    } else {
      condition(node.condition, "`wait-for`")
      if self.calls == calls, !node.condition.isLiteral { warn(.fixedWait, node.condition.span) }
    }
    if let limit = node.limit { duration(limit, "`within`") }
    if let pause = node.pause { duration(pause, "`every`") }
    if let text = node.text { resolve(text) }
  }

  private mutating func assign(_ node: Assign) {
    let symbol = node.variable.symbol
    let before = (calls, wasRead: scope[symbol]?.isRead ?? true)
    resolve(node.value)
    let name = names[symbol]
    guard let binding = scope[symbol] else {
      let suggestion = suggestion(for: name)
      report(.unknownName(name, suggestion: suggestion ?? "let \(name) = …"), node.variable.span)
      return
    }
    if !before.wasRead, calls == before.0 { scope.forgetRead(symbol) }
    scope.noteChange(symbol)
    node.variable.slot = binding.slot
    if binding.isGiven { return report(.changesGivenName(name), node.variable.span) }
    if scope.isOutside(binding) { return report(.changesOutsideTask(name), node.variable.span) }
    if !binding.isVar { return report(.changesLet(name), node.variable.span) }
    if binding.lanes < scope.lanes { report(.changesAcrossLanes(name), node.variable.span) }
  }

  private mutating func foreach(_ node: Foreach) {
    let source = resolve(node.source)
    expect(node.source, source, [.list, .map], "`foreach`", "a list or a map", "foreach x in [1, 2, 3] { … }")
    if case .atMost(let count) = node.order {
      self.count(count, "`parallel`", "parallel 4 { … }")
    }
    let outer = scope.lanes
    if case .oneByOne = node.order {} else { scope.lanes += 1 }
    let calls = self.calls
    scope.open()
    bindElements(node.variables, of: source)
    noteShape(of: node.variables, elementsOf: node.source)
    resolve(node.body, opening: false)
    excuseElements(node.variables, of: source, hasCalls: self.calls > calls)
    closeScope()
    scope.lanes = outer
  }

  private mutating func parallel(_ block: Block) -> Bool {
    var isOver = false
    var steps: [String: Span] = [:]
    scope.lanes += 1
    for statement in block.statements {
      noteUnreadOutcome(of: statement, isLast: true)
      noteStep(statement, among: &steps)
      scope.open()
      if resolve(statement) { isOver = true }
      closeScope()
    }
    scope.lanes -= 1
    return isOver
  }

  private mutating func bringIn(_ node: Use) {
    guard let library = node.unit else { return }
    for task in library.tasks { register(task, at: node.span) }
    for case .bind(let bound) in library.body.statements {
      let own = bind(Variable(bound.variable.symbol, node.span), as: .imported, .unknown)
      node.imported.append((bound.variable.slot, own))
    }
  }

  /// A lone `$x` or `${…}` hands on its value; all else is text.
  private mutating func resolve(argumentOfRun word: Word) {
    if case .value(let value) = word.content { resolve(value) } else { resolve(word) }
  }
}
