extension Statement {
  /// The places of the names that it changes, itself or in what it holds.
  var assignedSlots: Set<Int> {
    var slots = Set(blocks.flatMap { $0.assignedSlots })
    switch self {
    case .assign(let node): slots.formUnion(node.value.assignedSlots.union([node.variable.slot]))
    case .bind(let node): slots.formUnion(node.value.assignedSlots)
    case .return(let value?, _): slots.formUnion(value.assignedSlots)
    case .foreach(let node): slots.formUnion(node.source.assignedSlots)
    case .conditional(let node): for branch in node.branches { slots.formUnion(branch.condition.assignedSlots) }
    case .expression(let expression): slots.formUnion(expression.assignedSlots)
    default: break
    }
    return slots
  }
}

extension Block {
  var assignedSlots: Set<Int> { Set(statements.flatMap(\.assignedSlots)) }
}

extension Expression {
  /// An expression changes names where it holds a block: that of a `step` whose value is wanted.
  fileprivate var assignedSlots: Set<Int> {
    switch form {
    case .literal, .name, .command: []
    case .statement(let statement): statement.assignedSlots
    case .attempt(let attempt):
      switch attempt.body {
      case .expression(let expression): expression.assignedSlots
      case .block(let block): block.assignedSlots
      }
    case .comprehension(let node):
      Set([node.source, node.element, node.condition].compactMap { $0 }.flatMap(\.assignedSlots))
    default: Set(parts.flatMap(\.assignedSlots))
    }
  }
}
