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
    case .bind, .assign, .use, .return: return try found(statement, &frame)
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
  var stepNames: [String] { body.stepNames(unit: self) }
}

extension Block {
  fileprivate func stepNames(unit: Unit) -> [String] { statements.flatMap { $0.stepNames } }
}

extension Statement {
  /// Whether a step of that name may be in it, here or in what it calls.
  func mayHoldStep(_ name: String) -> Bool {
    switch self {
    case .step(let node):
      guard case .literal(let literal) = node.name.form else { return true }
      if literal.printed == name { return true }
    case .run(let node):
      guard let unit = node.unit else { return false }
      return unit.answers(to: name, path: node.path) || unit.body.statements.contains { $0.mayHoldStep(name) }
    default: break
    }
    return mayHoldStepWithin(name)
  }

  fileprivate func mayHoldStepWithin(_ name: String) -> Bool { innerStatements.contains { $0.mayHoldStep(name) } }

  /// The names of steps in it, as far as they can be told.
  var stepNames: [String] {
    switch self {
    case .step(let node):
      var names: [String] = []
      if case .literal(let literal) = node.name.form { names.append(literal.printed) }
      return names + innerStatements.flatMap(\.stepNames)
    case .run(let node):
      guard let unit = node.unit else { return [] }
      return [unit.title ?? node.path] + unit.body.statements.flatMap(\.stepNames)
    default: return innerStatements.flatMap(\.stepNames)
    }
  }

  /// The statements within it, and those of the task that it calls.
  private var innerStatements: [Statement] {
    if case .expression(let expression) = self, case .call(let call) = expression.form,
      case .task(let task) = call.callee
    {
      return task.body.statements
    }
    return blocks.flatMap(\.statements)
  }
}
