import Lexer

extension Resolver {
  /// Resolves the statements of a block in a scope of their own.
  mutating func resolve(_ block: Block, opening: Bool = true) {
    if opening { scope.open() }
    for statement in block.statements { resolve(statement) }
    if opening { scope.close() }
  }

  mutating func resolve(_ statement: Statement) {
    switch statement {
    case .bind(let node):
      resolve(node.value)
      node.variable.slot = bind(node.variable, isVar: node.isVar)
      noteCommand(of: node.variable, node.value)
    case .assign(let node): assign(node)
    case .conditional(let node):
      for branch in node.branches {
        resolve(branch.condition)
        checkCondition(branch.condition, "`if`")
        resolve(branch.body)
      }
      if let otherwise = node.otherwise { resolve(otherwise) }
    case .foreach(let node): foreach(node)
    case .parallel(let block, _): parallel(block)
    case .step(let node):
      resolve(node.name)
      if let cluster = node.cluster { resolve(cluster) }
      if let limit = node.limit { duration(limit, "`within`") }
      resolve(node.body)
    case .retry(let node):
      resolve(node.count)
      checkLiteral(node.count, "`retry`", is: ["int"], "a whole number", "retry 5 every 2s { … }")
      if let pause = node.pause { duration(pause, "`every`") }
      resolve(node.body)
    case .during(let node):
      command(node.call, goesOn: true)
      resolve(node.body)
    case .return(let value, let span):
      if let value { resolve(value) }
      if scope.lanes > 0 || isInDefer || isInOperand { report(.returnsFromLane, span) }
    case .use(let node): bringIn(node)
    case .run(let node): for argument in node.arguments { resolve(argument.value) }
    case .wait(let node):
      resolve(node.condition)
      if !node.isCommand { checkCondition(node.condition, "`wait-for`") }
      if let limit = node.limit { duration(limit, "`within`") }
      if let pause = node.pause { duration(pause, "`every`") }
      if let text = node.text { resolve(text) }
    case .assert(let node):
      resolve(node.condition)
      checkCondition(node.condition, "`assert`")
      if let text = node.text { resolve(text) }
    case .attempt(let node):
      resolve(node.body)
      if let handler = node.handler {
        scope.open()
        if let error = node.error { error.slot = bind(error) }
        resolve(handler)
        scope.close()
      }
    case .defer(let block, _):
      let outer = isInDefer
      isInDefer = true
      resolve(block)
      isInDefer = outer
    case .print(let values, _): for value in values { resolve(value) }
    case .fail(let text, _), .skip(let text, _): resolve(text)
    case .expression(let expression): resolve(expression)
    }
  }

  private mutating func assign(_ node: Assign) {
    resolve(node.value)
    let name = names[node.variable.symbol]
    guard let binding = scope[node.variable.symbol] else {
      let suggestion = suggestion(for: name)
      report(.unknownName(name, suggestion: suggestion ?? "let \(name) = …"), node.variable.span)
      return
    }
    node.variable.slot = binding.slot
    if binding.isGiven { return report(.changesGivenName(name), node.variable.span) }
    if scope.isOutside(binding) { return report(.changesOutsideTask(name), node.variable.span) }
    if !binding.isVar { return report(.changesLet(name), node.variable.span) }
    if binding.lanes < scope.lanes { report(.changesAcrossLanes(name), node.variable.span) }
  }

  private mutating func foreach(_ node: Foreach) {
    resolve(node.source)
    checkLiteral(
      node.source, "`foreach`", is: ["list", "map"], "a list or a map", "foreach x in [1, 2, 3] { … }")
    if case .atMost(let count) = node.order {
      resolve(count)
      checkLiteral(count, "`parallel`", is: ["int"], "a whole number", "parallel 4 { … }")
    }
    let outer = scope.lanes
    if case .oneByOne = node.order {} else { scope.lanes += 1 }
    scope.open()
    for variable in node.variables { variable.slot = bind(variable) }
    resolve(node.body, opening: false)
    scope.close()
    scope.lanes = outer
  }

  private mutating func parallel(_ block: Block) {
    scope.lanes += 1
    for statement in block.statements {
      scope.open()
      resolve(statement)
      scope.close()
    }
    scope.lanes -= 1
  }

  private mutating func bringIn(_ node: Use) {
    guard let library = node.unit else { return }
    for task in library.tasks { register(task, at: node.span) }
    for case .bind(let bound) in library.body.statements {
      let own = bind(Variable(bound.variable.symbol, node.span))
      node.imported.append((bound.variable.slot, own))
    }
  }

  // MARK: What literals tell

  mutating func duration(_ expression: Expression, _ what: String) {
    resolve(expression)
    checkLiteral(expression, what, is: ["duration"], "a duration", "30s, 5m or 500ms")
  }

  mutating func checkCondition(_ expression: Expression, _ what: String) {
    checkLiteral(
      expression, what, is: ["bool", "outcome"], "a condition",
      "conditions are bools or outcomes: compare with `==`, or ask `.count > 0`")
  }

  mutating func checkLiteral(
    _ expression: Expression, _ what: String, is types: [String], _ expected: String, _ advice: String
  ) {
    guard let found = literalType(of: expression), !types.contains(found.typeName) else { return }
    report(
      .wrongType(what: what, expected: expected, found: found.typeWithArticle, advice: advice), expression.span)
  }

  private func literalType(of expression: Expression) -> Value? {
    switch expression.form {
    case .literal(let value): value
    case .text: .string("")
    case .list, .comprehension: .list([])
    case .map: .map(ValueMap())
    case .binary(let op, _, _):
      switch op {
      case .closedRange, .halfOpenRange: .list([])
      default: nil
      }
    default: nil
    }
  }
}
