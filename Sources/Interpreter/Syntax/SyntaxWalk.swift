/// What lies in the parts of the tree.
extension Block {
  /// Every expression in it, whatever it lies in, the outer ones first.
  func forEachExpression(_ body: (Expression) -> Void) {
    for statement in statements { statement.forEachExpression(body) }
  }

  /// The places of the names that it changes.
  var assignedSlots: Set<Int> { Set(statements.flatMap(\.assignedSlots)) }

  /// Whether a `return` is in it.
  var holdsReturn: Bool {
    statements.contains { if case .return = $0 { true } else { $0.blocks.contains(where: \.holdsReturn) } }
  }
}

extension Task {
  func forEachExpression(_ body: (Expression) -> Void) {
    for parameter in parameters { parameter.value?.forEachExpression(body) }
    self.body.forEachExpression(body)
  }
}

extension Statement {
  func forEachExpression(_ body: (Expression) -> Void) {
    for expression in expressions { expression.forEachExpression(body) }
    for block in blocks { block.forEachExpression(body) }
    guard case .broken(let node) = self else { return }
    for statement in node.statements { statement.forEachExpression(body) }
    for task in node.tasks { task.forEachExpression(body) }
    for parameter in node.parameters { parameter.value.forEachExpression(body) }
  }

  /// The places of the names that it changes, itself or in what it holds.
  var assignedSlots: Set<Int> {
    var slots = Set(blocks.flatMap(\.assignedSlots) + expressions.flatMap(\.assignedSlots))
    if case .assign(let node) = self { slots.insert(node.variable.slot) }
    return slots
  }

  /// The blocks of statements that it holds.
  var blocks: [Block] {
    switch self {
    case .conditional(let node): node.branches.map(\.body) + [node.otherwise].compactMap { $0 }
    case .foreach(let node): [node.body]
    case .parallel(let block, _), .defer(let block, _): [block]
    case .step(let node): [node.body]
    case .retry(let node): [node.body]
    case .during(let node): [node.body]
    case .attempt(let node): [node.body] + [node.handler].compactMap { $0 }
    default: []
    }
  }

  /// The expressions that stand in the statement itself, outside of its blocks.
  private var expressions: [Expression] {
    switch self {
    case .bind(let node): [node.value]
    case .assign(let node): [node.value]
    case .conditional(let node): node.branches.map(\.condition)
    case .foreach(let node): if case .atMost(let count) = node.order { [node.source, count] } else { [node.source] }
    case .step(let node): [node.name, node.cluster, node.limit].compactMap { $0 }
    case .retry(let node): [node.count, node.pause].compactMap { $0 }
    case .during(let node): node.call.expressions
    case .return(let value, _): [value].compactMap { $0 }
    case .run(let node): node.arguments.flatMap(\.value.values)
    case .wait(let node): [node.condition, node.limit, node.pause, node.text].compactMap { $0 }
    case .assert(let node): [node.condition, node.text].compactMap { $0 }
    case .print(let values, _): values
    case .fail(let text, _), .skip(let text, _): [text]
    case .expression(let expression): [expression]
    case .parallel, .use, .attempt, .defer, .broken: []
    }
  }
}

extension CommandCall {
  fileprivate var expressions: [Expression] {
    words.flatMap(\.values) + [document, cluster, limit].compactMap { $0 }
  }
}

extension Expression {
  func forEachExpression(_ body: (Expression) -> Void) {
    body(self)
    for inner in expressions { inner.forEachExpression(body) }
    switch form {
    case .statement(let statement): statement.forEachExpression(body)
    case .attempt(let attempt): if case .block(let block) = attempt.body { block.forEachExpression(body) }
    default: break
    }
  }

  /// An expression changes names where it holds a block: that of a `step` whose value is wanted.
  fileprivate var assignedSlots: Set<Int> {
    let inner = Set(expressions.flatMap(\.assignedSlots))
    switch form {
    case .statement(let statement): return inner.union(statement.assignedSlots)
    case .attempt(let attempt): if case .block(let block) = attempt.body { return block.assignedSlots }
    default: break
    }
    return inner
  }

  /// Every expression that stands in it outside of blocks.
  private var expressions: [Expression] {
    switch form {
    case .comprehension(let node): [node.source, node.element, node.condition].compactMap { $0 }
    case .method(let call):
      [call.base]
        + call.arguments.map {
          switch $0 {
          case .value(let value): value
          case .lambda(let lambda): lambda.body
          }
        }
    case .map(let entries):
      entries.flatMap { entry in if case .text(let key) = entry.key { [key, entry.value] } else { [entry.value] } }
    case .call(let call): call.arguments.map(\.value)
    case .command(let call): call.expressions
    default: parts
    }
  }

  /// The expressions that this one is made of, as far as each is evaluated once for it.
  var parts: [Expression] {
    switch form {
    case .literal, .name, .statement, .missing: []
    case .text(let pieces): pieces.compactMap { if case .expression(let part) = $0 { part } else { nil } }
    case .list(let elements): elements
    case .map(let entries): entries.map(\.value)
    case .comprehension(let node): [node.source]
    case .negate(let operand), .not(let operand): [operand]
    case .and(let a, let b), .or(let a, let b), .coalesce(let a, let b), .binary(_, let a, let b), .index(let a, let b):
      [a, b]
    case .conditional(let condition, let yes, let no): [condition, yes, no]
    case .field(let base, _): [base]
    case .method(let call):
      [call.base] + call.arguments.compactMap { if case .value(let value) = $0 { value } else { nil } }
    case .call(let call):
      // What a secret is made of is secret too.
      if case .function(.secret) = call.callee { [] } else { call.arguments.map(\.value) }
    case .command: []
    case .attempt(let attempt): if case .expression(let operand) = attempt.body { [operand] } else { [] }
    }
  }
}
