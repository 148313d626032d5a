/// Every expression that lies in a part of the tree, whatever it lies in, the outer ones first.
extension Block {
  func forEachExpression(_ body: (Expression) -> Void) {
    for statement in statements { statement.forEachExpression(body) }
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
    switch self {
    case .run(let node): for argument in node.arguments { argument.value.forEachExpression(body) }
    case .during(let node): node.call.forEachExpression(body)
    case .broken(let node):
      for statement in node.statements { statement.forEachExpression(body) }
      for task in node.tasks { task.forEachExpression(body) }
      for parameter in node.parameters { parameter.value.forEachExpression(body) }
    default: break
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
    case .return(let value, _): [value].compactMap { $0 }
    case .wait(let node): [node.condition, node.limit, node.pause, node.text].compactMap { $0 }
    case .assert(let node): [node.condition, node.text].compactMap { $0 }
    case .print(let values, _): values
    case .fail(let text, _), .skip(let text, _): [text]
    case .expression(let expression): [expression]
    case .parallel, .during, .use, .run, .attempt, .defer, .broken: []
    }
  }
}

extension CommandCall {
  func forEachExpression(_ body: (Expression) -> Void) {
    for word in words { word.forEachExpression(body) }
    for ending in [document, cluster, limit] { ending?.forEachExpression(body) }
  }
}

extension Word {
  fileprivate func forEachExpression(_ body: (Expression) -> Void) {
    for value in values { value.forEachExpression(body) }
  }
}

extension Expression {
  func forEachExpression(_ body: (Expression) -> Void) {
    body(self)
    switch form {
    case .comprehension(let node):
      for part in [node.source, node.element, node.condition] { part?.forEachExpression(body) }
    case .method(let call):
      call.base.forEachExpression(body)
      for argument in call.arguments {
        switch argument {
        case .value(let value): value.forEachExpression(body)
        case .lambda(let lambda): lambda.body.forEachExpression(body)
        }
      }
    case .map(let entries):
      for entry in entries {
        if case .text(let key) = entry.key { key.forEachExpression(body) }
        entry.value.forEachExpression(body)
      }
    case .call(let call): for argument in call.arguments { argument.value.forEachExpression(body) }
    case .command(let call): call.forEachExpression(body)
    case .statement(let statement): statement.forEachExpression(body)
    case .attempt(let attempt):
      switch attempt.body {
      case .expression(let operand): operand.forEachExpression(body)
      case .block(let block): block.forEachExpression(body)
      }
    default: for part in parts { part.forEachExpression(body) }
    }
  }
}
