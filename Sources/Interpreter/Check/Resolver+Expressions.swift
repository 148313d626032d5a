import Lexer

extension Resolver {
  /// Resolves an expression, and tells what can be told of its value's type.
  @discardableResult
  mutating func resolve(_ expression: Expression) -> ValueType {
    switch expression.form {
    case .literal(let value): return ValueType(of: value)
    case .text(let pieces):
      resolve(pieces)
      return .string
    case .name(let symbol): return name(symbol, expression)
    case .list(let elements):
      guard let first = elements.first else { return ValueType(.list) }
      var common = resolve(first)
      for element in elements.dropFirst() { common = common.joined(with: resolve(element)) }
      return .list(of: common)
    case .map(let entries):
      for entry in entries {
        if case .text(let key) = entry.key { resolve(key) }
        resolve(entry.value)
      }
      return .map
    case .comprehension(let node): return comprehension(node)
    case .negate(let operand): return negated(resolve(operand), expression.span)
    case .not(let operand):
      checkOperand(resolve(operand), "`not`", operand.span)
      return .bool
    case .and(let left, let right): return joined(left, right, "and")
    case .or(let left, let right): return joined(left, right, "or")
    case .coalesce(let left, let right):
      let outer = isProbing
      isProbing = true
      let first = resolve(left)
      isProbing = outer
      let second = resolve(right)
      return first.kind == .null ? second : first.joined(with: second)
    case .binary(let op, let left, let right): return applied(op, left, right, expression.span)
    case .index(let base, let index):
      let list = resolve(base)
      return element(of: list, at: resolve(index), expression.span)
    case .conditional(let condition, let yes, let no):
      self.condition(condition, "`if`")
      let first = resolve(yes)
      return first.joined(with: resolve(no))
    case .field(let base, let name):
      noteField(name, of: base)
      return field(name, of: base)
    case .method(let call): return method(call)
    case .call(let call): return self.call(call)
    case .command(let call):
      command(call)
      return .unknown
    case .attempt(let attempt):
      switch attempt.body {
      case .expression(let operand): resolve(operand)
      case .block(let block): inOperand { $0.resolve(block) }
      }
      return .outcome
    case .statement(let statement):
      inOperand { $0.resolve(statement) }
      switch statement {
      case .foreach, .parallel: return ValueType(.list)
      default: return .unknown
      }
    case .missing: return .unknown
    }
  }

  private mutating func comprehension(_ node: Comprehension) -> ValueType {
    let source = resolve(node.source)
    if !source.mayBe([.list, .map]) {
      warn(
        CheckProblem.wrongType(
          what: "`for`", expected: "a list or a map", found: source.kind.withArticle,
          advice: "[2 * x for x in [1, 2, 3]]"),
        node.source.span)
    }
    let calls = self.calls
    scope.open()
    bindElements(node.variables, of: source)
    noteShape(of: node.variables, elementsOf: node.source)
    if let condition = node.condition { self.condition(condition, "`if`") }
    let element = resolve(node.element)
    excuseElements(node.variables, of: source, hasCalls: self.calls > calls)
    closeScope()
    return .list(of: element)
  }

  private mutating func inOperand(_ resolve: (inout Resolver) -> Void) {
    let outer = isInOperand
    isInOperand = true
    resolve(&self)
    isInOperand = outer
  }

  mutating func resolve(_ pieces: [TextPiece]) {
    for case .expression(let expression) in pieces { resolve(written: expression) }
  }

  /// What is written into a text or a word.
  private mutating func resolve(written expression: Expression) {
    let type = resolve(expression)
    if type.mayBe(.written) { return }
    switch expression.form {
    case .literal(.list), .list, .comprehension: report(.listInWord("a list"), expression.span)
    case .literal(.map), .map: report(.listInWord("a map"), expression.span)
    case .literal(.null): report(.listInWord("null"), expression.span)
    case .attempt: report(.listInWord("an outcome"), expression.span)
    default: warn(CheckProblem.listInWord(type.kind.withArticle), expression.span)
    }
  }

  mutating func resolve(_ word: Word) {
    switch word.content {
    case .bare: break
    case .value(let value): resolve(written: value)
    case .pieces(let pieces): resolve(pieces)
    case .spread(let list): expect(list, resolve(list), [.list], "`...`", "a list", "...$list")
    }
  }

  private mutating func name(_ symbol: Symbol, _ expression: Expression) -> ValueType {
    guard let binding = scope[symbol] else {
      reportUnknown(symbol, expression.span)
      return .unknown
    }
    scope.noteRead(symbol)
    let isOutside = scope.isOutside(binding)
    expression.slot = isOutside ? -1 - binding.slot : binding.slot
    if isOutside, !binding.isGiven, let task = currentTask {
      graph.addRead(of: binding.slot, named: symbol, by: task)
    }
    return binding.type
  }

  private mutating func reportUnknown(_ symbol: Symbol, _ span: Span) {
    let name = names[symbol]
    if let kind = vocabulary.reservedKind(symbol) {
      let hint = kind == "a function" ? "call it: \(name)(…)" : "put it in parentheses: (\(name) …)"
      return report(.notAValue(name, kind: kind, advice: hint), span)
    }
    if task(symbol) != nil {
      return report(.notAValue(name, kind: "a task", advice: "call it: \(name)(…)"), span)
    }
    report(.unknownName(name, suggestion: suggestion(for: name)), span)
  }
}

/// Finds the commands whose result is read as JSON, so that programs that can are asked for it:
/// `(kubectl get pods).json`, or `let pods = kubectl get pods` and `pods.json` further down.
extension Resolver {
  /// Remembers that a name holds what a command gives.
  mutating func noteCommand(of variable: Variable, _ value: Expression) {
    if let call = value.calledCommand { commandsByName[variable.span.start] = call }
  }

  /// Looks at a field that is read.
  func noteField(_ name: FieldName, of base: Expression) {
    guard name.text == "json" else { return }
    if let call = base.calledCommand {
      call.readsJSON = true
      return
    }
    // What `try` gives holds it in `.value`.
    var holder = base
    if case .field(let outcome, let field) = base.form, field.text == "value" { holder = outcome }
    guard case .name(let symbol) = holder.form, let binding = scope[symbol] else { return }
    commandsByName[binding.span.start]?.readsJSON = true
  }
}

extension Expression {
  /// The command whose result the expression is, or holds as an outcome.
  fileprivate var calledCommand: CommandCall? {
    switch form {
    case .command(let call): call
    case .attempt(let attempt): if case .expression(let operand) = attempt.body { operand.calledCommand } else { nil }
    case .field(let outcome, let name):
      if name.text == "value", case .attempt = outcome.form { outcome.calledCommand } else { nil }
    default: nil
    }
  }
}
