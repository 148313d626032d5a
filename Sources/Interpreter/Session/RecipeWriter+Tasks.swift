import Lexer

/// Tasks that a session has defined anew. In a recipe a task is the same from its first line to its last, so a statement
/// that called another one by that name is no part of it.
extension RecipeWriter {
  /// Why a statement would call something else in the recipe than it did in the session.
  func changedTask(
    of statement: Statement, _ part: GoodStatements.Part, _ good: GoodStatements
  ) -> String? {
    var open = called(statement.span, in: part.unit)
    var seen: Set<Symbol> = []
    while let symbol = open.popLast() {
      guard seen.insert(symbol).inserted else { continue }
      let then = part.tasks[symbol]
      guard then?.task === good.tasks[symbol] else { return "the task `\(names[symbol])` was another one then" }
      if let then { open += called(then.task.span, in: then.unit) }
    }
    return nil
  }

  /// The tasks that a stretch calls.
  private func called(_ span: Span, in unit: Unit) -> [Symbol] {
    var found: [Symbol] = []
    forEachExpression(span, in: unit) { expression in
      if case .call(let call) = expression.form, !vocabulary.isFunction(call.name) { found.append(call.name) }
    }
    return found
  }
}
