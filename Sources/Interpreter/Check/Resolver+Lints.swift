import Lexer

/// What most likely is a mistake: found on the way through the file, so that looking for it takes hardly any time.
extension Resolver {
  mutating func warn(_ problem: LintProblem, _ span: Span) {
    // What never holds in a default is an error, which a run tells, too.
    guard isLinting || currentParameter != nil else { return }
    lints.append((problem, span))
  }

  /// Of a type that is inferred: what would be an error if it were written out.
  mutating func warn(_ problem: CheckProblem, _ span: Span) {
    warn(.mismatchedTypes(problem.title, advice: problem.advice), span)
  }

  /// A parameter's default is asked for in every run, before anything else: what cannot hold in it is an error.
  mutating func holdsInNoRun(_ parameter: Parameter, lintsFrom start: Int) {
    let found = lints[start...]
    lints.removeSubrange(start...)
    for (problem, span) in found {
      if case .mismatchedTypes = problem, parameter.value.isEvaluatedWhole {
        var diagnostic = problem.diagnostic(at: Location(unit.file, span))
        diagnostic.severity = .error
        diagnostic.code = "wrong-type"
        diagnostics.append(diagnostic)
      } else if isLinting {
        lints.append((problem, span))
      }
    }
  }

  // MARK: Names

  /// Leaves the innermost block.
  mutating func closeScope() { note(scope.close()) }

  /// Says what is to be said of names that go out of scope.
  mutating func note(_ neglected: [Scope.Neglected]) {
    guard isLinting else { return }
    for (symbol, binding) in neglected {
      let name = names[symbol]
      guard !name.hasPrefix("_") else { continue }
      if binding.isRead {
        warn(.unchangedVar(name), binding.span)
        continue
      }
      switch binding.role {
      case .given, .imported: break
      case .recipeParameter: warn(.unusedParameter(name, ofTask: false), binding.span)
      case .taskParameter: warn(.unusedParameter(name, ofTask: true), binding.span)
      case .outcome: warn(.unreadOutcome(name: name), binding.span)
      case .constant, .variable, .silenced, .functionParameter, .element, .error:
        warn(.unusedName(name, binding.role), binding.span)
      }
    }
  }

  /// Of what a file as a whole holds: its names, its tasks, and what it brings in.
  mutating func closeFile() {
    for use in unit.uses {
      guard let library = use.unit, !isUsed(library) else { continue }
      warn(.unusedLibrary(use.path), use.span)
    }
    let neglected = scope.closeFile()
    // What a library holds is for others.
    guard !unit.isLibrary else { return note(neglected.filter { $0.binding.isVar && $0.binding.isRead }) }
    note(neglected)
    for task in unit.tasks where !calledTasks[Int(task.symbol.index)] && !task.name.hasPrefix("_") {
      warn(.unusedTask(task.name), task.nameSpan)
    }
  }

  private func isUsed(_ library: Unit) -> Bool {
    if library.tasks.contains(where: { calledTasks[Int($0.symbol.index)] }) { return true }
    return library.body.statements.contains {
      if case .bind(let bound) = $0 { scope[bound.variable.symbol]?.isRead ?? false } else { false }
    }
  }

  mutating func noteCall(of task: Task) {
    if isLinting { calledTasks[Int(task.symbol.index)] = true }
  }

  /// How `let` or `var` binds its name.
  func role(of node: Bind) -> Binding.Role {
    if node.isVar { return .variable }
    switch node.value.form {
    case .command: return .silenced
    case .attempt: return .outcome
    default: return .constant
    }
  }

  mutating func bindElements(_ variables: [Variable], of source: ValueType) {
    if variables.count == 1 {
      variables[0].slot = bind(variables[0], as: .element, source.element)
      return
    }
    noteParts(variables, of: source)
    for (place, variable) in variables.enumerated() {
      variable.slot = bind(variable, as: .element, place == 0 && source.kind == .map ? .string : .unknown)
    }
  }

  /// Several names take the parts of lists, or the entries of maps.
  private mutating func noteParts(_ variables: [Variable], of source: ValueType) {
    guard source.kind == .list, let first = variables.first, !source.element.mayBe([.list]) else { return }
    warn(
      .mismatchedTypes(
        "\(variables.count) names for \(source.element.kind.withArticle)",
        advice: "several names take the entries of a map, or the elements of lists of as many"), first.span)
  }

  /// A loop over clusters sets the current one, and one over numbers counts: neither has to read its name.
  mutating func excuseElements(_ variables: [Variable], of source: ValueType, hasCalls: Bool) {
    guard isLinting else { return }
    if source.elementKind == .int || (hasCalls && source.mayHoldClusters) {
      for variable in variables { scope.noteRead(variable.symbol) }
    } else {
      excuseCompanions(variables)
    }
  }

  /// To name the key of an entry its value must be named too, and the other way round.
  mutating func excuseCompanions(_ variables: [Variable]) {
    guard variables.count > 1, variables.contains(where: { scope[$0.symbol]?.isRead ?? false }) else { return }
    for variable in variables { scope.noteRead(variable.symbol) }
  }

  mutating func bindParameters(of lambda: Lambda, _ base: ValueType) {
    if lambda.parameters.count > 1 { noteParts(lambda.parameters, of: base) }
    for (place, parameter) in lambda.parameters.enumerated() {
      var type = ValueType.unknown
      if lambda.parameters.count == 1 { type = base.element } else if place == 0, base.kind == .map { type = .string }
      parameter.slot = bind(parameter, as: .functionParameter, type)
    }
  }

  // MARK: Statements

  /// A `try` that stands for itself, so that a failure goes by. As the last of a block it may be the block's value.
  mutating func noteUnreadOutcome(of statement: Statement, isLast: Bool) {
    guard isLinting, !isLast || (currentTask == nil && !isInOperand) else { return }
    switch statement {
    case .expression(let expression):
      if case .attempt(let attempt) = expression.form { warn(.unreadOutcome(name: nil), attempt.span) }
    case .attempt(let node):
      if node.handler == nil { warn(.unreadOutcome(name: nil), Span(Int(node.span.start), Int(node.span.start) + 3)) }
    default: break
    }
  }

  mutating func noteStep(_ statement: Statement, among seen: inout [String: Span]) {
    guard isLinting, case .step(let node) = statement, case .literal(.string(let name)) = node.name.form else { return }
    if let first = seen.updateValue(node.name.span, forKey: name) {
      warn(.repeatedStep(name, line: line(of: first)), node.name.span)
    }
  }

  mutating func noteRepeated(_ condition: Expression, among seen: inout [[UInt8]: Span]) {
    guard isLinting else { return }
    if let first = seen.updateValue(condition.span, forKey: Array(unit.file.essence(of: condition.span))) {
      warn(.repeatedCondition(line: line(of: first)), condition.span)
    }
  }

  func firstWord(of span: Span) -> String {
    let text = unit.file.text(Span(Int(span.start), min(Int(span.end), Int(span.start) + 16)))
    return String(text.prefix { $0.isLetter || $0 == "-" })
  }

  func line(of span: Span) -> Int { unit.file.position(of: Int(span.start)).line }
}

extension Expression {
  /// The value, if it is written out.
  var literal: Value? { if case .literal(let value) = form { value } else { nil } }
  var isLiteral: Bool { literal != nil }

  /// Whether every part of it is evaluated, whatever the values are, so that a part that must fail fails the whole.
  var isEvaluatedWhole: Bool {
    switch form {
    case .literal, .name: true
    case .text(let pieces): pieces.allSatisfy { $0.expression?.isEvaluatedWhole ?? true }
    case .list(let elements): elements.allSatisfy(\.isEvaluatedWhole)
    case .map(let entries): entries.allSatisfy(\.value.isEvaluatedWhole)
    case .negate(let operand), .not(let operand), .field(let operand, _): operand.isEvaluatedWhole
    case .binary(_, let left, let right), .index(let left, let right):
      left.isEvaluatedWhole && right.isEvaluatedWhole
    case .method(let call):
      call.base.isEvaluatedWhole
        && call.arguments.allSatisfy { if case .value(let value) = $0 { value.isEvaluatedWhole } else { false } }
    case .call(let call): call.arguments.allSatisfy(\.value.isEvaluatedWhole)
    case .and, .or, .coalesce, .conditional, .comprehension, .attempt, .command, .statement, .missing: false
    }
  }
}
