import Lexer

/// `--from STEP` and `--only STEP`: names are bound as always, since the step may need them; all else is passed over
/// until the step is met.
extension Evaluator {
  func searchAll(_ block: Block, _ frame: inout Frame, wantsValue: Bool) throws(Failure) -> Completion {
    var last = Completion.value(.null)
    var index = 0
    do throws(Failure) {
      while index < block.statements.count {
        last = try search(block.statements[index], &frame)
        if case .returned = last { return last }
        index += 1
      }
      return last
    } catch {
      throw wantsValue ? error.with(trail: .lost) : error.leavingBlock(at: index, frame.locals)
    }
  }

  /// Runs a statement if it is due, goes into it if the step is in it, else passes it over.
  func search(_ statement: Statement, _ frame: inout Frame) throws(Failure) -> Completion {
    guard let search = frame.place.search else { return try execute(statement, &frame) }
    if search.isOver { return try found(statement, &frame) }
    switch statement {
    case .bind, .assign, .use, .return:
      // A step whose value is bound is run with the binding, as always.
      if statement.namesStep(search.name) { search.markFound() }
      return try found(statement, &frame)
    case .step(let node):
      if try sentence(node.name, &frame).masked == search.name {
        search.markFound()
        return try found(statement, &frame)
      }
      guard statement.mayHoldStepWithin(search.name) else { return .value(.null) }
    case .run(let node):
      if node.unit?.answers(to: search.name, path: node.path) ?? false {
        search.markFound()
        return try found(statement, &frame)
      }
    default: break
    }
    return statement.mayHoldStep(search.name) ? try execute(statement, &frame) : .value(.null)
  }

  private func found(_ statement: Statement, _ frame: inout Frame) throws(Failure) -> Completion {
    let search = frame.place.search
    frame.place.search = nil
    defer { frame.place.search = search }
    return try execute(statement, &frame)
  }
}

extension Unit {
  /// Whether a step named so means this recipe: by its title, its path as it is written, or its file's name.
  func answers(to name: String, path: String) -> Bool {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return [title, path, file, file.hasSuffix(".nbx") ? String(file.dropLast(4)) : file].contains(name)
  }

  /// The names of all steps that can be told before a run: of this recipe, of those that it runs, and of its tasks.
  var stepNames: [String] {
    var seen: Set<ObjectIdentifier> = []
    return body.statements.flatMap { $0.stepNames(&seen) }
  }
}

extension Statement {
  /// Whether a step of that name may be in it, here or in what it calls.
  func mayHoldStep(_ name: String) -> Bool {
    var seen: Set<ObjectIdentifier> = []
    return mayHoldStep(name, &seen)
  }

  /// - Parameter seen: the tasks and recipes that were looked through without finding it.
  private func mayHoldStep(_ name: String, _ seen: inout Set<ObjectIdentifier>) -> Bool {
    switch self {
    case .step(let node):
      guard case .literal(let literal) = node.name.form else { return true }
      if literal.printed == name { return true }
    case .run(let node):
      guard let unit = node.unit else { return false }
      if unit.answers(to: name, path: node.path) { return true }
    default: break
    }
    return innerStatements(&seen).contains { $0.mayHoldStep(name, &seen) }
  }

  fileprivate func mayHoldStepWithin(_ name: String) -> Bool {
    var seen: Set<ObjectIdentifier> = []
    return innerStatements(&seen).contains { $0.mayHoldStep(name, &seen) }
  }

  /// The names of steps in it, as far as they can be told.
  /// Whether a step of that name is written out in it.
  func namesStep(_ name: String) -> Bool {
    var seen: Set<ObjectIdentifier> = []
    return stepNames(&seen).contains(name)
  }

  fileprivate func stepNames(_ seen: inout Set<ObjectIdentifier>) -> [String] {
    var names: [String] = []
    switch self {
    case .step(let node): if case .literal(let literal) = node.name.form { names.append(literal.printed) }
    case .run(let node): if let unit = node.unit { names.append(unit.title ?? node.path) }
    default: break
    }
    for inner in innerStatements(&seen) { names += inner.stepNames(&seen) }
    return names
  }

  /// The statements within it, and those of the task or the recipe that it calls, if that was not looked through yet.
  private func innerStatements(_ seen: inout Set<ObjectIdentifier>) -> [Statement] {
    switch self {
    case .expression(let expression):
      guard case .call(let call) = expression.form, case .task(let task) = call.callee,
        seen.insert(ObjectIdentifier(task)).inserted
      else { return [] }
      return task.body.statements
    case .bind(let node):
      if case .statement(let inner) = node.value.form { return [inner] }
      return []
    case .run(let node):
      guard let unit = node.unit, seen.insert(ObjectIdentifier(unit)).inserted else { return [] }
      return unit.body.statements
    default: return blocks.flatMap(\.statements)
    }
  }
}
